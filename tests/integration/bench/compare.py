#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""--compare, --processes and the workloads that lost: all policies side by side."""
import functools
import re
import statistics
import sys

from harness import Suite

suite = Suite("bench compare")

SIM_SCALE = sys.argv[2] if len(sys.argv) > 2 else "32"
POLICIES = ["none", "autonuma", "autonuma-fault", "hard", "inverse"]
SMALL = ["--scale", "0.0625", "--sim-scale", "16",
         "--set", "scan_sleep_pass_millisecs=500"]


@functools.cache
def compared():
    return suite.json_all("--compare", "--runs", "3", *SMALL)


@suite.figures
def all_five_policies_run_with_every_seed():
    assert [(run["seed"], run["policy"]) for run in compared()["runs"]] == [
        (seed, policy) for seed in (1, 2, 3) for policy in POLICIES], compared()


@suite.figures
def a_summary_is_that_of_its_runs():
    rows = compared()["compare"]
    assert [row["policy"] for row in rows] == POLICIES, rows
    median = {}
    for row in rows:
        elapsed = [run["elapsed_s"] for run in compared()["runs"]
                   if run["policy"] == row["policy"]]
        assert row["workload"] == "numa02" and row["runs"] == 3, row
        assert abs(row["mean_s"] - statistics.mean(elapsed)) < 1e-3, row
        assert abs(row["stddev_s"] - statistics.stdev(elapsed)) < 1e-3, row
        assert abs(row["median_s"] - statistics.median(elapsed)) < 1e-3, row
        median[row["policy"]] = row["median_s"]
    for row in rows:
        assert abs(row["ratio_none"] - row["median_s"] / median["none"]) < 1e-3, row
        assert abs(row["ratio_hard"] - row["median_s"] / median["hard"]) < 1e-3, row


@suite.figures
def the_order_of_policies_is_that_of_the_paper():
    ratio = {row["policy"]: row["ratio_hard"] for row in compared()["compare"]}
    assert ratio["hard"] == 1 and 1.85 < ratio["inverse"] < 1.95, ratio
    for policy in ("autonuma", "autonuma-fault"):
        assert 1 <= ratio[policy] < ratio["none"], ratio


@suite.figures
def the_calibration_is_named():
    assert compared()["calibration"]["machine"] == "2 nodes, 24 CPUs", compared()["calibration"]
    done = suite.run_program("--compare", "--runs", "2", "--policies", "none,hard", *SMALL,
                             "--nodes", "4", "--cpus", "8")
    assert "# calibration: the published machine of 4 nodes, 48 CPUs;" in done.stdout, done.stdout
    rows = re.findall(r"^numa02 +(none|hard) +never +2 +([\d.]+) s +([\d.]+) s +([\d.]+) s "
                      r"+([\d.]+) +([\d.]+) ", done.stdout, re.M)
    assert [row[0] for row in rows] == ["none", "hard"], done.stdout
    assert rows[0][4] == rows[1][5] == "1.000" and float(rows[0][5]) > 2, done.stdout


@suite.test
def without_it_there_is_no_summary():
    whole = suite.json_all(*SMALL, "--policies", "none")
    assert list(whole) == ["runs"], list(whole)


@suite.test
def autonuma_fault_moves_pages_without_queues():
    for policy, queued in (("autonuma", True), ("autonuma-fault", False)):
        name = f"{policy}.txt"
        run = suite.json(*SMALL, "--policies", policy, "--trace", name)[0]
        with open(f"{suite.directory.name}/{name}", encoding="ascii") as trace:
            text = trace.read()
        assert run["pages_migrated"] > 0, run
        assert ("autonuma_queue:" in text) == queued, policy


@suite.test
def eight_processes_have_a_row_each_every_ten_seconds():
    args = ["numa01", "--processes", "8", "--nodes", "4", "--cpus", "16", "--scale", "0.5",
            "--sim-scale", SIM_SCALE, "--policies", "none"]
    run = suite.json(*args)[0]
    moments = run["convergence"]
    assert len(moments) == int(run["elapsed_s"] / 10) >= 1, run
    # All memory begins on one node, and without balancing stays there.
    assert all(len(shares) == 8 for shares in moments), moments
    assert all(share == 1 for share in moments[0]), moments
    done = suite.run_program(*args)
    assert re.search(r"^Memory on the main node after\n +10 s", done.stdout, re.M), done.stdout
    for row in [f"process {n}" for n in range(1, 9)] + ["mean"]:
        assert re.search(rf"^{row} +100.0 %", done.stdout, re.M), done.stdout


@suite.test
def one_process_has_no_convergence():
    assert "convergence" not in suite.json(*SMALL, "--policies", "none")[0]


@suite.test
def the_workloads_that_lost_run_under_every_policy():
    # Each thread of "messages" needs a page.
    runs = suite.json("losing", "--nodes", "2", "--cpus", "4", "--scale", "0.03",
                      "--sim-scale", str(min(32, int(SIM_SCALE))))
    assert [(run["workload"], run["policy"]) for run in runs] == [
        (workload, policy) for workload in ("messages", "faults", "overcommit", "forks")
        for policy in POLICIES], runs
    for run in runs:
        assert run["elapsed_s"] > 0 and 0 <= run["cpu_share"] <= 1, run
        assert 0 <= run["local_share"] <= 1, run
        # Bound to the far node; of overcommit all threads use all memory anyway.
        if run["policy"] == "inverse" and run["workload"] != "overcommit":
            assert run["local_share"] < 0.1, run


@suite.test
def programs_that_keep_no_memory_have_no_share_at_home():
    done = suite.run_program("forks", "--nodes", "2", "--cpus", "4", "--scale", "0.01",
                             "--policies", "none")
    assert re.search(r"^forks +none +1 +[\d.]+ s +- +1.00 +[\d.]+ % +- ", done.stdout, re.M), \
        done.stdout
    assert "at home" not in done.stdout, done.stdout


@suite.test
def the_list_names_all_workloads_and_policies():
    text = suite.run_program("--list").stdout
    for word in POLICIES + ["numa01", "numa01_THREAD_ALLOC", "numa02", "numa02_SMT",
                            "messages", "faults", "overcommit", "forks",
                            "HARD_BIND", "INVERSE_BIND"]:
        assert re.search(rf"\b{word}\b", text), word


suite.main()

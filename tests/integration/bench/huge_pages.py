#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""--thp: huge pages beside small ones; whole moves, and parts where no huge page is free."""
import functools
import re

from harness import SANITIZED, Suite

suite = Suite("bench huge pages")

# One simulated page is a real one here, so the memory is a small part of the full size,
# and so is the pause between passes; 8 threads with slices of 4 MiB.
SMALL = ["numa02", "--cpus", "8", "--scale", "0.03125",
         "--set", "scan_sleep_pass_millisecs=300"]
BYTES = 2 ** 30 // 32
PAGES, HUGE_PAGES = BYTES // 4096, BYTES // (2 << 20)


@functools.cache
def both():
    policies = "autonuma" if SANITIZED else "none,autonuma,hard"
    return suite.json(*SMALL, "--thp", "both", "--policies", policies)


def run_of(runs, policy, thp):
    return next(run for run in runs if (run["policy"], run["thp"]) == (policy, thp))


@suite.figures
def both_are_run_side_by_side_for_each_policy():
    assert [(run["policy"], run["thp"]) for run in both()] == [
        (policy, thp) for policy in ("none", "autonuma", "hard")
        for thp in ("never", "always")], both()


@suite.figures
def elapsed_is_better_with_huge_pages_under_every_policy():
    for run in both():
        if run["thp"] == "never":
            assert run["ratio_thp"] is None, run
            small = run
        else:
            # Of 2 s, tenths are chance: when daemons pause, and which threads change places.
            at_most = 1.2 if run["policy"] in ("none", "autonuma") else 1
            assert 0.5 < run["ratio_thp"] < at_most, run
            assert run["cpu_share"] < small["cpu_share"], (small, run)
            assert abs(run["ratio_thp"] - run["elapsed_s"] / small["elapsed_s"]) < 1e-4, run


@suite.test
def memory_goes_home_in_whole_huge_pages():
    small, huge = run_of(both(), "autonuma", "never"), run_of(both(), "autonuma", "always")
    assert small["thp_migrated"] == 0 and small["thp_split"] == 0, small
    assert small["pages_migrated"] >= 0.95 * PAGES / 2, small
    # Half of all has to move; nothing is moved in parts.
    assert huge["thp_migrated"] >= 0.95 * HUGE_PAGES / 2, huge
    assert huge["thp_split"] == 0, huge
    assert huge["pages_migrated"] == 512 * huge["thp_migrated"], huge
    assert huge["home_share"] > 0.95, huge


@suite.figures
def the_ratio_and_the_moves_are_in_the_table():
    done = suite.run_program(*SMALL, "--thp", "both", "--policies", "autonuma")
    table = re.findall(r"^numa02 +autonuma .*? % (never|always) +(\S+) +(\d+) +(\d+)$",
                       done.stdout, re.M)
    assert [row[0] for row in table] == ["never", "always"], done.stdout
    assert table[0][1:] == ("-", "0", "0"), done.stdout
    assert 0.5 < float(table[1][1]) < 1.2 and int(table[1][2]) > 0, done.stdout
    told = re.search(r"policy autonuma, THP always.*; (\d+) huge pages moved whole, 0 split",
                     done.stdout)
    assert told and told[1] == table[1][2], done.stdout


@suite.test
def parts_arrive_where_no_huge_page_is_free():
    run = suite.json(*SMALL, "--thp", "always", "--fragment", "--policies", "autonuma")[0]
    assert run["thp_migrated"] == 0, run
    assert run["thp_split"] >= 0.95 * HUGE_PAGES / 2, run
    assert run["pages_migrated"] >= 0.95 * PAGES / 2, run
    assert run["home_share"] > 0.95, run


@suite.figures
def memory_bound_to_nodes_without_huge_pages_is_small():
    run = suite.json(*SMALL, "--thp", "always", "--fragment", "--policies", "hard")[0]
    # Half of it is on the node where huge pages are free, and was faulted in at once.
    assert run_of(both(), "hard", "always")["elapsed_s"] < run["elapsed_s"] < \
        run_of(both(), "hard", "never")["elapsed_s"], run


@suite.test
def slices_that_share_huge_pages_go_home_but_for_those():
    runs = suite.json("numa02", "--nodes", "3", "--cpus", "6", "--scale", "0.03125",
                      "--set", "scan_sleep_pass_millisecs=300", "--thp", "always",
                      "--policies", "autonuma")
    assert runs[0]["thp_migrated"] > 0 and runs[0]["home_share"] > 0.5, runs


@suite.test
def thread_alloc_goes_home_with_huge_pages():
    run = suite.json("numa01_THREAD_ALLOC", "--cpus", "4", "--scale", "0.0052084",
                     "--set", "scan_sleep_pass_millisecs=300", "--thp", "always",
                     "--policies", "autonuma")[0]
    assert run["thp_migrated"] > 0 and run["home_share"] > 0.95, run


suite.main()

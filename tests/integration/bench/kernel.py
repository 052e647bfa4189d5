#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench-kernel without a kernel: what it makes of what the plugin and the guest wrote down, and
bad input. Usage: kernel.py BENCH_KERNEL.PY"""
import os
import sys
import types

from harness import Suite

sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[1])) if len(sys.argv) > 1 else ".")
import bench_kernel  # noqa: E402  pylint: disable=wrong-import-position

suite = Suite("bench kernel")

# Two nodes of one CPU each. Before the start all is remote; then CPU 0 writes 60 times to its
# node and 40 times to the other one, but in the last tenth only to its own.
MARKS = """mark 0
cpu 0 0 500
cpu 1 500 0
instructions 1000
mark 1
cpu 0 40 540
cpu 1 500 0
instructions 2000
mark 2
cpu 0 50 540
cpu 1 500 0
instructions 2500
mark 510
cpu 0 60 540
cpu 1 500 0
instructions 3000
mark 511
cpu 0 60 540
cpu 1 500 20
instructions 4000
"""


def marks():
    """As bench_kernel.py reads them from the plugin's file."""
    path = os.path.join(suite.directory.name, "marks")
    with open(path, "w", encoding="ascii") as file:
        file.write(MARKS)
    return bench_kernel.read_marks(path)


def placement(at):
    """What bench_kernel.py says of a run."""
    return bench_kernel.placement_of(at, "bench: numa_hint_faults 7\nnoise: pages 3\n",
                                     types.SimpleNamespace(cpus_per_node=1))


@suite.test
def accesses_before_the_start_do_not_count():
    result = placement(marks()[0])
    assert result["accesses"] == 120, result
    assert result["local"] == 80 / 120, result


@suite.test
def the_end_is_what_was_accessed_after_nine_tenths():
    assert placement(marks()[0])["local_at_end"] == 1.0


@suite.test
def a_remote_access_takes_as_long_as_two_local_ones():
    assert placement(marks()[0])["memory_time"] == 80 + 2 * 40


@suite.test
def each_moment_says_local_and_all_accesses_so_far():
    shares = placement(marks()[0])["over_time"]
    assert shares == [{"local": 0, "total": 0}, {"local": 40, "total": 80},
                      {"local": 50, "total": 90}], shares


@suite.test
def the_counters_of_the_guest_are_read():
    assert placement(marks()[0])["counters"] == {"numa_hint_faults": 7}


@suite.test
def instructions_are_those_at_each_mark():
    assert marks()[1] == {0: 1000, 1: 2000, 2: 2500, 510: 3000, 511: 4000}


@suite.test
def a_run_that_did_not_come_to_its_end_has_no_result():
    at = marks()[0]
    del at[bench_kernel.MARK_DONE]
    try:
        placement(at)
    except bench_kernel.Failed as why:
        assert "511" in str(why), why
    else:
        raise AssertionError("no error")


IDLE = {"waiting": 2000, "waited": 1000, "touching": 20, "touched": 10, "marked": 0, "faults": 0}


@suite.test
def costs_of_pages_and_faults_are_those_beyond_ticks():
    # 40 instructions a page, 900 a fault; two for each unit of time are executed anyway.
    row = {"waiting": 2 * 3000 + 40 * 100, "waited": 3000, "marked": 100,
           "touching": 2 * 70 + 900 * 50, "touched": 70, "faults": 50}
    assert bench_kernel.cost_per_page(row, IDLE) == (40, 900)


@suite.test
def without_passes_there_is_no_cost():
    try:
        bench_kernel.cost_per_page(IDLE, IDLE)
    except bench_kernel.Failed:
        return
    raise AssertionError("no error")


def rounds(late=()):
    """Six rounds, and then eight, in each of which the kernel executes 10 and 2 instructions; what
    it executes between the parts of a round, and between rounds, is nobody's."""
    at, counters, now = {}, {}, 0
    for n in range(6 + 8):
        for mark, instructions in enumerate((10, 300, 2, 500)):
            at[bench_kernel.MARK_SAMPLE + 1 + 4 * n + mark] = now
            now += instructions
        counters |= {f"round_{n}_waited": 70, f"round_{n}_touched": 7, f"round_{n}_marked": 5,
                     f"round_{n}_faults": 4, f"round_{n}_late": int(n in late)}
    return at, counters


ALL_ROUNDS = {"rounds": 8, "waiting": 80, "touching": 16, "waited": 560, "touched": 56, "marked": 40,
              "faults": 32}


@suite.test
def rounds_without_regular_passes_do_not_count():
    at, counters = rounds()
    assert bench_kernel.rounds_of(at, counters) == ALL_ROUNDS
    for mark in range(bench_kernel.MARK_SAMPLE + 1, bench_kernel.MARK_SAMPLE + 1 + 4 * 6):
        at[mark] += 7 * mark
    counters["round_5_faults"] = 1000
    assert bench_kernel.rounds_of(at, counters) == ALL_ROUNDS


@suite.test
def rounds_with_a_pass_among_the_faults_do_not_count():
    at, counters = rounds(late=(6, 13))
    assert bench_kernel.rounds_of(at, counters) == {name: value * 6 // 8
                                                    for name, value in ALL_ROUNDS.items()}


@suite.test
def of_several_runs_the_median_counts():
    runs = [{"local_at_end": x, "local": x, "memory_time": 100 * x, "accesses": 9,
             "over_time": [x], "counters": {"faults": 10 * x}} for x in (3, 1, 8)]
    result = bench_kernel.median_of(runs)
    assert result["memory_time"] == 300 and result["counters"] == {"faults": 30}, result
    assert result["memory_times"] == [100, 300, 800], result


@suite.test
def of_several_costs_the_median_counts():
    forks = iter((500, 520, 501))

    def costs(*_):
        return {"off": {"fork": next(forks), "rounds": 8}}

    args, kept = types.SimpleNamespace(runs=3), bench_kernel.costs
    bench_kernel.costs = costs
    try:
        assert bench_kernel.medians_of_costs(args, None, None) == {"off": {"fork": 501, "rounds": 8}}
    finally:
        bench_kernel.costs = kept


FILE = os.path.abspath(__file__)      # some file that is there


def refused(said, *args):
    """One line that says why, exit status 2."""
    done = suite.run_program(*args, status=2)
    last = done.stderr.strip().splitlines()[-1]
    assert said in last and not done.stdout, (done.stdout, done.stderr)


for name, said, args in (
        ("a_kernel_that_is_not_there", "missing.img is not there", ["--kernel", "missing.img"]),
        ("no_kernel", "--kernel", []),
        ("an_unknown_program", "numa99", ["--kernel", FILE, "--programs", "numa99"]),
        ("an_unknown_policy", "fast", ["--kernel", FILE, "--policies", "fast"]),
        ("half_a_core", "--threads", ["--kernel", FILE, "--cpus-per-node", "3"]),
        ("no_nodes", "--nodes", ["--kernel", FILE, "--nodes", "0"]),
        ("no_loops", "--loops", ["--kernel", FILE, "--loops", "0"]),
        ("a_baseline_that_is_not_there", "other.img is not there",
         ["--kernel", FILE, "--baseline", "other.img"])):
    suite.add(f"{name}_is_refused", refused, said, *args)

suite.main()

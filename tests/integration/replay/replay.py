#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The engine replay finds planted defects, says how to repeat them, and repeats itself."""
import os
import re
import shlex
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position

suite = Suite("replay")
SCHEDULES = "5000"
DEFECTS = ("lost_update", "lost_wake_up", "missing_grace_period", "missing_recheck")


def search(case, strategy, status):
    return suite.run_program("--engine", "replay", "--strategy", strategy, "--filter",
                             f"planted.{case}", "--schedules", SCHEDULES, status=status)


def is_found_and_repeated(defect, strategy):
    done = search(f"a_{defect}", strategy, status=1)
    line = re.search(r"# REPLAY: (.*)", done.stdout)
    assert line, done.stdout
    # The line alone leads to the same end, by way of one schedule.
    again = suite.run_program(*shlex.split(line[1]), status=1)
    assert "0 schedules" in again.stdout, again.stdout
    assert line[0] in again.stdout, (line[0], again.stdout)


def is_shrunk(defect, most):
    done = search(f"a_{defect}", "random", status=1)
    line = re.search(r"# SHRUNK to (\d+) switches: (.*)", done.stdout)
    assert line and int(line[1]) <= most, done.stdout
    again = suite.run_program(*shlex.split(line[2]), status=1)
    assert line[2] in again.stdout, (line[2], again.stdout)


def is_silent(defect, strategy):
    done = search(f"no_{defect}", strategy, status=0)
    assert f" {SCHEDULES} schedules" in done.stdout, done.stdout


for name in DEFECTS:
    for way in ("walk", "random", "pct:2", "pct:3"):
        suite.add(f"a_{name}_is_found_by_{way}_and_repeated", is_found_and_repeated, name, way)
        suite.add(f"no_{name}_is_found_by_{way}_where_there_is_none", is_silent, name, way)


for name, switches in (("lost_update", 12), ("missing_recheck", 9)):
    suite.add(f"a_{name}_is_shrunk_to_at_most_{switches}_switches", is_shrunk, name, switches)


def run(seed, memory="sc"):
    return suite.run_program("--engine", "replay", "--seed", str(seed), "--schedules", "20",
                             "--memory", memory, "--filter", "planted.no_*").stdout


def is_the_same_wherever_memory_is(memory):
    # The host puts it elsewhere in each process.
    assert len({run(7, memory) for _ in range(4)}) == 1


for model in ("sc", "tso", "weak"):
    suite.add(f"the_same_seed_gives_the_same_trace_with_memory_{model}",
              is_the_same_wherever_memory_is, model)


@suite.test
def no_store_is_lost_when_a_search_begins_again():
    suite.run_program("--engine", "replay", "--strategy", "walk", "--schedules", "100", "--memory",
                      "weak", "--filter", "planted.what_was_stored_*")


@suite.test
def another_seed_gives_another_trace():
    assert run(7) != run(70)


@suite.test
def a_deadlock_is_told_with_who_waits():
    done = search("a_lost_wake_up", "walk", status=1)
    assert "every task waits and no timer is armed" in done.stderr, done.stderr
    assert "planted/0" in done.stderr, done.stderr


@suite.test
def no_switch_of_a_shrunk_schedule_can_be_left_out():
    for defect in ("lost_update", "missing_recheck", "missing_grace_period"):
        done = search(f"a_{defect}", "random", status=1)
        line = re.search(r"# SHRUNK to \d+ switches: .*list:(\S*) --seed (\d+)", done.stdout)
        switches = line[1].split(",")
        for left_out in range(len(switches)):
            rest = ",".join(switches[:left_out] + switches[left_out + 1:])
            done = suite.run_program("--engine", "replay", "--strategy", f"list:{rest}", "--seed",
                                     line[2], "--filter", f"planted.a_{defect}", status=0)


@suite.test
def a_failure_tells_its_last_switches_with_tasks_and_functions():
    done = search("a_lost_update", "random", status=1)
    assert re.search(r"# LAST SWITCHES, \d+ of \d+:\n(.*\n)*?"
                     r" +#   step \d+: planted/[01] \(\d+\) -> \d+, marked access: add_unlocked\+",
                     done.stdout), done.stdout


@suite.test
def pct_prints_its_guarantee():
    done = search("no_lost_update", "pct:3:100", status=0)
    found = re.search(r"probability >= 1/\(n\*k\^\(d-1\)\) = (\S+)", done.stdout)
    tasks = 1 / (float(found[1]) * 100 ** 2)
    assert abs(tasks - round(tasks)) < 0.3 and 4 <= round(tasks) <= 12, done.stdout


@suite.test
def a_search_tells_that_it_was_exhaustive():
    done = suite.run_program("--engine", "replay", "--strategy", "dfs:1", "--interrupts", "none",
                             "--filter", "planted.no_lost_update")
    assert re.search(r"searched all \d+ schedules with at most 1 preemption\n", done.stdout)
    done = suite.run_program("--engine", "replay", "--strategy", "dfs:2", "--schedules", "1000",
                             "--filter", "planted.no_lost_update")
    assert re.search(r"; stopped after \d+ of \? schedules", done.stdout), done.stdout


def is_found_by_search(defect, strategy):
    done = search(f"a_{defect}", strategy, status=1)
    line = re.search(r"# REPLAY: (.*)", done.stdout)
    again = suite.run_program(*shlex.split(line[1]), status=1)
    assert "0 schedules" in again.stdout, again.stdout


for name in DEFECTS:
    suite.add(f"a_{name}_is_found_by_search", is_found_by_search, name, "dfs:1")


def is_found_by_search_with(interrupts):
    done = suite.run_program("--engine", "replay", "--strategy", "dfs:1", "--interrupts",
                             interrupts, "--filter", "planted.a_lost_update_after_interrupts",
                             status=1)
    for what in ("REPLAY:", "SHRUNK to 1 switches:"):
        line = re.search(f"# {what} (.*)", done.stdout)
        assert re.findall(r"--interrupts (\S+)", line[1]) == [interrupts], line[0]
        again = suite.run_program(*shlex.split(line[1]), status=1)
        assert line[1] in again.stdout, (line[0], again.stdout)
        # The case had its say, not a deadlock that the search had not met.
        assert "EXPECTATION FAILED" in again.stdout, again.stdout


def first_schedule(interrupts, strategy):
    done = suite.run_program("--engine", "replay", "--strategy", strategy, "--interrupts",
                             interrupts, "--schedules", "1", "--filter",
                             "planted.no_lost_update_after_interrupts")
    return re.search(r"1 schedules, (\d+ steps, trace \w+)", done.stdout)[1]


def begins_where_a_list_begins(interrupts):
    # The first schedule has no switch of its own; from the first on there are interrupts.
    first = first_schedule(interrupts, "dfs")
    assert first == first_schedule(interrupts, "list:2:")
    assert interrupts == "none" or first != first_schedule(interrupts, "list:")


for kinds in ("none", "rcu", "softirq"):
    suite.add(f"a_search_with_interrupts_{kinds}_finds_and_repeats", is_found_by_search_with, kinds)
for kinds in ("none", "rcu", "softirq", "timer", "all"):
    suite.add(f"a_search_with_interrupts_{kinds}_begins_at_the_last_replay_begin",
              begins_where_a_list_begins, kinds)


@suite.test
def each_schedule_is_the_same_twice_with_interrupts():
    for way in ("dfs:1", "dpor"):
        done = suite.run_program("--engine", "replay", "--strategy", way, "--schedules", "100",
                                 "--verify", "--interrupts", "all", "--filter", "planted.no_*")
        assert done.stdout.count("each the same twice") == len(DEFECTS) + 1, done.stdout


@suite.test
def each_schedule_is_the_same_twice():
    for way in ("portfolio", "dfs:1", "dpor"):
        done = suite.run_program("--engine", "replay", "--strategy", way, "--schedules", "100",
                                 "--verify", "--filter", "planted.no_*")
        assert done.stdout.count("each the same twice") == len(DEFECTS) + 1, done.stdout


@suite.test
def what_does_not_follow_from_the_seed_is_named_by_its_step():
    done = suite.run_program("--engine", "replay", "--verify", "--filter", "planted.of_the_host",
                             status=1)
    assert re.search(r"replay: step \d+ is not what it was the first time", done.stderr), done.stderr
    assert "is not the same when repeated" in done.stdout, done.stdout


def run_bytes(data, case, status):
    path = os.path.join(suite.directory.name, "input")
    with open(path, "wb") as f:
        f.write(data)
    return suite.run_program("--engine", "replay", "--strategy", f"bytes:{path}", "--filter",
                             f"planted.{case}", status=status)


@suite.test
def bytes_that_fail_fail_again():
    # Stay some steps, then take turns: some such input loses an update.
    for stay in range(60):
        data = bytes(stay) + bytes([1, 2, 3] * 60)
        path = os.path.join(suite.directory.name, "input")
        with open(path, "wb") as f:
            f.write(data)
        try:
            done = run_bytes(data, "a_lost_update", 1)
        except AssertionError:
            continue
        line = re.search(r"# REPLAY: (.*)", done.stdout)
        assert f"bytes:{path}" in line[1], line[1]
        again = suite.run_program(*shlex.split(line[1]), status=1)
        assert line[0] in again.stdout
        return
    assert False, "no input fails"


@suite.test
def no_bytes_are_a_schedule_too():
    for data in (b"", b"\0", b"\xff"):
        assert "1 schedules" in run_bytes(data, "no_lost_update", 0).stdout


def is_found_by_the_portfolio(defect):
    suite.program, program = sys.argv[2], suite.program
    try:
        done = suite.run_program("--engine", "replay", "--schedules", "20000", "--no-shrink",
                                 "--filter", f"defect.{defect}", status=1)
        assert re.search(r"# REPLAY: --engine replay --strategy (walk|random|urw|pct)", done.stdout)
        suite.run_program("--engine", "replay", "--schedules", "1000", "--filter",
                          f"right.{defect}")
    finally:
        suite.program = program


for name in ("lost_update", "abba", "unchecked_entry", "lost_wake_up", "stale_translation",
             "three_preemptions"):
    suite.add(f"{name}_is_found_by_the_portfolio", is_found_by_the_portfolio, name)


def is_refused(why, *args):
    done = suite.run_program(*args, status=2)
    assert why in done.stderr, done.stderr
    assert done.stdout == "", done.stdout


suite.add("an_unknown_engine_is_refused", is_refused, "no engine 'foo'", "--engine", "foo")
for wrong in ("foo", "pct:", "pct:0", "pct:17", "pct:3:", "pct:3:0", "pct:3:x", "walk:3", "urw:", "urw:1",
              "urw:2/1", "dfs:", "dfs:x", "dfs:-1", "dpor:1", "bytes:/nowhere", "portfolio:1",
              "list:3", "list:3.", "list:2:3", "list::", "list:1:1:", "list:x",
              "list:3.1,", "list:3.1,3.2", "list:4.1,3.1"):
    suite.add(f"strategy_{wrong}_is_refused", is_refused, f"no strategy '{wrong}'",
              "--engine", "replay", "--strategy", wrong)
suite.add("a_strategy_without_replay_is_refused", is_refused, "are for --engine replay",
          "--strategy", "walk")
suite.main()

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


for name, switches in (("lost_update", 12), ("missing_recheck", 4)):
    suite.add(f"a_{name}_is_shrunk_to_at_most_{switches}_switches", is_shrunk, name, switches)


def run(seed):
    return suite.run_program("--engine", "replay", "--seed", str(seed), "--schedules", "20",
                             "--filter", "planted.no_*").stdout


@suite.test
def the_same_seed_gives_the_same_trace():
    assert run(7) == run(7)


@suite.test
def another_seed_gives_another_trace():
    assert run(7) != run(70)


@suite.test
def a_deadlock_is_told_with_who_waits():
    done = search("a_lost_wake_up", "walk", status=1)
    assert "every task waits and no timer is armed" in done.stderr, done.stderr
    assert "planted/0" in done.stderr, done.stderr


def is_refused(why, *args):
    done = suite.run_program(*args, status=2)
    assert why in done.stderr, done.stderr
    assert done.stdout == "", done.stdout


suite.add("an_unknown_engine_is_refused", is_refused, "no engine 'foo'", "--engine", "foo")
for wrong in ("foo", "pct:", "pct:0", "pct:17", "pct:3:", "pct:3:0", "pct:3:x", "walk:3", "urw:", "urw:1",
              "urw:2/1", "dfs:", "dfs:x", "dfs:-1", "dpor:1", "bytes:/nowhere", "portfolio:1",
              "list:3", "list:3.", "list:x", "list:3.1,", "list:3.1,3.2", "list:4.1,3.1"):
    suite.add(f"strategy_{wrong}_is_refused", is_refused, f"no strategy '{wrong}'",
              "--engine", "replay", "--strategy", wrong)
suite.add("a_strategy_without_replay_is_refused", is_refused, "are for --engine replay",
          "--strategy", "walk")
suite.main()

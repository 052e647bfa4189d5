#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Interrupts, timers, softirqs and grace periods come when a strategy wants them to."""
import os
import re
import shlex
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position

suite = Suite("async")
TWIN_SCHEDULES = "300"


def search(case, status, strategy="walk", schedules="3000", interrupts="all"):
    return suite.run_program("--engine", "replay", "--strategy", strategy, "--interrupts",
                             interrupts, "--schedules", schedules, "--filter",
                             f"planted.{case}", status=status)


def is_found_and_repeated(defect, strategy, what):
    done = search(f"a_{defect}", 1, strategy)
    assert re.search(what, done.stdout + done.stderr), (what, done.stdout, done.stderr)
    line = re.search(r"# REPLAY: (.*)", done.stdout)
    again = suite.run_program(*shlex.split(line[1]), status=1)
    assert "0 schedules" in again.stdout, again.stdout


def is_silent(defect, strategy):
    done = search(f"no_{defect}", 0, strategy, TWIN_SCHEDULES)
    assert f" {TWIN_SCHEDULES} schedules" in done.stdout, done.stdout


DEFECTS = {
    # defect: what says so, one of the strategies that find it
    "late_read": ("value 0x6b6b6b", "walk"),
    "late_sleepable_read": ("value 0x6b6b6b", "walk"),
    "read_outside": ("value 0x6b6b6b", "walk"),
    "free_without_delay": ("value 0x6b6b6b", "walk"),
    "missing_irqsave": ("bit spinlock 0 of .* is taken", "random"),
    "missing_bh_disable": ("bit spinlock 0 of .* is taken again", "random"),
    "timer_armed_too_early": ("value 0$", "random"),
    "timer_freed_while_it_runs": ("value 0x6b6b6b", "random"),
    "tasklet_after_free": ("", "walk"),
    "ipi_in_a_window": ("EXPECTATION FAILED", "walk"),
    "ipi_nobody_waits_for": ("value 0x6b6b6b", "walk"),
}

for name, (words, way) in DEFECTS.items():
    suite.add(f"a_{name}_is_found_by_{way}_and_repeated", is_found_and_repeated, name, way,
              "(?m)" + words)
    for way in ("walk", "random", "pct:3"):
        suite.add(f"no_{name}_is_found_by_{way}_where_there_is_none", is_silent, name, way)


def outcomes(case, interrupts):
    done = suite.run_program("--engine", "replay", "--interrupts", interrupts, "--schedules",
                             "500", "-v", "--filter", f"planted.{case}")
    return set(re.findall(r"outcome (\d+)", done.stdout))


@suite.test
def a_callback_runs_at_once_or_as_late_as_a_barrier_allows():
    # after call_rcu(), after a reader that began later, after rcu_barrier()
    assert outcomes("when_a_callback_runs", "rcu") == {"001", "011", "111"}


@suite.test
def a_callback_waits_for_the_reader_that_queued_it():
    assert outcomes("a_callback_waits_for_the_reader_that_queued_it", "rcu") == {"00", "01"}


@suite.test
def a_sleepable_callback_runs_at_once_or_late_and_waits_for_no_later_reader():
    # after call_srcu(), twice in a reader that began later, after srcu_barrier()
    assert {"001", "121"} <= outcomes("when_an_srcu_callback_runs", "rcu")
    name = "an_srcu_callback_waits_for_the_reader_that_queued_it"
    assert outcomes(name, "rcu") == {"00", "01"}


@suite.test
def a_softirq_runs_at_any_point_with_bottom_halves_enabled():
    assert outcomes("when_a_softirq_runs", "softirq") == {"000", "001", "011", "021"}


@suite.test
def an_ipi_nobody_waits_for_comes_at_any_point():
    # after the first one was sent, and after the second; none if the first is being taken
    seen = outcomes("ipis_arrive_in_their_order", "softirq")
    assert seen == {"0000", "0001", "0012", "1001", "1012"}, seen
    assert outcomes("ipis_arrive_in_their_order", "none") == {"1012"}


@suite.test
def without_it_a_softirq_waits_until_the_machine_is_idle():
    assert outcomes("when_a_softirq_runs", "none") == {"000"}


@suite.test
def softirqs_do_not_wait_for_ever_while_time_passes():
    for way in ("dfs", "walk"):
        search("when_a_softirq_runs", 0, way, "20", "timer")


@suite.test
def time_passes_while_others_run():
    assert outcomes("whether_a_timeout_is_over", "timer") == {"0", "1"}


@suite.test
def without_it_time_stands_still_while_others_run():
    assert outcomes("whether_a_timeout_is_over", "none") == {"1"}


@suite.test
def a_suite_has_time_pass_unless_its_user_says_otherwise():
    for how, expected in (("", {"0", "1"}), ("--interrupts all", {"0", "1"}),
                          ("--interrupts rcu", {"1"}), ("--strategy dfs", {"1"})):
        done = suite.run_program("--engine", "replay", *how.split(), "--schedules", "500", "-v",
                                 "--filter", "planted.whether_time_passes_unasked")
        assert set(re.findall(r"outcome (\d+)", done.stdout)) == expected, (how, done.stdout)


@suite.test
def an_unknown_kind_is_refused():
    done = suite.run_program("--engine", "replay", "--interrupts", "rcu,tick", status=2)
    assert done.stderr.endswith("'tick' is none of rcu, softirq, timer, all, none\n")
    assert done.stderr.count("\n") == 1 and done.stdout == "", done


suite.main()

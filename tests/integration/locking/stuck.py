#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A run that gets stuck ends, and says who waits for whom or who spins where."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position

suite = Suite("stuck")


def stuck(case, *options, status):
    done = suite.run_program("--filter", f"stuck.{case}", *options, status=status)
    return done.stdout + done.stderr


def expect(text, *parts):
    for part in parts:
        assert part in text, f"no {part!r} in:\n{text}"


GRAPH = ("tasks wait for each other:", "planted/", " waits for mutex '&first' (",
         ", held by kunit/", " waits for mutex '&second' (", "second_then_first",
         "deadlock: ", "violation: deadlock: tasks wait for each other")
NO_CYCLE = ("every task waits and no timer is armed", "kunit/", " waits for completion '",
            "no cycle: a wake-up was lost", "violation: deadlock: nothing can run any more")


def a_deadlock_is_printed_as_a_graph_on_threads():
    expect(stuck("two_orders", status=-6), *GRAPH)


def a_deadlock_is_printed_as_a_graph_on_replay():
    expect(stuck("two_orders", "--engine", "replay", "--no-shrink", status=1), *GRAPH)


def a_lost_wake_up_is_told_when_all_wait_on_threads():
    expect(stuck("lost_wake_up", status=-6), *NO_CYCLE)


def a_lost_wake_up_is_told_when_all_wait_on_replay():
    expect(stuck("lost_wake_up", "--engine", "replay", "--no-shrink", status=1), *NO_CYCLE)


def too_many_steps_are_a_livelock():
    expect(stuck("endless", "--engine", "replay", "--no-shrink", "--max-steps", "20000", status=1),
           "20000 steps and no end", "planted/", "holds_and_spins", "holds mutex '&first' (",
           "kunit/", "violation: deadlock: livelock: no end after 20000 steps")


def who_outlives_the_test_is_told_when_the_machine_does_not_end():
    expect(stuck("endless_behind_the_test", "--engine", "replay", "--no-shrink", "--max-steps",
                 "20000", status=1),
           "20000 steps and no end", "planted/", "holds_and_spins", "holds mutex '&first' (",
           "violation: deadlock: livelock: no end after 20000 steps")


def the_watchdog_tells_who_runs_on_threads():
    expect(stuck("endless", "--watchdog", "1", status=-6), "watchdog: no end after 1 s",
           "planted/", "holds mutex '&first' (")


def a_reader_without_end_is_told_to_who_waits_for_it():
    expect(stuck("endless_reader", "--engine", "replay", "--no-shrink", "--max-steps", "20000",
                 status=1),
           "kunit/", " waits for an RCU grace period", "held up by the reader planted/",
           "where the reader began", "asleep until woken:")


def what_is_held_is_listed_newest_first():
    text = stuck("holds_all_kinds", status=-6)
    at = [text.find(part) for part in ("  spinlock 'inner' (", "  bit spinlock 5 of ",
                                       "  rwlock (read) 'shared' (")]
    assert -1 < at[0] < at[1] < at[2], text
    assert text.count("taken at\n") == 3 and text.count("holds_all_kinds") >= 4, text


def bad_limits_are_refused():
    for option in ("--max-steps", "--watchdog"):
        expect(stuck("endless", option, "many", status=2), "usage:")


for test in (a_deadlock_is_printed_as_a_graph_on_threads,
             a_deadlock_is_printed_as_a_graph_on_replay,
             a_lost_wake_up_is_told_when_all_wait_on_threads,
             a_lost_wake_up_is_told_when_all_wait_on_replay, too_many_steps_are_a_livelock,
             who_outlives_the_test_is_told_when_the_machine_does_not_end,
             the_watchdog_tells_who_runs_on_threads,
             a_reader_without_end_is_told_to_who_waits_for_it,
             what_is_held_is_listed_newest_first, bad_limits_are_refused):
    suite.add(test.__name__, test)

suite.main()

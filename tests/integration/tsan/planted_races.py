#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""TSan reports a planted race, whatever the machine does around it, and nothing else."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position

suite = Suite("planted races")


def is_seen(*case):
    """Reported, and for the planted access: with exit status 66, TSan's own."""
    report = suite.run_program(*case, status=66).stderr
    assert "WARNING: ThreadSanitizer: data race" in report, report
    assert "planted_access" in report, report


def is_silent(*case):
    done = suite.run_program(*case)
    assert "ThreadSanitizer" not in done.stderr, done.stderr


for name in ("inside_spinlock", "inside_mutex"):
    suite.add(f"an_access_{name}_is_no_race", is_silent, name)
for name in ("beside_spinlock", "beside_mutex"):
    suite.add(f"an_access_{name}_is_a_race", is_seen, name)

# On one host thread: the schedule makes it adjacent, and the engine orders nothing.
for name in ("inside_spinlock", "inside_mutex"):
    suite.add(f"an_access_{name}_is_no_race_when_replayed", is_silent, name, "random")
for name in ("beside_spinlock", "beside_mutex"):
    suite.add(f"an_access_{name}_is_a_race_when_replayed", is_seen, name, "random")

# Per-CPU data need no more than this: the kernel's context switch orders it as well.
suite.add("tasks_that_hand_one_cpu_to_each_other_are_ordered", is_silent, "hand_over")
suite.add("hand_overs_of_two_cpus_order_nothing", is_seen, "two_hand_overs")

suite.add("kthread_stop_does_not_publish_what_was_done_before", is_seen, "told_to_stop")
suite.add("kthread_stop_returns_after_all_that_was_done", is_silent, "stopped")
suite.add("waking_who_is_awake_orders_nothing", is_seen, "woken_while_awake")
suite.add("who_slept_sees_what_the_waker_did", is_silent, "woken")

# What is hidden, see kernel-compat/exec/clock.c: if this is ever seen, say so there.
suite.add("what_only_virtual_time_orders_is_hidden", is_silent, "virtual_time")

suite.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench-lesson: a row with five figures for each variant, and what is refused."""
import re

from harness import Suite

suite = Suite("bench lesson")

ROWS = ["everything right", "write bit lost", "group by the bit of the moment",
        "no slow-down on failure"]


@suite.test
def every_fix_is_taken_out_once():
    done = suite.run_program("--nodes", "2", "--cpus", "4", "--runs", "1", "--scale", "0.1")
    rows = done.stdout.splitlines()[1:]
    assert [re.split(r"\s{2,}", row)[0] for row in rows] == ROWS, done.stdout
    for row in rows:
        assert len(re.findall(r"\d+\.?\d*", row)) == 5, row
        assert float(re.findall(r"\d+\.?\d*", row)[0]) > 0, row


@suite.test
def a_machine_without_nodes_is_refused():
    done = suite.run_program("--nodes", "0", status=2)
    assert done.stdout == "" and "bench-lesson:" in done.stderr, done


suite.main()

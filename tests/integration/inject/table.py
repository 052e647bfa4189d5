#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""scripts/inject-table: places with file and line, what became of them, and the gaps."""
import json
import os
import re
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position

suite = Suite("inject-table")
SMALL, PLANTED = sys.argv[2:]
CORE = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[1])))


@suite.test
def each_place_has_its_line_and_its_failures_are_counted():
    path = os.path.join(suite.directory.name, "table.json")
    done = suite.run_program("--limit", "90", "--json", path, SMALL)
    with open(path, encoding="utf-8") as text:
        table = json.load(text)
    assert not table["wrong"] and not table["late"], table
    places = table["places"]
    assert sum(p["failed"] for p in places) > 5, places
    for p in places:
        assert p["survived"] + p["told"] + p["crashed"] >= p["failed"], p
        assert p["reached"] >= p["failed"] and not p["crashed"], p
    core = [p for p in places if p["file"].startswith(("mm/", "sched/"))]
    assert core
    for p in core:
        with open(os.path.join(CORE, p["file"]), encoding="utf-8") as source:
            assert "(" in source.read().split("\n")[p["line"] - 1], p
        assert f"{p['file']}:{p['line']}" in done.stdout, done.stdout
    # Nobody registers by hand in this program what boots register.
    gaps = [f"{f}:{line} {call}()" for f, line, call in table["never_reached"]]
    assert gaps and all(f"    {gap}\n" in done.stdout for gap in gaps), done.stdout
    assert re.search(rf"inject-table: {len(places)} places in \d+ functions, \d+ failed, 0 crashed",
                     done.stdout), done.stdout


@suite.test
def what_fails_of_itself_is_named_and_is_a_failure():
    done = suite.run_program("--limit", "90", PLANTED, status=1)
    assert "inject-planted: fails without any failure injected (-6)" in done.stdout, done.stdout


@suite.test
def what_takes_too_long_is_told_and_no_failure():
    done = suite.run_program("--limit", "0", SMALL)
    assert re.search(r"resolve_test: does not end within 0 s", done.stdout), done.stdout


@suite.test
def a_program_that_is_not_there_is_refused():
    done = suite.run_program("unit.no.such_test", status=2)
    assert done.stdout == "" and done.stderr.count("\n") == 1, done.stderr
    assert "no such program" in done.stderr, done.stderr


suite.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of the review in autonuma.rst: all remarks are there, and their tests exist."""
import glob
import os
import re

from source import TOP, Suite, add_check, list_table

suite = Suite("table")

REMARKS = 26


def cases():
    """All names that the table may use: FILE.CASE."""
    names = set()
    for path in glob.glob(os.path.join(TOP, "tests", "**", "*"), recursive=True):
        stem, extension = os.path.splitext(os.path.basename(path))
        pattern = {".c": r"\bKUNIT_CASE\w*\((\w+)", ".py": r"\badd_check\(suite, (\w+)"}
        if extension not in pattern:
            continue
        with open(path, encoding="utf-8") as source:
            names.update(f"{stem}.{case}" for case in
                         re.findall(pattern[extension], source.read()))
    return names


def every_remark_has_tests_that_exist(tree):
    rows = list_table(tree.section("The review of 2012"))
    known = cases()
    complaints = []
    if [row[0] for row in rows] != [str(n) for n in range(1, REMARKS + 1)]:
        complaints.append(f"remarks {[row[0] for row in rows]}")
    for number, _, _, tests in rows:
        named = re.findall(r"``([\w.]+)``", tests)
        if not named:
            complaints.append(f"remark {number} has no test")
        complaints += [f"remark {number}: no test {name}" for name in named
                       if name not in known]
    return complaints


add_check(suite, every_remark_has_tests_that_exist,
          ("mm/autonuma.rst", "   * - 17\n", "   * - 71\n"),
          ("mm/autonuma.rst", "``names.nothing_is_dead_or_double``", "later"),
          ("mm/autonuma.rst", "``stats_test.readers_never_see_half_a_write``",
           "``stats_test.readers_see_half_a_write``"))

suite.program = "mm"
suite.main()

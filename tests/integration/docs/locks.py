#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Locks held on entry: what a comment in mm/ or sched/ says, lockdep or sparse checks."""
import re

from source import Suite, add_check

suite = Suite("locks")

SAYS = re.compile(r"[Cc]aller\b[^.]*\bholds\b[^.]*\b(lock|\w+_lock|@[\w>-]+lock)\b")
CHECKS = re.compile(r"\blockdep_assert_held\w*\(|\blockdep_is_held\(")


def flat(comment):
    return re.sub(r"\s*\n \* ?", " ", comment)


def a_lock_the_caller_holds_is_asserted(tree):
    """One way: a comment that names a lock has the check; a stub of nothing needs none."""
    return [f"{f}: says that the caller holds a lock, and does not assert it"
            for f in tree.functions()
            if SAYS.search(flat(f.comment)) and f.body and
            not CHECKS.search("\n".join(f.body))]


def what_is_asserted_is_said(tree):
    """The other way: what begins with the check says so to readers."""
    return [f"{f}: asserts a lock, and does not say that the caller holds it"
            for f in tree.functions()
            if re.search(r"\blockdep_assert_held\w*\(", "\n".join(f.body)) and
            not re.search(r"holds|held|[Uu]nder", flat(f.comment))]


def what_sparse_is_told_lockdep_is_told(tree):
    """__must_hold() is compiled out without sparse; the assertion is not."""
    return [f"{f}: __must_hold() without an assertion" for f in tree.functions()
            if "__must_hold(" in f.head and not CHECKS.search("\n".join(f.body))]


add_check(suite, a_lock_the_caller_holds_is_asserted,
          ("mm/queue.c", "\tlockdep_assert_held(&q->lock);\n", ""),
          ("mm/scan.c", "\tlockdep_assert_held(sw->ptl);\n", ""),
          ("mm/fault.c", "\tlockdep_assert_held(hf->vmf->ptl);\n", ""))
add_check(suite, what_is_asserted_is_said,
          ("mm/queue.c", " The caller holds @q->lock. */", " */"))
add_check(suite, what_sparse_is_told_lockdep_is_told,
          ("mm/queue.c", "\tlockdep_assert_held(&q->lock);\n", ""))

suite.program = "mm"
suite.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sum the test cases in logs of ctest --verbose.

A test program ends with "# NAME: N passed, N failed, N skipped".  One that does not
(it crashed, or timed out) counts the cases it reported as passed and one failure.
With --failures, prints what went wrong first, and fails if anything did.
"""
import re
import sys

CLOSING = re.compile(r"^\d+: # (.*: )?(\d+) passed, (\d+) failed")
START = re.compile(r"^\s+Start\s+(\d+): (\S+)")
LINE = re.compile(r"^(\d+): (.*)$")
COMPLAINT = re.compile(r"^not ok|WARNING: |ERROR: |runtime error|violation|BUG")
RESULT = re.compile(r"^\s*\d+/\d+ Test\s+#(\d+): (\S+) \.+\s*(.*?)\s+[\d.]+ sec")


class Program:
    def __init__(self, name):
        self.name = name
        self.lines = []
        self.closing = None
        self.result = "did not run"


def read(path):
    """Programs of one log by number."""
    programs = {}
    with open(path, errors="replace") as log:
        for line in log:
            m = START.match(line)
            if m:
                programs.setdefault(m[1], Program(m[2]))
                continue
            m = RESULT.match(line)
            if m:
                programs.setdefault(m[1], Program(m[2])).result = m[3]
                continue
            m = LINE.match(line)
            if m and m[1] in programs:
                p = programs[m[1]]
                p.lines.append(m[2])
                c = CLOSING.match(line)
                if c:
                    p.closing = int(c[2]), int(c[3])
    return programs.values()


def count(p):
    """(passed, failed) of one program."""
    ok = "Passed" in p.result
    if p.closing:
        passed, failed = p.closing
        if not ok and not failed:
            failed = 1      # for example a leak found at exit
        return passed, failed
    passed = sum(1 for line in p.lines if line.startswith("ok "))
    return passed, 1


def excerpt(lines):
    """What tells why: from the first complaint on, and the end."""
    first = next((i for i, line in enumerate(lines) if COMPLAINT.search(line)), len(lines))
    head = lines[first:first + 60]
    tail = lines[max(first + 60, len(lines) - 40):]
    return head + ["[...]"] * bool(head and tail) + tail


def main():
    args = sys.argv[1:]
    show = "--failures" in args
    paths = [a for a in args if not a.startswith("--")]
    passed = failed = 0
    for path in paths:
        programs = list(read(path))
        if not programs:
            failed += 1
            if show:
                print(f"{path}: no test ran")
        for p in programs:
            n, f = count(p)
            passed += n
            failed += f
            if show and f:
                print(f"--- {p.name} ({path}): {p.result}")
                for line in excerpt(p.lines):
                    print("    " + line)
    print(f"{passed} passed, {failed} failed")
    return 1 if show and (failed or not passed) else 0


sys.exit(main())

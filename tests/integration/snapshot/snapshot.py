#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A machine that is brought back from a snapshot is one that has booted: planted.c."""
import re
import subprocess
import sys

PROGRAM = sys.argv[1]
# What must be said of a mistake, by the simulated machine or by ASan.
REPORTS = {
    "leak": r"violation: .*slab objects are left",
    "page": r"violation: .*page",
    "use": r"use-after-poison|was written after it was freed",
    "twice": r"violation: .*is freed twice",
    "host": r"host_free.*is freed twice",
}


def run(*args):
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, errors="replace",
                          timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    failed = []
    cases = [("traces",), ("leftovers",)]
    cases += [(mistake, str(n)) for mistake in REPORTS for n in range(3)]
    for case in cases:
        status, text = run(*case)
        expected = REPORTS.get(case[0])
        if (status == 0) != (expected is None) or \
           (expected and ("nothing was reported" in text or not re.search(expected, text))):
            failed.append(case)
            print(f"{' '.join(case)}: exit {status}\n{text[-2000:]}")
    print(f"# snapshot: {len(cases) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


sys.exit(main())

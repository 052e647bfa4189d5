#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Schedules to the first hit of each planted defect, by strategy.

defects.py PROGRAM [SCHEDULES [SEEDS]] prints the table: the median over the seeds.
"""
import re
import statistics
import subprocess
import sys

DEFECTS = ("lost_update", "abba", "unchecked_entry", "lost_wake_up", "stale_translation",
           "three_preemptions")
STRATEGIES = ("walk", "random", "urw", "pct:2", "pct:3", "dfs:1", "dfs:2", "portfolio")


def search(program, case, strategy, schedules, seed):
    """Returns (schedules, found)."""
    done = subprocess.run(
        [program, "--engine", "replay", "--strategy", strategy, "--schedules", str(schedules),
         "--seed", str(seed), "--filter", case, "--no-shrink"],
        capture_output=True, text=True, timeout=300, check=False)
    line = re.search(rf"# {re.escape(case)}: (\d+) schedules", done.stdout)
    assert line and done.returncode in (0, 1), (case, strategy, done.stdout, done.stderr)
    return int(line[1]) + done.returncode, done.returncode == 1


def median_to_hit(program, defect, strategy, schedules, seeds):
    """As text: a number, or how many schedules there were without a hit."""
    hits = []
    for seed in range(seeds if not strategy.startswith("dfs") else 1):
        number, found = search(program, f"defect.{defect}", strategy, schedules,
                               1 + seed * 1000003)
        if not found and number < schedules:
            return f"none in {number}"
        hits.append(number if found else float("inf"))
    median = statistics.median_low(hits)
    return f"{median:,}" if median < float("inf") else f">{schedules:,}"


def table(program, schedules, seeds):
    print(f"Median schedules to the first hit, {seeds} seeds, at most {schedules:,}:")
    print(f"{'':20}" + "".join(f"{s:>14}" for s in STRATEGIES))
    for defect in DEFECTS:
        cells = (median_to_hit(program, defect, s, schedules, seeds) for s in STRATEGIES)
        print(f"{defect:20}" + "".join(f"{c:>14}" for c in cells), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [SCHEDULES [SEEDS]]")
    table(sys.argv[1], *(int(a) for a in sys.argv[2:4] or (20000, 5)))

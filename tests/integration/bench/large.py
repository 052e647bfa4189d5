#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench-large: two machines, the same figures of both, and what is refused."""
import json
import os

from harness import Suite

suite = Suite("bench large")


@suite.test
def both_machines_are_measured_and_compared():
    done = suite.run_program("--json", "large.json", "16", "64", "100")
    with open(os.path.join(suite.directory.name, "large.json"), encoding="ascii") as file:
        figures = {figure["name"]: figure for figure in json.load(file)}
    assert list(figures) == ["scan_step", "hinting_fault", "placement_decision", "memory",
                             "start"], figures
    for name in ("scan_step", "hinting_fault", "memory"):
        figure = figures[name]
        assert figure["value"] > 0 and figure["against"] > 0, figure
        assert abs(figure["ratio"] - figure["value"] / figure["against"]) < 1e-3, figure
        assert f"\n{name} " in done.stdout, done.stdout
    assert done.stdout.startswith("100 processes on 4 nodes, 32 CPUs, and on 16 nodes, 64 CPUs\n")


def refused(args, says):
    done = suite.run_program(*args, status=2)
    assert done.stdout == "" and done.stderr.count("\n") == 1, done
    assert says in done.stderr, done.stderr


for title, command, words in [
        ("no_nodes", ["0", "8", "8"], "NODES"),
        ("more_nodes_than_supported", ["1025", "8192", "8"], "NODES"),
        ("more_cpus_than_supported", ["8", "8193", "8"], "CPUS"),
        ("negative_processes", ["8", "64", "-1"], "PROCESSES"),
        ("processes_with_trailing_junk", ["8", "64", "8x"], "PROCESSES"),
        ("nodes_without_cpus", ["64", "64", "8"], "2 CPUs for each"),
        ("a_machine_smaller_than_the_small_one", ["2", "64", "8"], "4 nodes"),
        ("half_a_machine", ["64"], "usage"),
        ("an_unknown_option", ["--fast"], "usage")]:
    suite.add(f"{title}_is_refused", refused, command, words)

suite.main()

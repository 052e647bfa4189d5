#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Bad input is refused with one line, exit status 2, and nothing started or written."""
import os

from harness import Suite

suite = Suite("bench bad input")

TWO_NODES = """available: 2 nodes (0-1)
node 0 cpus: 0 1
node 0 size: 8192 MB
node 0 free: 8000 MB
node 1 cpus: 2 3
node 1 size: 8192 MB
node 1 free: 8000 MB
node distances:
node   0   1
  0:  10  20
  1:  20  10
"""

# What is refused, what the line must say, and what to type.
BAD = [
    ("an_unknown_workload", "numa99", ["numa99"]),
    ("an_unknown_workload_after_a_known_one", "numa99", ["numa02", "numa99"]),
    ("an_unknown_policy", "fast", ["--policies", "none,fast"]),
    ("no_nodes", "--nodes", ["--nodes", "0"]),
    ("more_nodes_than_supported", "1024", ["--nodes", "1025"]),
    ("negative_nodes", "--nodes", ["--nodes=-4"]),
    ("nodes_with_trailing_junk", "4x", ["--nodes", "4x"]),
    ("nodes_beyond_64_bits", "out of range", ["--nodes", "36893488147419103234"]),
    ("no_cpus", "--cpus", ["--cpus", "0"]),
    ("more_cpus_than_supported", "8192", ["--cpus", "8193"]),
    ("cpus_that_are_not_whole_cores", "cores", ["--cpus", "9", "--smt", "2"]),
    ("memory_that_does_not_fit", "does not fit", ["--memory", "1G", "numa01"]),
    ("memory_that_does_not_fit_a_far_node", "does not fit",
     ["--memory", "512M", "--policies", "inverse"]),
    ("a_malformed_size", "--memory", ["--memory", "4 apples"]),
    ("distances_that_are_not_square", "square", ["--distances", "10,20"]),
    ("distances_with_rows_of_different_length", "row 1", ["--distances", "10,20;20"]),
    ("a_diagonal_that_is_not_10", "itself", ["--distances", "10,20;20,20"]),
    ("a_distance_below_10", "node 0 to node 1", ["--distances", "10,5;20,10"]),
    ("a_distance_above_254", "255", ["--distances", "10,255;20,10"]),
    ("a_distance_that_is_no_number", "row 0", ["--distances", "10,far;20,10"]),
    ("distances_that_do_not_fit_the_nodes", "3 nodes",
     ["--nodes", "3", "--distances", "10,20;20,10"]),
    ("a_bandwidth_of_zero", "--bandwidths", ["--bandwidths", "10,0;5,10"]),
    ("a_missing_numactl_file", "No such file", ["--numactl", "missing.txt"]),
    ("a_directory_as_numactl_file", "cannot read", ["--numactl", "."]),
    ("an_unknown_knob", "no_such_knob", ["--set", "no_such_knob=1"]),
    ("a_counter_as_knob", "hint_faults", ["--set", "hint_faults=1"]),
    ("a_knob_without_value", "KNOB=VALUE", ["--set", "scan_pmd"]),
    ("a_knob_out_of_range", "scan_pmd", ["--set", "scan_pmd=2"]),
    ("a_knob_that_must_not_be_zero", "pages_to_scan", ["--set", "pages_to_scan=0"]),
    ("a_negative_knob", "scan_sleep_millisecs", ["--set", "scan_sleep_millisecs=-1"]),
    ("a_knob_with_trailing_junk", "scan_sleep_millisecs",
     ["--set", "scan_sleep_millisecs=50ms"]),
    ("a_knob_beyond_64_bits", "pages_to_scan",
     ["--set", "pages_to_scan=99999999999999999999"]),
    ("a_bad_knob_after_good_ones", "no_such_knob",
     ["--set", "scan_sleep_millisecs=50", "--set", "no_such_knob=1"]),
    ("a_knob_on_a_machine_without_autonuma", "one node",
     ["--nodes", "1", "--set", "scan_pmd=0"]),
    ("a_plot_in_a_missing_directory", "cannot write", ["--plot", "missing/x.svg"]),
    ("a_plot_that_is_a_directory", "cannot write", ["--plot", "."]),
    ("a_trace_in_a_missing_directory", "cannot write", ["--trace", "missing/x.json"]),
    ("a_trace_that_is_a_directory", "cannot write", ["--trace", "."]),
    ("a_trace_without_a_name", "--trace", ["--trace="]),
    ("a_trace_buffer_of_nothing", "--trace-buffer", ["--trace-buffer", "0"]),
    ("a_trace_buffer_beyond_memory", "--trace-buffer", ["--trace-buffer", "16777217"]),
    ("an_unknown_mode_of_huge_pages", "--thp", ["--thp", "sometimes"]),
    ("a_list_of_modes_of_huge_pages", "--thp", ["--thp", "never,always"]),
    ("huge_pages_of_simulated_pages_that_stand_for_many", "--scale",
     ["--thp", "both", "--sim-scale", "8"]),
    ("huge_pages_larger_than_a_slice", "slice", ["--thp", "both", "--scale", "0.01"]),
    ("taking_huge_pages_away_without_any", "--fragment", ["--fragment"]),
    ("a_seed_with_trailing_junk", "--seed", ["--seed", "7up"]),
    ("no_runs", "--runs", ["--runs", "0"]),
    ("a_scale_of_zero", "--scale", ["--scale", "0"]),
    ("a_scale_so_small_that_threads_have_no_page", "fewer", ["--scale", "0.00001"]),
    ("no_processes", "--processes", ["--processes", "0", "numa01"]),
    ("more_processes_than_cpus", "CPU", ["--processes", "17", "--cpus", "16", "numa01"]),
    ("processes_of_a_program_that_has_its_own_number", "forks",
     ["--processes", "4", "forks"]),
    ("processes_with_trailing_junk", "--processes", ["--processes", "4x", "numa01"]),
    ("comparing_with_an_argument", "--compare", ["--compare=5"]),
    ("comparing_without_a_run", "--runs", ["--compare", "--runs", "0"]),
    ("an_unknown_option", "--fast", ["--fast"]),
    ("an_option_without_its_argument", "--nodes", ["--nodes"]),
    ("a_line_break_in_the_input", "numa", ["numa\n02"]),
]

BAD_NUMACTL = [
    ("an_empty_numactl_text", ""),
    ("a_numactl_text_of_something_else", "total 12\ndrwx\n"),
    ("a_numactl_text_cut_off", TWO_NODES[:-20]),
    ("a_numactl_text_with_junk_in_a_number", TWO_NODES.replace("8192 MB", "8192x MB", 1)),
    ("a_numactl_text_with_a_bad_diagonal", TWO_NODES.replace("0:  10", "0:  11")),
    ("a_numactl_text_with_a_missing_node", TWO_NODES.replace("2 nodes (0-1)", "3 nodes (0-2)")),
    ("a_numactl_text_with_a_cpu_twice", TWO_NODES.replace("2 3", "2 1")),
    ("a_numactl_text_with_a_nul", TWO_NODES + "\0"),
]


def refused(args, says, stdin=""):
    before = os.listdir(suite.directory.name)
    done = suite.run_program(*args, stdin=stdin, status=2)
    assert done.stdout == "", f"something was printed: {done.stdout}"
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and done.stderr.endswith("\n"), f"not one line: {done.stderr!r}"
    assert lines[0].startswith("autonuma-bench: "), lines[0]
    assert says in lines[0], f"{says!r} is not in {lines[0]!r}"
    assert os.listdir(suite.directory.name) == before, "a file was left behind"


for title, words, command in BAD:
    suite.add(f"{title}_is_refused", refused, command, words)
for title, text in BAD_NUMACTL:
    suite.add(f"{title}_is_refused", refused, ["--numactl", "-"], "numactl", text)


@suite.test
def a_plot_is_not_touched_when_something_else_is_refused():
    path = os.path.join(suite.directory.name, "old.svg")
    with open(path, "w", encoding="ascii") as plot:
        plot.write("old")
    refused(["--plot", "old.svg", "--set", "no_such_knob=1"], "no_such_knob")
    with open(path, encoding="ascii") as plot:
        assert plot.read() == "old"


@suite.test
def a_trace_is_not_touched_when_something_else_is_refused():
    path = os.path.join(suite.directory.name, "old.json")
    with open(path, "w", encoding="ascii") as trace:
        trace.write("old")
    refused(["--trace", "old.json", "--set", "no_such_knob=1"], "no_such_knob")
    with open(path, encoding="ascii") as trace:
        assert trace.read() == "old"


@suite.test
def help_lists_the_options_and_runs_nothing():
    done = suite.run_program("--help")
    assert "--policies" in done.stdout
    assert "elapsed" not in done.stdout, done.stdout


suite.main()

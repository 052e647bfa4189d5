#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""--trace: text as ftrace's, JSON as Perfetto's viewer takes it, lost events, errors."""
import collections
import json
import os
import re

from harness import Suite

suite = Suite("bench traces")

# Memory has to move, and passes are quick enough for such a short run.
MOVING = ["numa02", "--scale", "0.0625", "--sim-scale", "16",
          "--set", "scan_sleep_pass_millisecs=500"]

EVENT = re.compile(r" *(?P<comm>.{1,16})-(?P<pid>\d+) +\[(?P<cpu>\d{3,})\] "
                   r"(?P<context>[.dbD][.Nnp][.hHszZ][.0-9a-f][.0-9a-f]) +"
                   r"(?P<time>\d+\.\d{6}): (?P<event>\w+): (?P<text>.*)")


def path_of(name):
    return os.path.join(suite.directory.name, name)


def text_of(name):
    """The comments and the events of a trace in ftrace's format."""
    with open(path_of(name), encoding="ascii") as trace:
        lines = trace.read().splitlines()
    events = [EVENT.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(events), "a line is no event"
    return [line for line in lines if line.startswith("#")], events


def json_of(name):
    with open(path_of(name), encoding="ascii") as trace:
        return json.load(trace)


def sums(events, name, field):
    """Pages by target node that the events of one name count."""
    by_node = collections.Counter()
    for event in events:
        if event["event"] == name:
            number = re.search(rf"\b{field}=(\d+)", event["text"]) if field else None
            node = re.search(r"target=(\d+)", event["text"])
            by_node[int(node[1])] += int(number[1]) if number else 1
    return by_node


@suite.test
def text_has_the_heading_of_ftrace_and_events_in_order():
    runs = suite.json(*MOVING, "--policies", "autonuma", "--trace", "a.txt")
    comments, events = text_of("a.txt")
    assert comments[:2] == ["# tracer: nop", "#"], comments[:2]
    assert f"# entries-in-buffer/entries-written: {len(events)}/{len(events)}   #P:16" \
        in comments
    assert {"autonuma_pass_start", "autonuma_pass_end", "autonuma_scan_mm",
            "autonuma_queue", "autonuma_moved"} <= {event["event"] for event in events}
    times = [float(event["time"]) for event in events]
    assert times == sorted(times)
    assert {"knuma_scand", "numa02"} <= {event["comm"] for event in events}
    moved = sums(events, "autonuma_moved", "pages")
    assert 16 * sum(moved.values()) == runs[0]["pages_migrated"] > 0, moved


@suite.test
def json_has_tracks_for_cpus_and_tasks_and_counters_by_node():
    run = suite.json(*MOVING, "--policies", "autonuma", "--trace", "a.json")[0]
    trace = json_of("a.json")["traceEvents"]
    names = {(e["pid"], e["tid"]): e["args"]["name"]
             for e in trace if e["ph"] == "M" and e["name"] == "thread_name"}
    assert {f"CPU {cpu}" for cpu in range(16)} <= set(names.values())
    tasks = {name.rpartition("-")[0] for (pid, _), name in names.items() if pid == 2}
    assert {"knuma_scand", "knuma_migrated1", "numa02"} <= tasks, tasks
    instants = [e for e in trace if e["ph"] == "i"]
    assert instants and all((e["pid"], e["tid"]) in names for e in instants)
    assert sum(e["pid"] == 1 for e in instants) == sum(e["pid"] == 2 for e in instants)
    last = {}
    for event in trace:
        if event["ph"] == "C":
            assert event["args"]["pages"] >= last.get(event["name"], 0), event
            last[event["name"]] = event["args"]["pages"]
    migrated = sum(pages for name, pages in last.items() if name.endswith("pages migrated"))
    assert 16 * migrated == run["pages_migrated"] > 0, last
    assert any(name.endswith("pages queued") for name in last), last


@suite.test
def several_runs_are_in_one_file_one_after_the_other():
    both = ["--policies", "autonuma", "--runs", "2", "--trace"]
    suite.json(*MOVING, *both, "two.txt")
    comments, events = text_of("two.txt")
    assert comments.count("# tracer: nop") == 2
    assert "# numa02, policy autonuma, seed 2" in comments
    times = [float(event["time"]) for event in events]
    assert times == sorted(times)
    suite.json(*MOVING, *both, "two.json")
    titles = [e["args"]["name"] for e in json_of("two.json")["traceEvents"]
              if e["ph"] == "M" and e["name"] == "process_name"]
    assert titles == [f"numa02, policy autonuma, seed {seed}: {what}"
                      for seed in (1, 2) for what in ("CPUs", "tasks")], titles


@suite.test
def lost_events_are_counted_and_told():
    args = [*MOVING, "--policies", "autonuma", "--quiet", "--trace-buffer", "10", "--trace"]
    done = suite.run_program(*args, "few.txt")
    told = re.fullmatch(r"autonuma-bench: --trace: the first (\d+) events of numa02, policy "
                        r"autonuma, seed 1 were lost; see --trace-buffer\n", done.stderr)
    assert told, done.stderr
    comments, events = text_of("few.txt")
    assert len(events) == 10
    assert f"# entries-in-buffer/entries-written: 10/{int(told[1]) + 10}   #P:16" in comments
    done = suite.run_program(*args, "few.json")
    told = re.search(r"the first (\d+) events", done.stderr)
    trace = json_of("few.json")
    assert trace["otherData"]["lost"] == told[1]
    assert f"LOST {told[1]} EVENTS" in {e["name"] for e in trace["traceEvents"]}


@suite.test
def a_policy_without_autonuma_has_an_empty_trace():
    suite.json("--scale", "0.03125", "--sim-scale", "8", "--policies", "none",
               "--trace", "none.txt")
    comments, events = text_of("none.txt")
    assert comments and not events


@suite.test
def a_full_disk_is_an_error_after_the_runs():
    for name in ("full", "full.json"):
        os.symlink("/dev/full", path_of(name))
        done = suite.run_program("--scale", "0.03125", "--sim-scale", "8", "--policies",
                                 "none", "--quiet", "--trace", name, status=1)
        assert done.stderr == (f"autonuma-bench: --trace: cannot write {name}: "
                               "No space left on device\n"), done.stderr


suite.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Do the tests notice? Changes one thing at a time in a copy of a file and runs the tests.

A mutant is one file with one change. It is compiled, linked with the objects of everything
else, and the fast tests that call the changed function run until one fails: then it is
killed. Mutants that do not compile, that the compiler makes the same code of, and those in
the list of equivalent ones do not count. The tree itself is never written.
"""
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import queue
import random
import re
import shutil
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True     # the tree is never written

# pylint: disable=wrong-import-position
import build
import judge
import source

HERE = os.path.dirname(os.path.abspath(__file__))

# The core, and what of the simulated kernel checks it or decides who runs.
FILES = ("mm/*.c", "sched/*.c", "kernel-compat/sched/*.c", "kernel-compat/lock/*.c",
         "kernel-compat/exec/violation.c", "kernel-compat/exec/checks.c",
         "kernel-compat/mm/*check*.c", "kernel-compat/rcu/blocked.c",
         "kernel-compat/rcu/readers.c")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0], epilog="Families: " +
        ", ".join(source.FAMILIES) + ".")
    parser.add_argument("-n", type=int, metavar="N", help="this many, drawn by chance (all)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (1)")
    parser.add_argument("--files", default="", metavar="GLOBS",
                        help="in these files only, e.g. 'mm/scan.c sched/*.c'")
    parser.add_argument("--families", default="", metavar="NAMES", help="of these families only")
    parser.add_argument("--ways", default=",".join(judge.WAYS), metavar="NAMES",
                        help="of running tests (all: %(default)s)")
    parser.add_argument("--tests", default="", metavar="REGEX",
                        help="of files of tests that are built and run, e.g. 'races/' (all)")
    parser.add_argument("--seconds", type=float, default=10, metavar="S",
                        help="of CPU time for the tests of one mutant in each way (10)")
    parser.add_argument("--match", metavar="REGEX", help="those whose names match only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="at once (all CPUs)")
    parser.add_argument("--list", action="store_true", help="print the mutants, run nothing")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(HERE)),
                        help="of the tree (this one)")
    args = parser.parse_args()
    if args.n is not None and args.n < 1:
        parser.error("-n: at least one mutant")
    if args.jobs < 1:
        parser.error("--jobs: at least one")
    args.root = os.path.realpath(args.root)
    args.families = args.families.replace(",", " ").split()
    for family in args.families:
        if family not in source.FAMILIES:
            parser.error(f"no family '{family}'; there are {', '.join(source.FAMILIES)}")
    args.ways = args.ways.replace(",", " ").split()
    for way in args.ways:
        if way not in judge.WAYS:
            parser.error(f"no way '{way}'; there are {', '.join(judge.WAYS)}")
    args.files = find_files(parser, args.root, args.files.replace(",", " ").split())
    for option in ("match", "tests"):
        try:
            setattr(args, option, re.compile(getattr(args, option) or ""))
        except re.error as e:
            parser.error(f"--{option}: {e}")
    return args


def find_files(parser, root, patterns):
    files = []
    for pattern in patterns or FILES:
        found = [f for f in sorted(glob.glob(pattern, root_dir=root)) if f.endswith(".c")]
        if patterns and not found:
            parser.error(f"no C file '{pattern}'")
        files += [f for f in found if f not in files]
    return files


def find_mutants(args):
    """All of the files, in the order of the text."""
    mutants = []
    for file in args.files:
        with open(os.path.join(args.root, file), encoding="utf-8") as f:
            mutants += source.Source(file, f.read()).mutants()
    return mutants


def draw(args, mutants):
    """Those that are wanted."""
    if args.families:
        mutants = [m for m in mutants if m.family in args.families]
    mutants = [m for m in mutants if args.match.search(m.name)]
    if args.n is not None and args.n < len(mutants):
        chosen = set(random.Random(args.seed).sample(range(len(mutants)), args.n))
        mutants = [m for i, m in enumerate(mutants) if i in chosen]
    return mutants


class Progress:
    """One line that is rewritten, on a terminal; elsewhere nothing."""

    def __init__(self):
        self.shown = sys.stderr.isatty()
        self.lock = threading.Lock()

    def say(self, text):
        if self.shown:
            with self.lock:
                sys.stderr.write("\r\033[K" + text[:100])
                sys.stderr.flush()


def run_all(mutants, verdicts, judging, args, work, progress):
    """Fill in verdicts by mutant; stops early, and returns False, when interrupted."""
    directories = queue.SimpleQueue()
    log = os.path.join(work, "verdicts")
    if os.path.exists(log):
        os.remove(log)
    for i in range(args.jobs):
        directory = os.path.join(work, f"job{i}")
        # what mutants are compared with there may be of an older text
        shutil.rmtree(directory, ignore_errors=True)
        directories.put(directory)

    def one(mutant):
        if judging.stop.is_set():
            return
        directory = directories.get()
        try:
            verdicts[mutant] = judging.judge(mutant, directory)
        except KeyboardInterrupt:
            return
        finally:
            directories.put(directory)
        with open(log, "a", encoding="utf-8") as f:
            verdict, by = verdicts[mutant]
            f.write(f"{verdict}\t{mutant.line}\t{mutant.name}\t{by or ''}\n")
        count = collections.Counter(v for v, _ in list(verdicts.values()))
        progress.say(f"{len(verdicts)} of {len(mutants)}: {count['killed']} killed, "
                     f"{count['survived']} survived; {mutant.name}")

    pool = concurrent.futures.ThreadPoolExecutor(args.jobs)
    try:
        for done in concurrent.futures.as_completed([pool.submit(one, m) for m in mutants]):
            done.result()
        return True
    except KeyboardInterrupt:
        return False
    finally:
        judging.stop.set()
        pool.shutdown(cancel_futures=True)


def report(verdicts, seconds):
    """What is said in the end, as a dictionary."""
    families = {}
    for m, (verdict, _) in verdicts.items():
        family = families.setdefault(m.family, collections.Counter())
        family[verdict] += 1
    return {
        "killed": sum(f["killed"] for f in families.values()),
        "counted": sum(f["killed"] + f["survived"] for f in families.values()),
        "seconds": round(seconds, 1),
        "families": {name: {v: families[name][v] for v in
                            ("killed", "survived", "equivalent", "same", "invalid")}
                     for name in source.FAMILIES if name in families},
        "mutants": [{"file": m.source.path, "line": m.line, "function": m.function,
                     "family": m.family, "what": m.what, "name": m.name, "verdict": verdict,
                     "by": by, "text": m.original_line()}
                    for m, (verdict, by) in verdicts.items()],
    }


def print_report(result, unused):
    survivors = [m for m in result["mutants"] if m["verdict"] == "survived"]
    for m in survivors:
        print(f"{m['file']}:{m['line']}: survived: {m['family']}: {m['text']}\n"
              f"    {m['name']}")
    print(f"{'family':<10} {'killed':>7} {'of':>6} {'share':>8}   not counted: "
          "equivalent, same code, invalid")
    for name, f in result["families"].items():
        counted = f["killed"] + f["survived"]
        share = f"{100 * f['killed'] / counted:.1f} %" if counted else "-"
        print(f"{name:<10} {f['killed']:>7} {counted:>6} {share:>8}   "
              f"{f['equivalent']}, {f['same']}, {f['invalid']}")
    for name in unused:
        print(f"no such mutant any more: {name}")
    print(f"mutants: {result['killed']} of {result['counted']} killed")


def interrupted(_signal, _frame):
    raise KeyboardInterrupt


def main():
    args = parse_arguments()
    for what in (signal.SIGINT, signal.SIGTERM):
        signal.signal(what, interrupted)
    everything = find_mutants(args)
    mutants = draw(args, everything)
    if args.list:
        for m in mutants:
            print(f"{m.source.path}:{m.line}: {m.family}: {m.name}")
        return 0
    progress, stop, start = Progress(), threading.Event(), time.monotonic()
    equivalents = judge.Equivalents(os.path.join(args.root, "tests/mutants/equivalent"))
    argued = {m for m in everything if equivalents.has(m)}
    verdicts = {m: ("equivalent", None) for m in mutants if m in argued}
    rest = [m for m in mutants if m not in verdicts]
    ways = sorted({way for m in rest for way in judge.ways_of(m, args.ways)} | {"replay"})
    work = os.path.join(args.root, "build", "mutants")
    try:
        variants = {}
        for preset in sorted({judge.WAYS[way][0] for way in ways}):
            variants[preset] = build.Variant(args.root, work, preset, progress.say,
                                             args.tests)
            variants[preset].require({m.source.path for m in rest})
            variants[preset].build(args.jobs)
        tests = judge.Tests(variants, args.files, work, args.jobs, progress.say, stop)
        tests.measure(ways)
    except build.Failed as e:
        progress.say("")
        print(f"mutants: {e}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    whole = run_all(rest, verdicts, judge.Judge(tests, args.ways, args.seconds, stop), args,
                    work, progress)
    progress.say("")
    result = report(verdicts, time.monotonic() - start)
    if args.json:
        print(json.dumps(result, indent=1))
    else:
        for name in tests.dropped:
            print(f"not run: {name}")
        print_report(result, equivalents.unused(args.files))
    return 0 if whole else 130


if __name__ == "__main__":
    sys.exit(main())

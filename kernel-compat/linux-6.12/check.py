#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Boot the kernel on machines of several shapes, run the checks and the shared suites.

The suites run in the kernel while it boots on the machine "nodes", which has the shape of the
machine that they find in userspace, and in userspace (build/release); the results are
compared case by case. Prints what fails and "N passed, M failed"; consoles go beside IMAGE.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boot
import suites

MIB = 512
MACHINES = {
    # As kernel-compat boots by default: 4 nodes with 2 CPUs each.
    "nodes": (boot.Machine([(MIB, 2)] * 4), "checks=nodes movablecore=512M kunit.enable=1"),
    "one-node": (boot.Machine([(MIB, 2)]), "checks=without"),
    "noautonuma": (boot.Machine([(MIB, 1)] * 2), "checks=without noautonuma"),
    "memoryless": (boot.Machine([(MIB, 1), (MIB, 1), (0, 1)]),
                   "checks=shape memory=2 daemons=2 from=0 to=1"),
    "memory-only": (boot.Machine([(MIB, 1), (MIB, 1), (MIB, 0)]),
                    "checks=shape memory=3 daemons=2 from=0 to=1"),
    "holes": (boot.Machine([(MIB, 1), (0, 0), (MIB, 1), (0, 0), (0, 0), (MIB, 1), (0, 0),
                            (MIB, 1)]),
              "checks=shape memory=4 daemons=4 from=0 to=3"),
    # Node 2 begins without memory, which is plugged in, and with one of its two CPUs, because
    # a kernel that does not know its hypervisor takes no new one.
    "hotplug": (boot.Machine([(MIB, 1), (MIB, 1), (0, 2)], pluggable=True),
                "checks=hotplug maxcpus=3"),
}
STRESS = boot.Machine([(MIB, 2)] * 4)

# Mistakes of planted.c, and what is said about each. An option of the kernel's
# configuration tells if somebody looks for it.
MISTAKES = {
    "lock_order": ("PROVE_LOCKING", "possible circular locking dependency"),
    "sleep_in_atomic": ("DEBUG_ATOMIC_SLEEP", "BUG: sleeping function called from invalid"),
    "rcu_unprotected": ("PROVE_RCU", "WARNING: suspicious RCU usage"),
    "list_twice": ("DEBUG_LIST", "list_add double add"),
    "freed_while_mapped": ("PAGE_TABLE_CHECK", "kernel BUG at mm/page_table_check.c"),
    "use_after_free": ("KASAN", "BUG: KASAN: slab-use-after-free in use_after_free"),
    "overflow": ("KASAN", "BUG: KASAN: slab-out-of-bounds in overflow"),
    "leak": ("DEBUG_KMEMLEAK", "GUEST not ok nothing_is_lost"),
    "race": ("KCSAN", "BUG: KCSAN: data-race in racer"),
}

# The kernel has races of its own; one is ours if a function of the core or of its tests made the
# access, or called who did: bits and lists are accessed by functions of the kernel's library.
RACE = re.compile(r"BUG: KCSAN: .*? in ([\w.]+)(?:\S*)(?: / ([\w.]+))?")
RACE_END = re.compile(r"Reported by Kernel Concurrency Sanitizer")
RACE_STACK = re.compile(r"(?:read|write).* to 0x[0-9a-f]+ of \d+ bytes? by ")
FRAME = re.compile(r"^ *([\w.]+)\+0x")
GUEST = re.compile(r"GUEST (ok|not ok) (\w+)(?:: (.*))?")
SUBTEST = re.compile(r"^( +)# Subtest: (\S+)$")
RESULT = re.compile(r"^( *)(ok|not ok) \d+ (?:- )?(.*?)( # SKIP.*)?$")


def kunit_results(lines):
    """Of a console with KTAP: {suite.case or suite.case/parameter: ok, not ok or skipped}, and
    what was said before each."""
    results, said, notes = {}, {}, []
    suite = case = None		# those that have begun
    parameters = False
    for line in lines:
        subtest = SUBTEST.match(line)
        result = RESULT.match(line)
        depth = len(result[1]) // 4 if result else 0
        if subtest and len(subtest[1]) == 4:
            suite, case, notes = subtest[2], None, []
        elif subtest and len(subtest[1]) == 8:
            case, parameters = subtest[2], False
        elif depth == 2 and case:
            name = f"{suite}.{case}/{result[3]}"
            results[name] = "skipped" if result[4] else result[2]
            said[name], notes, parameters = notes, [], True
        elif depth == 1 and suite:
            if not (case == result[3] and parameters):
                name = f"{suite}.{result[3]}"
                results[name] = "skipped" if result[4] else result[2]
                said[name] = notes
            notes, case = [], None
        elif suite and not result:
            notes.append(line)
    return results, said


def userspace_results(top, names):
    """The same in userspace, of suites by path."""
    targets = [name[len("tests/"):-len(".c")].replace("/", ".") for name in names]
    subprocess.run([top / "scripts/build", "release", *targets], check=True)
    results, said = {}, {}
    for target in targets:
        run = subprocess.run([top / "build/release/tests" / target, "-v"], check=False,
                             capture_output=True, text=True, timeout=300)
        suite, notes = None, []
        for line in run.stdout.splitlines():
            result = RESULT.match(line)
            if line.startswith("# suite "):
                suite = line.split()[2]
            elif result:
                name = f"{suite}.{result[3]}"
                results[name] = "skipped" if result[4] else result[2]
                said[name], notes = notes, []
            else:
                notes.append(line)
    return results, said


def callers(lines):
    """Who made the accesses of the data race that these lines tell of, and who called them."""
    names, left = set(), 0
    for line in lines:
        frame = FRAME.match(line)
        if RACE_END.search(line):
            break
        if RACE_STACK.search(line):
            left = 2
        elif frame and left:
            names.add(frame[1].split(".")[0])
            left -= 1
    return names


class Report:
    """Counts and complaints."""

    def __init__(self, own=None, quiet=False):
        self.passed = self.failed = self.suites = self.cases = 0
        self.failures = []
        self.own = own			# names of functions; None: all are ours
        self.races = collections.Counter()	# of others
        self.quiet = quiet

    def note(self, good, what, lines=()):
        """One check that holds or not."""
        if good:
            self.passed += 1
            return
        self.failed += 1
        self.failures.append(what)
        if self.quiet:
            return
        print(f"FAILED {what}")
        for line in lines:
            print(f"    {line}")

    def console(self, name, lines):
        """Checks of the guest, that it came to its end, and that the kernel is content."""
        checks = [check for check in map(GUEST.search, lines) if check]
        for check in checks:
            self.note(check[1] == "ok", f"{name}: {check[2]}: {check[3]}")
        self.note(checks and any(line.endswith(f"GUEST end {len(checks)}") for line in lines),
                  f"{name}: did not come to its end", lines[-8:])
        splats = [i for i, line in enumerate(lines)
                  if boot.SPLAT.search(line) and not self.others_race(line, lines[i + 1:i + 99])]
        self.note(not splats, f"{name}: the kernel complains",
                  lines[splats[0]:splats[0] + 25] if splats else ())

    def others_race(self, line, following):
        """Is this the headline of a data race without the core in it? Count it."""
        race = RACE.search(line)
        names = {name.split(".")[0] for name in race.groups() if name} if race else set()
        if not race or self.own is None or (names | callers(following)) & self.own:
            return False
        self.races[" / ".join(sorted(names))] += 1
        return True

    def hooks(self, top, tree):
        """The hooks complain about a tree that misses something."""
        run = subprocess.run([top / "tests/integration/kernel/hooks_test.py", tree],
                             check=False, capture_output=True, text=True)
        *lines, counts = run.stdout.splitlines() or [run.stderr]
        found = re.match(r"(\d+) passed, (\d+) failed", counts)
        self.passed += int(found[1]) if found else 0
        self.failed += int(found[2]) if found else 1
        print("\n".join(lines if found else [counts]) or "hooks        as expected")

    def worlds(self, here, there):
        """Each case must have passed, or be skipped, in both worlds alike."""
        for name in sorted(set(here[0]) | set(there[0])):
            ours, theirs = here[0].get(name, "missing"), there[0].get(name, "missing")
            self.note(ours == theirs and ours != "not ok",
                      f"{name}: {ours} in userspace, {theirs} in the kernel",
                      (there[1].get(name) or here[1].get(name) or [])[:12])


def parse_arguments():
    """Of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("top", type=Path, help="of this repository")
    parser.add_argument("image", type=Path, help="the bzImage that kernel.sh made")
    parser.add_argument("machines", nargs="*", metavar="MACHINE",
                        help="only these; all: " + " ".join(MACHINES))
    parser.add_argument("--stress", type=int, metavar="SECONDS", help="instead, storms on 4 nodes")
    parser.add_argument("--self-test", action="store_true",
                        help="instead, plant mistakes and see that they are noticed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write results there, too")
    args = parser.parse_args()
    args.top, args.image = args.top.resolve(), args.image.resolve()
    if args.machines == ["all"]:
        args.machines = []
    unknown = [name for name in args.machines if name not in MACHINES]
    if unknown:
        parser.error(f"no machine '{unknown[0]}': {' '.join(MACHINES)}")
    if args.stress is not None and args.stress < 1:
        parser.error("--stress: at least a second")
    if (args.stress is not None) + args.self_test + bool(args.machines) > 1:
        parser.error("one of --stress, --self-test and machines")
    if not args.image.is_file():
        parser.error(f"{args.image} does not exist: make kernel")
    return args


class Progress:
    """On a terminal, one line with what the guests said last."""

    def __init__(self):
        self.shown = sys.stdout.isatty()
        self.start = time.monotonic()

    def see(self, name):
        """A function for boot()."""
        def see(chunk):
            lines = chunk.decode(errors="replace").split("\n")
            said = [boot.TIMESTAMP.sub("", line.strip()) for line in lines if line.strip()]
            if said:
                print(f"\r\033[K{time.monotonic() - self.start:4.0f} s {name}: {said[-1]:.60}",
                      end="", flush=True)
        return see if self.shown else None

    def clear(self):
        """The line goes away."""
        if self.shown:
            print("\r\033[K", end="", flush=True)


def boot_all(args, config, machines, limit=900):
    """Boot machines {name: (machine, append)}, as many at once as there are CPUs. Returns a
    function that waits for them and returns {name: lines}."""
    out, progress = args.image.parent, Progress()
    # Who allocated a page that is found bad; in the kernel that is slow already.
    owner = "page_owner=on" if "CONFIG_KASAN=y" in config else ""
    boot.build_initramfs(out / "initramfs", "none")

    def run(name):
        machine, append = machines[name]
        return boot.boot(args.image, out / "initramfs", machine, f"{owner} {append}", limit=limit,
                         log=out / f"console-{name}", see=progress.see(name))

    pool = ThreadPoolExecutor(max(2, os.cpu_count()))
    futures = {name: pool.submit(run, name) for name in machines}

    def finish():
        consoles = {name: future.result() for name, future in futures.items()}
        progress.clear()
        return consoles
    return finish


def self_test(args, config, report):
    """Boot once for each mistake that this kernel can notice."""
    mistakes = [name for name, (option, _) in MISTAKES.items()
                if f"CONFIG_{option}=y" in config]
    machines = {f"planted-{name}": (boot.Machine([(MIB, 1)] * 2),
                                    f"checks=nothing autonuma_plant={name}")
                for name in mistakes}
    consoles = boot_all(args, config, machines)()
    for name in mistakes:
        lines = consoles[f"planted-{name}"]
        report.note(any(MISTAKES[name][1] in line for line in lines),
                    f"{name}: nobody says '{MISTAKES[name][1]}'", lines[-8:])
        scratch = Report(report.own, quiet=True)
        scratch.console(name, lines)
        report.note(scratch.failed, f"{name}: the check of the console does not notice")
        print(f"{name:16} planted")


def check(args, config, report):
    """Boot machines, compare both worlds."""
    names = args.machines or list(MACHINES)
    finish = boot_all(args, config, {name: MACHINES[name] for name in names})
    report.hooks(args.top, args.image.parent / "source")
    both = "nodes" in names and "CONFIG_AUTONUMA_KUNIT_TEST=y" in config
    shared = suites.shared(args.top)
    here = userspace_results(args.top, shared) if both else None
    consoles = finish()
    for name, lines in consoles.items():
        before = report.failed
        report.console(name, lines)
        print(f"{name:12} {'as expected' if report.failed == before else 'FAILED'}")
    if both:
        report.worlds(here, kunit_results(consoles["nodes"]))
        report.suites, report.cases = len(shared), len(here[0])
        print(f"{len(shared)} suites with {len(here[0])} cases are shared by both worlds:")
        print("    " + " ".join(Path(name).stem.removesuffix("_test") for name in shared))


def stress(args, config, report):
    """Storms for so long."""
    append = f"checks=stress seconds={args.stress} movablecore=512M ramdisk_size=262144 kunit.enable=0"
    consoles = boot_all(args, config, {"stress": (STRESS, append)}, limit=900 + 4 * args.stress)()
    report.console("stress", consoles["stress"])
    said = [line for line in consoles["stress"] if line.startswith("STRESS ")]
    print(said[-1] if said else "no steps")


def main():
    """Do what is asked for, count."""
    args = parse_arguments()
    report = Report(set((args.image.parent / "functions").read_text().split()))
    config = (args.image.parent / "config").read_text().split("\n")
    if args.self_test:
        self_test(args, config, report)
    elif args.stress:
        stress(args, config, report)
    else:
        check(args, config, report)
    if report.races:
        print(f"{report.races.total()} data races of the kernel's own:")
        print("\n".join(f"{n:6} {where}" for where, n in report.races.most_common()))
    if args.json:
        args.json.write_text(json.dumps({
            "variant": args.image.parent.name, "passed": report.passed,
            "failed": report.failed, "failures": report.failures, "suites": report.suites,
            "cases": report.cases}, indent=1) + "\n")
    print(f"{report.passed} passed, {report.failed} failed")
    return report.failed > 0


if __name__ == "__main__":
    sys.exit(main())

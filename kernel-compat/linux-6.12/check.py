#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Boot the kernel on machines of several shapes, run the checks and the shared suites.

Usage: check.py TOP IMAGE [NAME…]	(NAME: only these machines)

The suites run in the kernel while it boots on the first machine, which has the shape of the
machine that they find in userspace, and in userspace (build/release); the results are
compared case by case. Prints what fails and "N passed, M failed"; consoles go beside IMAGE.
"""
import re
import subprocess
import sys
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


class Report:
    """Counts and complaints."""

    def __init__(self):
        self.passed = self.failed = 0

    def note(self, good, what, lines=()):
        """One check that holds or not."""
        if good:
            self.passed += 1
            return
        self.failed += 1
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
        splats = [i for i, line in enumerate(lines) if boot.SPLAT.search(line)]
        self.note(not splats, f"{name}: the kernel complains",
                  lines[splats[0]:splats[0] + 25] if splats else ())

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


def main():
    """Boot, compare, count."""
    if len(sys.argv) < 3:
        sys.exit(__doc__.split("\n\n")[1])
    top, image = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    names = sys.argv[3:] or list(MACHINES)
    unknown = [name for name in names if name not in MACHINES]
    if unknown:
        sys.exit(f"check.py: no machine '{unknown[0]}': {' '.join(MACHINES)}")
    out, report = image.parent, Report()
    boot.build_initramfs(out / "initramfs", "none")
    shared = suites.shared(top)

    def run(name):
        machine, append = MACHINES[name]
        return boot.boot(image, out / "initramfs", machine, append,
                         log=out / f"console-{name}")

    report.hooks(top, out / "source")
    with ThreadPoolExecutor(2) as pool:
        consoles = dict(zip(names, pool.map(run, names)))
    for name, lines in consoles.items():
        before = report.failed
        report.console(name, lines)
        print(f"{name:12} {'as expected' if report.failed == before else 'FAILED'}")
    if "nodes" in consoles:
        there = kunit_results(consoles["nodes"])
        here = userspace_results(top, shared)
        report.worlds(here, there)
        print(f"{len(shared)} suites with {len(here[0])} cases are shared by both worlds:")
        print("    " + " ".join(Path(name).stem.removesuffix("_test") for name in shared))
    print(f"{report.passed} passed, {report.failed} failed")
    return report.failed > 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What check.py makes of consoles and of its command line. A script stands in for QEMU."""
import json
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "bench"))
sys.path.append(str(HERE.parents[2] / "kernel-compat/linux-6.12"))
import boot  # noqa: E402 pylint: disable=wrong-import-position
import check  # noqa: E402 pylint: disable=wrong-import-position
from harness import Suite  # noqa: E402 pylint: disable=wrong-import-position

suite = Suite("check-kernel")
ROOT = Path(suite.directory.name)
IMAGE = ROOT / "bzImage"
GOOD = ["GUEST ok it_boots", "GUEST end 1"]


def qemu(*lines, then=""):
    """From now on, QEMU prints its arguments and these lines, then does something."""
    (ROOT / "bin").mkdir(exist_ok=True)
    script = "".join(f"echo '[    1.000000] {line}'\n" for line in lines)
    path = ROOT / "bin/qemu-system-x86_64"
    path.write_text(f'#!/bin/sh\necho "arguments: $*"\n{script}{then}\n')
    path.chmod(0o755)
    os.environ["PATH"] = f"{ROOT}/bin:{PATH}"


def image(*options):
    """A kernel with options and one function of the core."""
    IMAGE.touch()
    (ROOT / "functions").write_text("racer\n")
    (ROOT / "config").write_text("".join(f"CONFIG_{option}=y\n" for option in options))


def run(*args, status=0):
    """check.py on that kernel."""
    return suite.run_program(str(HERE.parents[2]), str(IMAGE), *args, status=status)


def refused(why, *args):
    """One line that says why, beside the usage, and nothing is booted."""
    image()
    qemu(then=f"touch {ROOT}/booted")
    done = run(*args, status=2)
    assert why in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and not (ROOT / "booted").exists()


PATH = os.environ["PATH"]


@suite.test
def a_console_that_ends_well_passes():
    report = check.Report()
    report.console("m", GOOD)
    assert (report.passed, report.failed) == (3, 0), report.failures


def complains(line):
    report = check.Report(quiet=True)
    report.console("m", [line, *GOOD])
    assert report.failures == ["m: the kernel complains"], report.failures


for said in ("WARNING: possible circular locking dependency detected",
             "BUG: sleeping function called from invalid context", "Call Trace:",
             "BUG: KASAN: slab-use-after-free in f+0x1/0x2",
             "BUG: KCSAN: data-race in f / g", "Kernel BUG at f+0x1/0x2",
             "kernel BUG at mm/rmap.c:1", "BUG: Bad page state in process a  pfn:1",
             "INFO: task a:1 blocked for more than 300 seconds.",
             "watchdog: BUG: soft lockup - CPU#1 stuck for 122s!",
             "Out of memory: Killed process 1 (a)", "list_add corruption."):
    suite.add(f"a_kernel_that_says_{said[:24].strip()}_fails".replace(" ", "_"), complains, said)


@suite.test
def a_race_of_the_kernels_own_is_counted_and_no_failure():
    report = check.Report({"racer"})
    report.console("m", ["BUG: KCSAN: data-race in f.isra.0 / g",
                         "BUG: KCSAN: data-race in f+0x12/0x34", *GOOD])
    assert report.failed == 0 and report.races == {"f / g": 1, "f": 1}, report.races


def race_by(*frames):
    """A race of two accesses; @frames made the second one, the last is who was called first."""
    return ["BUG: KCSAN: data-race in f / g", "",
            "write to 0xffff8880403c0780 of 8 bytes by task 91 on cpu 6:",
            " f+0x12/0x34", " system_call+0x1/0x2", "",
            "read to 0xffff8880403c0780 of 8 bytes by task 92 on cpu 1:",
            *(f" {name}+0x12/0x34" for name in frames), "",
            "value changed: 0x0000000000000000 -> 0x0000000000000001", "",
            "Reported by Kernel Concurrency Sanitizer on:"]


@suite.test
def a_race_in_what_the_core_calls_fails():
    report = check.Report({"racer"}, quiet=True)
    report.console("m", [*race_by("g", "racer.constprop.0", "kthread"), *GOOD])
    assert report.failures == ["m: the kernel complains"], report.failures


@suite.test
def a_race_of_the_kernel_far_below_the_core_is_the_kernels_own():
    report = check.Report({"racer"})
    report.console("m", [*race_by("g", "h", "racer"), *GOOD])
    assert report.failed == 0 and report.races == {"f / g": 1}, report.races


@suite.test
def of_two_races_each_is_judged_by_itself():
    report = check.Report({"racer"}, quiet=True)
    report.console("m", [*race_by("g", "h"), *race_by("racer", "h"), *GOOD])
    assert report.failed == 1 and report.races == {"f / g": 1}, report.races


for where in ("racer / f", "f / racer.part.0", "racer+0x12/0x34"):
    def a_race_of_the_core_fails(where=where):
        report = check.Report({"racer"}, quiet=True)
        report.console("m", [f"BUG: KCSAN: data-race in {where}", *GOOD])
        assert report.failures == ["m: the kernel complains"], report.failures
    suite.add(f"a_race_in_{where.replace(' / ', '_and_')}_fails", a_race_of_the_core_fails)


@suite.test
def a_check_that_is_missing_fails():
    report = check.Report(quiet=True)
    report.console("m", ["GUEST ok it_boots", "GUEST end 2"])
    assert report.failures == ["m: did not come to its end"], report.failures


@suite.test
def a_difference_of_the_worlds_fails():
    report = check.Report(quiet=True)
    report.worlds(({"s.a": "ok", "s.b": "ok", "s.c": "skipped"}, {}),
                  ({"s.a": "ok", "s.b": "skipped", "s.c": "skipped"}, {}))
    assert report.failures == ["s.b: ok in userspace, skipped in the kernel"], report.failures


@suite.test
def a_failure_in_both_worlds_fails():
    report = check.Report(quiet=True)
    report.worlds(({"s.a": "not ok"}, {}), ({"s.a": "not ok"}, {}))
    assert report.failed == 1, report.failures


@suite.test
def a_guest_that_hangs_is_killed():
    qemu("GUEST ok it_boots", then="exec sleep 300")
    start = time.monotonic()
    lines = boot.boot(IMAGE, IMAGE, boot.Machine([(512, 1)]), limit=2)
    assert time.monotonic() - start < 100
    report = check.Report(quiet=True)
    report.console("m", lines)
    assert "m: the kernel complains" in report.failures, report.failures


@suite.test
def stress_lasts_as_long_as_asked_for():
    image()
    qemu("STRESS 12 steps, 3 pages migrated", *GOOD)
    done = run("--stress", "17", "--json", str(ROOT / "result"))
    assert done.stdout == "STRESS 12 steps, 3 pages migrated\n3 passed, 0 failed\n", done.stdout
    assert "seconds=17 " in (ROOT / "console-stress").read_text()
    result = json.loads((ROOT / "result").read_text())
    assert (result["passed"], result["failed"], result["failures"]) == (3, 0, []), result


@suite.test
def a_splat_in_the_stress_fails_and_is_shown():
    image()
    qemu("WARNING: CPU: 0 PID: 1 at f", *GOOD)
    done = run("--stress", "17", "--json", str(ROOT / "result"), status=1)
    assert "    WARNING: CPU: 0 PID: 1 at f\n" in done.stdout, done.stdout
    assert json.loads((ROOT / "result").read_text())["failures"] == [
        "stress: the kernel complains"]


@suite.test
def the_self_test_plants_what_this_kernel_can_notice():
    image("KCSAN")
    qemu("BUG: KCSAN: data-race in racer / racer", *GOOD)
    done = run("--self-test")
    assert done.stdout == "race             planted\n2 passed, 0 failed\n", done.stdout
    assert "autonuma_plant=race" in (ROOT / "console-planted-race").read_text()


@suite.test
def a_mistake_that_nobody_notices_fails():
    image("KCSAN")
    qemu(*GOOD)
    done = run("--self-test", status=1)
    assert "FAILED race: nobody says 'BUG: KCSAN: data-race in racer'" in done.stdout


for reason, arguments in (("no machine 'two-nodes'", ["two-nodes"]),
                          ("invalid int value: '1x'", ["--stress", "1x"]),
                          ("at least a second", ["--stress", "0"]),
                          ("one of --stress, --self-test and machines",
                           ["--stress", "5", "--self-test"]),
                          ("one of --stress, --self-test and machines",
                           ["holes", "--self-test"])):
    suite.add(f"refused_{'_'.join(arguments)}".replace("-", ""), refused, reason, *arguments)


@suite.test
def a_kernel_that_was_not_built_is_refused():
    IMAGE.unlink(missing_ok=True)
    done = run(status=2)
    assert "does not exist: make kernel" in done.stderr, done.stderr


@suite.test
def races_of_the_kernels_own_are_listed():
    image("KCSAN")
    qemu("BUG: KCSAN: data-race in f / g", *GOOD)
    done = run("--stress", "17")
    assert "1 data races of the kernel" in done.stdout and "     1 f / g\n" in done.stdout


suite.main()

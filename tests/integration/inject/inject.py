#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The runner's options --inject and --fail-every-site find planted defects and say which."""
import os
import re
import shlex
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position

suite = Suite("inject")


def every_site(case, status, *args):
    return suite.run_program("--fail-every-site", "--filter", f"planted.{case}", *args,
                             status=status)


@suite.test
def without_injection_all_pass():
    suite.run_program("--filter", "planted.*")


@suite.test
def what_handles_failures_survives_each():
    done = every_site("nothing_wrong", 0)
    assert "2 places can fail: 2 survived, 0 told" in done.stdout, done.stdout


@suite.test
def every_place_is_listed_with_what_it_calls():
    done = every_site("nothing_wrong", 0, "-v")
    lines = re.findall(r"# PLACE slab (\w+)[.\w]*\+0x[0-9a-f]+ (\S+): survived", done.stdout)
    assert len(lines) == 2, done.stdout


@suite.test
def what_the_case_tells_is_no_defect():
    done = every_site("an_error_told", 0)
    assert "2 places can fail: 0 survived, 2 told, 0 not reached again, 0 crashed" in done.stdout


def is_found_and_repeated(case, places, why):
    done = every_site(case, 1)
    assert f"{places} places can fail" in done.stdout, done.stdout
    assert "1 crashed" in done.stdout and why in done.stdout, done.stdout
    line = re.search(r"does not survive: (--inject .*)", done.stdout)
    done = run_any(*shlex.split(line[1]))
    assert done.returncode not in (0, 2) and why in done.stdout + done.stderr, done


def run_any(*args):
    return subprocess.run([suite.program, *args], text=True, capture_output=True, timeout=60,
                          check=False)


suite.add("a_leak_is_found_and_repeated", is_found_and_repeated, "a_leak", 2,
          "slab objects are left")
suite.add("a_lock_left_held_is_found_and_repeated", is_found_and_repeated,
          "a_lock_left_held", 1, "lock")
suite.add("an_unchecked_result_is_found_and_repeated", is_found_and_repeated,
          "an_unchecked_result", 1, "")


@suite.test
def a_sleep_without_a_loop_is_found_by_a_spurious_wake_up():
    suite.run_program("--filter", "planted.a_sleep_without_a_loop")
    done = suite.run_program("--filter", "planted.a_sleep_without_a_loop", "--inject",
                             "wake:site=a_sleep_without_a_loop:nth=1", status=1)
    assert "EXPECTATION FAILED" in done.stdout, done.stdout


def is_refused(why, *args):
    done = suite.run_program(*args, status=2)
    assert why in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == "", done.stdout


for text, reason in (("", "nothing of the kind ''"), ("slab", "does not say which calls fail"),
                     ("slab:rate=2", "rate=2 is not a number"),
                     ("slab:site=nowhere", "no function 'nowhere'")):
    suite.add(f"inject_{text}_is_refused_in_one_line", is_refused, reason, "--inject", text)
suite.add("nine_rules_are_refused", is_refused, "there are 8 rules already",
          *["--inject", "slab:nth=9999"] * 9)
suite.add("an_unknown_kind_of_site_is_refused", is_refused, "nothing of the kind 'slap'",
          "--fail-every-site=slap")
suite.add("a_rule_for_every_site_is_refused", is_refused, "only kinds can be chosen",
          "--fail-every-site=slab:nth=1")


@suite.test
def the_leak_within_one_machine_is_found_at_power_off():
    suite.run_program("--filter", "leaks.*", status=-6)


suite.main()

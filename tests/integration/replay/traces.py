#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""scripts/traces, on a tree of toy programs: it sees when one trace is not what others are."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position

suite = Suite("traces")
ROOT = suite.directory.name
PROGRAMS = ("unit.fault.migrate_race_test", "unit.thp.huge_race_test", "unit.rcu.gp_test")
TARGETS = ("page_table", "concurrent", "sysfs", "topology")
# What a compiler "builds": a copy of the first variant.
BUILD = '#!/bin/sh\ntest ! -e fails && cp -r build/plain "build/$1"\n'


def script(path, text):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)


def plant(variant, program, text):
    script(f"build/{variant}/tests/{program}", f"#!/bin/sh\n{text}\n")


def plant_target(variant, target, trace):
    script(f"build/{variant}/fuzz/fuzz_{target}",
           f'#!/bin/sh\nfor d; do echo "$d/input: trace {trace}" >&2; done\n')


def traces(status, *variants):
    """Compare some variants and what "other" builds; each program was as the others are."""
    script("scripts/build", BUILD)
    done = subprocess.run([os.path.join(ROOT, "scripts", "traces"), *variants], text=True,
                          env={**os.environ, "TRACES_WITH": "other"}, capture_output=True,
                          check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    shutil.rmtree(os.path.join(ROOT, "build", "other"), ignore_errors=True)
    return done.stdout + done.stderr


def begin():
    shutil.rmtree(os.path.join(ROOT, "build"), ignore_errors=True)
    os.makedirs(os.path.join(ROOT, "scripts"), exist_ok=True)
    shutil.copy(sys.argv[1], os.path.join(ROOT, "scripts", "traces"))
    for variant in "plain", "strict":
        for program in PROGRAMS:
            plant(variant, program, f'echo "# {program} $*: 4 schedules, trace 1234"')
        for target in TARGETS:
            plant_target(variant, target, "1234")


@suite.test
def the_same_in_all_passes_and_says_which():
    begin()
    said = traces(0, "plain", "strict")
    assert said == "traces:   the same in plain strict other\n", said


@suite.test
def one_other_trace_of_any_program_fails():
    for program in PROGRAMS:
        begin()
        plant("strict", program, f'echo "# {program} $*: 4 schedules, trace 1235"')
        said = traces(1, "plain", "strict")
        assert "strict is not what plain is" in said and "trace 1235" in said, said


@suite.test
def another_trace_of_any_input_fails():
    for target in TARGETS:
        begin()
        plant_target("strict", target, "1235")
        assert "strict is not what plain is" in traces(1, "plain", "strict")


@suite.test
def inputs_without_a_trace_fail_but_for_tsan_which_has_none():
    begin()
    shutil.rmtree(os.path.join(ROOT, "build", "strict", "fuzz"))
    traces(1, "plain", "strict")
    os.rename(os.path.join(ROOT, "build", "strict"), os.path.join(ROOT, "build", "tsan"))
    traces(0, "plain", "tsan")


@suite.test
def another_trace_from_another_compiler_fails():
    begin()
    plant("plain", PROGRAMS[0], 'case $0 in build/other/*) echo "# trace 7";; '
                                '*) echo "# trace 8";; esac')
    said = traces(1, "plain")
    assert "other is not what plain is" in said, said


@suite.test
def a_missing_trace_fails_though_it_is_missing_everywhere():
    begin()
    for variant in "plain", "strict":
        plant(variant, PROGRAMS[1], "echo nothing")
    said = traces(1, "plain", "strict")
    assert f"{PROGRAMS[1]} : no trace" in said, said


@suite.test
def a_compiler_that_does_not_build_fails():
    begin()
    with open(os.path.join(ROOT, "fails"), "w", encoding="utf-8"):
        pass
    said = traces(1, "plain", "strict")
    os.remove(os.path.join(ROOT, "fails"))
    assert "other does not build" in said, said


@suite.test
def another_trace_with_tso_memory_only_fails():
    begin()
    plant("strict", PROGRAMS[2], 'case "$*" in *tso*) n=5;; *) n=1234;; esac; '
                                 f'echo "# {PROGRAMS[2]} $*: 4 schedules, trace $n"')
    assert "strict is not what plain is" in traces(1, "plain", "strict")


if __name__ == "__main__":
    suite.main()

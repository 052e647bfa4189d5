#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""make mutants, on a tree of two files: what is changed, what is seen, what is left alone."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "bench"))
sys.path.append(os.path.join(HERE, "..", "..", "mutants"))
from harness import Suite  # pylint: disable=wrong-import-position
from source import Source  # pylint: disable=wrong-import-position

suite = Suite("mutants")
ROOT = suite.directory.name
TOY = "kernel-compat/sched/toy.c"
OTHER = "kernel-compat/sched/other.c"  # nobody compiles it

CODE = r"""
enum { false, true };
int toy_held, toy_locks, toy_value;

static void toy_lock(void)
{
	toy_held++;
	toy_locks++;
}

static void toy_unlock(void)
{
	toy_held--;
}

/* if (comments && strings) are no code; */
int toy_sum(int n)
{
	int sum = 0;

	toy_lock();
	if (n > 0 && n < 100)
		sum = n + toy_value;
	toy_unlock();
	return sum;
}

int toy_never_called(int n)
{
	if (n > 5)
		return 1;
	return 0;
}

unsigned int toy_same(unsigned int n)
{
	if (n < 0)
		return 7;
	return n;
}
"""

TEST = r"""
#include <stdio.h>
#include <string.h>

extern int toy_held, toy_locks, toy_value;
int toy_sum(int n);
unsigned int toy_same(unsigned int n);

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--list")) {
		puts("toy.sums\ntoy.same");
		return 0;
	}
	toy_value = 1;
	return toy_sum(0) != 0 || toy_sum(1) != 2 || toy_sum(99) != 100 || toy_sum(100) != 0 ||
	       toy_held || toy_locks != 4 || toy_same(3) != 3 || toy_same(0);
}
"""


def make_tree():
    commands = []
    for path, text in ((TOY, CODE), ("tests/unit/toy/toy_test.c", TEST)):
        full = os.path.join(ROOT, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)
        commands.append({"directory": ROOT, "file": full,
                         "command": f"cc -O2 -g -o x.o -c {full}"})
    shutil.copy(os.path.join(ROOT, TOY), os.path.join(ROOT, OTHER))
    os.makedirs(os.path.join(ROOT, "build/release"), exist_ok=True)
    with open(os.path.join(ROOT, "build/release/compile_commands.json"), "w",
              encoding="utf-8") as f:
        json.dump(commands, f)


def arguments(*args):
    return ["--root", ROOT, "--jobs", "1", "--ways", "replay,search", "--files", TOY, *args]


def results():
    """All mutants of the toy by what was changed."""
    done = suite.run_program(*arguments("--json"))
    return {m["what"]: m for m in json.loads(done.stdout)["mutants"]}


@suite.test
def what_the_tests_call_and_check_is_killed():
    found = results()
    for what in ("delete toy_lock();", "delete toy_unlock();", "negate n > 0 && n < 100",
                 "n > 0 && n < 100 -> n > 0", "n > 0 && n < 100 -> n < 100",
                 "> in if (n [>=] 0 && n < 100)",
                 "+ in sum = n [-] toy_value;"):
        assert found[what]["verdict"] == "killed", found[what]


@suite.test
def what_no_test_calls_survives_with_file_and_line():
    done = suite.run_program(*arguments())
    line = CODE[:CODE.index("if (n > 5)")].count("\n") + 1
    assert f"{TOY}:{line}: survived: condition: if (n > 5)" in done.stdout, done.stdout
    last = done.stdout.splitlines()[-1]
    numbers = re.fullmatch(r"mutants: (\d+) of (\d+) killed", last)
    assert numbers and 0 < int(numbers[1]) < int(numbers[2]), last
    assert done.stderr == "", done.stderr


@suite.test
def what_the_compiler_makes_the_same_of_does_not_count():
    assert results()["false for n < 0"]["verdict"] == "same"


@suite.test
def what_is_argued_to_be_equivalent_does_not_count():
    directory = os.path.join(ROOT, "tests/mutants")
    os.makedirs(directory)
    path = os.path.join(directory, "equivalent")
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"# Nobody calls it.\n{TOY}: toy_never_called: ...\n")
    try:
        found = results()
        assert found["negate n > 5"]["verdict"] == "equivalent", found["negate n > 5"]
        assert found["delete toy_lock();"]["verdict"] == "killed"
        with open(path, "a", encoding="utf-8") as f:
            f.write(f"{TOY}: toy_gone: negate n\n")
        done = suite.run_program(*arguments())
        assert f"no such mutant any more: {TOY}: toy_gone: negate n" in done.stdout
    finally:
        os.remove(path)
        os.rmdir(directory)


@suite.test
def a_sample_follows_from_its_seed():
    def names(seed):
        return suite.run_program(*arguments("--list", "-n", "5", "--seed", seed)).stdout
    assert names("1") == names("1") != names("2")
    assert len(names("1").splitlines()) == 5


@suite.test
def the_tree_stays_as_it_is_when_a_run_is_interrupted():
    path = os.path.join(ROOT, TOY)
    before = os.stat(path)
    with subprocess.Popen([suite.program, *arguments()], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        log = os.path.join(ROOT, "build/mutants/verdicts")
        if os.path.exists(log):
            os.remove(log)
        while not os.path.exists(log) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 130
    with open(path, encoding="utf-8") as f:
        assert f.read() == CODE
    assert os.stat(path).st_mtime_ns == before.st_mtime_ns


@suite.test
def every_mutant_keeps_the_lines_of_the_others():
    mutants = Source(TOY, CODE).mutants()
    assert len(mutants) > 20
    assert len({m.name for m in mutants}) == len(mutants)
    for m in mutants:
        assert m.text() != CODE and m.text().count("\n") == CODE.count("\n"), m.name


def changes(code):
    """What is done to the body of one function, by family."""
    text = "int f(void)\n{\n" + code + "\n}\n"
    return {(m.family, m.what) for m in Source("x.c", text).mutants()}


@suite.test
def an_attribute_is_not_the_name_of_a_function():
    text = "__printf(1, 2)\nint f(const char *fmt, ...)\n{\n\tgo();\n}\n"
    assert {m.function for m in Source("x.c", text).mutants()} == {"f"}


@suite.test
def a_statement_leaves_a_critical_section_and_none_enters_it():
    found = changes("\tbefore();\n\tspin_lock(&l);\n\ta = 1;\n\tspin_unlock(&l);\n\tafter();")
    assert {w for f, w in found if f == "swap"} == {
        "swap spin_lock(&l); a = 1;", "swap a = 1; spin_unlock(&l);"}, found


@suite.test
def calls_have_families():
    found = changes("\tmutex_lock(&m);\n\tflush_tlb_page(v, a);\n\tfolio_put(f);\n"
                    "\tfolio_get(f);\n\tlockdep_assert_held(&m);\n\tcount_vm_event(E);\n"
                    "\tmmu_notifier_invalidate_range_start(&r);\n\tmutex_unlock(&m);\n\tgo();")
    deleted = {w.split()[1].split("(")[0]: f for f, w in found if w.startswith("delete")}
    assert deleted == {
        "mutex_lock": "lock", "flush_tlb_page": "flush", "folio_put": "put", "folio_get": "get",
        "lockdep_assert_held": "assert", "count_vm_event": "account", "mutex_unlock": "unlock",
        "mmu_notifier_invalidate_range_start": "notifier", "go": "call"}, deleted


@suite.test
def marked_accesses_become_plain():
    found = changes("\tWRITE_ONCE(p->x, READ_ONCE(q[f(1, 2)]));")
    assert ("marked", "READ_ONCE(q[f(1, 2)]) -> (q[f(1, 2)])") in found, found
    assert any(f == "marked" and w.endswith("((p->x) = (READ_ONCE(q[f(1, 2)])))")
               for f, w in found), found


def is_refused(why, *args):
    done = suite.run_program(*args, status=2)
    assert why in done.stderr and done.stdout == "", done.stderr


suite.add("an_unknown_family_is_refused", is_refused, "no family 'foo'", "--families", "foo")
suite.add("a_sample_of_none_is_refused", is_refused, "at least one mutant", "-n", "0")
suite.add("a_file_that_is_not_there_is_refused", is_refused, "no C file 'mm/foo.c'",
          "--files", "mm/foo.c")
suite.add("a_file_that_no_program_has_is_refused", is_refused,
          "kernel-compat/sched/other.c is in no program", *arguments(),
          "--files", "kernel-compat/sched/*.c")

make_tree()
suite.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""scripts/conformance: that it finds nothing amiss, and what it takes for a call."""
import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys

from source import TOP, Suite

SCRIPT = os.path.join(TOP, "scripts", "conformance")
loader = importlib.machinery.SourceFileLoader("conformance", SCRIPT)
spec = importlib.util.spec_from_loader("conformance", loader)
conformance = importlib.util.module_from_spec(spec)
loader.exec_module(conformance)
suite = Suite("conformance")

TEST = """
#define LAST(l) list_last(l)
static const struct ops table = { .call = in_table };
static void helper(void) { in_helper(); LAST(l); }
static void forgotten(void) { in_forgotten(); }
static void a_case(struct kunit *test) { helper(); use(table.call); x->member(); y.in_case(); }
static struct kunit_case cases[] = { KUNIT_CASE(a_case), {} };
static struct kunit_suite suite = { .test_cases = cases };
kunit_test_suite(suite);
"""


@suite.test
def every_function_that_the_core_calls_is_tested_or_has_a_reason():
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    print("#", done.stdout.strip())


@suite.test
def what_no_case_reaches_does_not_count():
    names = dict.fromkeys(["list_last", "in_table", "in_helper", "in_forgotten", "member",
                           "in_case"], "x.h")
    found = conformance.calls(conformance.reached(TEST), names)
    assert found == {"list_last", "in_table", "in_helper"}, found


@suite.test
def functions_and_macros_of_headers_are_offered():
    functions = conformance.offered()
    for name, header in (("kthread_stop", "linux/kthread.h"), ("min", "linux/minmax.h"),
                         ("folio_test_dirty", "linux/page-flags.h"),
                         ("pte_mkyoung", "asm/pgtable.h"), ("kfree", "linux/slab.h")):
        assert functions.get(name) == header, f"{name}: {functions.get(name)}"
    for name in ("machine_check", "jiffies", "struct", "cond"):
        assert name not in functions, name


@suite.test
def every_header_says_what_it_is_to_the_kernels():
    silent = []
    for directory, _, names in os.walk(os.path.join(TOP, "kernel-compat", "include")):
        for path in (os.path.join(directory, name) for name in names):
            with open(path, encoding="utf-8") as f:
                first = re.search(r"/\*(?! SPDX).*?\*/", f.read(), re.S)
            if not first or not re.search(r"\b([Ss]ame|[Mm]odel|[Ss]tub|own)\b", first[0]):
                silent.append(os.path.relpath(path, TOP))
    assert not silent, f"neither same, model, stub nor own: {silent}"


suite.program = "scripts"
suite.main()

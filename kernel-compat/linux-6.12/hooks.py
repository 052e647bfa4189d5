#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Insert AutoNUMA's hooks into an unpacked Linux 6.12 tree.

Usage: hooks.py TREE

No kernel text is kept here: each hook names the place it belongs to by the
identifiers that stand there.  A place that is missing, or not unique, is an
error, and then no file is changed.  The files as they were are kept below
.before-autonuma, and hooks are always inserted into these: run again, also after the
hooks have changed, it writes only what becomes different.
"""
import re
import sys
from pathlib import Path

MARK = "autonuma"

# The files as they were, below the tree.
BEFORE = ".before-autonuma"


class Missing(Exception):
    """An anchor was not found exactly once."""


def once(text, pattern, what):
    """The only match of a multi-line pattern."""
    found = list(re.finditer(pattern, text, re.M))
    if len(found) != 1:
        raise Missing(f"{what}: anchor {pattern!r} found {len(found)} times, not once")
    return found[0]


def after_line(pattern, new):
    """Insert new after the line that matches pattern."""
    def edit(text, what):
        end = text.index("\n", once(text, pattern, what).start()) + 1
        return text[:end] + new + text[end:]
    return edit


def before_line(pattern, new):
    """Insert new before the line that matches pattern."""
    def edit(text, what):
        start = once(text, pattern, what).start()
        return text[:start] + new + text[start:]
    return edit


def body(text, name, what):
    """Offsets of the body of function name: after '{' and before the final '}'."""
    head = once(text, rf"^(?![ \t*/])[^\n;#]*\b{name}\([^;{{}}]*\)\n\{{\n", f"{what}, {name}()")
    end = text.index("\n}\n", head.end()) + 1
    return head.end(), end


def in_function(name, pattern, new, before=False):
    """Insert new after (or before) the line matching pattern inside a function."""
    def edit(text, what):
        start, end = body(text, name, what)
        match = once(text[start:end], pattern, f"{what}, in {name}()")
        at = start + match.start()
        at = text.rindex("\n", 0, at) + 1 if before else text.index("\n", at) + 1
        return text[:at] + new + text[at:]
    return edit


def publish(name):
    """Give a static function external linkage."""
    def edit(text, what):
        match = once(text, rf"^static (inline )?(?=[^;{{}}]*\b{name}\([^;{{}}]*\)\n\{{)",
                     f"{what}, {name}()")
        return text[:match.start()] + text[match.end():]
    return edit


def include(after, header):
    """Include header after another include."""
    return after_line(rf"^#include <{re.escape(after)}>", f"#include <{header}>\n")


HOOKS = [
    ("mm/Kconfig", [
        after_line(r'^source "mm/damon/Kconfig"', '\nsource "mm/autonuma/Kconfig"\n\n'
                   "config AUTONUMA_KUNIT_TEST\n"
                   '\tbool "Tests of what AutoNUMA calls, and of AutoNUMA"\n'
                   "\tdepends on AUTONUMA && KUNIT=y\n")]),
    ("mm/Makefile", [
        after_line(r"^obj-\$\(CONFIG_DAMON\)", "obj-$(CONFIG_AUTONUMA) += autonuma/\n"
                   "obj-$(CONFIG_AUTONUMA_KUNIT_TEST) += autonuma-tests/\n")]),
    ("Documentation/admin-guide/kernel-parameters.txt", [
        before_line(r"^\tnocache\b",
                    "\tnoautonuma\t[KNL,NUMA] Never place memory and tasks automatically.\n"
                    "\t\t\tSee mm/autonuma/autonuma.rst.\n\n")]),
    ("include/linux/mm_types.h", [
        after_line(r"^\t\tatomic_t tlb_flush_pending;",
                   "#ifdef CONFIG_AUTONUMA\n"
                   "\t\tstruct mm_autonuma *mm_autonuma;\n#endif\n")]),
    ("include/linux/sched.h", [
        after_line(r"^\tstruct tlbflush_unmap_batch\s+tlb_ubc;",
                   "#ifdef CONFIG_AUTONUMA\n"
                   "\tstruct task_autonuma\t\t*task_autonuma;\n#endif\n")]),
    ("kernel/fork.c", [
        include("linux/mmu_notifier.h", "linux/autonuma.h"),
        in_function("mm_init", r"mm_init_owner\(", "\tautonuma_mm_init(mm);\n"),
        in_function("__mmput", r"khugepaged_exit\(", "\tautonuma_mm_exit(mm);\n"),
        # Here, not in copy_process(): whatever fails there frees the task with free_task().
        in_function("dup_task_struct", r"clear_tsk_need_resched\(tsk\);",
                    "\tautonuma_task_fork(tsk);\n"),
        in_function("free_task", r"free_task_struct\(tsk\);",
                    "\tautonuma_task_free(tsk);\n", before=True)]),
    ("kernel/sched/Makefile", [
        after_line(r"^obj-y \+= build_utility.o", "obj-$(CONFIG_AUTONUMA) += autonuma/\n")]),
    ("kernel/sched/fair.c", [
        include("linux/sched/cond_resched.h", "linux/autonuma.h"),
        in_function("task_numa_work", r"work->next = work;",
                    "\tif (autonuma_enabled())\n\t\treturn;\n"),
        before_line(r"^\tif \(!static_branch_likely\(&sched_numa_balancing\)\)\n\t\treturn -1;",
                    "\tif (autonuma_enabled())\n\t\treturn -1;\n\n"),
        in_function("task_tick_fair", r"task_tick_numa\(rq, curr\);",
                    "\tautonuma_task_tick(curr);\n"),
        in_function("select_task_rq_fair", r"^\trcu_read_lock\(\);",
                    "\tif (wake_flags & (WF_TTWU | WF_FORK)) {\n"
                    "\t\tint near, nid = autonuma_preferred_nid(p);\n\n"
                    "\t\tif (nid != NUMA_NO_NODE && nid != cpu_to_node(prev_cpu)) {\n"
                    "\t\t\tnear = cpumask_any_and_distribute(cpumask_of_node(nid),\n"
                    "\t\t\t\t\t\t\t  p->cpus_ptr);\n"
                    "\t\t\tif (near < nr_cpu_ids && available_idle_cpu(near))\n"
                    "\t\t\t\treturn near;\n\t\t}\n\t}\n\n", before=True),
        in_function("can_migrate_task", r"tsk_cache_hot = migrate_degrades_locality\(",
                    "\tif (!autonuma_may_pull(p, env->src_cpu, env->dst_cpu,\n"
                    "\t\t\t       env->idle == CPU_IDLE))\n"
                    "\t\treturn 0;\n\n", before=True)]),
    ("fs/exec.c", [
        include("linux/mm.h", "linux/autonuma.h"),
        in_function("begin_new_exec", r"retval = exec_mmap\(",
                    "\tif (!retval)\n\t\tautonuma_task_exec(current);\n")]),
    ("include/linux/huge_mm.h", [
        before_line(r"^vm_fault_t do_huge_pmd_numa_page\(struct vm_fault \*vmf\);$",
                    "bool can_change_pmd_writable(struct vm_area_struct *vma,\n"
                    "\t\t\t     unsigned long addr, pmd_t pmd); /* for autonuma */\n")]),
    ("mm/huge_memory.c", [
        include("linux/migrate.h", "linux/autonuma.h"),
        publish("can_change_pmd_writable"),
        in_function("do_huge_pmd_numa_page", r"^\tvmf->ptl = pmd_lock\([^\n]*\n\told_pmd = ",
                    "\tif (autonuma_enabled())\n"
                    "\t\treturn autonuma_do_huge_pmd_numa_page(vmf);\n\n", before=True)]),
    ("mm/memory.c", [
        include("linux/migrate.h", "linux/autonuma.h"),
        in_function("do_numa_page", r"spin_lock\(vmf->ptl\);",
                    "\tif (autonuma_enabled())\n"
                    "\t\treturn autonuma_do_numa_page(vmf);\n\n", before=True)]),
]


def original(tree, name):
    """The file as it was before there were any hooks."""
    before = tree / BEFORE / name
    if before.is_file():
        return before.read_text()
    if not (tree / name).is_file():
        raise Missing(f"{name}: no such file")
    text = (tree / name).read_text()
    if MARK in text:
        raise Missing(f"{name}: has hooks that this script did not insert")
    return text


def main():
    """Compute all edits, then write the files that become different."""
    if len(sys.argv) != 2 or not Path(sys.argv[1], "Makefile").is_file():
        sys.exit("usage: hooks.py TREE, a directory with an unpacked Linux 6.12")
    tree = Path(sys.argv[1])
    before, after = {}, {}
    try:
        for name, edits in HOOKS:
            text = before[name] = original(tree, name)
            for edit in edits:
                text = edit(text, name)
            after[name] = text
    except Missing as err:
        sys.exit(f"hooks.py: {err}; is this Linux 6.12?")
    changed = 0
    for name, text in after.items():
        keep = tree / BEFORE / name
        keep.parent.mkdir(parents=True, exist_ok=True)
        if not keep.is_file():
            keep.write_text(before[name])
        if (tree / name).read_text() != text:
            (tree / name).write_text(text)
            changed += 1
    print(f"hooks.py: {changed} files changed")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Comments in mm/ and sched/: there where they must be, complete, and sure of what they say."""
import re

from source import Suite, add_check, comment_before

suite = Suite("comments")


def every_longer_function_says_its_purpose(tree):
    return [f"{f}: no comment" for f in tree.functions()
            if not f.comment and len(f.body) > 5]


def what_others_call_has_kernel_doc(tree):
    complaints = []
    for f in tree.functions():
        hook = f.path.startswith("mm/include/") and f.comment
        if f.static and not hook or "__setup" in f.comment or f.name.startswith("DEFINE"):
            continue
        if not re.match(rf"/\*\*\n \* {f.name}\(\) - \w", f.comment):
            complaints.append(f"{f}: no kernel-doc")
        documented = re.findall(r"^ \* @(\w+):", f.comment, re.M)
        if documented != f.parameters:
            complaints.append(f"{f}: documents {documented}, takes {f.parameters}")
    return complaints


def every_member_of_a_struct_is_documented(tree):
    complaints = []
    for path, text in tree.code():
        for s in re.finditer(r"^struct (\w+) \{\n(.*?)^\};?", text, re.M | re.S):
            lines = text[:s.start()].splitlines()
            comment = comment_before(lines + [""], len(lines))
            for member in re.finditer(r"^\t[^#/]*?(\w+)(\[\w*\])?;(.*)$", s[2], re.M):
                if f"@{member[1]}:" not in comment and not (s[1] == "autonuma_counters"):
                    complaints.append(f"{path}: struct {s[1]}: {member[1]} is not documented")
    return complaints


def every_flag_and_variable_says_what_it_is_for(tree):
    complaints = []
    variable = re.compile(r"^(static\s|DEFINE_|#define\s+[A-Z_]+\s+\S|enum\s\w+ \{)(?!.*\($)")
    for path, text in tree.code():
        lines = text.splitlines()
        for n, line in enumerate(lines):
            if not variable.match(line) or re.search(r"\binline\b|__init \w+\(", line):
                continue
            if line.startswith("static") and re.search(r"\)$|,$|\);$", line) and \
                    not re.search("DEFINE|DECLARE|LIST_HEAD", line):
                continue        # a function
            if re.search(r"TRACE_|_NAMES|_H$", line) or "/*" in line:
                continue
            near = n
            while near and re.match(r"(#define|static struct kobj_attribute|DEFINE_)",
                                    lines[near - 1]):
                near -= 1
            if not comment_before(lines, near) and "attr = __ATTR" not in line and \
                    not re.match(r"static .*\[\] = \{|#define (KNOB|COUNTER)|DEFINE_PER_CPU|"
                                 r"DEFINE_STATIC_KEY|static struct task_struct|"
                                 r"static DECLARE_WAIT|static const struct \w+ \w+ = \{",
                                 line):
                complaints.append(f"{path}:{n + 1}: no comment: {line}")
    return complaints


def every_barrier_names_its_pair(tree):
    barrier = re.compile(r"\b(smp_(mb|rmb|wmb|store_mb|store_release|load_acquire|mb__\w+)|"
                         r"rcu_assign_pointer)\(")
    complaints = []
    for path, text in tree.code():
        lines = text.splitlines()
        for n, line in enumerate(lines):
            said = " ".join(lines[max(n - 3, 0):n + 1])
            if barrier.search(line) and not line.lstrip().startswith(("*", "/*")) and \
                    not re.search(r"[Pp]airs with", said):
                complaints.append(f"{path}:{n + 1}: no pair is named: {line.strip()}")
    return complaints


def comments_are_sure_of_what_they_say(tree):
    unsure = re.compile(r"\b(probably|hopefully|obviously|maybe|supposed to|seems? to|"
                        r"TODO|FIXME|XXX|exit_mmap)\b", re.I)
    return [f"{path}: unsure: {line.strip()}" for path, text in tree.code()
            for comment in re.findall(r"/\*.*?\*/", text, re.S)
            for line in comment.splitlines() if unsure.search(line)]


def ageing_and_waiting_places_are_explained(tree):
    """Remarks 8, 16 and 23: the sentence is where the thing happens."""
    wanted = [("mm/autonuma.h", r"ageing average.*?zeroing instead"),
              ("mm/scan.c", r"may begin above where the scan stopped"),
              ("mm/registry.c", r"Scan against exit\..*?only \* user left")]
    return [f"{path}: {what!r} is not said" for path, what in wanted
            if not re.search(what, re.sub(r"\s+", " ", tree.files[path]))]


add_check(suite, every_longer_function_says_its_purpose,
          ("mm/queue.c", "/* Take an entry out of its FIFO and make it free. The caller "
           "holds @q->lock. */\nstatic void release_entry(struct source_queue *q, struct "
           "queue_entry *e)\n\t__must_hold(&q->lock)\n{\n",
           "static void release_entry(struct source_queue *q)\n{\n"
           + "\tcpu_relax();\n" * 6))
add_check(suite, what_others_call_has_kernel_doc,
          ("mm/queue.c", " * @item:\tthe page, on a node other than @target_nid\n", ""),
          ("mm/move.c", "autonuma_room() - ", "autonuma_space() - "),
          ("mm/include/linux/autonuma.h", " * @mm: the address space; nobody", " * Nobody"))
add_check(suite, every_member_of_a_struct_is_documented,
          ("mm/queue.c", "\tstruct autonuma_queued item;\n",
           "\tstruct autonuma_queued item;\n\tu8 more;\n"),
          ("mm/autonuma.h", " * @scan_pmd:", " * scan_pmd:"))
add_check(suite, every_flag_and_variable_says_what_it_is_for,
          ("mm/migrate.c", "/* Attempts to move a page before it is dropped. */\n", ""),
          ("mm/registry.c", "/* All registered mms; a pass visits them in this order. */\n", ""),
          ("mm/core.c", "/* \"noautonuma\" was on the command line. */\n", ""))
add_check(suite, every_barrier_names_its_pair,
          ("mm/fault.c", "/* Pairs with the release in give_counts(). */", "/* Ours. */"),
          ("sched/group.c", "/* Pairs with rcu_dereference() in autonuma_home()", "/* Seen by"))
add_check(suite, comments_are_sure_of_what_they_say,
          ("mm/scan.c", "/* knuma_scand's state", "/* Probably knuma_scand's state"),
          ("mm/scan.c", "/* The daemon is the only user left",
           "/* exit_mmap() will destroy the entries"))
add_check(suite, ageing_and_waiting_places_are_explained,
          ("mm/autonuma.h", "zeroing instead", "instead"),
          ("mm/scan.c", "may begin above where", "is where"),
          ("mm/registry.c", "Scan against exit.", "Locks."))

suite.program = "mm"
suite.main()

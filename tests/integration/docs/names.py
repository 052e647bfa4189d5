#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Names, sizes and dead code in mm/ and sched/."""
import collections
import glob
import os
import re

from source import TOP, Suite, add_check, without_comments

suite = Suite("names")

# Functions of Linux that the core of 2012 had namesakes of.
TAKEN = {"balance_pgdat", "isolate_migratepages", "isolate_migratepages_block", "compact_zone",
         "kswapd", "migrate_pages", "scan_pmd", "shrink_list", "isolate_lru_folios"}

# Names of nodes: whose it is, or of a loop, or explained at the member of the struct.
NODES = {"nid", "page_nid", "cpu_nid", "target_nid", "main_nid"}
MEMBERS = {"run_nid", "last_nid", "preferred_nid"}


def one_static_key_with_a_positive_name(tree):
    keys = [k for p, t in tree.code() if p.endswith(".c")
            for k in re.findall(r"DEFINE_STATIC_KEY_\w+\((\w+)\)", t)]
    complaints = []
    if keys != ["autonuma_enabled_key"]:
        complaints.append(f"static keys: {keys}")
    for f in tree.functions():
        if re.search(r"impossible|disabled|unlikely_to", f.name):
            complaints.append(f"{f}: a name that denies")
        if f.path == "mm/include/linux/autonuma.h" and \
                len(re.findall(r"\bif\b|&&|\|\|", "\n".join(f.body))) > 1:
            complaints.append(f"{f}: more than one test in a hook")
    return complaints


def a_name_says_whose_node_it_is(tree):
    complaints = []
    for path, text in tree.code():
        for name in re.findall(r"\bint\s+\*?(\w*nid)\b(?!\()", without_comments(text)):
            if name not in NODES | MEMBERS:
                complaints.append(f"{path}: whose node is {name}?")
        for event in re.findall(r"TP_PROTO\((.*?)\)", text, re.S):
            if "page_nid" in event and "pfn" in event:
                complaints.append(f"{path}: page_nid follows from pfn: {event}")
    for f in tree.functions():
        nodes = {p for p in f.parameters if p.endswith("nid")}
        if not nodes <= NODES:
            complaints.append(f"{f}: whose nodes are {nodes}?")
        if "page_nid" in nodes and {"pfn", "folio", "page"} & set(f.parameters):
            complaints.append(f"{f}: page_nid follows from the page")
    return complaints


def no_function_has_a_namesake_in_linux(tree):
    declared = set(TAKEN)
    for path in glob.glob(os.path.join(TOP, "kernel-compat", "include", "linux", "*.h")):
        with open(path, encoding="utf-8") as header:
            declared.update(re.findall(r"^[a-z][\w \t\*]*?(\w+)\(", header.read(), re.M))
    complaints = []
    for f in tree.functions():
        if f.path.startswith("mm/include/"):
            continue
        if f.name in declared:
            complaints.append(f"{f}: the name is taken")
        if not f.static and not re.match(r"(__)?autonuma_", f.name):
            complaints.append(f"{f}: not static, and no prefix")
    return complaints


def the_last_cpupid_is_read_once_and_updated_once(tree):
    text = "".join(without_comments(t) for p, t in tree.code() if p.endswith(".c"))
    return [f"{call}() is called {n} times" for call in
            ("folio_xchg_last_cpupid", "folio_last_cpupid")
            if (n := len(re.findall(rf"\b{call}\(", text))) != 1]


def nothing_is_dead_or_double(tree):
    complaints, bodies = [], {}
    everything = "".join(t for _, t in tree.code())
    for directory in ("exec", "mm", "sched"):
        for path in glob.glob(os.path.join(TOP, "kernel-compat", directory, "*.c")):
            with open(path, encoding="utf-8") as source:
                everything += source.read()
    calls = without_comments(everything)
    words = collections.Counter(re.findall(r"\w+", calls))
    attributes = set(re.findall(r"__ATTR_R[OW]\((\w+)\)", calls))
    for path, text in tree.code():
        if re.search(r"^#\s*if(def)?\s+(0|NEVER|DEBUG)\b", text, re.M):
            complaints.append(f"{path}: code that is never compiled")
    for f in tree.functions():
        body = " ".join(line.strip() for line in f.body)
        if len(f.body) > 2 and body in bodies:
            complaints.append(f"{f} is the same as {bodies[body]}")
        bodies[body] = f
        if re.sub(r"_(show|store)$", "", f.name) in attributes:
            continue
        if f.path.endswith(".c") and words[f.name] < (2 if f.static else 3):
            complaints.append(f"{f} is never used")
    return complaints


def functions_do_one_thing(tree):
    complaints = []
    for f in tree.functions():
        body = "\n".join(f.body)
        if len(f.body) > 45:
            complaints.append(f"{f}: {len(f.body)} lines")
        small = re.search(r"\bptep_\w+\(|\bpte_(modify|mk\w+)\(", body)
        huge = re.search(r"\bpmdp_\w+\(|\bpmd_(modify|mk\w+)\(", body)
        if small and huge:
            complaints.append(f"{f}: small and huge entries")
    return complaints


add_check(suite, one_static_key_with_a_positive_name,
          ("mm/core.c", "(autonuma_enabled_key)", "(autonuma_impossible_key)"),
          ("mm/include/linux/autonuma.h", "if (unlikely(mm->mm_autonuma))",
           "if (autonuma_enabled() && mm->mm_autonuma)"))
add_check(suite, a_name_says_whose_node_it_is,
          ("mm/move.c", "long autonuma_free_room(int target_nid)",
           "long autonuma_free_room(int dst_nid)"),
          ("mm/queue.c", "bool autonuma_queue_cancel(unsigned long pfn)",
           "bool autonuma_queue_cancel(unsigned long pfn, int page_nid)"),
          ("mm/include/trace/events/autonuma.h", "TP_PROTO(unsigned long pfn, int target_nid)",
           "TP_PROTO(unsigned long pfn, int page_nid, int target_nid)"))
add_check(suite, no_function_has_a_namesake_in_linux,
          ("mm/migrate.c", "static void pull_batch(", "static void balance_pgdat("),
          ("mm/move.c", "void autonuma_put_back(", "void putback_movable_pages("),
          ("mm/move.c", "long autonuma_room(", "long room("))
add_check(suite, the_last_cpupid_is_read_once_and_updated_once,
          ("mm/fault.c", "last = folio_xchg_last_cpupid(folio, hf->cpupid)",
           "last = folio_last_cpupid(folio)"))
add_check(suite, nothing_is_dead_or_double,
          ("mm/scan.c", "static bool scand_may_run(void)\n",
           "#if 0\n#endif\nstatic bool scand_may_run(void)\n"),
          ("mm/scan.c", "static bool scand_may_run(void)\n",
           "static bool nobody_calls(void)\n{\n}\n\nstatic bool scand_may_run(void)\n"))
add_check(suite, functions_do_one_thing,
          ("mm/scan.c", "\tpmd = pmdp_invalidate_ad(",
           "\tptep_get(p);\n\tpmd = pmdp_invalidate_ad("),
          ("mm/scan.c", "\tset_freezable();\n", "\tset_freezable();\n" * 60))

suite.program = "mm"
suite.main()

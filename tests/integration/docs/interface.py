#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every knob, counter, reason and tracepoint is in autonuma.rst, and nothing else is."""
import re

from source import Suite, add_check, list_table, simple_table

suite = Suite("interface")

VALUES = {"BATCH_PAGES": 32768, "HOUR_MSECS": 3600000, "INT_MAX": 2147483647}


def value(word):
    return VALUES[word] if word in VALUES else int(word)


def differences(what, in_code, in_text):
    return [f"{what} {name} is not documented" for name in in_code if name not in in_text] + \
           [f"{what} {name} does not exist" for name in in_text if name not in in_code]


def every_knob_has_its_unit_range_and_default(tree):
    code = {k[0]: [value(v) for v in k[1:]] for k in re.findall(
        r"^\tKNOB\((\w+),\s*(\w+),\s*(\w+), (\w+)\),$", tree.files["mm/sysfs.c"], re.M)}
    text = {row[0]: row[1:] for row in list_table(tree.section("Knobs"))}
    complaints = differences("knob", [*code, "enabled"], text)
    for name, (default, low, high) in code.items():
        if name not in text:
            continue
        limits, written, meaning = text[name]
        unit = re.fullmatch(r"(\d+) \.\. (\d+) (ms|pages)|(0), (1)", limits)
        if not unit:
            complaints.append(f"{name}: no range with a unit: {limits}")
        elif [int(n) for n in unit.groups() if n and n.isdigit()] != [low, high]:
            complaints.append(f"{name}: the range is {low} .. {high}, not {limits}")
        if int(written.split()[0]) != default:
            complaints.append(f"{name}: the default is {default}, not {written}")
        if len(meaning) < 10:
            complaints.append(f"{name}: no meaning")
    members = re.search(r"^struct autonuma_knobs \{\n(.*?)^\}", tree.files["mm/autonuma.h"],
                        re.M | re.S)[1]
    return complaints + differences("knob", re.findall(r"(\w+);", members), [*code])


def every_counter_has_its_meaning(tree):
    code = re.findall(r"^\tCOUNTER\((\w+),", tree.files["mm/sysfs.c"], re.M)
    return differences("counter", [*code, "pages_failed"],
                       simple_table(tree.section("Counters")))


def every_reason_of_a_failure_has_its_meaning(tree):
    code = re.findall(r"^\t\[AUTONUMA_DROP_\w+\]\s*= \"(\w+)\"", tree.files["mm/sysfs.c"], re.M)
    text = tree.section("Counters")
    traced = re.search(r"define AUTONUMA_DROP_NAMES(.*?)\n\n",
                       tree.files["mm/include/trace/events/autonuma.h"], re.S)[1]
    return differences("reason", code[1:], simple_table(text[text.index("Reasons in"):])) + \
        differences("traced reason", re.findall(r"\"(\w+)\"", traced), code)


def every_skipped_mapping_has_its_reason(tree):
    traced = re.search(r"define AUTONUMA_SKIP_NAMES(.*?)\n\n",
                       tree.files["mm/include/trace/events/autonuma.h"], re.S)[1]
    code = re.findall(r"^\tAUTONUMA_SKIP_(\w+),", tree.files["mm/autonuma.h"], re.M)
    return differences("reason", [name.lower() for name in code],
                       re.findall(r"\"(\w+)\"", traced))


def every_tracepoint_is_documented(tree):
    code = re.findall(r"^TRACE_EVENT\((\w+),", tree.files["mm/include/trace/events/autonuma.h"],
                      re.M)
    used = "".join(t for p, t in tree.code() if p.endswith(".c"))
    return differences("tracepoint", code, simple_table(tree.section("Tracepoints"))) + \
        [f"{name} is never recorded" for name in code if f"trace_{name}(" not in used]


add_check(suite, every_knob_has_its_unit_range_and_default,
          ("mm/sysfs.c", "\tKNOB(scan_pmd,", "\tKNOB(more,\t\t0, 0, 1),\n\tKNOB(scan_pmd,"),
          ("mm/sysfs.c", "KNOB(migrate_defer,\t\t0,", "KNOB(migrate_defer,\t\t1,"),
          ("mm/sysfs.c", "KNOB(debug,\t\t\t0,\t\t0, 1)", "KNOB(debug,\t\t\t0,\t\t0, 2)"),
          ("mm/autonuma.rst", "   * - scan_pmd\n", "   * - scan_pud\n"),
          ("mm/autonuma.rst", "1 .. 3600000 ms", "1 .. 3600000"))
add_check(suite, every_counter_has_its_meaning,
          ("mm/sysfs.c", "\tCOUNTER(full_scans,", "\tCOUNTER(half_scans,"),
          ("mm/autonuma.rst", "\npages_marked  ", "\npages_remarked"))
add_check(suite, every_reason_of_a_failure_has_its_meaning,
          ("mm/sysfs.c", '"busy"', '"locked"'), ("mm/autonuma.rst", "\npinned ", "\nheld   "))
add_check(suite, every_skipped_mapping_has_its_reason,
          ("mm/autonuma.h", "\tAUTONUMA_SKIP_DAX,\n", ""))
add_check(suite, every_tracepoint_is_documented,
          ("mm/include/trace/events/autonuma.h", "TRACE_EVENT(autonuma_drop,",
           "TRACE_EVENT(autonuma_dropped,"),
          ("mm/autonuma.rst", "\nautonuma_moved ", "\nautonuma_more  "))

suite.program = "mm"
suite.main()

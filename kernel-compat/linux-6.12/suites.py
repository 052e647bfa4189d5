#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which suites of tests/ both worlds share, and how the kernel's build finds them.

Usage: suites.py list TOP
       suites.py copy TOP TREE	(into TREE/mm/autonuma-tests, with a Makefile)

Shared is a suite that includes, itself or through a header beside it, only what a kernel
tree has: no machine/*.h, no header of the host. A suite that is not to be shared all
the same is named with a reason in not-shared.
"""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]', re.M)
KERNEL_DIRS = ("linux/", "asm/", "kunit/", "trace/", "asm-generic/")


def headers(path, seen):
    """Names of all <> headers that a file includes, and fill seen with its quoted ones."""
    names = set()
    for kind, name in INCLUDE.findall(path.read_text()):
        if kind == "<":
            names.add(name)
            continue
        local = (path.parent / name).resolve()
        if local.is_file() and local not in seen:
            seen.add(local)
            names |= headers(local, seen)
    return names


def not_shared():
    """Paths with a reason why not."""
    reasons = {}
    for line in (Path(__file__).parent / "not-shared").read_text().splitlines():
        if line and not line.startswith("#"):
            path, reason = line.split(None, 1)
            reasons[path] = reason
    return reasons


def shared(top):
    """Suites in both worlds: {path: [headers beside it]}, paths relative to top."""
    result = {}
    refused = not_shared()
    for name in refused:
        if not (top / name).is_file():
            sys.exit(f"suites.py: not-shared names {name}, which does not exist")
    for path in sorted(top.glob("tests/**/*_test.c")):
        name = str(path.relative_to(top))
        local = set()
        if name in refused:
            continue
        if not all(h.startswith(KERNEL_DIRS) for h in headers(path, local)):
            continue
        if all(top / "tests" in h.parents for h in local):
            result[name] = sorted(str(h.relative_to(top)) for h in local)
    return result


def write(path, text):
    """Write a file unless it has this text already."""
    if not path.is_file() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def copy(top, tree):
    """Copy the shared suites, what they include, the glue, planted.c, and a Makefile."""
    suites = shared(top)
    target = tree / "mm/autonuma-tests"
    files = set(suites).union(*suites.values())
    for name in files:
        write(target / name, (top / name).read_text())
    for name in ("glue.h", "planted.c"):
        write(target / name, (Path(__file__).parent / name).read_text())
    lines = ["# Generated", "ccflags-y := -include $(srctree)/mm/autonuma-tests/glue.h"]
    lines += [f"obj-y += {name[:-2]}.o" for name in ["planted.c", *suites]]
    write(target / "Makefile", "\n".join(lines) + "\n")
    for path in target.glob("tests/**/*.[ch]"):
        if str(path.relative_to(target)) not in files:
            path.unlink()
    return suites


def main():
    """Do what is asked for."""
    args = sys.argv[1:]
    if len(args) == 2 and args[0] == "list":
        suites = shared(Path(args[1]).resolve())
    elif len(args) == 3 and args[0] == "copy":
        suites = copy(Path(args[1]).resolve(), Path(args[2]).resolve())
    else:
        sys.exit(__doc__.split("\n\n")[1])
    print("\n".join(suites))


if __name__ == "__main__":
    main()

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compile the core as part of Linux 6.12, with W=1 and sparse. Any warning fails.
#
# Usage: objects.sh BUILDDIR
# The tree is unpacked from the package linux-source-6.12 once, into BUILDDIR/linux-6.12.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${1:?usage: objects.sh BUILDDIR}
tree=$build/linux-6.12
log=$build/kernel-objects.log

. "$here/tree.sh"
say() { echo "kernel-objects: $*"; }

mkdir -p "$build"
unpack_tree "$tree"
insert_core "$tree"

if [ ! -f "$tree/.config" ] || [ "$here/config.fragment" -nt "$tree/.config" ]; then
	say "configuring"
	make -s -C "$tree" KCONFIG_ALLCONFIG="$here/config.fragment" allnoconfig >"$log" 2>&1
	grep -q '^CONFIG_AUTONUMA=y' "$tree/.config" || {
		echo "kernel-objects: CONFIG_AUTONUMA did not stay set, see $log" >&2
		exit 1
	}
fi

say "preparing the tree"
make -s -C "$tree" -j"$(nproc)" prepare >>"$log" 2>&1 || {
	tail -20 "$log" >&2
	exit 1
}

say "compiling mm/autonuma and kernel/sched/autonuma with W=1 and sparse"
# -B of one directory is not offered by kbuild: removing the objects is the same.
rm -f "$tree"/mm/autonuma/*.o "$tree"/kernel/sched/autonuma/*.o
if ! make -C "$tree" -j"$(nproc)" W=1 C=2 CHECK="sparse -Wsparse-error" mm/autonuma/ \
		kernel/sched/autonuma/ >"$log" 2>&1; then
	grep -vE '^(make|  [A-Z]+ )' "$log" >&2
	exit 1
fi
if grep -E 'warning:|error:' "$log" | grep -E '(mm|sched)/autonuma/' >&2; then
	exit 1
fi

# The files the hooks go into must still compile as well.
make -s -C "$tree" -j"$(nproc)" kernel/fork.o kernel/sched/fair.o \
	fs/exec.o mm/memory.o >"$log" 2>&1 || {
	tail -20 "$log" >&2
	exit 1
}
# Not asked: documentation of __setup() (hooks.py adds it to the tree, checkpatch looks for
# it in git), and reuse of a macro argument that is a name, as in tables.
say "checkpatch --strict"
perl "$tree/scripts/checkpatch.pl" --strict --terse --no-tree --no-summary \
	--ignore UNDOCUMENTED_SETUP,MACRO_ARG_REUSE \
	--file "$top"/{mm,sched}/*.c "$top"/mm/*.h "$top"/mm/include/linux/*.h >"$log" || {
	cat "$log" >&2
	exit 1
}
objects=("$tree"/mm/autonuma/*.o "$tree"/kernel/sched/autonuma/*.o)
say "$(ls "${objects[@]}" | grep -vc built-in) objects compiled, no warning"

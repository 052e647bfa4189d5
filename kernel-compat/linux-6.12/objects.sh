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
tarball=/usr/src/linux-source-6.12.tar.xz
tree=$build/linux-6.12
log=$build/kernel-objects.log

say() { echo "kernel-objects: $*"; }

if [ ! -f "$tarball" ]; then
	echo "kernel-objects: $tarball is missing: apt-get install linux-source-6.12" >&2
	exit 1
fi

mkdir -p "$build"
if [ ! -f "$tree/.unpacked" ] || [ "$tarball" -nt "$tree/.unpacked" ]; then
	say "unpacking linux-source-6.12"
	rm -rf "$tree"
	mkdir -p "$tree"
	tar -xf "$tarball" -C "$tree" --strip-components=1
	touch "$tree/.unpacked"
fi

python3 "$here/hooks.py" "$tree"

# Copied only where different, so that a second run compiles only what changed.
for pair in mm/:mm/autonuma/ sched/:kernel/sched/autonuma/ mm/include/linux/:include/linux/ \
	    mm/include/trace/events/:include/trace/events/; do
	mkdir -p "$tree/${pair#*:}"
	for f in "$top/${pair%%:*}"*; do
		[ -f "$f" ] || continue
		cmp -s "$f" "$tree/${pair#*:}${f##*/}" || cp "$f" "$tree/${pair#*:}"
	done
done

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

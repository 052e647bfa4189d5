#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A whole Linux 6.12 with the core in it.
#
# Usage: kernel.sh build [VARIANT]
# VARIANT is one of
#	debug		the default: it has the tests, and watches its locks, lists, page tables
#	kasan		debug, and watches for uses of freed memory and for lost objects
#	kcsan		debug, and watches for data races
#	plain		nothing of that, for measurements
#	plain-off	the same without the core (CONFIG_AUTONUMA=n), to compare with
# The image goes to build/kernel/VARIANT. The unpacked tree and its objects are kept outside the clone, in
# $AUTONUMA_CACHE (~/.cache/autonuma), where the next build finds them, of this clone or
# another one; one build at a time.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/tree.sh"
say() { echo "kernel: $*"; }

[ "${1:-}" = build ] || { echo "usage: kernel.sh build [VARIANT]" >&2; exit 2; }
variant=${2:-debug}
case $variant in
debug) names=(config debug) ;;
kasan | kcsan) names=(config debug "$variant") ;;
plain) names=(config) ;;
plain-off) names=(config off) ;;
*) echo "kernel: no variant '$variant': debug kasan kcsan plain plain-off" >&2; exit 2 ;;
esac
fragments=("${names[@]/#/$here/}")
fragments=("${fragments[@]/%/.fragment}")

cache=${AUTONUMA_CACHE:-${XDG_CACHE_HOME:-${HOME:-$top/build}/.cache}/autonuma}/linux-6.12
src=$cache/src
obj=$cache/$variant
out=$top/build/kernel/$variant
log=$out/build.log

mkdir -p "$cache" "$obj" "$out"
exec 9>"$cache/lock"
flock -n 9 || { say "another build uses $cache, waiting"; flock 9; }

# Run a command quietly; its output is shown if it fails. Who stops this script stops the
# command as well: it would go on, and hold the lock.
quietly() {
	set -m		# a process group of its own
	"$@" >"$log" 2>&1 &
	set +m
	trap 'kill -- -$!; exit 143' TERM INT HUP
	wait $! && return
	grep -E 'error|Error|undefined|\*\*\*' "$log" | head -40 >&2
	echo "kernel: failed, see $log" >&2
	exit 1
}

# Without a run of the preprocessor of its own: kbuild finds out what is included anyway.
export CCACHE_DEPEND=1
cc=gcc
! command -v ccache >/dev/null || cc="ccache gcc"
# -k: all that does not compile is said at once.
kmake=(make -k -C "$src" O="$obj" CC="$cc" -j"$(nproc)")

# Every option asked for must be set: Kconfig drops silently what depends on something else.
configure() {
	local want missing
	# Of what is set twice, the last one holds.
	awk -F= '/^CONFIG_/ { value[$1] = $2 } END { for (o in value) print o "=" value[o] }' \
		"${fragments[@]}" | sort >"$obj/fragment.new"
	if [ -f "$obj/.config" ] && cmp -s "$obj/fragment.new" "$obj/fragment" &&
	   [ ! "$src/.unpacked" -nt "$obj/.config" ]; then
		return
	fi
	say "configuring"
	quietly "${kmake[@]}" KCONFIG_ALLCONFIG="$obj/fragment.new" allnoconfig
	missing=$(grep '=y' "$obj/fragment.new" | grep -vxFf "$obj/.config" || true)
	if [ -n "$missing" ]; then
		echo "kernel: options that Linux 6.12 did not accept:" $missing >&2
		exit 1
	fi
	mv "$obj/fragment.new" "$obj/fragment"
}

# What the options do not change need not be compiled again: start as a near variant.
for near in plain debug; do
	if [ $near != "$variant" ] && [ ! -f "$obj/.config" ] && [ -f "$cache/$near/vmlinux" ]; then
		say "starting as a copy of $near"
		cp -a "$cache/$near/." "$obj"
		rm -f "$obj/fragment" "$obj/vmlinux"
	fi
done

unpack_tree "$src"
insert_core "$src"
python3 "$here/suites.py" copy "$top" "$src" >"$out/suites"
configure
start=$SECONDS
# kbuild takes ten seconds and more to find that nothing is to be done.
image=$obj/arch/x86/boot/bzImage
if [ ! -f "$image" ] || [ "$obj/.config" -nt "$image" ] ||
   [ -n "$(find "$src" -newer "$image" -type f -print -quit)" ]; then
	say "building the $variant variant"
	quietly "${kmake[@]}" bzImage
	touch "$image"
fi
copy_if_different "$image" "$out/bzImage"
copy_if_different "$obj/.config" "$out/config"
ln -sfn "$src" "$out/source"
# What the core and its tests are made of, by name: a report that names one is theirs.
# A variant may be without the tests, or without all of it.
(cd "$obj" && find mm kernel/sched -path '*/autonuma*' -name '*.o' \
	! -name built-in.o -exec nm --defined-only {} + 2>/dev/null) |
	awk '$2 ~ /[tT]/ { sub(/\..*/, "", $3); print $3 }' | sort -u >"$out/functions"
say "$out/bzImage ($((SECONDS - start)) s)"

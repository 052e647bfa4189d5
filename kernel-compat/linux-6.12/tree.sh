# SPDX-License-Identifier: GPL-2.0
# Sourced: how a tree of Linux 6.12 with the core in it comes to be.
#
# Who sources it sets top (of this repository) and say(), and fails on errors.

tarball=/usr/src/linux-source-6.12.tar.xz

# Unpack the package linux-source-6.12 into $1 unless it is there.
unpack_tree() {
	if [ ! -f "$tarball" ]; then
		echo "$tarball is missing: apt-get install linux-source-6.12" >&2
		return 1
	fi
	if [ -f "$1/.unpacked" ] && [ ! "$tarball" -nt "$1/.unpacked" ]; then
		# Not one with hooks that cannot be taken out.
		[ ! -d "$1/mm/autonuma" ] || [ -d "$1/.before-autonuma" ] && return
	fi
	say "unpacking linux-source-6.12"
	rm -rf "$1"
	mkdir -p "$1"
	tar -xf "$tarball" -C "$1" --strip-components=1
	touch "$1/.unpacked"
}

# copy_if_different FROM TO: a second build compiles only what changed.
copy_if_different() {
	cmp -s "$1" "$2" || cp "$1" "$2"
}

# Insert the hooks and the core into the tree $1.
insert_core() {
	local pair f
	python3 "$top/kernel-compat/linux-6.12/hooks.py" "$1"
	for pair in mm/:mm/autonuma/ sched/:kernel/sched/autonuma/ \
		    mm/include/linux/:include/linux/ \
		    mm/include/trace/events/:include/trace/events/; do
		mkdir -p "$1/${pair#*:}"
		for f in "$top/${pair%%:*}"*; do
			[ -f "$f" ] || continue
			copy_if_different "$f" "$1/${pair#*:}${f##*/}"
		done
	done
	# What is no longer in the core must not stay in the tree.
	for pair in mm/:mm/autonuma/ sched/:kernel/sched/autonuma/; do
		for f in "$1/${pair#*:}"*.[ch]; do
			[ -f "$top/${pair%%:*}${f##*/}" ] || rm -f "$f"
		done
	done
}

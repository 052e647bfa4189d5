# SPDX-License-Identifier: GPL-2.0
# What the scripts of checks share. Each check prints one line that check.py reads.
autonuma=/sys/kernel/mm/autonuma

checks=0

# One line of the console, whole whatever else is printed.
say() {
	echo "$*" >/dev/kmsg
}

# check NAME COMMAND…: holds if the command succeeds.
check() {
	name=$1
	checks=$((checks + 1))
	shift
	if said=$("$@" 2>&1); then
		say "GUEST ok $name"
	else
		say "GUEST not ok $name: $(echo "$said" | tail -3 | tr '\n' ' ')"
	fi
}

# Sum of the numbers of a file: counters of AutoNUMA are "name number" lines or one number.
total() {
	awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) n += $i } END { print n + 0 }' "$1"
}

# vmstat NAME
vmstat() {
	awk -v name="$1" '$1 == name { print $2 }' /proc/vmstat
}

# grew FILE BEFORE
grew() {
	[ "$(total "$1")" -gt "$2" ] || { echo "$1 stayed $2"; return 1; }
}

# same WHAT IS SHALL-BE
same() {
	[ "$2" = "$3" ] || { echo "$1 is '$2', not '$3'"; return 1; }
}

# Kernel threads whose name begins with $1.
daemons() {
	cat /proc/[0-9]*/comm | grep -c "^$1"
}

# Nodes that have something: nodes has_memory
nodes() {
	tr ',' '\n' <"/sys/devices/system/node/$1" | awk -F- '{ n += NF > 1 ? $2 - $1 + 1 : NF } END { print n + 0 }'
}

# How often NUMA balancing has scanned process $1.
scans_of() {
	awk '/numa_scan_seq/ { print $NF }' "/proc/$1/sched"
}

# wait_for SECONDS COMMAND…: until it holds, for so long at most.
wait_for() {
	tries=$(($1 * 5))
	shift
	while ! "$@" >/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { "$@"; return 1; }
		usleep 200000
	done
}

# Objects that nothing points to, twice: pointers may be on their way. kmemleak looks at
# nothing that is younger than five seconds.
nothing_is_lost() {
	sleep 6
	for scan in 1 2 3; do
		echo scan >/sys/kernel/debug/kmemleak
	done
	lost=$(cat /sys/kernel/debug/kmemleak)
	[ -z "$lost" ] || { say "$lost"; echo "$lost" | grep -c ^unreferenced; return 1; }
}

# A program that uses $1 MiB for $2 seconds; $program is its pid.
start_program() {
	apart stay "$1" "$2" &
	program=$!
}

daemons_of_each_node() {
	same "threads of knuma_scand" "$(daemons knuma_scand)" 1 &&
		same "threads of knuma_migrated" "$(daemons knuma_migrated)" "$1"
}

# Memory filled on CPU $1 comes to the task on CPU $2.
pages_follow() {
	before=$(total $autonuma/pages_migrated)
	share=$(apart move "$1" "$2" 8 "${3:-60}") || return 1
	[ "$share" -ge 90 ] || { echo "$share % of the memory came along"; return 1; }
	grew $autonuma/pages_migrated "$before"
}

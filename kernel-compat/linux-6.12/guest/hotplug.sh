# SPDX-License-Identifier: GPL-2.0
# Memory is plugged into node 2, which had none, and one more of its CPUs comes up.

blocks() {
	ls -d /sys/devices/system/memory/memory[0-9]* | wc -l
}

more_blocks() {
	[ "$(blocks)" -gt "$before" ]
}

enough_memory() {
	[ -e "/sys/devices/system/node/node$1/meminfo" ] || { echo "no node $1"; return 1; }
	awk '/MemTotal/ { if ($4 < 200000) { print "too little memory:", $4; exit 1 } }' \
		"/sys/devices/system/node/node$1/meminfo"
}

memory_comes() {
	before=$(blocks)
	echo online >/sys/devices/system/memory/auto_online_blocks
	say "HOST object_add memory-backend-ram,id=h$1,size=256M"
	say "HOST device_add pc-dimm,id=d$1,memdev=h$1,node=$1"
	wait_for 60 more_blocks || { echo "no new block of memory"; return 1; }
	wait_for 60 enough_memory "$1"
}

cpu_comes() {
	same online "$(cat "/sys/devices/system/cpu/cpu$1/online")" 0 || return 1
	echo 1 >"/sys/devices/system/cpu/cpu$1/online" || return 1
	same online "$(cat "/sys/devices/system/cpu/cpu$1/online")" 1
}

check autonuma_is_on_after_boot same enabled "$(cat $autonuma/enabled)" 1
echo 1000 >$autonuma/scan_sleep_pass_millisecs
check memory_comes_to_a_node_without memory_comes 2
check a_cpu_comes cpu_comes 3
check programs_run_on_the_new_cpu apart move 0 3 8 20
check pages_follow_between_the_old_nodes pages_follow 0 1

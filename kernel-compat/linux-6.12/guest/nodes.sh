# SPDX-License-Identifier: GPL-2.0
# More than one node: AutoNUMA decides, and NUMA balancing does when it is switched off.

balancing_sleeps() {
	start_program 4 600
	sleep 4
	same "scans of NUMA balancing" "$(scans_of $program)" 0
	status=$?
	kill $program
	wait $program 2>/dev/null
	return $status
}

# scanned PID: NUMA balancing has scanned it, and it had hinting faults.
scanned() {
	[ "$(scans_of "$1")" -gt 0 ] || { echo "NUMA balancing did not scan"; return 1; }
	[ "$(vmstat numa_hint_faults)" -gt "$faults" ] || { echo "no hinting faults"; return 1; }
}

balancing_works() {
	before=$(total $autonuma/pages_marked)
	faults=$(vmstat numa_hint_faults)
	start_program 4 600
	wait_for 60 scanned $program
	status=$?
	kill $program
	wait $program 2>/dev/null
	[ $status -eq 0 ] && same pages_marked "$(total $autonuma/pages_marked)" "$before"
}

bad_values_are_refused() {
	for value in 2 -1 1x "" " "; do
		if echo "$value" >$autonuma/enabled; then
			echo "enabled accepts '$value'"
			return 1
		fi
	done 2>/dev/null
	same enabled "$(cat $autonuma/enabled)" 1
}

# Three storms on all nodes, while somebody plays with every knob that has two values.
storms_with_knobs_flipped() {
	pids=
	for seed in 1 2 3; do
		storm $seed 10 &
		pids="$pids $!"
	done
	for i in 1 2 3 4 5 6; do
		for knob in enabled scan_pmd working_set migrate_async migrate_defer \
			    load_balance_strict; do
			old=$(cat $autonuma/$knob)
			echo $((1 - old)) >$autonuma/$knob
			usleep 100000
			echo "$old" >$autonuma/$knob
		done
		usleep 200000
	done
	for pid in $pids; do
		wait "$pid" || { echo "a storm ended with $?"; return 1; }
	done
}

all_its_cpus_go_and_come_back() {
	start_program 4 4
	for state in 0 1; do
		for cpu in "$@"; do
			echo $state >"/sys/devices/system/cpu/cpu$cpu/online" || return 1
		done
		sleep 1
	done
	wait $program
}

# Some memory of node $1 goes and comes back, while a program uses memory.
memory_goes_and_comes_back() {
	start_program 4 4
	for block in /sys/devices/system/node/node"$1"/memory*; do
		[ -f "$block/state" ] || continue
		echo offline >"$block/state" 2>/dev/null || continue
		same state "$(cat "$block/state")" offline || return 1
		sleep 1
		echo online_movable >"$block/state" || return 1
		wait $program
		return
	done
	wait $program
	echo "no block of node $1 can go offline"
	return 1
}

last_cpu=$(($(grep -c ^processor /proc/cpuinfo) - 1))
last_node=$(cat /sys/devices/system/node/online)
last_node=${last_node##*[-,]}

check autonuma_is_on_after_boot same enabled "$(cat $autonuma/enabled)" 1
check one_daemon_per_node daemons_of_each_node "$(nodes has_memory)"
echo 1000 >$autonuma/scan_sleep_pass_millisecs
check bad_values_are_refused bad_values_are_refused
check pages_follow_their_task pages_follow 0 $last_cpu
check numa_balancing_does_not_scan_while_enabled balancing_sleeps
check a_refused_fork_leaves_the_parents_statistics_alone apart refused 5
check storms_with_knobs_flipped storms_with_knobs_flipped
check cpus_of_a_node_go_and_come_back all_its_cpus_go_and_come_back $((last_cpu - 1)) $last_cpu
check memory_of_a_node_goes_and_comes_back memory_goes_and_comes_back "$last_node"
check pages_follow_after_hotplug pages_follow $last_cpu 0
echo 0 >$autonuma/enabled
check numa_balancing_works_while_not_enabled balancing_works
echo 1 >$autonuma/enabled
check pages_follow_when_enabled_again pages_follow 0 $last_cpu

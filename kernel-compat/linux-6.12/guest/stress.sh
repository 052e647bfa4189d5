# SPDX-License-Identifier: GPL-2.0
# Everything at once for a while: seconds=N on the command line.
seconds=30
for word in $(cat /proc/cmdline); do
	case $word in seconds=*) seconds=${word#seconds=} ;; esac
done
cpus=$(grep -c ^processor /proc/cpuinfo)
last_node=$(cat /sys/devices/system/node/online)
last_node=${last_node##*[-,]}

# now: seconds since boot.
now() {
	cut -d. -f1 /proc/uptime
}

# flip FILE A B: each of two values, then the first again.
flip() {
	echo "$3" >"$1"
	usleep 150000
	echo "$2" >"$1"
}

# Every knob with two values, those of others that AutoNUMA meets, and short periods.
flip_knobs() {
	for file in $autonuma/*; do
		[ "$(now)" -lt "$end" ] || return
		case $(cat "$file") in
		0) [ -w "$file" ] && flip "$file" 0 1 ;;
		1) [ -w "$file" ] && flip "$file" 1 0 ;;
		esac
	done 2>/dev/null
	flip $autonuma/scan_sleep_pass_millisecs 100 5000
	flip /proc/sys/kernel/numa_balancing 1 0
	flip /sys/kernel/mm/transparent_hugepage/enabled always never
	flip /sys/kernel/mm/ksm/run 1 2
}

# CPUs and memory go and come back.
replug() {
	cpu=/sys/devices/system/cpu/cpu$((cpus - 1))/online
	echo 0 >"$cpu"
	echo 1 >"$cpu"
	for block in /sys/devices/system/node/node"$last_node"/memory*; do
		[ -f "$block/state" ] || continue
		echo offline >"$block/state" || continue
		echo online_movable >"$block/state"
		return
	done 2>/dev/null
}

# A storm for every other CPU, a program that takes most of the memory, knobs.
storms() {
	end=$(($(now) + seconds))
	pids=
	for seed in $(seq $((cpus / 2))); do
		storm "$seed" "$seconds" >/tmp/steps.$seed &
		pids="$pids $!"
	done
	storm hog 80 "$seconds" &
	pids="$pids $!"
	while [ "$(now)" -lt $end ]; do
		flip_knobs
		replug
		say "STRESS $(($(now) - end + seconds)) of $seconds s"
	done
	for pid in $pids; do
		wait "$pid" || { echo "a program ended with $?"; return 1; }
	done
}

steps_are_made() {
	steps=$(total /tmp/steps)
	say "STRESS $steps steps, $(total $autonuma/pages_migrated) pages migrated"
	[ "$steps" -gt "$cpus" ] || { echo "only $steps steps"; return 1; }
}

mkswap /dev/ram0 >/dev/null
check memory_can_be_swapped swapon /dev/ram0
echo 100 >$autonuma/scan_sleep_pass_millisecs
echo 100 >/sys/kernel/mm/ksm/sleep_millisecs
echo 100 >/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs
before=$(total $autonuma/pages_migrated)
check storms_end_well storms
cat /tmp/steps.* >/tmp/steps
check storms_make_steps steps_are_made
echo 1 >$autonuma/enabled
check pages_were_migrated grew $autonuma/pages_migrated "$before"
check pages_follow_their_task_after_all pages_follow 0 $((cpus - 1)) 60

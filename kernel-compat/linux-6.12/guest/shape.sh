# SPDX-License-Identifier: GPL-2.0
# A machine of an odd shape: it boots, has its daemons, and pages follow their task.
# The command line says what is expected: memory=NODES daemons=NODES
# from=CPU to=CPU; daemons are on nodes with both memory and CPUs.
for word in $(cat /proc/cmdline); do
	case $word in
	memory=*) memory=${word#memory=} ;;
	daemons=*) daemons=${word#daemons=} ;;
	from=*) from=${word#from=} ;;
	to=*) to=${word#to=} ;;
	esac
done
check nodes_with_memory_are_as_built same nodes "$(nodes has_memory)" "$memory"
check autonuma_is_on_after_boot same enabled "$(cat $autonuma/enabled)" 1
check one_daemon_per_node_with_memory_and_cpus daemons_of_each_node "$daemons"
echo 1000 >$autonuma/scan_sleep_pass_millisecs
check pages_follow_their_task pages_follow "$from" "$to"

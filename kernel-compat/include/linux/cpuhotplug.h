/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU hotplug states.
 *
 * same: setting up a state calls its startup for each online CPU, removing it teardown;
 * a CPU that comes calls startups in the order of the states, one that goes teardowns in
 * reverse; whoever refuses undoes what was done.
 * model: the caller calls them, not the CPU's own thread; few states have names.
 */
#ifndef _LINUX_CPUHOTPLUG_H
#define _LINUX_CPUHOTPLUG_H

#include <linux/types.h>

enum cpuhp_state {
	CPUHP_INVALID = -1,
	CPUHP_OFFLINE = 0,
	CPUHP_MM_VMSTAT_DEAD,
	CPUHP_PAGE_ALLOC,
	CPUHP_BP_PREPARE_DYN = 50,
	CPUHP_BP_PREPARE_DYN_END = CPUHP_BP_PREPARE_DYN + 20,
	CPUHP_AP_ONLINE = 100,
	CPUHP_AP_ONLINE_DYN = 150,
	CPUHP_AP_ONLINE_DYN_END = CPUHP_AP_ONLINE_DYN + 40,
	CPUHP_ONLINE = 200,
};

/* 0, the state chosen for a dynamic one, or -Exxx of startup, after tearing down again. */
int cpuhp_setup_state(enum cpuhp_state state, const char *name,
		      int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu));
int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*startup)(unsigned int cpu),
			      int (*teardown)(unsigned int cpu));
void cpuhp_remove_state(enum cpuhp_state state);
void cpuhp_remove_state_nocalls(enum cpuhp_state state);

#endif /* _LINUX_CPUHOTPLUG_H */

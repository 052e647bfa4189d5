// SPDX-License-Identifier: GPL-2.0
/* Where a policy puts memory, and which threads it binds. */
#include <linux/cpumask.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/topology.h>
#include <machine/program.h>

#include "live.h"

const char *policy_cmdline(enum bench_policy policy, enum bench_thp thp)
{
	if (policy_is_autonuma(policy))
		return thp == THP_ALWAYS ? "transparent_hugepage=always" :
					   "transparent_hugepage=never";
	return thp == THP_ALWAYS ? "noautonuma transparent_hugepage=always" :
				   "noautonuma transparent_hugepage=never";
}

long policy_bind_thread(struct live_run *run, unsigned int cpu)
{
	if (!policy_binds(run->policy))
		return 0;
	return sys_sched_setaffinity(0, cpumask_of_node(cpu_to_node(cpu)));
}

/* A process on several nodes has the first one's memory only. */
long policy_bind_process(struct live_process *p)
{
	struct live_run *run = p->run;
	unsigned int cpu = p->layout->cpu[0];
	nodemask_t nodes = NODE_MASK_NONE;
	long ret;

	if (!policy_binds(run->policy))
		return 0;
	ret = policy_bind_thread(run, cpu);
	if (ret)
		return ret;
	node_set(run->target[cpu_to_node(cpu)], nodes);
	return sys_set_mempolicy(MPOL_BIND, &nodes);
}

/* Parts that neighbour each other become one VMA if they are for the same node. */
long policy_bind_memory(struct live_process *p)
{
	const struct bench_process_layout *layout = p->layout;
	long ret = 0;

	if (!policy_binds(p->run->policy))
		return 0;
	for (unsigned int i = 0; !ret && i < layout->nr_parts; i++) {
		const struct bench_part *part = &layout->part[i];
		nodemask_t nodes = NODE_MASK_NONE;

		node_set(p->run->target[part->node], nodes);
		ret = sys_mbind(p->addr + part->at * PAGE_SIZE, part->span * PAGE_SIZE,
				MPOL_BIND, &nodes, 0);
	}
	return ret;
}

long policy_bind_start(struct live_run *run, bool bind)
{
	nodemask_t nodes = NODE_MASK_NONE;

	if (policy_binds(run->policy))
		return 0;
	if (!bind)
		return sys_set_mempolicy(MPOL_DEFAULT, NULL);
	node_set(run->layout.start_node, nodes);
	return sys_set_mempolicy(MPOL_BIND, &nodes);
}

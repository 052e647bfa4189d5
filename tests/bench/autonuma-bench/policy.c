// SPDX-License-Identifier: GPL-2.0
/* Where a policy puts memory. */
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <machine/program.h>

#include "live.h"

const char *policy_cmdline(enum bench_policy policy)
{
	return policy == POLICY_AUTONUMA ? "" : "noautonuma";
}

static long bind_pages(struct live_process *p, u64 first, u64 nr, unsigned int node)
{
	nodemask_t nodes = NODE_MASK_NONE;

	if (!nr)
		return 0;
	node_set(node, nodes);
	return sys_mbind(p->addr + first * PAGE_SIZE, nr * PAGE_SIZE, MPOL_BIND, &nodes, 0);
}

/* Neighbouring parts for the same node become one binding, and so one VMA. */
long policy_bind_memory(struct live_process *p)
{
	const struct bench_process_layout *layout = p->layout;
	const unsigned int *target = p->run->target;
	u64 first = 0, nr = 0;
	long ret = 0;

	if (p->run->policy != POLICY_HARD && p->run->policy != POLICY_INVERSE)
		return 0;
	for (unsigned int i = 0; !ret && i < layout->nr_parts; i++) {
		unsigned int node = target[layout->part[i].node];

		nr += layout->part[i].nr;
		if (i + 1 < layout->nr_parts && target[layout->part[i + 1].node] == node)
			continue;
		ret = bind_pages(p, first, nr, node);
		first += nr;
		nr = 0;
	}
	return ret;
}

long policy_bind_start(struct live_run *run, bool bind)
{
	nodemask_t nodes = NODE_MASK_NONE;

	if (run->policy == POLICY_HARD || run->policy == POLICY_INVERSE)
		return 0;
	if (!bind)
		return sys_set_mempolicy(MPOL_DEFAULT, NULL);
	node_set(run->layout.start_node, nodes);
	return sys_set_mempolicy(MPOL_BIND, &nodes);
}

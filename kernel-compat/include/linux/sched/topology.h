/* SPDX-License-Identifier: GPL-2.0 */
/* Scheduling topology. model: no domains; see linux/topology.h for masks. */
#ifndef _LINUX_SCHED_TOPOLOGY_H
#define _LINUX_SCHED_TOPOLOGY_H

#include <linux/topology.h>

/* Do two CPUs share a last-level cache? Each node is one. */
static inline bool cpus_share_cache(int a, int b) { return cpu_to_node(a) == cpu_to_node(b); }

#endif /* _LINUX_SCHED_TOPOLOGY_H */

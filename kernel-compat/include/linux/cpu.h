/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU hotplug.
 *
 * same: who may hold what, remove_cpu(), add_cpu() and what they return, the order of the
 * callbacks (linux/cpuhotplug.h).  A task whose affinity leaves it no CPU may run on all.
 * model: cpus_read_lock() is an ordinary rwsem.  Callbacks run in the caller, not on the
 * CPU; kernel threads of one CPU go elsewhere with their affinity broken, instead of being
 * parked, and do not come back.
 */
#ifndef _LINUX_CPU_H
#define _LINUX_CPU_H

#include <linux/types.h>
#include <linux/cpumask.h>
#include <linux/cpuhotplug.h>
#include <linux/smp.h>

void cpus_read_lock(void);
void cpus_read_unlock(void);
int cpus_read_trylock(void);
void cpus_write_lock(void);
void cpus_write_unlock(void);
void lockdep_assert_cpus_held(void);

/*
 * Take a CPU out of service, or back into it. 0; 1 when it was so already; -EINVAL: there
 * is none; -EBUSY: it is the last one; or what a callback refused with. May sleep.
 */
int remove_cpu(unsigned int cpu);
int add_cpu(unsigned int cpu);
static inline void cpu_relax_yield(void) { }

#endif /* _LINUX_CPU_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU hotplug locks. stub: CPUs never come or go after boot, so readers have nothing
 * to exclude; exec counts the nesting and reports imbalance at shutdown.
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
void lockdep_assert_cpus_held(void);
static inline void cpu_relax_yield(void) { }

#endif /* _LINUX_CPU_H */

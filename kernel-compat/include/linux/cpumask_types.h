/* SPDX-License-Identifier: GPL-2.0 */
/* same: with CONFIG_CPUMASK_OFFSTACK, cpumask_var_t is a pointer. */
#ifndef __LINUX_CPUMASK_TYPES_H
#define __LINUX_CPUMASK_TYPES_H

#include <linux/bits.h>
#include <linux/threads.h>

typedef struct cpumask {
	DECLARE_BITMAP(bits, NR_CPUS);
} cpumask_t;

#define cpumask_bits(maskp) ((maskp)->bits)
typedef struct cpumask *cpumask_var_t;

#endif /* __LINUX_CPUMASK_TYPES_H */

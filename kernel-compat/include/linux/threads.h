/* SPDX-License-Identifier: GPL-2.0 */
/* same: the largest machine the simulated kernel is configured for. */
#ifndef _LINUX_THREADS_H
#define _LINUX_THREADS_H

#define NR_CPUS		CONFIG_NR_CPUS
#define PID_MAX_LIMIT	(4 * 1024 * 1024)

#endif /* _LINUX_THREADS_H */

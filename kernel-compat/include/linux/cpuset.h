/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which nodes a task may allocate from.
 *
 * model: cpuset_current_mems_allowed is the task's own mask, as in a kernel with cpusets;
 * there are no cpusets to change it, so it holds every node with memory unless a
 * test writes it.
 */
#ifndef _LINUX_CPUSET_H
#define _LINUX_CPUSET_H

#include <linux/nodemask.h>
#include <linux/sched.h>

#define cpuset_current_mems_allowed	(current->mems_allowed)

#endif /* _LINUX_CPUSET_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Process ids. model: one namespace, numbers only; struct pid does not exist. */
#ifndef _LINUX_PID_H
#define _LINUX_PID_H

#include <linux/types.h>

struct task_struct;
struct pid;

#define PID_MAX_LIMIT	(4 * 1024 * 1024)

struct task_struct *find_task_by_vpid(pid_t nr);	/* under RCU */
struct task_struct *find_get_task_by_vpid(pid_t nr);

#endif /* _LINUX_PID_H */

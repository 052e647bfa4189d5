/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel stacks. model: a task's stack is its host context's. */
#ifndef _LINUX_SCHED_TASK_STACK_H
#define _LINUX_SCHED_TASK_STACK_H

#include <linux/sched.h>

bool object_is_on_stack(const void *obj);

#endif /* _LINUX_SCHED_TASK_STACK_H */

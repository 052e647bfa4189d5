/* SPDX-License-Identifier: GPL-2.0 */
/* model: what this machine has of it is in linux/sched.h. */
#ifndef _LINUX_SCHED_IDLE_H
#define _LINUX_SCHED_IDLE_H

#include <linux/sched.h>

#endif

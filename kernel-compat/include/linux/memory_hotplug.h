/* SPDX-License-Identifier: GPL-2.0 */
/* model: memory is never added or removed at run time; every valid frame is online. */
#ifndef _LINUX_MEMORY_HOTPLUG_H
#define _LINUX_MEMORY_HOTPLUG_H

#include <linux/mm/page.h>

#endif /* _LINUX_MEMORY_HOTPLUG_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* model: once per host process, not per boot. */
#ifndef _LINUX_ONCE_H
#define _LINUX_ONCE_H

#include <linux/once_lite.h>

#define DO_ONCE(func, ...) DO_ONCE_LITE(func, ##__VA_ARGS__)

#endif /* _LINUX_ONCE_H */

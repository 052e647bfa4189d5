/* SPDX-License-Identifier: GPL-2.0 */
/* same: panic() is in linux/bug.h. */
#ifndef _LINUX_PANIC_H
#define _LINUX_PANIC_H

#include <linux/bug.h>

#endif /* _LINUX_PANIC_H */

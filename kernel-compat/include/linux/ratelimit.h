/* SPDX-License-Identifier: GPL-2.0 */
/* model: see linux/ratelimit_types.h. */
#ifndef _LINUX_RATELIMIT_H
#define _LINUX_RATELIMIT_H

#include <linux/ratelimit_types.h>

#endif /* _LINUX_RATELIMIT_H */

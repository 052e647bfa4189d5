/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef __LINUX_UNALIGNED_H
#define __LINUX_UNALIGNED_H

#include <linux/types.h>

#define get_unaligned(ptr) ({						\
	const struct { typeof(*(ptr)) x; } __packed *__gu = (const void *)(ptr); \
	__gu->x; })
#define put_unaligned(val, ptr) do {					\
	struct { typeof(*(ptr)) x; } __packed *__pu = (void *)(ptr);	\
	__pu->x = (val);						\
} while (0)

#endif /* __LINUX_UNALIGNED_H */

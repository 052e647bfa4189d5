/* SPDX-License-Identifier: GPL-2.0 */
/* same: the uapi constants come from the host's header. */
#ifndef __SHIM_LINUX_CONST_H
#define __SHIM_LINUX_CONST_H

#include_next <linux/const.h>

#define __is_constexpr(x) \
	(sizeof(int) == sizeof(*(8 ? ((void *)((long)(x) * 0l)) : (int *)8)))

#endif /* __SHIM_LINUX_CONST_H */

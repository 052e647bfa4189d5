/* SPDX-License-Identifier: GPL-2.0 */
/* model: once per host process, not per boot. */
#ifndef _LINUX_ONCE_LITE_H
#define _LINUX_ONCE_LITE_H

#include <linux/compiler.h>

#define DO_ONCE_LITE_IF(condition, func, ...) ({			\
	static unsigned char __once_done;				\
	bool __once_cond = !!(condition);				\
	if (__once_cond && !__atomic_exchange_n(&__once_done, 1, __ATOMIC_RELAXED)) \
		func(__VA_ARGS__);					\
	__once_cond; })
#define DO_ONCE_LITE(func, ...) DO_ONCE_LITE_IF(true, func, ##__VA_ARGS__)

#endif /* _LINUX_ONCE_LITE_H */

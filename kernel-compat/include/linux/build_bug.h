/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef _LINUX_BUILD_BUG_H
#define _LINUX_BUILD_BUG_H

#include <linux/compiler_types.h>

#define BUILD_BUG_ON_ZERO(e) ((int)(sizeof(struct { int:(-!!(e)); })))
#define BUILD_BUG_ON_INVALID(e) ((void)(sizeof((long)(e))))
#define BUILD_BUG_ON_MSG(cond, msg) __build_bug_on(cond, msg, __COUNTER__)
#define BUILD_BUG_ON(cond) BUILD_BUG_ON_MSG(cond, #cond)
#define BUILD_BUG() BUILD_BUG_ON_MSG(1, "BUILD_BUG failed")
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || (((n) & ((n) - 1)) != 0))

/* Works for conditions that are constant only after inlining, too. */
#define __build_bug_on(cond, msg, id) ___build_bug_on(cond, msg, id)
#ifdef __OPTIMIZE__
#define ___build_bug_on(cond, msg, id) do {				\
	extern void __build_bug_##id(void)				\
		__attribute__((__error__(msg)));			\
	if (cond)							\
		__build_bug_##id();					\
} while (0)
#else
#define ___build_bug_on(cond, msg, id) ((void)sizeof(cond))
#endif

#ifndef static_assert
#define static_assert(expr, ...) __static_assert(expr, ##__VA_ARGS__, #expr)
#define __static_assert(expr, msg, ...) _Static_assert(expr, msg)
#endif

#endif /* _LINUX_BUILD_BUG_H */

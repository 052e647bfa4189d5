/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BUG() and WARN().
 *
 * model: both are violations, which end the process unless a test expects them; the
 * kernel goes on after a WARN.  The _ONCE forms report every time, so that each boot
 * of the machine is like the first.
 */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <machine/violation.h>

/* Does not return, also when the violation is expected. */
__noreturn __cold void __bug(const char *file, int line, const char *what);
__noreturn __cold __printf(1, 2) void panic(const char *fmt, ...);

#define BUG()		__bug(__FILE__, __LINE__, "BUG()")
#define BUG_ON(cond)	do { if (unlikely(cond)) __bug(__FILE__, __LINE__, #cond); } while (0)

#define __WARN()	violation(VIOLATION_WARN, "%s:%d", __FILE__, __LINE__)
#define WARN_ON(cond) ({						\
	int __wo_ret = !!(cond);					\
	if (unlikely(__wo_ret))						\
		violation(VIOLATION_WARN, "%s:%d: %s", __FILE__, __LINE__, #cond); \
	unlikely(__wo_ret); })
#define WARN(cond, fmt, ...) ({						\
	int __w_ret = !!(cond);						\
	if (unlikely(__w_ret))						\
		violation(VIOLATION_WARN, "%s:%d: " fmt, __FILE__, __LINE__, ##__VA_ARGS__); \
	unlikely(__w_ret); })
#define WARN_ON_ONCE(cond)		WARN_ON(cond)
#define WARN_ONCE(cond, fmt, ...)	WARN(cond, fmt, ##__VA_ARGS__)
#define WARN_TAINT(cond, taint, fmt, ...) WARN(cond, fmt, ##__VA_ARGS__)
#define WARN_ON_FUNCTION_MISMATCH(x, fn) WARN_ON((x) != (fn))
#define CHECK_DATA_CORRUPTION(cond, addr, fmt, ...) WARN(cond, fmt, ##__VA_ARGS__)

#endif /* _LINUX_BUG_H */

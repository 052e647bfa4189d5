/* SPDX-License-Identifier: GPL-2.0 */
/* same, except that comparing signed with unsigned is left to the compiler's warnings. */
#ifndef _LINUX_MINMAX_H
#define _LINUX_MINMAX_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/const.h>
#include <linux/types.h>

#define __minmax_op(x, y, op, ux, uy) ({				\
	__auto_type ux = (x);						\
	__auto_type uy = (y);						\
	ux op uy ? ux : uy; })
#define __minmax(x, y, op) __minmax_op(x, y, op, __UNIQUE_ID(mx), __UNIQUE_ID(my))

/* As in 6.12, not constant expressions; MIN() and MAX() are. */
#define min(x, y)	__minmax(x, y, <)
#define max(x, y)	__minmax(x, y, >)
#define umin(x, y)	min((x) + 0u + 0ul + 0ull, (y) + 0u + 0ul + 0ull)
#define umax(x, y)	max((x) + 0u + 0ul + 0ull, (y) + 0u + 0ul + 0ull)
#define min3(x, y, z)	min((typeof(x))min(x, y), z)
#define max3(x, y, z)	max((typeof(x))max(x, y), z)
#define min_t(type, x, y) __minmax((type)(x), (type)(y), <)
#define max_t(type, x, y) __minmax((type)(x), (type)(y), >)
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))
#define min_not_zero(x, y) ({						\
	typeof(x) __mnz_x = (x);					\
	typeof(y) __mnz_y = (y);					\
	__mnz_x == 0 ? __mnz_y : (__mnz_y == 0 ? __mnz_x : min(__mnz_x, __mnz_y)); })
#define clamp(val, lo, hi) min((typeof(val))max(val, lo), hi)
#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)
#define clamp_val(val, lo, hi) clamp_t(typeof(val), val, lo, hi)

#define swap(a, b) \
	do { typeof(a) __swap_tmp = (a); (a) = (b); (b) = __swap_tmp; } while (0)

/* True when @val is in [start, start + len). */
#define in_range(val, start, len) ({					\
	u64 __ir_val = (val), __ir_start = (start), __ir_len = (len);	\
	__ir_val - __ir_start < __ir_len; })

#endif /* _LINUX_MINMAX_H */

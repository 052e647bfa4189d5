/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef _LINUX_MATH_H
#define _LINUX_MATH_H

#include <stdlib.h>	/* declares abs() before the name becomes a macro */
#include <linux/types.h>

#define __round_mask(x, y)	((__typeof__(x))((y) - 1))
#define round_up(x, y)		((((x) - 1) | __round_mask(x, y)) + 1)
#define round_down(x, y)	((x) & ~__round_mask(x, y))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d)	DIV_ROUND_UP((unsigned long long)(n), (d))
#define DIV_ROUND_DOWN_ULL(n, d) ((unsigned long long)(n) / (d))
#define roundup(x, y)		({ typeof(y) __ru_y = (y); (((x) + (__ru_y - 1)) / __ru_y) * __ru_y; })
#define rounddown(x, y)		({ typeof(x) __rd_x = (x); __rd_x - (__rd_x % (y)); })
/* Rounds half away from zero. */
#define DIV_ROUND_CLOSEST(x, divisor) ({				\
	typeof(x) __drc_x = (x);					\
	typeof(divisor) __drc_d = (divisor);				\
	(((typeof(x))-1) > 0 || ((typeof(divisor))-1) > 0 ||		\
	 ((__drc_x > 0) == (__drc_d > 0))) ?				\
		((__drc_x + (__drc_d / 2)) / __drc_d) :			\
		((__drc_x - (__drc_d / 2)) / __drc_d); })
#define mult_frac(x, n, d) ({						\
	typeof(x) __mf_x = (x);						\
	typeof(n) __mf_n = (n);						\
	typeof(d) __mf_d = (d);						\
	typeof(__mf_x) __mf_q = __mf_x / __mf_d;			\
	typeof(__mf_x) __mf_r = __mf_x % __mf_d;			\
	__mf_q * __mf_n + __mf_r * __mf_n / __mf_d; })
#define sector_div(a, b)	({ u32 __sd = (a) % (b); (a) /= (b); __sd; })

#define abs(x) ({							\
	typeof(x) __abs_x = (x);					\
	__abs_x < 0 ? -__abs_x : __abs_x; })
#define abs_diff(a, b) ({						\
	typeof(a) __ad_a = (a);						\
	typeof(b) __ad_b = (b);						\
	__ad_a > __ad_b ? (__ad_a - __ad_b) : (__ad_b - __ad_a); })

unsigned long int_sqrt(unsigned long x);

#endif /* _LINUX_MATH_H */

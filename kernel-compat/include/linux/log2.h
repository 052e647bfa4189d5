/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef _LINUX_LOG2_H
#define _LINUX_LOG2_H

#include <linux/bitops.h>
#include <linux/types.h>

static inline __attribute_const__ bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* Constant operands give constant expressions. */
#define ilog2(n) \
	(__builtin_constant_p(n) ? ((n) < 2 ? 0 : 63 - __builtin_clzll(n)) : fls64(n) - 1)
#define __roundup_pow_of_two(n) (1UL << fls_long((n) - 1))
#define __rounddown_pow_of_two(n) (1UL << (fls_long(n) - 1))
#define roundup_pow_of_two(n) ((n) == 1 ? 1UL : __roundup_pow_of_two((unsigned long)(n)))
#define rounddown_pow_of_two(n) __rounddown_pow_of_two((unsigned long)(n))
#define order_base_2(n) ((n) > 1 ? ilog2((n) - 1) + 1 : 0)
#define bits_per(n) ((n) < 2 ? 1 : ilog2(n) + 1)

#endif /* _LINUX_LOG2_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef __LINUX_OVERFLOW_H
#define __LINUX_OVERFLOW_H

#include <linux/compiler.h>
#include <linux/const.h>
#include <linux/limits.h>

static inline bool __must_check __must_check_overflow(bool overflow)
{
	return unlikely(overflow);
}
#define check_add_overflow(a, b, d) __must_check_overflow(__builtin_add_overflow(a, b, d))
#define check_sub_overflow(a, b, d) __must_check_overflow(__builtin_sub_overflow(a, b, d))
#define check_mul_overflow(a, b, d) __must_check_overflow(__builtin_mul_overflow(a, b, d))
#define check_shl_overflow(a, s, d) __must_check_overflow(({		\
	typeof(a) __so_a = (a);						\
	typeof(s) __so_s = (s);						\
	unsigned int __so_n = __so_s >= 0 && (u64)__so_s < 8 * sizeof(*(d)) ? __so_s : 0; \
	*(d) = (typeof(*(d)))((u64)__so_a << __so_n);			\
	__so_n != __so_s || *(d) < 0 || __so_a < 0 ||			\
		(typeof(a))(*(d) >> __so_n) != __so_a; }))
#define wrapping_add(type, a, b) ({ type __wa; (void)__builtin_add_overflow(a, b, &__wa); __wa; })
#define wrapping_sub(type, a, b) ({ type __wa; (void)__builtin_sub_overflow(a, b, &__wa); __wa; })

/* Sizes saturate at SIZE_MAX, which no allocation can satisfy. */
static inline size_t __must_check size_mul(size_t a, size_t b)
{
	size_t bytes;

	return check_mul_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t __must_check size_add(size_t a, size_t b)
{
	size_t bytes;

	return check_add_overflow(a, b, &bytes) ? SIZE_MAX : bytes;
}

static inline size_t __must_check size_sub(size_t a, size_t b)
{
	size_t bytes;

	if (a == SIZE_MAX || b == SIZE_MAX || check_sub_overflow(a, b, &bytes))
		return SIZE_MAX;
	return bytes;
}

#define array_size(a, b)	size_mul(a, b)
#define array3_size(a, b, c)	size_mul(size_mul(a, b), c)
#define flex_array_size(p, member, count) \
	size_mul(count, sizeof(*(p)->member))
#define struct_size(p, member, count) \
	size_add(sizeof(*(p)), flex_array_size(p, member, count))
#define struct_size_t(type, member, count) struct_size((type *)NULL, member, count)

#endif /* __LINUX_OVERFLOW_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Searching bitmaps.
 *
 * same: every search returns @size (or more than the last bit) when nothing is found.
 * Words are read with relaxed atomic loads, because masks such as mm_cpumask() change
 * while they are walked.
 */
#ifndef __LINUX_FIND_H
#define __LINUX_FIND_H

#include <linux/bits.h>
#include <linux/bitops.h>

/* The first bit >= start for which the word expression has a one. */
#define __FIND_NEXT(word_expr, size, start) ({				\
	unsigned long __fn_size = (size), __fn_start = (start), __fn_ret = __fn_size; \
	if (__fn_start < __fn_size) {					\
		unsigned long idx = __fn_start / BITS_PER_LONG;		\
		unsigned long __fn_w = (word_expr) & (~0UL << (__fn_start % BITS_PER_LONG)); \
		while (!__fn_w && (idx + 1) * BITS_PER_LONG < __fn_size) { \
			idx++;						\
			__fn_w = (word_expr);				\
		}							\
		if (__fn_w) {						\
			__fn_ret = idx * BITS_PER_LONG + __builtin_ctzl(__fn_w); \
			if (__fn_ret > __fn_size)			\
				__fn_ret = __fn_size;			\
		}							\
	}								\
	__fn_ret; })

static __always_inline unsigned long __find_word(const unsigned long *addr, unsigned long i)
{
	return __atomic_load_n(addr + i, __ATOMIC_RELAXED);
}

static inline unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
					  unsigned long offset)
{
	return __FIND_NEXT(__find_word(addr, idx), size, offset);
}

static inline unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
					       unsigned long offset)
{
	return __FIND_NEXT(~__find_word(addr, idx), size, offset);
}

static inline unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
					      unsigned long size, unsigned long offset)
{
	return __FIND_NEXT(__find_word(a, idx) & __find_word(b, idx), size, offset);
}

static inline unsigned long find_next_andnot_bit(const unsigned long *a, const unsigned long *b,
						 unsigned long size, unsigned long offset)
{
	return __FIND_NEXT(__find_word(a, idx) & ~__find_word(b, idx), size, offset);
}

static inline unsigned long find_next_or_bit(const unsigned long *a, const unsigned long *b,
					     unsigned long size, unsigned long offset)
{
	return __FIND_NEXT(__find_word(a, idx) | __find_word(b, idx), size, offset);
}

#define find_first_bit(addr, size)		find_next_bit(addr, size, 0)
#define find_first_zero_bit(addr, size)		find_next_zero_bit(addr, size, 0)
#define find_first_and_bit(a, b, size)		find_next_and_bit(a, b, size, 0)
#define find_first_andnot_bit(a, b, size)	find_next_andnot_bit(a, b, size, 0)

/* The last set bit, or @size. */
static inline unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
	unsigned long idx = BITS_TO_LONGS(size), w;

	while (idx--) {
		w = __find_word(addr, idx);
		if ((idx + 1) * BITS_PER_LONG > size)
			w &= ~0UL >> ((idx + 1) * BITS_PER_LONG - size);
		if (w)
			return idx * BITS_PER_LONG + __fls(w);
	}
	return size;
}

/* The n-th set bit counted from 0, or @size. */
static inline unsigned long find_nth_bit(const unsigned long *addr, unsigned long size,
					 unsigned long n)
{
	unsigned long bit = find_next_bit(addr, size, 0);

	while (bit < size && n--)
		bit = find_next_bit(addr, size, bit + 1);
	return bit;
}

/* As find_next_bit(), going on at bit 0 after the last. */
static inline unsigned long find_next_bit_wrap(const unsigned long *addr, unsigned long size,
					       unsigned long offset)
{
	unsigned long bit = find_next_bit(addr, size, offset);

	if (bit < size || offset == 0)
		return bit;
	bit = find_next_bit(addr, offset, 0);
	return bit < offset ? bit : size;
}

static inline unsigned long find_next_and_bit_wrap(const unsigned long *a, const unsigned long *b,
						   unsigned long size, unsigned long offset)
{
	unsigned long bit = find_next_and_bit(a, b, size, offset);

	if (bit < size || offset == 0)
		return bit;
	bit = find_next_and_bit(a, b, offset, 0);
	return bit < offset ? bit : size;
}

/* Step of a walk that begins at @start, wraps, and ends before @start. */
static inline unsigned long __for_each_wrap(const unsigned long *addr, unsigned long size,
					    unsigned long start, unsigned long n)
{
	unsigned long bit;

	if (n > start) {
		bit = find_next_bit(addr, size, n);
		if (bit < size)
			return bit;
		n = 0;
	}
	bit = find_next_bit(addr, start, n);
	return bit < start ? bit : size;
}

#define for_each_set_bit(bit, addr, size) \
	for ((bit) = 0; (bit) = find_next_bit((addr), (size), (bit)), (bit) < (size); (bit)++)
#define for_each_and_bit(bit, a, b, size) \
	for ((bit) = 0; (bit) = find_next_and_bit((a), (b), (size), (bit)), (bit) < (size); (bit)++)
#define for_each_andnot_bit(bit, a, b, size) \
	for ((bit) = 0; (bit) = find_next_andnot_bit((a), (b), (size), (bit)), (bit) < (size); (bit)++)
#define for_each_or_bit(bit, a, b, size) \
	for ((bit) = 0; (bit) = find_next_or_bit((a), (b), (size), (bit)), (bit) < (size); (bit)++)
#define for_each_set_bit_from(bit, addr, size) \
	for (; (bit) = find_next_bit((addr), (size), (bit)), (bit) < (size); (bit)++)
#define for_each_clear_bit(bit, addr, size) \
	for ((bit) = 0; (bit) = find_next_zero_bit((addr), (size), (bit)), (bit) < (size); (bit)++)
#define for_each_set_bit_wrap(bit, addr, size, start) \
	for ((bit) = find_next_bit_wrap((addr), (size), (start)); (bit) < (size); \
	     (bit) = __for_each_wrap((addr), (size), (start), (bit) + 1))

#endif /* __LINUX_FIND_H */

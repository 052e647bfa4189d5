/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bitmaps.
 *
 * same.  Reads are relaxed atomic loads (see linux/find.h), writes plain stores.
 * bitmap_parselist() knows numbers, ranges and commas, not the group syntax.
 */
#ifndef __LINUX_BITMAP_H
#define __LINUX_BITMAP_H

#include <linux/bitops.h>
#include <linux/find.h>
#include <linux/string.h>
#include <linux/types.h>

#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) & (BITS_PER_LONG - 1)))
#define BITMAP_LAST_WORD_MASK(nbits) (~0UL >> (-(nbits) & (BITS_PER_LONG - 1)))
#define bitmap_size(nbits) (BITS_TO_LONGS(nbits) * sizeof(unsigned long))

static inline void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0, bitmap_size(nbits));
}

static inline void bitmap_fill(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0xff, bitmap_size(nbits));
}

static inline void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = __find_word(src, i);
}

/* Word i of a map of @nbits bits without the unused bits of the last word. */
static __always_inline unsigned long __bitmap_used(unsigned int i, unsigned int nbits)
{
	return (i + 1) * BITS_PER_LONG > nbits ? BITMAP_LAST_WORD_MASK(nbits) : ~0UL;
}

#define __BITMAP_OP2(name, expr)						\
static inline bool name(unsigned long *dst, const unsigned long *a,		\
			const unsigned long *b, unsigned int nbits)		\
{										\
	unsigned long any = 0, x, y;						\
	unsigned int i;								\
										\
	for (i = 0; i < BITS_TO_LONGS(nbits); i++) {				\
		x = __find_word(a, i);						\
		y = __find_word(b, i);						\
		dst[i] = (expr);						\
		any |= dst[i] & __bitmap_used(i, nbits);			\
	}									\
	return any;								\
}
__BITMAP_OP2(bitmap_and, x & y)
__BITMAP_OP2(bitmap_andnot, x & ~y)
__BITMAP_OP2(__bitmap_or_any, x | y)
__BITMAP_OP2(__bitmap_xor_any, x ^ y)
#undef __BITMAP_OP2

static inline void bitmap_or(unsigned long *dst, const unsigned long *a,
			     const unsigned long *b, unsigned int nbits)
{
	__bitmap_or_any(dst, a, b, nbits);
}

static inline void bitmap_xor(unsigned long *dst, const unsigned long *a,
			      const unsigned long *b, unsigned int nbits)
{
	__bitmap_xor_any(dst, a, b, nbits);
}

static inline void bitmap_complement(unsigned long *dst, const unsigned long *src,
				     unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = ~__find_word(src, i);
}

/* True when the expression over x (word of a) and y (word of b) has a one in a used bit. */
#define __BITMAP_ANY(name, expr)						\
static inline bool name(const unsigned long *a, const unsigned long *b,		\
			unsigned int nbits)					\
{										\
	unsigned int i;								\
										\
	for (i = 0; i < BITS_TO_LONGS(nbits); i++) {				\
		unsigned long x = __find_word(a, i), y = __find_word(b, i);	\
										\
		if ((expr) & __bitmap_used(i, nbits))				\
			return true;						\
	}									\
	return false;								\
}
__BITMAP_ANY(bitmap_intersects, x & y)
__BITMAP_ANY(__bitmap_differs, x ^ y)
__BITMAP_ANY(__bitmap_exceeds, x & ~y)
#undef __BITMAP_ANY

static inline bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	return !__bitmap_differs(a, b, nbits);
}

static inline bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned int nbits)
{
	return !__bitmap_exceeds(a, b, nbits);
}

static inline bool bitmap_empty(const unsigned long *src, unsigned int nbits)
{
	return find_first_bit(src, nbits) == nbits;
}

static inline bool bitmap_full(const unsigned long *src, unsigned int nbits)
{
	return find_first_zero_bit(src, nbits) == nbits;
}

static inline unsigned int bitmap_weight(const unsigned long *src, unsigned int nbits)
{
	unsigned int i, w = 0;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		w += hweight_long(__find_word(src, i) & __bitmap_used(i, nbits));
	return w;
}

static inline unsigned int bitmap_weight_and(const unsigned long *a, const unsigned long *b,
					     unsigned int nbits)
{
	unsigned int i, w = 0;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		w += hweight_long(__find_word(a, i) & __find_word(b, i) & __bitmap_used(i, nbits));
	return w;
}

static inline void bitmap_set(unsigned long *map, unsigned int start, unsigned int nbits)
{
	while (nbits--)
		__set_bit(start++, map);
}

static inline void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nbits)
{
	while (nbits--)
		__clear_bit(start++, map);
}

unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
					 unsigned long start, unsigned int nr,
					 unsigned long align_mask);
int bitmap_parselist(const char *buf, unsigned long *map, int nbits);
/* Writes "0-3,7" into @buf of @size bytes; returns the length it would need. */
int bitmap_scnlistprintf(char *buf, size_t size, const unsigned long *map, int nbits);
int bitmap_print_to_pagebuf(bool list, char *buf, const unsigned long *map, int nbits);

unsigned long *bitmap_alloc(unsigned int nbits, gfp_t flags);
unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags);
void bitmap_free(const unsigned long *bitmap);

#endif /* __LINUX_BITMAP_H */

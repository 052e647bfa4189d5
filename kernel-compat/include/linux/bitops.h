/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef _LINUX_BITOPS_H
#define _LINUX_BITOPS_H

#include <strings.h>	/* before ffs() becomes a macro */
#include <linux/bits.h>
#include <linux/types.h>
#include <asm/bitops.h>

static inline unsigned int fls_long(unsigned long l) { return fls64(l); }
static inline int get_count_order(unsigned int count)
{
	return count == 0 ? -1 : fls(count - 1);
}

static inline int get_count_order_long(unsigned long l)
{
	return l == 0 ? -1 : (int)fls_long(l - 1);
}

static inline unsigned long __ffs64(u64 word) { return __ffs(word); }
static inline __u64 rol64(__u64 word, unsigned int shift)
{
	return (word << (shift & 63)) | (word >> ((-shift) & 63));
}

static inline __u64 ror64(__u64 word, unsigned int shift)
{
	return (word >> (shift & 63)) | (word << ((-shift) & 63));
}

static inline __u32 rol32(__u32 word, unsigned int shift)
{
	return (word << (shift & 31)) | (word >> ((-shift) & 31));
}

static inline __u32 ror32(__u32 word, unsigned int shift)
{
	return (word >> (shift & 31)) | (word << ((-shift) & 31));
}

static inline __s32 sign_extend32(__u32 value, int index)
{
	return (__s32)(value << (31 - index)) >> (31 - index);
}

static inline __s64 sign_extend64(__u64 value, int index)
{
	return (__s64)(value << (63 - index)) >> (63 - index);
}

#define assign_bit(nr, addr, value) ((value) ? set_bit((nr), (addr)) : clear_bit((nr), (addr)))
#define __assign_bit(nr, addr, value) ((value) ? __set_bit((nr), (addr)) : __clear_bit((nr), (addr)))

/* Set the bits of @mask to those of @bits by compare and exchange; returns the old value. */
#define set_mask_bits(ptr, mask, bits) ({				\
	const typeof(*(ptr)) __smb_mask = (mask), __smb_bits = (bits);	\
	typeof(*(ptr)) __smb_old = READ_ONCE(*(ptr)), __smb_new;	\
	do {								\
		__smb_new = (__smb_old & ~__smb_mask) | __smb_bits;	\
	} while (!try_cmpxchg((ptr), &__smb_old, __smb_new));		\
	__smb_old; })

#include <linux/find.h>

#endif /* _LINUX_BITOPS_H */

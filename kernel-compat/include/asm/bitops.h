/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Single-bit operations.
 *
 * same contract: set_bit() and friends are atomic and unordered, test_and_*() fully
 * ordered, _lock acquires, _unlock releases; those with two underscores are plain.
 */
#ifndef __ASM_BITOPS_H
#define __ASM_BITOPS_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <engine/engine.h>

#define __BITOP_WORD(nr, addr) ((volatile unsigned long *)(addr) + BIT_WORD(nr))

static __always_inline void set_bit(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_RELAXED);
	__atomic_fetch_or(__BITOP_WORD(nr, addr), BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline void clear_bit(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_RELAXED);
	__atomic_fetch_and(__BITOP_WORD(nr, addr), ~BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline void change_bit(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_RELAXED);
	__atomic_fetch_xor(__BITOP_WORD(nr, addr), BIT_MASK(nr), __ATOMIC_RELAXED);
}

static __always_inline bool test_and_set_bit(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_SEQ_CST);
	return __atomic_fetch_or(__BITOP_WORD(nr, addr), BIT_MASK(nr), __ATOMIC_SEQ_CST) &
	       BIT_MASK(nr);
}

static __always_inline bool test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_SEQ_CST);
	return __atomic_fetch_and(__BITOP_WORD(nr, addr), ~BIT_MASK(nr), __ATOMIC_SEQ_CST) &
	       BIT_MASK(nr);
}

static __always_inline bool test_and_change_bit(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_SEQ_CST);
	return __atomic_fetch_xor(__BITOP_WORD(nr, addr), BIT_MASK(nr), __ATOMIC_SEQ_CST) &
	       BIT_MASK(nr);
}

static __always_inline bool test_and_set_bit_lock(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_ACQUIRE);
	return __atomic_fetch_or(__BITOP_WORD(nr, addr), BIT_MASK(nr), __ATOMIC_ACQUIRE) &
	       BIT_MASK(nr);
}

static __always_inline void clear_bit_unlock(long nr, volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, __BITOP_WORD(nr, addr), sizeof(long),
		       __ATOMIC_RELEASE);
	__atomic_fetch_and(__BITOP_WORD(nr, addr), ~BIT_MASK(nr), __ATOMIC_RELEASE);
}
#define __clear_bit_unlock(nr, addr) clear_bit_unlock(nr, addr)

/* Flips the bits of @mask with release order; true when bit 7 was set before. */
static __always_inline bool xor_unlock_is_negative_byte(unsigned long mask,
							 volatile unsigned long *addr)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, addr, sizeof(long),
		       __ATOMIC_RELEASE);
	return __atomic_fetch_xor(addr, mask, __ATOMIC_RELEASE) & BIT(7);
}

static __always_inline bool test_bit(long nr, const volatile unsigned long *addr)
{
	return __read_once(*__BITOP_WORD(nr, addr), "->", __ATOMIC_RELAXED) & BIT_MASK(nr);
}

static __always_inline bool test_bit_acquire(long nr, const volatile unsigned long *addr)
{
	return __read_once(*__BITOP_WORD(nr, addr), "->", __ATOMIC_ACQUIRE) & BIT_MASK(nr);
}

static __always_inline void __set_bit(long nr, volatile unsigned long *addr)
{
	((unsigned long *)addr)[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static __always_inline void __clear_bit(long nr, volatile unsigned long *addr)
{
	((unsigned long *)addr)[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static __always_inline void __change_bit(long nr, volatile unsigned long *addr)
{
	((unsigned long *)addr)[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

static __always_inline bool __test_and_set_bit(long nr, volatile unsigned long *addr)
{
	unsigned long *p = (unsigned long *)addr + BIT_WORD(nr), old = *p;

	*p = old | BIT_MASK(nr);
	return old & BIT_MASK(nr);
}

static __always_inline bool __test_and_clear_bit(long nr, volatile unsigned long *addr)
{
	unsigned long *p = (unsigned long *)addr + BIT_WORD(nr), old = *p;

	*p = old & ~BIT_MASK(nr);
	return old & BIT_MASK(nr);
}

static __always_inline bool __test_and_change_bit(long nr, volatile unsigned long *addr)
{
	unsigned long *p = (unsigned long *)addr + BIT_WORD(nr), old = *p;

	*p = old ^ BIT_MASK(nr);
	return old & BIT_MASK(nr);
}

static __always_inline unsigned long __ffs(unsigned long word) { return __builtin_ctzl(word); }
static __always_inline unsigned long __fls(unsigned long word) { return 63 - __builtin_clzl(word); }
static __always_inline unsigned long ffz(unsigned long word) { return __builtin_ctzl(~word); }
static __always_inline int fls(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }
static __always_inline int fls64(__u64 x) { return x ? 64 - __builtin_clzll(x) : 0; }
static __always_inline unsigned int hweight32(u32 w) { return __builtin_popcount(w); }
static __always_inline unsigned int hweight16(u16 w) { return __builtin_popcount(w); }
static __always_inline unsigned int hweight8(u8 w) { return __builtin_popcount(w); }
static __always_inline unsigned long hweight64(u64 w) { return __builtin_popcountll(w); }
static __always_inline unsigned long hweight_long(unsigned long w) { return __builtin_popcountl(w); }
#ifndef ffs
#define ffs(x) __builtin_ffs(x)
#endif

#endif /* __ASM_BITOPS_H */

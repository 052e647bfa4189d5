// SPDX-License-Identifier: GPL-2.0
/*
 * Spinlocks in one bit.
 */
#include <linux/bit_spinlock.h>

#include "internal.h"

static inline struct lock_how bit_how(int bitnum, u8 flags)
{
	struct lock_how how = LOCK_HOW(LOCK_KIND_BIT, flags | LOCK_HELD_BIT, 0);

	how.bit = bitnum;
	return how;
}

static inline bool try_bit(int bitnum, unsigned long *addr)
{
	unsigned long mask = 1UL << bitnum;

	/* Pairs with the clearing in bit_spin_unlock(). */
	return !(__atomic_fetch_or(addr, mask, __ATOMIC_SEQ_CST) & mask);
}

/* Block on the half of the word that has the bit; waiters are counted aside. */
static void wait_bit(int bitnum, unsigned long *addr)
{
	u32 *half = (u32 *)addr + bitnum / 32;
	u32 mask = 1u << bitnum % 32, v;

	__atomic_fetch_add(parked_at(half), 1, __ATOMIC_SEQ_CST);
	do {
		v = __atomic_load_n(half, __ATOMIC_SEQ_CST);
		if (v & mask)
			exec_engine->wait(half, v);
	} while (!try_bit(bitnum, addr));
	__atomic_fetch_sub(parked_at(half), 1, __ATOMIC_RELAXED);
}

void bit_spin_lock(int bitnum, unsigned long *addr)
{
	preempt_disable();
	lock_enter(addr, NULL, bit_how(bitnum, 0), NULL);
	exec_point(EXEC_POINT_LOCK, addr);
	if (!try_bit(bitnum, addr))
		lock_wait_around(LOCK_WAIT_LOCK, addr)
			wait_bit(bitnum, addr);
}

int bit_spin_trylock(int bitnum, unsigned long *addr)
{
	preempt_disable();
	exec_point(EXEC_POINT_LOCK, addr);
	if (try_bit(bitnum, addr)) {
		lock_enter(addr, NULL, bit_how(bitnum, LOCK_HELD_TRY), NULL);
		return 1;
	}
	preempt_enable();
	return 0;
}

void bit_spin_unlock(int bitnum, unsigned long *addr)
{
	unsigned long mask = 1UL << bitnum;

	lock_leave(addr, NULL, bit_how(bitnum, 0), NULL,
		   __atomic_load_n(addr, __ATOMIC_RELAXED) & mask);
	__atomic_fetch_and(addr, ~mask, __ATOMIC_SEQ_CST);
	parked_wake((u32 *)addr + bitnum / 32);
	exec_point(EXEC_POINT_UNLOCK, addr);
	preempt_enable();
}

/* The kernel's needs no atomicity because the whole word is the holder's; ours keeps it. */
void __bit_spin_unlock(int bitnum, unsigned long *addr)
{
	bit_spin_unlock(bitnum, addr);
}

int bit_spin_is_locked(int bitnum, unsigned long *addr)
{
	exec_point(EXEC_POINT_MARKED | EXEC_POINT_READS, addr);
	return (__atomic_load_n(addr, __ATOMIC_RELAXED) >> bitnum) & 1;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Blocking on words: what all locks are made of.
 */
#include "internal.h"

/* A waiter that was passed over so often makes newcomers queue. */
#define PATIENCE	4

/*
 * Wait for a plain lock word.  Waiters are counted in the word, so the holder knows
 * whom to wake; each release wakes one, and newcomers may overtake it, but not after
 * it set WORD_STARVED.  Whoever sets that bit clears it when it takes the lock.
 */
void word_lock_slow(u32 *word)
{
	u32 v = __atomic_add_fetch(word, WORD_WAITER, __ATOMIC_RELAXED);
	unsigned int lost = 0;
	bool newcomer = true;

	for (;;) {
		while (!(v & WORD_HELD) && !(newcomer && (v & WORD_STARVED))) {
			u32 new = (v | WORD_HELD) - WORD_WAITER;

			if (lost >= PATIENCE)
				new &= ~WORD_STARVED;
			/* Pairs with the release in word_unlock(). */
			if (__atomic_compare_exchange_n(word, &v, new, true, __ATOMIC_ACQUIRE,
							__ATOMIC_RELAXED))
				return;
		}
		if (lost >= PATIENCE && !(v & WORD_STARVED)) {
			__atomic_fetch_or(word, WORD_STARVED, __ATOMIC_RELAXED);
			v = __atomic_load_n(word, __ATOMIC_RELAXED);
			continue;
		}
		exec_engine->wait(word, v);
		newcomer = false;
		lost++;
		v = __atomic_load_n(word, __ATOMIC_RELAXED);
	}
}

static u32 parked[256];

u32 *parked_at(const void *addr)
{
	u64 h = (u64)(unsigned long)addr * 0x9e3779b97f4a7c15ULL;

	return &parked[h >> 56];
}

/*
 * Sleep in @state until granted, without the virtual CPU.  Called and left with
 * *wait_lock held and preemption off; the granter holds it too, so that a waiter
 * that saw the grant finds the granter done with it and its task.
 * Returns 0, or -EINTR after a signal; the waiter is still queued then.
 */
int lock_sleep(u32 *wait_lock, struct lock_waiter *w, unsigned int state, const void *lock)
{
	struct lock_wait before = lock_wait_begin(LOCK_WAIT_LOCK, lock, state);
	int ret = 0;

	while (!w->granted) {
		if (signal_pending_state(state, current)) {
			ret = -EINTR;
			break;
		}
		set_current_state(state);
		word_unlock(wait_lock);
		preempt_enable_no_resched();
		schedule();
		preempt_disable();
		word_lock(wait_lock);
	}
	lock_wait_end(&before);
	return ret;
}

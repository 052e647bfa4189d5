// SPDX-License-Identifier: GPL-2.0
/* The shim's internal lock: a word that waits in the engine. */
#include <engine/engine.h>
#include <engine/memory_model.h>
#include <exec/task.h>

#include <stdio.h>
#include <stdlib.h>

/* No interrupt is taken by who holds one, see exec_take_interrupt(). */
static void count(int change)
{
	int *nr = &current_exec()->xlocks;

	if (exec_is_parallel())
		return;
#ifdef EXEC_ASAN
	/* Of who runs: no use to ask ASan each time whether he is there. */
	__asm__("addl %1, %0" : "+m" (*nr) : "ri" (change));
#else
	/* Contexts that are nobody's share one task: atomic, for TSan; one runs at a time. */
	__atomic_store_n(nr, __atomic_load_n(nr, __ATOMIC_RELAXED) + change, __ATOMIC_RELAXED);
#endif
}

/* Apart from xlock(), which most often has nothing to save on its stack then. */
static noinline void wait_for(struct xlock *l)
{
	/* Pairs with the release in xunlock(). */
	while (__atomic_exchange_n(&l->word, 2, __ATOMIC_ACQUIRE))
		exec_engine->wait(&l->word, 2);
}

void xlock(struct xlock *l)
{
	u32 old = 0;

	exec_touch(l);
	exec_memory_barrier(MEMORY_RMB);
	if (__atomic_compare_exchange_n(&l->word, &old, 1, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		count(1);
		return;
	}
	wait_for(l);
	count(1);
}

bool xtrylock(struct xlock *l)
{
	u32 old = 0;

	exec_touch(l);
	exec_memory_barrier(MEMORY_RMB);
	if (!__atomic_compare_exchange_n(&l->word, &old, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	count(1);
	return true;
}

/* It was held by nobody, or others wait for it. */
static noinline void wake(struct xlock *l, u32 old)
{
	/* A report would take such locks. */
	if (!old) {
		fprintf(stderr, "xunlock(%p): nobody holds it\n", l);
		abort();
	}
	exec_engine->wake(&l->word, 1);
}

void xunlock(struct xlock *l)
{
	u32 old;

	exec_touch(l);
	exec_memory_barrier(MEMORY_RELEASE);
	count(-1);
	old = __atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE);
	if (unlikely(old != 1))
		wake(l, old);
}

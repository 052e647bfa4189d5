// SPDX-License-Identifier: GPL-2.0
/*
 * RCU of the engine "replay": each context counts its readers.
 *
 * A grace period waits for the contexts that are inside a reader when it begins, and for
 * nothing else: it ends as early as the rules allow, unless the schedule lets it wait.
 */
#include <engine/engine.h>
#include <engine/replay.h>
#include <exec/async.h>
#include <rcu/engine.h>

static void nothing(void)
{
}

/* Who reads after a grace period began sees what was done before it. */
static u32 begun;
/* How many readers there were. */
static u64 readers;

static void enter(void)
{
	struct replay_reader *r = replay_reader();
	u32 nesting = __atomic_load_n(&r->nesting, __ATOMIC_RELAXED);

	exec_touch(&r->nesting);
	if (!nesting)
		__atomic_store_n(&r->began, __atomic_add_fetch(&readers, 1, __ATOMIC_RELAXED),
				 __ATOMIC_RELAXED);
	__atomic_store_n(&r->nesting, nesting + 1, __ATOMIC_RELAXED);
	/* Pairs with the release in synchronize(). */
	__atomic_load_n(&begun, __ATOMIC_ACQUIRE);
}

static void leave(void)
{
	struct replay_reader *r = replay_reader();
	u32 nesting = __atomic_load_n(&r->nesting, __ATOMIC_RELAXED) - 1;

	exec_touch(&r->nesting);
	__atomic_store_n(&r->nesting, nesting, __ATOMIC_RELAXED);
	if (nesting)
		return;
	/* Pairs with the acquire in synchronize(). */
	__atomic_fetch_add(&r->left, 1, __ATOMIC_RELEASE);
	if (__atomic_exchange_n(&r->awaited, 0, __ATOMIC_RELAXED))
		exec_engine->wake(&r->left, ~0U);
	exec_async_kick(REPLAY_ASYNC_RCU);
}

/* Of the readers there were until now the one that began last. */
static unsigned long long newest(void)
{
	/* Pairs with the acquire in enter(): who reads from here on sees what was done. */
	__atomic_fetch_add(&begun, 1, __ATOMIC_RELEASE);
	return __atomic_load_n(&readers, __ATOMIC_RELAXED);
}

static unsigned long long mine(void)
{
	return __atomic_load_n(&replay_reader()->began, __ATOMIC_RELAXED);
}

/* Those that were preempted are elsewhere. */
static unsigned long long oldest(void)
{
	struct replay_reader *r;
	u64 min = ~0ULL;

	for (unsigned int i = 0; (r = replay_reader_at(i)); i++) {
		u64 began = __atomic_load_n(&r->began, __ATOMIC_RELAXED);

		/* Pairs with the release in leave(). */
		__atomic_load_n(&r->left, __ATOMIC_ACQUIRE);
		if (__atomic_load_n(&r->nesting, __ATOMIC_RELAXED) && began < min)
			min = began;
	}
	return min;
}

static void synchronize(void)
{
	struct replay_reader *r, *me = replay_reader();

	__atomic_fetch_add(&begun, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 0; (r = replay_reader_at(i)); i++) {
		u32 left = __atomic_load_n(&r->left, __ATOMIC_ACQUIRE);

		exec_touch(&r->nesting);
		if (r == me || !__atomic_load_n(&r->nesting, __ATOMIC_RELAXED))
			continue;
		while (__atomic_load_n(&r->left, __ATOMIC_ACQUIRE) == left) {
			__atomic_store_n(&r->awaited, 1, __ATOMIC_RELAXED);
			exec_engine->wait(&r->left, left);
		}
	}
}

const struct rcu_engine rcu_engine_replay = {
	.name		= "replay",
	.ctx_start	= nothing,
	.ctx_stop	= nothing,
	.enter		= enter,
	.leave		= leave,
	.synchronize	= synchronize,
	.newest		= newest,
	.mine		= mine,
	.oldest		= oldest,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * The engine "directed": the engine of threads, but one context can be held at a decision
 * point of its own, so that a test lets another one run in the middle of it.
 *
 * A held context keeps what it has: its virtual CPU, its locks, its place in an RCU
 * reader. Whoever needs these blocks. When nothing can run any more until the held one goes
 * on, virtual time passes, and with it a timer that lets it go.
 *
 * A grace period waits on the host for readers, which engines of threads may do because
 * no reader ever stops running. Here one may: so no grace period runs while
 * somebody is held, and nobody is held while one runs.
 *
 * TSan is told nothing of the hand-over, which orders nothing in the code under test.
 */
#include <linux/sched.h>
#include <machine/directed.h>
#include <engine/engine.h>
#include <exec/vcpu.h>
#include <rcu/engine.h>

/* Points where somebody else can interfere: with memory and with who may touch it. */
#define HELD_KINDS	(BIT(EXEC_POINT_LOCK) | BIT(EXEC_POINT_UNLOCK) |		\
			 BIT(EXEC_POINT_ATOMIC) | BIT(EXEC_POINT_PTE) |			\
			 BIT(EXEC_POINT_TLB) | BIT(EXEC_POINT_ALLOC))

/* Others may sleep meanwhile; a context that blocks them all is let go after this, in ns. */
#define HELD_NSEC	(15 * NSEC_PER_SEC)

static void let_go(struct vtimer *t);

static struct {
	struct exec_ctx *ctx;		/* whose points count; NULL: nobody's */
	unsigned long passed;		/* points so far */
	unsigned long nth;		/* where to hold it; 0: nowhere */
	u32 reached;			/* it is held, or will not be any more */
	u32 release;			/* it may go on */
	u32 held;			/* it stands still */
	u32 grace_period;		/* one runs */
	struct vtimer timer;
} hold = { .timer.fn = let_go };

static struct exec_engine engine;
static struct rcu_engine rcu;

#define __hidden	__attribute__((no_sanitize("thread"), __noinline__))

__hidden static void raise_word(u32 *word)
{
	__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
	engine.wake(word, UINT_MAX);
}

__hidden static void await_word(u32 *word)
{
	while (!__atomic_load_n(word, __ATOMIC_SEQ_CST))
		engine.wait(word, 0);
}

__hidden static bool directed_point(enum exec_point kind, const void *object)
{
	struct exec_ctx *ctx = __atomic_load_n(&hold.ctx, __ATOMIC_SEQ_CST);

	if (!ctx || ctx != engine.self() || !(BIT(kind & ~EXEC_POINT_READS) & HELD_KINDS))
		return false;
	if (++hold.passed != hold.nth)
		return false;
	/* Either we see the grace period, or it sees us: both words are exchanged. */
	__atomic_exchange_n(&hold.held, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&hold.grace_period, __ATOMIC_SEQ_CST)) {
		hold.nth++;
	} else {
		/* From now on: who holds it may wait behind it before it looks. */
		vtimer_arm(&hold.timer, exec_now() + HELD_NSEC, nr_cpu_ids - 1);
		raise_word(&hold.reached);
		await_word(&hold.release);
		vtimer_cancel(&hold.timer);
	}
	__atomic_store_n(&hold.held, 0, __ATOMIC_SEQ_CST);
	return false;
}

__hidden static void directed_synchronize(void)
{
	for (;;) {
		__atomic_exchange_n(&hold.grace_period, 1, __ATOMIC_SEQ_CST);
		if (!__atomic_load_n(&hold.held, __ATOMIC_SEQ_CST))
			break;
		__atomic_store_n(&hold.grace_period, 0, __ATOMIC_SEQ_CST);
		await_word(&hold.release);
	}
	rcu_engine_urcu.synchronize();
	__atomic_store_n(&hold.grace_period, 0, __ATOMIC_SEQ_CST);
}

/* Everybody waits. */
__hidden static void let_go(struct vtimer *t)
{
	raise_word(&hold.release);
}

void directed_use(void)
{
	engine = exec_engine_threads;
	engine.name = "directed";
	engine.point = directed_point;
	engine.parallel = false;
	exec_engine = &engine;
	rcu = rcu_engine_urcu;
	rcu.synchronize = directed_synchronize;
	rcu_engine = &rcu;
}

__hidden void directed_hold(struct task_struct *task, unsigned long nth)
{
	hold.passed = 0;
	hold.nth = nth;
	hold.release = 0;
	__atomic_store_n(&hold.ctx, task->exec.ctx, __ATOMIC_SEQ_CST);
}

__hidden unsigned long directed_done(void)
{
	__atomic_store_n(&hold.ctx, NULL, __ATOMIC_SEQ_CST);
	if (!hold.nth || hold.passed < hold.nth)
		raise_word(&hold.reached);
	return hold.passed;
}

__hidden bool directed_await(void)
{
	await_word(&hold.reached);
	hold.reached = 0;
	/* Not hold.ctx: who waited for a task held at its very end may have called done. */
	return __atomic_load_n(&hold.held, __ATOMIC_SEQ_CST);
}

__hidden void directed_release(void)
{
	raise_word(&hold.release);
}

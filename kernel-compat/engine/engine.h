/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine table: everything the simulated machine needs from the world that
 * runs it, and nothing else.
 *
 * The shim above this table (tasks, virtual CPUs, locks, timers, RCU) is written
 * once.  An engine decides which execution context runs when:
 *
 *   threads	every context is a pthread, contexts run in parallel; for TSan,
 *		valgrind, stress and benchmarks;
 *   directed	threads, one of which a test holds at a decision point of its own;
 *   replay	every context is a fiber on one host thread and each call of this
 *		table is a decision point: a schedule is an input.
 *
 * Words.  A context blocks only in wait(), on a 32-bit word that somebody else
 * changes before calling wake().  wait() returns at once when *word differs from
 * the expected value, and may return spuriously; callers loop.  The store to the
 * word and its load after wait() are the caller's, atomic and ordered
 * (release/acquire), so sanitizers see the hand-over without annotations.
 *
 * Idleness.  The engine counts the contexts that are not inside wait().  When the
 * last one enters wait(), the engine calls idle() in that context, alone: every
 * other context stays inside wait() until idle() returns, even when its word was
 * woken meanwhile.  idle() moves virtual time and may wake words.  When idle()
 * reports that nothing was left to do, the machine is deadlocked and the engine
 * calls deadlock().
 */
#ifndef _ENGINE_ENGINE_H
#define _ENGINE_ENGINE_H

#include <linux/types.h>
#include <exec/sanitizers.h>

struct exec_ctx;			/* one pthread or one fiber; the engine's own */

/* Why a context reaches a decision point; printed by traces. */
enum exec_point {
	EXEC_POINT_LOCK,		/* before a lock is taken */
	EXEC_POINT_UNLOCK,		/* after a lock is released */
	EXEC_POINT_ATOMIC,		/* read-modify-write of shared memory */
	EXEC_POINT_MARKED,		/* READ_ONCE(), WRITE_ONCE(), acquire, release */
	EXEC_POINT_PTE,			/* a page-table entry is read or written */
	EXEC_POINT_TLB,			/* a translation is filled, used or flushed */
	EXEC_POINT_WAKE,		/* a task was made runnable */
	EXEC_POINT_PREEMPT,		/* a task may be preempted here */
	EXEC_POINT_IRQ,			/* interrupts may be delivered here */
	EXEC_POINT_TIMER,		/* a timer is armed or expires */
	EXEC_POINT_ALLOC,		/* memory is allocated or freed */
	EXEC_POINT_RCU,			/* a reader begins or ends, a callback is queued */
	EXEC_POINT_PLAIN,		/* any other access; engine/every_access.c */
	EXEC_POINT_SPIN,		/* waits in a loop: nothing changes until another runs */
	EXEC_NR_POINTS,
	/*
	 * Or'ed to a kind: of the object it is only read, or it is locked for reading. Two
	 * such steps have the same effect in either order.
	 */
	EXEC_POINT_READS = 32
};

/* What the shim gives the engine at boot. */
struct exec_upcalls {
	/* Nothing runs: advance time. Returns false when no timer is pending. */
	bool (*idle)(void);
	/*
	 * Nothing runs and nothing ever will: report who waits for what, and end. It
	 * returns only after it woke a word or interrupted a context (a test expects
	 * the deadlock).
	 */
	void (*deadlock)(void);
	/* So many steps and no end: report who runs where, and end. */
	void (*livelock)(u64 steps);
	/* Runs in an interrupted context, on its way out of wait(); need not return. */
	void (*interrupted)(void);
};

/**
 * struct exec_engine - operations of one engine
 * @name:	"threads", "directed" or "replay"
 * @boot:	a machine starts; the calling context becomes its first
 * @halt:	the machine is over; only the calling context is left
 * @start:	start a context that runs fn(arg); it is runnable on return
 * @join:	wait for the end of a context and free it; the caller counts as waiting
 * @self:	the calling context
 * @wait:	block until *word differs from @expected; see above
 * @interrupt:	end @ctx's wait(), which calls interrupted(); deadlock() only
 * @wake:	let up to @nr contexts that wait on @word go on; returns how many
 * @point:	a decision point; @object is what is about to be touched. Returns memory_weak
 * @touch:	the caller's step depends on @object, although no point tells so
 * @choose:	draw from the stream of choices: uniform in [0, n), n >= 1
 * @frame:	the innermost stack frame of a context that does not run; NULL, also as the
 *		operation, if that cannot be said
 * @parallel:	contexts really run at the same time
 *
 * @point, @touch and @choose may be called from anywhere, also with simulated interrupts
 * disabled; they never block on anything simulated.
 */
struct exec_engine {
	const char *name;
	void (*boot)(const struct exec_upcalls *up, u64 seed);
	void (*halt)(void);
	struct exec_ctx *(*start)(void (*fn)(void *), void *arg, const char *name);
	void (*join)(struct exec_ctx *ctx);
	struct exec_ctx *(*self)(void);
	void (*wait)(u32 *word, u32 expected);
	void (*interrupt)(struct exec_ctx *ctx);
	unsigned int (*wake)(u32 *word, unsigned int nr);
	bool (*point)(enum exec_point kind, const void *object) __not_followed(2);
	void (*touch)(const void *object);
	u64 (*choose)(u64 n);
	const void *(*frame)(struct exec_ctx *ctx);
	bool parallel;
};

extern const struct exec_engine exec_engine_threads;

/* The engine in use. Chosen once, before the first machine boots. */
extern const struct exec_engine *exec_engine;

/*
 * engine_read() - one of the engine's own variables
 *
 * They are read at every marked access and at every lock. With ASan and UBSan each reading
 * would be checked, by several times the instructions of all else that happens there, and
 * they are in nobody's reach: so by an instruction of its own, as current is.
 */
#ifdef EXEC_ASAN
#define engine_read(var) __extension__ ({					\
	typeof(({ (var); })) __val;						\
	__asm__("mov %1, %0" : "=r" (__val) : "m" (var));			\
	__val; })
#else
#define engine_read(var)	(var)
#endif

/* Do contexts run at the same time, as those of the engine in use? */
static inline bool exec_is_parallel(void)
{
	const struct exec_engine *e = engine_read(exec_engine);

	return engine_read(e->parallel);
}

/*
 * Spelled short, because every primitive of the shim calls it. Returns memory_weak. With ASan
 * a function of the engine replay, for the reason above.
 */
#ifdef EXEC_ASAN
bool exec_point(enum exec_point kind, const void *object) __not_followed(2);
#else
static __always_inline bool exec_point(enum exec_point kind, const void *object)
{
	return !exec_engine->parallel && exec_engine->point(kind, object);
}
#endif

/* Spelled short as well; for internal locks, which are no decision points. */
#ifdef EXEC_ASAN
void exec_touch(const void *object);
#else
static inline void exec_touch(const void *object)
{
	if (!exec_engine->parallel)
		exec_engine->touch(object);
}
#endif

/* A turn of a loop that waits for another context; see exec/cost.c. */
void exec_spin(const void *object);

#endif /* _ENGINE_ENGINE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What RCU needs from the engine that runs the machine, and nothing else.
 *
 * The table only knows running readers: contexts that are between enter() and
 * leave() without sleeping in between.  Tasks preempted inside a reader leave
 * it for the shim's own list (see rcu_note_context_switch()), so synchronize() waits
 * for contexts that run, or that wait for a spinlock whose owner runs, and for nothing
 * that needs virtual time.  The caller of synchronize() may therefore count as running.
 *
 * Includes nothing, so that a glue file may include the library it glues instead.
 */
#ifndef _RCU_ENGINE_H
#define _RCU_ENGINE_H

/**
 * struct rcu_engine - readers and grace periods of one engine
 * @name:	of the implementation, for reports
 * @ctx_start:	the calling context may read from now on; idempotent
 * @ctx_stop:	the calling context reads no more; idempotent
 * @enter:	the calling context enters a reader; nests; any context
 * @leave:	leaves it; what the reader did happens before the end of every
 *		grace period that waited for it
 * @synchronize: returns when all contexts that were inside a reader at the call
 *		have left it
 * @newest:	the number of the reader that began last
 * @mine:	the number of the calling context's reader
 * @oldest:	the smallest number of the readers that contexts are inside of now; what those
 *		that have left did happens before the return; ~0: none
 *
 * The last three are the engine replay's, NULL under others.
 */
struct rcu_engine {
	const char *name;
	void (*ctx_start)(void);
	void (*ctx_stop)(void);
	void (*enter)(void);
	void (*leave)(void);
	void (*synchronize)(void);
	unsigned long long (*newest)(void);
	unsigned long long (*mine)(void);
	unsigned long long (*oldest)(void);
};

extern const struct rcu_engine rcu_engine_urcu;	/* threads, directed */
extern const struct rcu_engine rcu_engine_replay;

/* The one in use; goes with exec_engine. */
extern const struct rcu_engine *rcu_engine;

#endif /* _RCU_ENGINE_H */

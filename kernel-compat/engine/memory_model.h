/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Weak memory, for the engine "replay": stores that others see later than the next
 * instruction, loads that were made earlier than the one before; memory_model.c.
 *
 * Marked accesses, atomics and page-table accesses call these around the real access,
 * which stays where it is. Nothing is called, and nothing changes, with --memory sc.
 */
#ifndef _ENGINE_MEMORY_MODEL_H
#define _ENGINE_MEMORY_MODEL_H

#include <linux/types.h>
#include <engine/engine.h>

/* The functions below are to be called: within a schedule, with other than sc. */
extern bool memory_weak;

/* What is known of a load. */
#define MEMORY_ACQUIRE	1	/* later loads and stores come after it */
#define MEMORY_ADDRESS	2	/* its value may be an address: so do they */
#define MEMORY_KNOWN	4	/* its own address depends on no load: a variable's name */
#define MEMORY_INDEXED	8	/* its own address may depend on any load before */

/* After the load of @val from @p: that, or what it might have loaded as well. */
u64 memory_load(const volatile void *p, u64 val, size_t size, unsigned int how)
	__not_followed(1);
/* Before a store, plain or marked. */
void memory_store(volatile void *p, size_t size, bool release) __not_followed(1);
/* Before a read-modify-write; @order is __ATOMIC_something. */
void memory_rmw(volatile void *p, size_t size, int order) __not_followed(1);

/* Before a plain store; see engine/every_access.c. */
void memory_store_plain(volatile void *p, size_t size) __not_followed(1);

enum memory_barrier {
	MEMORY_MB,
	MEMORY_RMB,		/* later loads are not made before now */
	MEMORY_WMB,		/* later stores are not seen before those made until now */
	MEMORY_RELEASE,		/* all stores made until now are seen */
};
void memory_barrier(enum memory_barrier kind);
/* Another CPU is interrupted from here, or was: no store stays behind. */
void memory_barrier_all(void);
/* Allocated, as one object: who knows where a part of it is knows the rest nearby. */
void memory_object(const void *p, size_t size) __not_followed(1);
/* Freed: what was to be stored there never will be. */
void memory_forget(const void *p, size_t size) __not_followed(1);

static __always_inline bool memory_is_weak(void)
{
	return __builtin_expect(engine_read(memory_weak), false);
}

/* A decision point; true when the memory_ functions are to be called. */
static __always_inline bool exec_point_is_weak(enum exec_point kind, const volatile void *p)
{
	return __builtin_expect(exec_point(kind, (const void *)p), false);
}

/*
 * For code that orders without decision points: locks, handlers, lists of the shim. What it
 * stores and loads itself without these functions happens at once.
 */
static __always_inline void exec_memory_barrier(enum memory_barrier kind)
{
	if (memory_is_weak())
		memory_barrier(kind);
}

/* The decision point before a read-modify-write. */
static __always_inline void exec_point_rmw(enum exec_point kind, volatile void *p, size_t size,
					   int order)
{
	if (exec_point_is_weak(kind, p))
		memory_rmw(p, size, order);
}

/*
 * For engine/every_access.c. memory_watch, if set, is called at each marked access, and
 * memory_watch_begin when a schedule begins; memory_weak is true then, also with sc.
 */
#define MEMORY_MAX_CONTEXTS	4096
extern void (*memory_watch)(const volatile void *p, size_t size, bool write)
	__not_followed(1);
extern void (*memory_watch_begin)(void);
unsigned int memory_self(void);		/* who runs */
unsigned int memory_nr(void);		/* numbers are below that */
bool memory_on_own_stack(const volatile void *p);

/*
 * For the engine. Contexts are known by the numbers of strategy_task; the one whose stack
 * is at @stack stores there at once, because frames of it come and go.
 */
void memory_boot(void);
void memory_born(unsigned int id, const void *stack, size_t size);
void memory_begin(unsigned int id);
void memory_end(void);
void memory_switch(unsigned int from, unsigned int to);
void memory_before_point(enum exec_point kind);
void memory_after_point(enum exec_point kind);

#endif /* _ENGINE_MEMORY_MODEL_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Every access is a decision point, in the build "every" (AUTONUMA_EVERY_ACCESS).
 *
 * There the core, and tests that ask for it, are compiled for ThreadSanitizer but linked with
 * the functions of this file instead of its runtime. A plain access of a task under the engine
 * "replay" is a decision point then, and its stores wait in the buffer of --memory tso or
 * weak. Volatile and atomic accesses are the shim's, and are points already. Plain accesses of
 * the shim itself stay invisible, and so does what library functions (memcpy()) do.
 *
 * Data races: a task that was switched away from at a plain access may go on with it at any
 * moment. If another one accesses the same bytes meanwhile, and one of the two stores, then
 * both could be made at the same time: that is a data race. So is an access to bytes where
 * another task's plain store still waits in its buffer: had anything ordered the two, it
 * would have been seen by now.
 */
#ifdef AUTONUMA_EVERY_ACCESS
#include <string.h>

#include <linux/sched.h>
#include <machine/violation.h>
#include <engine/every_access.h>
#include <engine/memory_model.h>

/* A plain access that a context is about to make. */
struct intent {
	const volatile char *addr;	/* NULL: none */
	size_t size;
	bool write;
	pid_t pid;
	unsigned long ip;
};

static struct intent intents[MEMORY_MAX_CONTEXTS];
static unsigned int ignored[MEMORY_MAX_CONTEXTS];	/* inside of data_race() */

static void report(const struct intent *other, const volatile void *p, size_t size, bool write)
{
	violation_with_stack(VIOLATION_DATA_RACE, &other->ip, 1, "at the same time, in",
			     "data race: %s of %zu bytes at %p, while task %d is at a plain %s of %zu bytes at %p",
			     write ? "store" : "load", size, p, other->pid,
			     other->write ? "store" : "load", other->size, other->addr);
}

/* The running context makes this access now. */
static void watch(const volatile void *p, size_t size, bool write)
{
	const volatile char *at = p;
	unsigned int me = memory_self(), nr = memory_nr();

	if (ignored[me])
		return;
	if (memory_plain_store_waits(p, size))
		violation(VIOLATION_DATA_RACE,
			  "data race: %s of %zu bytes at %p, where a plain store of another task is not seen yet",
			  write ? "store" : "load", size, p);
	for (unsigned int i = 0; i < nr; i++) {
		struct intent other = intents[i];

		if (!other.addr || i == me || !(write || other.write) ||
		    at >= other.addr + other.size || other.addr >= at + size)
			continue;
		intents[i].addr = NULL;
		report(&other, p, size, write);
	}
}

static void reset(void)
{
	memset(intents, 0, sizeof(intents));
	memset(ignored, 0, sizeof(ignored));
}

static void __attribute__((constructor)) every_access_start(void)
{
	memory_watch = watch;
	memory_watch_begin = reset;
}

/* What inline functions of the shim look at; nobody's but the engine's. */
static bool is_internal(const volatile void *p)
{
	return p == &exec_engine || p == &memory_weak || p == &exec_current ||
	       (size_t)((const char *)p - (const char *)exec_engine) < sizeof(*exec_engine);
}

static void plain(const volatile void *p, size_t size, bool write, unsigned long ip)
{
	struct intent *mine;

	if (!memory_weak || is_internal(p) || memory_on_own_stack(p))
		return;
	mine = &intents[memory_self()];
	if (!ignored[memory_self()]) {
		watch(p, size, write);
		*mine = (struct intent){ p, size, write, current->pid, ip };
	}
	exec_engine->point(EXEC_POINT_PLAIN, (const void *)p);
	mine->addr = NULL;
	if (write)
		memory_store_plain((volatile void *)p, size);
}

#define IP	((unsigned long)__builtin_return_address(0))

#define PLAIN(n)								\
void __tsan_read##n(void *p);							\
void __tsan_read##n(void *p) { plain(p, n, false, IP); }			\
void __tsan_write##n(void *p);							\
void __tsan_write##n(void *p) { plain(p, n, true, IP); }			\
void __tsan_unaligned_read##n(void *p);						\
void __tsan_unaligned_read##n(void *p) { plain(p, n, false, IP); }		\
void __tsan_unaligned_write##n(void *p);					\
void __tsan_unaligned_write##n(void *p) { plain(p, n, true, IP); }		\
void __tsan_read_write##n(void *p);						\
void __tsan_read_write##n(void *p) { plain(p, n, true, IP); }			\
void __tsan_unaligned_read_write##n(void *p);					\
void __tsan_unaligned_read_write##n(void *p) { plain(p, n, true, IP); }		\
void __tsan_volatile_read##n(void *p);						\
void __tsan_volatile_read##n(void *p) { }					\
void __tsan_volatile_write##n(void *p);						\
void __tsan_volatile_write##n(void *p) { }
PLAIN(1) PLAIN(2) PLAIN(4) PLAIN(8) PLAIN(16)

void __tsan_read_range(void *p, size_t n);
void __tsan_read_range(void *p, size_t n) { plain(p, n, false, IP); }
void __tsan_write_range(void *p, size_t n);
void __tsan_write_range(void *p, size_t n) { plain(p, n, true, IP); }

void __tsan_init(void);
void __tsan_init(void) { }
void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc) { }
void __tsan_func_exit(void);
void __tsan_func_exit(void) { }

void *__tsan_memcpy(void *to, const void *from, size_t n);
void *__tsan_memcpy(void *to, const void *from, size_t n) { return memcpy(to, from, n); }
void *__tsan_memmove(void *to, const void *from, size_t n);
void *__tsan_memmove(void *to, const void *from, size_t n) { return memmove(to, from, n); }
void *__tsan_memset(void *p, int c, size_t n);
void *__tsan_memset(void *p, int c, size_t n) { return memset(p, c, n); }

/* data_race() */
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsBegin(const char *file, int line) { ignored[memory_self()]++; }
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line) { ignored[memory_self()]--; }
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line) { }
void AnnotateIgnoreWritesEnd(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line) { }

/* The shim's own, of which it has told already. */
#define FETCH(bits, T, name)							\
T __tsan_atomic##bits##_fetch_##name(volatile T *p, T v, int order);		\
T __tsan_atomic##bits##_fetch_##name(volatile T *p, T v, int order)		\
{										\
	return __atomic_fetch_##name(p, v, __ATOMIC_SEQ_CST);			\
}

#define ATOMIC(bits, T)								\
T __tsan_atomic##bits##_load(const volatile T *p, int order);			\
T __tsan_atomic##bits##_load(const volatile T *p, int order)			\
{										\
	return __atomic_load_n(p, __ATOMIC_SEQ_CST);				\
}										\
void __tsan_atomic##bits##_store(volatile T *p, T v, int order);		\
void __tsan_atomic##bits##_store(volatile T *p, T v, int order)			\
{										\
	__atomic_store_n(p, v, __ATOMIC_SEQ_CST);				\
}										\
T __tsan_atomic##bits##_exchange(volatile T *p, T v, int order);		\
T __tsan_atomic##bits##_exchange(volatile T *p, T v, int order)			\
{										\
	return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);			\
}										\
int __tsan_atomic##bits##_compare_exchange_strong(volatile T *p, T *old, T v,	\
						  int order, int fail);		\
int __tsan_atomic##bits##_compare_exchange_strong(volatile T *p, T *old, T v,	\
						  int order, int fail)		\
{										\
	return __atomic_compare_exchange_n(p, old, v, false, __ATOMIC_SEQ_CST,	\
					   __ATOMIC_SEQ_CST);			\
}										\
int __tsan_atomic##bits##_compare_exchange_weak(volatile T *p, T *old, T v,	\
						int order, int fail);		\
int __tsan_atomic##bits##_compare_exchange_weak(volatile T *p, T *old, T v,	\
						int order, int fail)		\
{										\
	return __atomic_compare_exchange_n(p, old, v, false, __ATOMIC_SEQ_CST,	\
					   __ATOMIC_SEQ_CST);			\
}										\
T __tsan_atomic##bits##_compare_exchange_val(volatile T *p, T old, T v,		\
					     int order, int fail);		\
T __tsan_atomic##bits##_compare_exchange_val(volatile T *p, T old, T v,		\
					     int order, int fail)		\
{										\
	__atomic_compare_exchange_n(p, &old, v, false, __ATOMIC_SEQ_CST,	\
				    __ATOMIC_SEQ_CST);				\
	return old;								\
}										\
FETCH(bits, T, add) FETCH(bits, T, sub) FETCH(bits, T, and)			\
FETCH(bits, T, or) FETCH(bits, T, xor) FETCH(bits, T, nand)
ATOMIC(8, u8) ATOMIC(16, u16) ATOMIC(32, u32) ATOMIC(64, u64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order) { barrier(); }
#endif /* AUTONUMA_EVERY_ACCESS */

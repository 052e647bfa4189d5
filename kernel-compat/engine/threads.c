// SPDX-License-Identifier: GPL-2.0
/*
 * The engine "threads": every context is a pthread, contexts run in parallel.
 *
 * This file is all the host threading there is.  What it does internally (bucket
 * locks, the count of running contexts) is hidden from ThreadSanitizer on purpose:
 * its own locks would order accesses of contexts that the simulated machine does
 * not order, and so hide races.  The words that callers wait on carry the order.
 *
 * The count.  nr_running counts contexts that are not in wait(), plus those that
 * were woken and have not returned yet: wake() gives the credit before the woken
 * context knows.  So the count reaches zero only when really nothing is in flight,
 * and whoever takes it to zero runs the idle upcall, alone.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <engine/engine.h>

#define __hidden_from_tsan	__attribute__((no_sanitize("thread"), __noinline__))

#define CTX_STACK_BYTES		(1UL << 20)
#define NR_BUCKETS		1024

struct exec_ctx {
	/* The wait in progress. */
	u32 go;				/* futex: 1 when woken */
	u32 *word;			/* what it waits on; NULL when in no bucket */
	struct exec_ctx *next, *prev;	/* in the bucket; next also in chains of woken ones */
	bool interrupted;

	/* The job. */
	void (*fn)(void *);
	void *arg;
	u32 started;			/* carries fn and arg to the context */
	u32 done;			/* word for join() */
	u32 refs;			/* the context and its joiner */
	struct exec_ctx *pool_next;	/* free ones */
	struct exec_ctx *all_next;	/* keeps them reachable for the leak checker */
};

struct bucket {
	u32 lock;
	struct exec_ctx *head, *tail;
} __attribute__((aligned(64)));

static struct bucket buckets[NR_BUCKETS];
static u32 nr_running;
static struct exec_ctx *idler;		/* runs the idle upcall */
static struct exec_ctx *deferred;	/* woken by it; let go when it ends */
static struct exec_upcalls upcalls;
static u64 choices;
static u32 pool_lock;
static struct exec_ctx *pool, *all;
static struct exec_ctx main_ctx;
static __thread struct exec_ctx *self;

/* Host futex; a fault or a signal only makes the caller look again. */
__hidden_from_tsan static void host_wait(u32 *word, u32 expected)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

__hidden_from_tsan static void host_wake(u32 *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* A three-state futex lock: 0 free, 1 held, 2 held and somebody waits. */
__hidden_from_tsan static void host_lock(u32 *l)
{
	u32 old = 0;

	if (__atomic_compare_exchange_n(l, &old, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(l, 2, __ATOMIC_ACQUIRE))
		host_wait(l, 2);
}

__hidden_from_tsan static void host_unlock(u32 *l)
{
	if (__atomic_exchange_n(l, 0, __ATOMIC_RELEASE) == 2)
		host_wake(l);
}

__hidden_from_tsan static struct bucket *bucket_of(u32 *word)
{
	u64 h = (unsigned long)word >> 2;

	h *= 0x9e3779b97f4a7c15ULL;
	return &buckets[h >> 54];
}

_Static_assert(NR_BUCKETS == 1 << 10, "bucket_of() takes 10 bits");

/* Under the bucket's lock. */
__hidden_from_tsan static void bucket_add(struct bucket *b, struct exec_ctx *c)
{
	c->next = NULL;
	c->prev = b->tail;
	if (b->tail)
		b->tail->next = c;
	else
		b->head = c;
	b->tail = c;
}

__hidden_from_tsan static void bucket_del(struct bucket *b, struct exec_ctx *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		b->head = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		b->tail = c->prev;
	c->word = NULL;
}

/* Let a chain of woken contexts, already credited, go on; or keep it for the end of idle(). */
__hidden_from_tsan static void let_go(struct exec_ctx *chain)
{
	while (chain) {
		struct exec_ctx *c = chain;

		chain = c->next;
		if (idler) {
			c->next = deferred;
			deferred = c;
		} else {
			__atomic_store_n(&c->go, 1, __ATOMIC_RELEASE);
			host_wake(&c->go);
		}
	}
}

/*
 * The count reached zero: run the upcall until it let somebody go. On return the
 * caller has one credit, and one more if its own wait is over (go is set).
 */
__hidden_from_tsan static void run_idle(struct exec_ctx *c)
{
	struct exec_ctx *chain;

	__atomic_fetch_add(&nr_running, 1, __ATOMIC_RELAXED);
	idler = c;
	while (!deferred) {
		if (!upcalls.idle())
			upcalls.deadlock();
	}
	idler = NULL;
	chain = deferred;
	deferred = NULL;
	let_go(chain);
}

/* Give up the caller's credit until its wait is over. */
__hidden_from_tsan static void rest(struct exec_ctx *c)
{
	if (idler == c) {
		/* A handler in the idle upcall blocks on something nobody can release. */
		upcalls.deadlock();
		abort();
	}
	while (__atomic_fetch_sub(&nr_running, 1, __ATOMIC_ACQ_REL) == 1) {
		run_idle(c);
		if (__atomic_load_n(&c->go, __ATOMIC_ACQUIRE)) {
			__atomic_fetch_sub(&nr_running, 1, __ATOMIC_ACQ_REL);
			return;
		}
	}
	while (!__atomic_load_n(&c->go, __ATOMIC_ACQUIRE))
		host_wait(&c->go, 0);
}

__hidden_from_tsan static void threads_wait(u32 *word, u32 expected)
{
	struct exec_ctx *c = self;
	struct bucket *b = bucket_of(word);

	host_lock(&b->lock);
	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != expected) {
		host_unlock(&b->lock);
		return;
	}
	c->go = 0;
	c->word = word;
	bucket_add(b, c);
	host_unlock(&b->lock);
	rest(c);
	if (c->interrupted) {
		c->interrupted = false;
		upcalls.interrupted();
	}
}

__hidden_from_tsan static unsigned int threads_wake(u32 *word, unsigned int nr)
{
	struct bucket *b = bucket_of(word);
	struct exec_ctx *c, *next, *chain = NULL, **end = &chain;
	unsigned int woken = 0;

	host_lock(&b->lock);
	for (c = b->head; c && woken < nr; c = next) {
		next = c->next;
		if (c->word != word)
			continue;
		bucket_del(b, c);
		__atomic_fetch_add(&nr_running, 1, __ATOMIC_RELAXED);
		c->next = NULL;
		*end = c;
		end = &c->next;
		woken++;
	}
	host_unlock(&b->lock);
	let_go(chain);
	return woken;
}

/* Everything waits (deadlock upcall), so @c's word cannot change under us. */
__hidden_from_tsan static void threads_interrupt(struct exec_ctx *c)
{
	struct bucket *b;

	if (!c->word)
		return;
	b = bucket_of(c->word);
	host_lock(&b->lock);
	bucket_del(b, c);
	__atomic_fetch_add(&nr_running, 1, __ATOMIC_RELAXED);
	c->interrupted = true;
	c->next = NULL;
	host_unlock(&b->lock);
	let_go(c);
}

/* Back into the pool when both the context and its joiner are done with it. */
__hidden_from_tsan static void ctx_unref(struct exec_ctx *c)
{
	if (__atomic_fetch_sub(&c->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	host_lock(&pool_lock);
	c->pool_next = pool;
	pool = c;
	host_unlock(&pool_lock);
}

/* Sleep until there is a job: in the pool, uncounted. */
__hidden_from_tsan static void ctx_await_job(struct exec_ctx *c)
{
	while (!__atomic_load_n(&c->go, __ATOMIC_ACQUIRE))
		host_wait(&c->go, 0);
}

/* The job is over: the last credit of this context goes. */
__hidden_from_tsan static void ctx_retire(struct exec_ctx *c)
{
	c->go = 0;
	while (__atomic_fetch_sub(&nr_running, 1, __ATOMIC_ACQ_REL) == 1)
		run_idle(c);
	ctx_unref(c);
}

static void *ctx_main(void *arg)
{
	struct exec_ctx *c = arg;

	self = c;
	for (;;) {
		ctx_await_job(c);
		__atomic_load_n(&c->started, __ATOMIC_ACQUIRE);
		__atomic_load_n(&c->fn, __ATOMIC_RELAXED)(__atomic_load_n(&c->arg, __ATOMIC_RELAXED));
		__atomic_store_n(&c->done, 1, __ATOMIC_RELEASE);
		threads_wake(&c->done, UINT_MAX);
		ctx_retire(c);
	}
	return NULL;
}

__hidden_from_tsan static struct exec_ctx *pool_get(void)
{
	struct exec_ctx *c;

	host_lock(&pool_lock);
	c = pool;
	if (c)
		pool = c->pool_next;
	host_unlock(&pool_lock);
	return c;
}

/* Remember a context. Hidden like the lock, which TSan would not see being held. */
__hidden_from_tsan static void ctx_list(struct exec_ctx *c)
{
	host_lock(&pool_lock);
	c->all_next = all;
	all = c;
	host_unlock(&pool_lock);
}

/* One more pthread; without it nothing can go on, so failure ends the process. */
static struct exec_ctx *ctx_create(void)
{
	struct exec_ctx *c = aligned_alloc(64, (sizeof(*c) + 63) & ~63UL);
	pthread_attr_t attr;
	pthread_t thread;

	if (!c)
		return NULL;
	*c = (struct exec_ctx){ .go = 0 };
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, CTX_STACK_BYTES);
	if (pthread_create(&thread, &attr, ctx_main, c)) {
		fprintf(stderr, "engine: the host refuses another thread\n");
		abort();
	}
	pthread_attr_destroy(&attr);
	ctx_list(c);
	return c;
}

__hidden_from_tsan static void ctx_launch(struct exec_ctx *c)
{
	__atomic_fetch_add(&nr_running, 1, __ATOMIC_RELAXED);
	c->next = NULL;
	let_go(c);
}

static struct exec_ctx *threads_start(void (*fn)(void *), void *arg, const char *name)
{
	struct exec_ctx *c = pool_get();

	if (!c)
		c = ctx_create();
	if (!c)
		return NULL;
	/* Atomic only because the pool's lock, which orders reuse, is hidden from TSan. */
	__atomic_store_n(&c->fn, fn, __ATOMIC_RELAXED);
	__atomic_store_n(&c->arg, arg, __ATOMIC_RELAXED);
	__atomic_store_n(&c->refs, 2, __ATOMIC_RELAXED);
	__atomic_store_n(&c->done, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&c->started, 1, __ATOMIC_RELEASE);
	ctx_launch(c);
	return c;
}

static void threads_join(struct exec_ctx *c)
{
	while (!__atomic_load_n(&c->done, __ATOMIC_ACQUIRE))
		threads_wait(&c->done, 0);
	ctx_unref(c);
}

static struct exec_ctx *threads_self(void)
{
	return self;
}

__hidden_from_tsan static void threads_boot(const struct exec_upcalls *up, u64 seed)
{
	upcalls = *up;
	choices = seed;
	self = &main_ctx;
	nr_running = 1;
}

/* Contexts that were joined may still be giving up their credit. */
__hidden_from_tsan static void threads_halt(void)
{
	while (__atomic_load_n(&nr_running, __ATOMIC_ACQUIRE) != 1)
		sched_yield();
	self = NULL;
}

static bool threads_point(enum exec_point kind, const void *object)
{
	return false;
}

static void threads_touch(const void *object)
{
}

/* splitmix64 over an atomic counter: which context draws which number is up to the host. */
__hidden_from_tsan static u64 threads_choose(u64 n)
{
	u64 z = __atomic_add_fetch(&choices, 0x9e3779b97f4a7c15ULL, __ATOMIC_RELAXED);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return (u64)(((unsigned __int128)z * n) >> 64);
}

const struct exec_engine exec_engine_threads = {
	.name		= "threads",
	.boot		= threads_boot,
	.halt		= threads_halt,
	.start		= threads_start,
	.join		= threads_join,
	.self		= threads_self,
	.wait		= threads_wait,
	.interrupt	= threads_interrupt,
	.wake		= threads_wake,
	.point		= threads_point,
	.touch		= threads_touch,
	.choose		= threads_choose,
	.parallel	= true,
};

const struct exec_engine *exec_engine = &exec_engine_threads;

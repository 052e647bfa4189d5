// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual time: a counter of nanoseconds and a heap of what is to happen.
 *
 * The counter moves only in exec_idle(), which the engine calls when every context
 * waits, and where the engine replay's strategy says (exec/async.c): it jumps to the
 * earliest timer.  So time stands still while anything
 * computes on the host, and sleeping costs nothing.
 *
 * That hides races: who wakes later does so after everybody else went to sleep, so what
 * nothing but virtual time keeps apart looks ordered, also to TSan.  Tests let tasks run
 * at the same time instead (tests/integration/tsan shows what TSan sees).
 */
#include <stdlib.h>

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <machine/violation.h>
#include <exec/async.h>
#include <exec/host_memory.h>
#include <exec/vcpu.h>

static struct {
	struct xlock lock;
	u64 now;		/* atomic; moves under the lock */
	u64 seq;
	struct vtimer **heap;	/* heap[0] is the earliest */
	unsigned int nr, room;
} clk;

u64 exec_now(void)
{
	return __atomic_load_n(&clk.now, __ATOMIC_RELAXED);
}

unsigned long exec_jiffies(void)
{
	return INITIAL_JIFFIES + exec_now() / TICK_NSEC;
}

static bool earlier(const struct vtimer *a, const struct vtimer *b)
{
	return a->expires < b->expires || (a->expires == b->expires && a->seq < b->seq);
}

static void heap_set(unsigned int i, struct vtimer *t)
{
	clk.heap[i] = t;
	__atomic_store_n(&t->index, i + 1, __ATOMIC_RELAXED);
}

static void sift_up(unsigned int i, struct vtimer *t)
{
	while (i && earlier(t, clk.heap[(i - 1) / 2])) {
		heap_set(i, clk.heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_set(i, t);
}

static void sift_down(unsigned int i, struct vtimer *t)
{
	for (;;) {
		unsigned int c = 2 * i + 1;

		if (c >= clk.nr)
			break;
		if (c + 1 < clk.nr && earlier(clk.heap[c + 1], clk.heap[c]))
			c++;
		if (earlier(t, clk.heap[c]))
			break;
		heap_set(i, clk.heap[c]);
		i = c;
	}
	heap_set(i, t);
}

/* clk.lock held, @t armed. */
static void heap_remove(struct vtimer *t)
{
	unsigned int i = t->index - 1;
	struct vtimer *last = clk.heap[--clk.nr];

	__atomic_store_n(&t->index, 0, __ATOMIC_RELAXED);
	if (last == t)
		return;
	if (i && earlier(last, clk.heap[(i - 1) / 2]))
		sift_up(i, last);
	else
		sift_down(i, last);
}

static void heap_insert(struct vtimer *t)
{
	if (clk.nr == clk.room) {
		clk.room = clk.room ? 2 * clk.room : 256;
		clk.heap = host_resize(clk.heap, clk.room * sizeof(*clk.heap));
		if (!clk.heap)
			abort();
	}
	sift_up(clk.nr++, t);
}

void vtimer_init(struct vtimer *t, void (*fn)(struct vtimer *))
{
	*t = (struct vtimer){ .fn = fn };
}

/* Arm @t, again if it was: fn runs at @expires or as soon as nothing runs. */
void vtimer_arm(struct vtimer *t, u64 expires, unsigned int cpu)
{
	exec_engine->point(EXEC_POINT_TIMER, t);
	xlock(&clk.lock);
	if (t->index)
		heap_remove(t);
	t->expires = expires;
	t->seq = ++clk.seq;
	vtimer_set_cpu(t, cpu);
	heap_insert(t);
	xunlock(&clk.lock);
	exec_async_kick(REPLAY_ASYNC_TIMER);
}

bool vtimer_cancel(struct vtimer *t)
{
	bool armed;

	exec_engine->point(EXEC_POINT_TIMER, t);
	xlock(&clk.lock);
	armed = t->index != 0;
	if (armed)
		heap_remove(t);
	xunlock(&clk.lock);
	return armed;
}

void exec_for_each_vtimer(void (*fn)(struct vtimer *t, void *arg), void *arg)
{
	unsigned int i;

	xlock(&clk.lock);
	for (i = 0; i < clk.nr; i++)
		fn(clk.heap[i], arg);
	xunlock(&clk.lock);
}

/* The earliest that is due by @until for which @can is true, or NULL. clk.lock held. */
static struct vtimer *find_timer(u64 until, bool (*can)(const struct vtimer *t, void *arg),
				 void *arg)
{
	struct vtimer *best = NULL;

	for (unsigned int i = 0; i < clk.nr; i++) {
		struct vtimer *t = clk.heap[i];

		if (t->expires <= until && (!best || earlier(t, best)) && can(t, arg))
			best = t;
	}
	return best;
}

struct vtimer *exec_pop_timer(bool (*can)(const struct vtimer *t, void *arg), void *arg,
			      const struct vtimer **running)
{
	struct vtimer *t;

	xlock(&clk.lock);
	t = find_timer(clk.now, can, arg);
	if (t) {
		/* Before it is no longer armed: whoever cancels it sees one or the other. */
		__atomic_store_n(running, t, __ATOMIC_RELEASE);
		heap_remove(t);
	}
	xunlock(&clk.lock);
	return t;
}

struct vtimer *exec_next_timer(bool (*can)(const struct vtimer *t, void *arg), void *arg)
{
	struct vtimer *t;

	xlock(&clk.lock);
	t = find_timer(~0ULL, can, arg);
	if (t && t->expires > clk.now)
		__atomic_store_n(&clk.now, t->expires, __ATOMIC_RELAXED);
	xunlock(&clk.lock);
	return t;
}

/* The earliest timer that is due at @now, disarmed; NULL if there is none. */
static struct vtimer *pop_due(u64 now)
{
	struct vtimer *t = NULL;

	xlock(&clk.lock);
	if (clk.nr && clk.heap[0]->expires <= now) {
		t = clk.heap[0];
		heap_remove(t);
	}
	xunlock(&clk.lock);
	return t;
}

/*
 * The engine's upcall: nothing runs. Softirqs left for idle CPUs come first, then
 * time jumps to the earliest timer and all that are due then run. Every callback
 * has the idle task of its CPU as current.
 */
bool exec_idle(void)
{
	struct task_struct *caller = current;
	struct vtimer *t;
	u64 now;

	if (exec_softirqs_when_idle())
		return true;
	xlock(&clk.lock);
	if (!clk.nr) {
		xunlock(&clk.lock);
		return false;
	}
	now = clk.now;
	if (clk.heap[0]->expires > now) {
		now = clk.heap[0]->expires;
		__atomic_store_n(&clk.now, now, __ATOMIC_RELAXED);
	}
	xunlock(&clk.lock);
	while ((t = pop_due(now))) {
		exec_set_current(vcpus[vtimer_cpu(t)].idle);
		exec_engine->point(EXEC_POINT_TIMER, t);
		t->fn(t);
	}
	exec_set_current(caller);
	return true;
}

void exec_clock_boot(void)
{
	__atomic_store_n(&clk.now, 0, __ATOMIC_RELAXED);
	clk.seq = 0;
	clk.nr = 0;
}

/* Whatever is still armed is forgotten; its memory may be gone. */
void exec_clock_halt(void)
{
	host_free(clk.heap);
	clk.heap = NULL;
	clk.nr = clk.room = 0;
}

/* sleep_timer's callback. */
void exec_sleep_timer_fire(struct vtimer *t)
{
	exec_wake(container_of(t, struct task_struct, exec.sleep_timer), TASK_NORMAL);
}

/* Sleep in the state the caller set until @when (virtual ns) or a wake-up. */
void exec_schedule_until(u64 when)
{
	struct task_struct *p = current;

	vtimer_arm(&p->exec.sleep_timer, when, p->exec.cpu);
	schedule();
	vtimer_cancel(&p->exec.sleep_timer);
}

void exec_sleep_until(u64 when)
{
	do {
		set_current_state(TASK_UNINTERRUPTIBLE);
		exec_schedule_until(when);
	} while (exec_now() < when);
}

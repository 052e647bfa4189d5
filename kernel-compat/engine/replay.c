// SPDX-License-Identifier: GPL-2.0
/*
 * The engine "replay": every context is a fiber of one host thread.
 *
 * One context runs. At each decision point, and when it waits, a strategy says who goes on.
 * So nothing that happens depends on the host, and a schedule can be repeated.
 *
 * A context that waits is on the list of waiters, in the order of their coming, and the
 * list is searched for a word: there are few. When all wait, the last one runs the idle
 * upcall on its stack, in which nobody is switched to.
 *
 * Not instrumented by TSan, which would take what fibers share here for races; what
 * callers order by the words they wait on it sees in the callers. The start and the end of
 * a context are told to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/sched.h>
#include <machine/replay.h>
#include <engine/engine.h>
#include <engine/fiber.h>
#include <engine/memory_model.h>
#include <engine/replay.h>
#include <engine/strategy.h>
#include <engine/watch.h>
#include <exec/async.h>
#include <exec/sanitizers.h>
#include <exec/snapshot.h>
#include <rcu/engine.h>

#define MAX_CONTEXTS	4096

struct exec_ctx {
	struct strategy_task task;	/* first: strategies see this */
	struct fiber fiber;
	struct task_struct *current_task; /* exec_current while it does not run */
	int index;			/* in can_run; -1 while it waits */
	u32 *word;			/* what it waits on */
	struct exec_ctx *next, *prev;	/* in the list of waiters */
	bool interrupted;
	void (*fn)(void *arg);
	void *arg;
	u32 done;			/* word for join() */
	bool ended, joined;
	struct exec_ctx *pool_next;
	struct replay_reader reader;
};

static struct exec_upcalls upcalls;
static struct exec_ctx main_ctx;
static struct exec_ctx made[MAX_CONTEXTS];	/* all there ever were */
static unsigned int nr_made;
static struct exec_ctx *all[MAX_CONTEXTS];	/* those of this machine, by id */
static struct strategy_task *can_run[MAX_CONTEXTS];
static unsigned int nr_all, nr_can_run;
static struct exec_ctx *self = &main_ctx;	/* also while there is no machine */
static struct exec_ctx *pool;
static struct {
	struct exec_ctx *head, *tail;
} waiters;
static bool in_idle;
static bool exploring;			/* the strategy is asked; else nobody is preempted */
static bool every;			/* … also where only one can run */
static u64 seed __kept;
static u64 begun;			/* step at which the strategy was asked first, or last */
static u64 max_steps __kept = REPLAY_MAX_STEPS;
static u64 livelock_at = ~0ULL;		/* step at which there should have been an end */
static unsigned int begins;		/* of this schedule */
static unsigned int all_begins __kept;	/* of one, as a probe has shown */
static unsigned int from_begin __kept;		/* the strategy decides from that one on */
static struct replay_record *record __kept;	/* or NULL */
static struct replay_trace trace, ended __kept;
static u64 numbers;			/* that the machine draws; not the strategy's */
static char *name_to __kept;			/* where each schedule's name goes, or NULL */
static size_t name_size __kept;

static struct exec_ctx *ctx_of(struct strategy_task *t)
{
	return (struct exec_ctx *)t;
}

static void make_runnable(struct exec_ctx *c)
{
	c->task.since = trace.steps;
	c->index = nr_can_run;
	can_run[nr_can_run++] = &c->task;
}

static void make_waiting(struct exec_ctx *c)
{
	struct strategy_task *last = can_run[--nr_can_run];

	can_run[c->index] = last;
	ctx_of(last)->index = c->index;
	c->index = -1;
}

static void add_waiter(struct exec_ctx *c, u32 *word)
{
	c->word = word;
	c->next = NULL;
	c->prev = waiters.tail;
	if (waiters.tail)
		waiters.tail->next = c;
	else
		waiters.head = c;
	waiters.tail = c;
}

static void del_waiter(struct exec_ctx *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		waiters.head = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		waiters.tail = c->prev;
	c->word = NULL;
}

static void switch_to(struct exec_ctx *to)
{
	struct exec_ctx *from = self;

	if (to == from)
		return;
	trace.switches++;
	from->current_task = exec_current;
	from->task.since = trace.steps;
	if (unlikely(memory_weak))
		memory_switch(from->task.id, to->task.id);
	self = to;
	fiber_switch(&from->fiber, &to->fiber);
	exec_current = from->current_task;
}

static void mix(u64 value)
{
	trace.hash = (trace.hash ^ value) * 0x100000001b3ULL;
}

/* The strategy's answer, recorded if it is not what would happen anyway. */
static unsigned int ask(int now, bool must_leave)
{
	unsigned int i;

	if (replay_watching && replay_watch_answers())
		i = replay_watch_answer(can_run, nr_can_run);
	else
		i = strategy_used->pick(can_run, nr_can_run, now, must_leave, trace.steps);
	if (record && i != strategy_default(can_run, nr_can_run, now, must_leave) &&
	    record->nr < REPLAY_MAX_SWITCHES)
		record->at[record->nr++] = (struct replay_switch){
			.step = trace.steps, .id = can_run[i]->id,
		};
	return i;
}

/* Who runs next goes on; the caller's index, or -1, is @now. */
static void decide(int now, bool must_leave)
{
	unsigned int i = 0;

	if (every || (nr_can_run > 1 && exploring))
		i = ask(now, must_leave);
	else if (nr_can_run > 1)
		i = strategy_default(can_run, nr_can_run, now, must_leave);
	if (replay_watching && exploring)
		replay_watch_decision(can_run, nr_can_run, &self->task, i, trace.steps);
	mix(can_run[i]->id);
	if (now >= 0 && (int)i != now) {
		trace.preemptions++;
		trace.preempted[self->task.kind]++;
	}
	switch_to(ctx_of(can_run[i]));
}

static void check_livelock(void)
{
	if (likely(trace.steps < livelock_at))
		return;
	livelock_at = ~0ULL;	/* reporting, too, takes steps */
	upcalls.livelock(trace.steps - begun);
}

static __always_inline void touch(const void *object)
{
	if (unlikely(every) && strategy_used->touch && !in_idle)
		strategy_used->touch(object);
}

static void replay_touch(const void *object)
{
	touch(object);
}

/* Nobody can run: time passes until somebody can. */
static void idle(void)
{
	replay_touch(NULL);
	in_idle = true;
	while (!nr_can_run)
		if (!upcalls.idle() && !nr_can_run)
			upcalls.deadlock();
	in_idle = false;
	memory_barrier_all();
}

/* The caller is in no list of those that can run. */
static void rest(void)
{
	if (!nr_can_run)
		idle();
	trace.steps++;
	check_livelock();
	decide(-1, false);
}

static void replay_wait(u32 *word, u32 expected)
{
	struct exec_ctx *c = self;

	replay_touch(word);
	exec_memory_barrier(MEMORY_MB);
	if (__atomic_load_n(word, __ATOMIC_RELAXED) != expected)
		return;
	if (in_idle) {
		/* A handler blocks on something nobody can release. */
		upcalls.deadlock();
		abort();
	}
	add_waiter(c, word);
	make_waiting(c);
	c->task.kind = STRATEGY_WAITED;
	c->task.object = word;
	rest();
	exec_memory_barrier(MEMORY_MB);
	if (c->interrupted) {
		c->interrupted = false;
		upcalls.interrupted();
	}
}

static void let_run(struct exec_ctx *c)
{
	make_runnable(c);
	if (every && strategy_used->enable)
		strategy_used->enable(&c->task);
}

static unsigned int replay_wake(u32 *word, unsigned int nr)
{
	struct exec_ctx *c, *next;
	unsigned int woken = 0;

	replay_touch(word);
	exec_memory_barrier(MEMORY_MB);
	for (c = waiters.head; c && woken < nr; c = next) {
		next = c->next;
		if (c->word != word)
			continue;
		del_waiter(c);
		let_run(c);
		woken++;
	}
	return woken;
}

static void replay_interrupt(struct exec_ctx *c)
{
	if (!c->word)
		return;
	del_waiter(c);
	c->interrupted = true;
	let_run(c);
}

/* Somebody may go on instead, or there is more to do here than to count. */
static noinline bool decide_at_point(enum exec_point kind)
{
	check_livelock();
	if (!exploring && !memory_weak && kind != EXEC_POINT_SPIN) {
		if (nr_can_run > 1)
			mix(self->task.id);	/* goes on */
		return false;
	}
	if (unlikely(memory_weak))
		memory_before_point(kind);
	if (nr_can_run > 1 || every)
		decide(self->index, kind == EXEC_POINT_SPIN);
	if (unlikely(memory_weak))
		memory_after_point(kind);
	if (unlikely(exec_arrived))
		exec_take_interrupt();
	return memory_weak;
}

/* Nobody else can go on, but there is who wants to know of all that is done. */
static noinline bool tell_alone(enum exec_point kind)
{
	if (!strategy_used->alone || replay_watching)
		return decide_at_point(kind);
	strategy_used->alone(&self->task);
	mix(self->task.id);
	return false;
}

/* Nothing but jumps leads out of it: so it needs no frame, millions of times per second. */
static __always_inline bool pass_point(enum exec_point kind, const void *object,
				       unsigned long site)
{
	struct strategy_task *t = &self->task;

	if (unlikely(in_idle))
		return memory_weak;
	t->reads = kind & EXEC_POINT_READS;
	t->kind = kind &= ~EXEC_POINT_READS;
	t->object = object;
	t->site = site;
	t->passed++;
	trace.points[kind]++;
	mix(kind + 1000);
	if (unlikely(++trace.steps >= livelock_at || nr_can_run > 1 || memory_weak || exec_arrived))
		return decide_at_point(kind);
	return unlikely(every) && tell_alone(kind);
}

#define SITE	((unsigned long)__builtin_return_address(0))

static bool replay_point(enum exec_point kind, const void *object)
{
	return pass_point(kind, object, SITE);
}

static void recycle(struct exec_ctx *c)
{
	c->pool_next = pool;
	pool = c;
}

/* The base of every fiber: one job after the other. */
static void ctx_main(void)
{
	struct exec_ctx *c = self;

	for (;;) {
		exec_current = c->current_task;
		__tsan_acquire(c);
		c->fn(c->arg);
		__tsan_release(&c->done);
		__atomic_store_n(&c->done, 1, __ATOMIC_RELEASE);
		replay_wake(&c->done, UINT_MAX);
		c->ended = true;
		make_waiting(c);
		c->task.kind = STRATEGY_WAITED;
		c->task.object = &c->done;
		if (c->joined)
			recycle(c);
		/* Until there is another job. */
		rest();
	}
}

/* In a schedule from here on. */
static void born(struct exec_ctx *c)
{
	if (strategy_used->born)
		strategy_used->born(&c->task);
	memory_born(c->task.id, c->fiber.stack, c->fiber.size);
}

static void enlist(struct exec_ctx *c)
{
	c->task = (struct strategy_task){
		.id = nr_all, .parent = nr_all ? self->task.id : 0,
		.kind = STRATEGY_WAITED, .object = c,
	};
	all[nr_all++] = c;
	if (exploring)
		born(c);
	if (nr_all > trace.tasks)
		trace.tasks = nr_all;
	/* Ids are given in the order of creation. */
	replay_touch(&nr_all);
	let_run(c);
}

static struct exec_ctx *replay_start(void (*fn)(void *), void *arg, const char *name)
{
	struct exec_ctx *c = pool;

	if (nr_all == MAX_CONTEXTS)
		return NULL;
	if (c) {
		pool = c->pool_next;
	} else {
		if (nr_made == MAX_CONTEXTS || !fiber_create(&made[nr_made].fiber, ctx_main))
			return NULL;
		c = &made[nr_made++];
	}
	c->fn = fn;
	c->arg = arg;
	c->done = 0;
	c->ended = false;
	c->joined = false;
	c->current_task = &init_task;
	__tsan_release(c);
	enlist(c);
	return c;
}

static void replay_join(struct exec_ctx *c)
{
	replay_touch(&c->done);
	while (!__atomic_load_n(&c->done, __ATOMIC_ACQUIRE))
		replay_wait(&c->done, 0);
	exec_memory_barrier(MEMORY_MB);
	__tsan_acquire(&c->done);
	c->joined = true;
	if (c->ended)
		recycle(c);
}

static struct exec_ctx *replay_self(void)
{
	return self;
}

void replay_draw_anew(void)
{
	numbers = ~seed;
	strategy_seed(seed);
	if (record)
		record->nr = 0;
}

bool replay_has_drawn(void)
{
	return numbers != ~seed;
}

static void replay_boot(const struct exec_upcalls *up, u64 unused)
{
	upcalls = *up;
	nr_all = 0;
	nr_can_run = 0;
	trace = (struct replay_trace){ .hash = 0xcbf29ce484222325ULL };
	exploring = false;
	every = false;
	begins = 0;
	begun = 0;
	livelock_at = ~0ULL;
	replay_draw_anew();
	memory_boot();
	if (!main_ctx.fiber.stack)
		fiber_adopt(&main_ctx.fiber);
	self = &main_ctx;
	enlist(&main_ctx);
}

/* Contexts that were joined may not have come to their ends. */
static void replay_halt(void)
{
	while (nr_can_run > 1)
		decide(self->index, true);
}

static u64 replay_choose(u64 n)
{
	u64 val;

	replay_touch(&numbers);
	if (exploring && strategy_used->choose)
		val = strategy_used->choose(n);
	else
		val = strategy_draw_from(&numbers, n);
	mix(val);
	return val;
}

/* What fiber_swap() saved: the frame pointer lies above five registers. */
static const void *replay_frame(struct exec_ctx *c)
{
	return c == self ? NULL : ((void **)c->fiber.sp)[5];
}

void replay_limit(u64 steps)
{
	max_steps = steps;
}

static const struct exec_engine engine = {
	.name		= "replay",
	.boot		= replay_boot,
	.halt		= replay_halt,
	.start		= replay_start,
	.join		= replay_join,
	.self		= replay_self,
	.wait		= replay_wait,
	.interrupt	= replay_interrupt,
	.wake		= replay_wake,
	.point		= replay_point,
	.touch		= replay_touch,
	.choose		= replay_choose,
	.frame		= replay_frame,
};

#ifdef EXEC_ASAN
bool exec_point(enum exec_point kind, const void *object)
{
	if (likely(exec_engine == &engine))
		return pass_point(kind, object, SITE);
	return !exec_engine->parallel && exec_engine->point(kind, object);
}

void exec_touch(const void *object)
{
	if (likely(exec_engine == &engine))
		touch(object);
	else if (!exec_engine->parallel)
		exec_engine->touch(object);
}
#endif

struct replay_reader *replay_reader(void)
{
	return &self->reader;
}

struct replay_reader *replay_reader_at(unsigned int i)
{
	return i < nr_all ? &all[i]->reader : NULL;
}

bool replay_use(const char *name)
{
	const struct strategy *s = strategy_find(name);

	if (!s)
		return false;
	strategy_chosen = strategy_used = s;
	all_begins = 0;
	exec_engine = &engine;
	rcu_engine = &rcu_engine_replay;
	return true;
}

bool replay_in_use(void)
{
	return exec_engine == &engine;
}

void replay_name_to(char *buf, size_t size)
{
	name_to = buf;
	name_size = size;
}

void replay_begin(void)
{
	if (!replay_in_use())
		return;
	if (!replay_watch_answers())
		from_begin = strategy_used == &strategy_list ? strategy_list_from() :
			     strategy_chosen->more ? all_begins : 0;
	if (++begins < from_begin)
		return;
	begun = trace.steps;
	livelock_at = begun + max_steps;
	if (replay_probing) {
		all_begins = begins;
		return;
	}
	if (strategy_used->begin)
		strategy_used->begin(begun);
	if (name_to && strategy_used == strategy_chosen)
		strategy_name(strategy_used, name_to, name_size);
	/* A schedule may begin anew in its middle: what it has not stored yet is not lost. */
	memory_barrier_all();
	for (unsigned int i = 0; i < nr_all; i++) {
		all[i]->task.passed = 0;
		born(all[i]);
	}
	memset(trace.points, 0, sizeof(trace.points));
	memset(trace.preempted, 0, sizeof(trace.preempted));
	exploring = true;
	every = (replay_watch_answers() ? strategy_chosen : strategy_used)->every;
	replay_watch_begin();
	if (record)
		record->from = from_begin;
	memory_begin(self->task.id);
	exec_async_start(strategy_chosen->verdict);
}

void replay_end(void)
{
	if (!replay_in_use() || !exploring)
		return;
	exploring = false;
	memory_end();
	every = false;
	exec_async_stop();
	ended = trace;
	ended.steps -= begun;
	/* What follows, the end of the machine, has no more. */
	begun = trace.steps;
	livelock_at = begun + max_steps;
	replay_watch_end(ended.hash);
	strategy_learn(ended.steps, ended.tasks);
	if (strategy_used->end)
		strategy_used->end((struct strategy_task *const *)all, nr_all);
}

void replay_seed(u64 val)
{
	seed = val;
}

struct replay_trace replay_trace(void)
{
	return exploring ? trace : ended;
}

void replay_keep(struct replay_record *r)
{
	record = r;
}

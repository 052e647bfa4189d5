// SPDX-License-Identifier: GPL-2.0
/*
 * Who waits for whom: the report of a deadlock, or of a livelock.
 *
 * Each task that waits says for what (lock_wait_begin()); who holds it is found among what
 * all tasks hold.  A cycle of tasks that wait for each other is a deadlock; a task that
 * waits for what nobody is known to give may be the victim of a lost wake-up.
 *
 * The last of a cycle to wait finds it, whatever others do meanwhile.  Those who wait for
 * what has an owner are in a list under a lock that they take once more before they go on,
 * so what they hold and wait for stands still, on host threads too.  A wait counts if it
 * cannot be over already: for who has a lock exclusively, since who waits for it would have
 * to have it; for others only where who ends the wait takes the waiter off the list.
 *
 * Otherwise everything stands still while this runs.  ThreadSanitizer does not know, and
 * shall take no order from the lock, so this file is not instrumented.
 */
#include "internal.h"

#include <linux/completion.h>
#include <linux/pagemap.h>
#include <linux/sched/task.h>
#include <linux/seqlock.h>
#include <linux/wait.h>
#include <exec/symbols.h>
#include <exec/vcpu.h>
#include <lock/folio.h>

#include <stdio.h>
#include <stdlib.h>

#define MAX_TASKS	1024
#define MAX_OWNERS	8

static void check_cycle(struct task_struct *p);

/* Of the host; its <sched.h> is no header of the kernel. */
int sched_yield(void);

static u32 waiting_lock;
static struct task_struct *waiting;	/* the list */

/* Not the engine's business: nobody sleeps or decides anything with it. */
static void lock_waiting(void)
{
	while (__atomic_exchange_n(&waiting_lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock_waiting(void)
{
	/* Nobody else gives it up, nor ever did without having it. */
	if (!__atomic_exchange_n(&waiting_lock, 0, __ATOMIC_RELEASE))
		abort();
}

static void add_waiting(struct task_struct *p)
{
	struct lock_task *l = &p->lock;

	if (l->pprev_waiting)
		return;
	l->next_waiting = waiting;
	if (waiting)
		waiting->lock.pprev_waiting = &l->next_waiting;
	waiting = p;
	l->pprev_waiting = &waiting;
}

static void del_waiting(struct task_struct *p)
{
	struct lock_task *l = &p->lock;

	if (!l->pprev_waiting)
		return;
	*l->pprev_waiting = l->next_waiting;
	if (l->next_waiting)
		l->next_waiting->lock.pprev_waiting = l->pprev_waiting;
	l->pprev_waiting = NULL;
}

/* From now on, @p waits as @w says. */
static void set_wait(struct task_struct *p, const struct lock_wait *w)
{
	static const bool has_owner[] = {
		[LOCK_WAIT_LOCK] = true, [LOCK_WAIT_FOLIO] = true,
		[LOCK_WAIT_TASK] = true, [LOCK_WAIT_WORK] = true,
	};

	lock_waiting();
	p->lock.wait = *w;
	if (has_owner[w->kind])
		add_waiting(p);
	else
		del_waiting(p);
	unlock_waiting();
}

/**
 * lock_wait_begin() - the running task is about to wait
 * @kind:	enum lock_wait_kind
 * @on:		for what
 * @state:	of its sleep, TASK_*; 0: it spins
 *
 * Reports a deadlock if who could end the wait waits, perhaps through others, for the
 * caller.  Return: what was waited for until now, for lock_wait_end().
 */
struct lock_wait lock_wait_begin(u8 kind, const void *on, unsigned int state)
{
	struct lock_wait before = { }, w = { .on = on, .kind = kind };
	struct task_struct *p = current;

	if (unlikely(!p))
		return before;
	before = p->lock.wait;
	w.depth = p->lock.depth;
	/* How the end of a task or of a grace period is waited for is of no interest. */
	if (before.on && before.kind >= LOCK_WAIT_GRACE_PERIOD && kind >= LOCK_WAIT_COMPLETION)
		return before;
	w.by_signal = state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL);
	w.nr_ips = stack_save(w.ips, LOCK_STACK_DEPTH);
	set_wait(p, &w);
	check_cycle(p);
	return before;
}

void lock_wait_end(const struct lock_wait *before)
{
	if (likely(current))
		set_wait(current, before);
}

/* What @p, which sleeps, waits for is there; or it is no task any more that can wait. */
void lock_wait_granted(struct task_struct *p)
{
	static const struct lock_wait nothing;

	set_wait(p, &nothing);
}

void lock_wait_over(void)
{
	lock_wait_granted(current);
}

/* The end of a wait in a queue, which may be only the way another wait is done. */
void lock_wait_queue_over(void)
{
	if (current->lock.wait.kind == LOCK_WAIT_QUEUE)
		lock_wait_over();
}

/* @p looks for cycles from now on when it waits, even if it holds nothing. */
static void set_awaited(struct task_struct *p)
{
	lock_waiting();
	p->lock.awaited = true;
	unlock_waiting();
}

void lock_wait_for_task(struct task_struct *task, unsigned int state)
{
	set_awaited(task);
	lock_wait_begin(LOCK_WAIT_TASK, task, state);
}

void lock_work_begins(struct task_struct **where, struct task_struct *worker)
{
	lock_waiting();
	worker->lock.awaited = true;
	*where = worker;
	unlock_waiting();
}

void lock_wait_for_work(struct task_struct **worker)
{
	lock_wait_begin(LOCK_WAIT_WORK, worker, 0);
}

void lock_wait_for_grace_period(void)
{
	static const char grace_period;

	lock_wait_begin(LOCK_WAIT_GRACE_PERIOD, &grace_period, 0);
}

void lock_wait_for_folio(const struct folio *folio, bool lock, unsigned int state)
{
	lock_wait_begin(lock ? LOCK_WAIT_FOLIO : LOCK_WAIT_FOLIO_FLAG, folio, state);
}

/* A task that waits, and who could end that. */
struct node {
	struct task_struct *task;
	int nr_owners;
	int owner[MAX_OWNERS];		/* indices of nodes */
	const struct lock_held *held[MAX_OWNERS]; /* by which it is held, or NULL */
	u8 color;			/* of the search for cycles: 1 on the path, 2 done */
};

static struct node nodes[MAX_TASKS];
static int nr_nodes;

static void add_node(struct task_struct *p, void *unused)
{
	if (nr_nodes < MAX_TASKS)
		nodes[nr_nodes++] = (struct node){ .task = p };
}

/* The entry of what @p is about to take is not a lock that it holds. */
static bool is_pending(const struct task_struct *p, const struct lock_held *h)
{
	const struct lock_wait *w = &p->lock.wait;

	return w->on == h->lock && h == &p->lock.held[p->lock.depth - 1];
}

/*
 * Who waits for a task takes and releases locks on the way, those of completions for
 * instance; it sleeps with those that it had before.
 */
static const struct lock_held *holds(const struct task_struct *p, const void *lock)
{
	const struct lock_wait *w = &p->lock.wait;
	int depth = w->on && w->kind >= LOCK_WAIT_TASK ? w->depth : p->lock.depth;

	for (int i = depth - 1; i >= 0; i--) {
		const struct lock_held *h = &p->lock.held[i];

		if (h->lock == lock && !is_pending(p, h))
			return h;
	}
	return NULL;
}

/* Called for each task there is, none of which can end meanwhile; it may run, though. */
void lock_copy_owner(struct task_struct *p, void *arg)
{
	struct lock_owner *owner = arg;
	const struct lock_held *h;

	if (p != owner->task)
		return;
	owner->alive = true;
	owner->pid = p->pid;
	memcpy(owner->comm, p->comm, sizeof(owner->comm));
	h = holds(p, owner->lock);
	if (!h)
		return;
	owner->held.nr_ips = h->nr_ips;
	for (int i = 0; i < LOCK_STACK_DEPTH; i++)
		owner->held.ips[i] = __atomic_load_n(&h->ips[i], __ATOMIC_RELAXED);
}

/* Could @p end the wait @w? *held: the entry of its books that says so, if one does. */
static bool is_owner(const struct task_struct *p, const struct lock_wait *w,
		     const struct lock_held **held)
{
	*held = NULL;
	switch (w->kind) {
	case LOCK_WAIT_LOCK:
	case LOCK_WAIT_SEQ:
		*held = holds(p, w->on);
		return *held;
	case LOCK_WAIT_FOLIO:
		return p->pid && folio_lock_owner((struct folio *)w->on) == p->pid;
	case LOCK_WAIT_GRACE_PERIOD:
		return p->lock.rcu.depth || p->lock.rcu.depth_bh || p->lock.rcu.depth_sched;
	case LOCK_WAIT_TASK:
		return p == w->on;
	case LOCK_WAIT_WORK:
		return p == *(struct task_struct *const *)w->on;
	}
	return false;
}

static void find_owners(struct node *n)
{
	const struct lock_wait *w = &n->task->lock.wait;
	const struct lock_held *held;

	for (int i = 0; w->on && i < nr_nodes && n->nr_owners < MAX_OWNERS; i++) {
		if (!is_owner(nodes[i].task, w, &held))
			continue;
		n->owner[n->nr_owners] = i;
		n->held[n->nr_owners++] = held;
	}
}

/* What is waited for, in words. */
static void wait_text(char *text, size_t size, const struct task_struct *p)
{
	const struct lock_wait *w = &p->lock.wait;
	const struct lock_held *h = p->lock.depth ? &p->lock.held[p->lock.depth - 1] : NULL;
	const struct task_struct *other = w->on;

	switch (w->kind) {
	case LOCK_WAIT_LOCK:
		if (h && is_pending(p, h))
			snprintf(text, size, "%s%s '%s' (%p)", lock_kind_name(h->kind),
				 h->flags & LOCK_HELD_READ ? " (read)" : "", lock_name(h->map),
				 w->on);
		else
			snprintf(text, size, "the lock at %p", w->on);
		break;
	case LOCK_WAIT_SEQ:
		snprintf(text, size, "the writer of the seqcount at %p", w->on);
		break;
	case LOCK_WAIT_FOLIO:
		snprintf(text, size, "the folio lock of pfn %#lx",
			 folio_pfn((struct folio *)w->on));
		break;
	case LOCK_WAIT_FOLIO_FLAG:
		snprintf(text, size, "a flag of the folio of pfn %#lx",
			 folio_pfn((struct folio *)w->on));
		break;
	case LOCK_WAIT_SEMAPHORE:
		snprintf(text, size, "the semaphore at %p", w->on);
		break;
	case LOCK_WAIT_COMPLETION:
		snprintf(text, size, "completion '%s' (%p)",
			 lock_name(&((const struct completion *)w->on)->wait.lock.dep_map), w->on);
		break;
	case LOCK_WAIT_QUEUE:
		snprintf(text, size, "wait queue '%s' (%p)",
			 lock_name(&((const struct wait_queue_head *)w->on)->lock.dep_map), w->on);
		break;
	case LOCK_WAIT_GRACE_PERIOD:
		snprintf(text, size, "an RCU grace period");
		break;
	case LOCK_WAIT_WORK:
		other = *(struct task_struct *const *)w->on;
		snprintf(text, size, "the work of %s/%d", other ? other->comm : "nobody yet",
			 other ? other->pid : 0);
		break;
	default:
		snprintf(text, size, "the end of %s/%d", other->comm, other->pid);
	}
}

static void print_places(FILE *out, const char *what, const unsigned long *ips, unsigned int nr)
{
	char line[512];

	fprintf(out, "    %s:\n", what);
	for (unsigned int i = 0; i < nr && ips[i]; i++)
		fprintf(out, "      #%-2u %s\n", i, exec_symbolize(ips[i], line, sizeof(line)));
}

/* How an owner came to be one. */
static const char *owner_verb(u8 kind)
{
	switch (kind) {
	case LOCK_WAIT_GRACE_PERIOD:
		return "held up by the reader";
	case LOCK_WAIT_TASK:
	case LOCK_WAIT_WORK:
		return "which is up to";
	default:
		return "held by";
	}
}

static void print_waiter(FILE *out, const struct node *n)
{
	const struct task_struct *p = n->task;
	const struct lock_wait *w = &p->lock.wait;
	char text[160];

	wait_text(text, sizeof(text), p);
	fprintf(out, "  %s/%d waits for %s", p->comm, p->pid, text);
	for (int i = 0; i < n->nr_owners; i++) {
		const struct task_struct *o = nodes[n->owner[i]].task;

		fprintf(out, ", %s %s/%d", owner_verb(w->kind), o->comm, o->pid);
	}
	fprintf(out, "%s\n", n->nr_owners ? "" : ", and nobody is known who would end that");
	print_places(out, "waits at", w->ips, w->nr_ips);
	for (int i = 0; i < n->nr_owners; i++) {
		const struct task_struct *o = nodes[n->owner[i]].task;

		snprintf(text, sizeof(text), "%s/%d took it at", o->comm, o->pid);
		if (n->held[i])
			print_places(out, text, n->held[i]->ips, n->held[i]->nr_ips);
		else if (w->kind == LOCK_WAIT_GRACE_PERIOD)
			print_places(out, "where the reader began", &o->lock.rcu.ip, 1);
	}
}

/* The cycle that ends where the path @stack[0..depth) comes back to @to. */
static void print_cycle(FILE *out, const int *stack, int depth, int to)
{
	char text[160];
	int i = depth;

	while (stack[--i] != to)
		;
	fprintf(out, "  deadlock:");
	for (; i < depth; i++) {
		const struct task_struct *p = nodes[stack[i]].task;

		wait_text(text, sizeof(text), p);
		fprintf(out, " %s/%d -> %s ->", p->comm, p->pid, text);
	}
	fprintf(out, " %s/%d\n", nodes[to].task->comm, nodes[to].task->pid);
}

/* Depth first from @i; each edge back to the path is a cycle. */
static int find_cycles(FILE *out, int *stack, int depth, int i)
{
	int nr = 0;

	nodes[i].color = 1;
	stack[depth++] = i;
	for (int o = 0; o < nodes[i].nr_owners; o++) {
		int next = nodes[i].owner[o];

		if (nodes[next].color == 1) {
			print_cycle(out, stack, depth, next);
			nr++;
		} else if (!nodes[next].color) {
			nr += find_cycles(out, stack, depth, next);
		}
	}
	nodes[i].color = 2;
	return nr;
}

/* Where it is now, if the engine can tell, and what it has. */
static void print_runner(FILE *out, struct task_struct *p)
{
	unsigned long ips[STACK_DEPTH];
	unsigned int nr = exec_stack_of(p, ips, ARRAY_SIZE(ips));
	char text[160];

	fprintf(out, "  %s/%d runs on CPU %u\n", p->comm, p->pid, task_cpu(p));
	if (nr)
		print_places(out, "is at", ips, nr);
	for (int i = 0; i < p->lock.depth; i++) {
		const struct lock_held *h = &p->lock.held[i];

		snprintf(text, sizeof(text), "holds %s '%s' (%p), taken at",
			 lock_kind_name(h->kind), lock_name(h->map), h->lock);
		print_places(out, text, h->ips, h->nr_ips);
	}
}

static bool runs(const struct task_struct *p)
{
	return __atomic_load_n(&p->exec.run, __ATOMIC_RELAXED) && !p->lock.wait.on;
}

static void collect(void)
{
	nr_nodes = 0;
	exec_for_each_task(add_node, NULL);
	for (int i = 0; i < nr_nodes; i++)
		find_owners(&nodes[i]);
}

void lock_print_waits(FILE *out)
{
	static int stack[MAX_TASKS];
	int cycles = 0, idle = 0;

	collect();
	for (int i = 0; i < nr_nodes; i++)
		if (nodes[i].task->lock.wait.on)
			print_waiter(out, &nodes[i]);
	for (int i = 0; i < nr_nodes; i++) {
		struct task_struct *p = nodes[i].task;

		if (p->lock.wait.on)
			continue;
		if (runs(p))
			print_runner(out, p);
		else
			idle++;
	}
	for (int i = 0; i < nr_nodes; i++)
		if (!nodes[i].color)
			cycles += find_cycles(out, stack, 0, i);
	if (!cycles)
		fprintf(out, "  no cycle: a wake-up was lost, or is owed by who is not known\n");
	fprintf(out, "  asleep until woken:");
	for (int i = 0; i < nr_nodes && idle; i++)
		if (!nodes[i].task->lock.wait.on && !runs(nodes[i].task))
			fprintf(out, " %s/%d", nodes[i].task->comm, nodes[i].task->pid);
	fprintf(out, "\n");
}

/* Does @p, which is in the list, wait in a way that only an owner can end, and none has? */
static bool is_certain(const struct task_struct *p)
{
	const struct lock_wait *w = &p->lock.wait;
	const struct lock_held *h = p->lock.depth ? &p->lock.held[p->lock.depth - 1] : NULL;

	if (w->by_signal && signal_pending((struct task_struct *)p))
		return false;
	/* Nobody tells a reader that spins that it may go on. */
	return !h || !is_pending(p, h) || h->kind != LOCK_KIND_RWLOCK ||
	       !(h->flags & LOCK_HELD_READ);
}

/* Depth first from @i back to the first node; the length of the path, 0 if there is none. */
static int find_path(int *stack, int depth, int i)
{
	struct node *n = &nodes[i];
	int nr = 0;

	n->color = 1;
	stack[depth++] = i;
	if (!is_certain(n->task))
		return 0;
	find_owners(n);
	for (int o = 0; o < n->nr_owners && !nr; o++) {
		int next = n->owner[o];

		if (!next && i)
			return depth;
		if (!nodes[next].color)
			nr = find_path(stack, depth, next);
	}
	return nr;
}

static int cycle[MAX_TASKS], cycle_length;

static void print_cycle_found(FILE *out)
{
	for (int i = 0; i < cycle_length; i++)
		print_waiter(out, &nodes[cycle[i]]);
	print_cycle(out, cycle, cycle_length, 0);
}

/* Can somebody wait for @p, which is about to wait? */
static bool is_wanted(const struct task_struct *p)
{
	int depth = p->lock.depth;

	if (depth && is_pending(p, &p->lock.held[depth - 1]))
		depth--;
	return depth || p->lock.awaited;
}

/*
 * @p, the running task, is about to wait: report a cycle that this closes.  One who waits
 * in it may expect that, and has to be told but once.
 */
static void check_cycle(struct task_struct *p)
{
	struct task_struct *catcher = NULL;
	bool found = false;

	if (!p->lock.pprev_waiting || !is_wanted(p))
		return;
	lock_waiting();
	nr_nodes = 0;
	add_node(p, NULL);
	for (struct task_struct *other = waiting; other; other = other->lock.next_waiting)
		if (other != p)
			add_node(other, NULL);
	cycle_length = p->lock.pprev_waiting ? find_path(cycle, 0, 0) : 0;
	found = cycle_length;
	for (int i = 0; i < cycle_length; i++) {
		struct task_struct *member = nodes[cycle[i]].task;

		found &= !READ_ONCE(member->exec.unwind);
		if (member->exec.catch && (!catcher || member == p))
			catcher = member;
	}
	if (found)
		exec_deadlock_print(catcher, print_cycle_found);
	unlock_waiting();
	if (found)
		exec_deadlock_end(catcher);
}

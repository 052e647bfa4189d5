// SPDX-License-Identifier: GPL-2.0
/* Broken rules: the report, the catching of expected ones, deadlock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/err.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <machine/violation.h>
#include <exec/hooks.h>
#include <exec/symbols.h>
#include <exec/vcpu.h>

#define LINE_BYTES	512

struct exec_catch {
	jmp_buf env;
	void (*fn)(void *arg);
	void *arg;
	enum violation_kind kind;
	char *text;
	size_t size;
	u32 done;
	struct task_struct *waiter;
};

static const char *const names[VIOLATION_NR] = {
	[VIOLATION_NONE]		= "none",
	[VIOLATION_BUG]			= "BUG",
	[VIOLATION_WARN]		= "WARN",
	[VIOLATION_LOCK_RECURSION]	= "lock recursion",
	[VIOLATION_LOCK_OWNER]		= "lock owner",
	[VIOLATION_LOCK_UNHELD]		= "lock not held",
	[VIOLATION_LOCK_ORDER]		= "lock order",
	[VIOLATION_LOCK_DESTROYED]	= "lock destroyed",
	[VIOLATION_LOCK_LEAKED]		= "lock leaked",
	[VIOLATION_LOCK_FREED]		= "lock freed",
	[VIOLATION_LOCK_CONTEXT]	= "lock context",
	[VIOLATION_ATOMIC_SLEEP]	= "sleep while atomic",
	[VIOLATION_IRQ_STATE]		= "interrupt state",
	[VIOLATION_PREEMPT]		= "preempt count",
	[VIOLATION_RCU]			= "RCU",
	[VIOLATION_PTL]			= "page-table lock",
	[VIOLATION_MMAP_LOCK]		= "mmap_lock",
	[VIOLATION_TLB]			= "TLB",
	[VIOLATION_PAGE]		= "page",
	[VIOLATION_SLAB]		= "slab",
	[VIOLATION_LEAK]		= "leak",
	[VIOLATION_ACCOUNT]		= "account",
	[VIOLATION_REFCOUNT]		= "refcount",
	[VIOLATION_TIMER]		= "timer",
	[VIOLATION_DEADLOCK]		= "deadlock",
	[VIOLATION_DATA_RACE]		= "data race",
};

const char *violation_name(enum violation_kind kind)
{
	return (unsigned int)kind < VIOLATION_NR ? names[kind] : "?";
}

/* Tests look at the whole report of a caught violation. */
static char *kept_report;
static size_t kept_size;
static bool keep_report;
/* Of the deadlock that somebody expects, for exec_kept_report(). */
static char *kept_waits;
static size_t kept_waits_size;

void exec_keep_reports(bool on)
{
	keep_report = on;
	free(kept_report);
	free(kept_waits);
	kept_report = kept_waits = NULL;
}

const char *exec_kept_report(void)
{
	return kept_report ? kept_report : "";
}

static void keep_waits(void (*print)(FILE *out))
{
	FILE *out;

	free(kept_waits);
	kept_waits = NULL;
	out = open_memstream(&kept_waits, &kept_waits_size);
	if (!out)
		return;
	print(out);
	fclose(out);
}

static void print_task(FILE *out, struct task_struct *p)
{
	fprintf(out, "task %s/%d on CPU %u, state %#x, preempt_count %#x, interrupts %s\n",
		p->comm, p->pid, task_cpu(p), READ_ONCE(p->__state), p->exec.preempt_count,
		p->exec.irqs_off ? "off" : "on");
}

static void print_stack(FILE *out, const char *title, const unsigned long *ips, unsigned int nr)
{
	char line[LINE_BYTES];
	unsigned int i;

	fprintf(out, "%s:\n", title);
	for (i = 0; i < nr && ips[i]; i++)
		fprintf(out, "  #%-2u %s\n", i, exec_symbolize(ips[i], line, sizeof(line)));
}

struct report {
	enum violation_kind kind;
	const char *text;
	const struct violation_stack *stacks;	/* further places */
	unsigned int nr;
};

static void print_report(FILE *out, const struct report *r)
{
	struct task_struct *base = exec_base_task();
	unsigned long ips[32];

	fprintf(out, "violation: %s: %s\n", violation_name(r->kind), r->text);
	print_task(out, current);
	if (base != current) {
		fprintf(out, "interrupting or lent by ");
		print_task(out, base);
	}
	print_stack(out, "stack", ips, stack_save(ips, 32));
	for (unsigned int i = 0; i < r->nr; i++)
		print_stack(out, r->stacks[i].title, r->stacks[i].ips, r->stacks[i].nr);
	fflush(out);
}

/* The running task expects a violation: remember this one and unwind. */
static void __noreturn end_catch(struct task_struct *p, const struct report *r)
{
	struct exec_catch *c = p->exec.catch;

	if (keep_report) {
		FILE *out;

		free(kept_report);
		out = open_memstream(&kept_report, &kept_size);
		if (out) {
			print_report(out, r);
			if (r->kind == VIOLATION_DEADLOCK && kept_waits)
				fputs(kept_waits, out);
			fclose(out);
		}
	}
	c->kind = r->kind;
	if (c->text && c->size)
		snprintf(c->text, c->size, "%s: %s", violation_name(r->kind), r->text);
	WRITE_ONCE(p->exec.catch, NULL);
	exec_unwind_task(p);
	longjmp(c->env, 1);
}

static void report(const struct report *r)
{
	static u32 reporting;
	struct task_struct *p = exec_base_task();

	if (p && p->exec.catch)
		end_catch(p, r);
	if (__atomic_fetch_add(&reporting, 1, __ATOMIC_SEQ_CST)) {
		fprintf(stderr, "violation: %s: %s (while reporting another)\n",
			violation_name(r->kind), r->text);
		abort();
	}
	fflush(stdout);
	print_report(stderr, r);
	lock_print_held(p);
	fflush(stderr);
	abort();
}

void vviolation(enum violation_kind kind, const struct violation_stack *stacks, unsigned int nr,
		const char *fmt, va_list ap)
{
	char text[LINE_BYTES];
	struct report r = { .kind = kind, .text = text, .stacks = stacks, .nr = nr };

	vsnprintf(text, sizeof(text), fmt, ap);
	report(&r);
}

void violation(enum violation_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vviolation(kind, NULL, 0, fmt, ap);
	va_end(ap);
}

void violation_with_stack(enum violation_kind kind, const unsigned long *stack,
			  unsigned int nr, const char *title, const char *fmt, ...)
{
	struct violation_stack at = { .title = title, .ips = stack, .nr = nr };
	va_list ap;

	va_start(ap, fmt);
	vviolation(kind, &at, !!stack, fmt, ap);
	va_end(ap);
}

void violation_with_stacks(enum violation_kind kind, const struct violation_stack *stacks,
			   unsigned int nr, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vviolation(kind, stacks, nr, fmt, ap);
	va_end(ap);
}

static int catch_main(void *arg)
{
	struct exec_catch *c = arg;
	struct task_struct *waiter = c->waiter;

	if (!_setjmp(c->env)) {
		WRITE_ONCE(current->exec.catch, c);
		c->fn(c->arg);
		if (current->exec.preempt_count || current->exec.irqs_off)
			violation(VIOLATION_PREEMPT, "returned with preempt_count %#x, interrupts %s",
				  current->exec.preempt_count,
				  current->exec.irqs_off ? "off" : "on");
		lock_check_exit(current);
		rcu_task_exit(current);
		WRITE_ONCE(current->exec.catch, NULL);
	}
	__atomic_store_n(&c->done, 1, __ATOMIC_RELEASE);
	exec_wake(waiter, TASK_NORMAL);
	put_task_struct(waiter);
	return 0;
}

enum violation_kind violation_catch(void (*fn)(void *arg), void *arg, char *text, size_t size)
{
	struct exec_catch c = { .fn = fn, .arg = arg, .text = text, .size = size };
	struct task_struct *p;

	if (text && size)
		text[0] = 0;
	p = exec_create_kthread(catch_main, &c, NUMA_NO_NODE, "violation_catch");
	if (IS_ERR(p))
		return VIOLATION_NONE;
	c.waiter = get_task_struct(current);
	wake_up_new_task(p);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (__atomic_load_n(&c.done, __ATOMIC_ACQUIRE))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return c.kind;
}

/* A task that a deadlock test waits for runs again, to end. */
void exec_violation_unwound(void)
{
	struct task_struct *p = current;

	WRITE_ONCE(p->exec.unwind, false);
	violation(VIOLATION_DEADLOCK, "%s/%d waits for what never comes", p->comm, p->pid);
}

static void find_catcher(struct task_struct *p, void *arg)
{
	struct task_struct **found = arg;

	if (READ_ONCE(p->exec.catch) && !READ_ONCE(p->exec.unwind))
		*found = p;
}

/*
 * The strategy has had its way for so long that nothing is to be hoped for.  Who expects a
 * violation in the task that took the last step is content with that.
 */
void exec_livelock(u64 steps)
{
	if (!exec_base_task()->exec.catch) {
		fprintf(stderr, "%llu steps and no end; who runs, and who waits for whom:\n",
			(unsigned long long)steps);
		lock_print_waits(stderr);
	}
	violation(VIOLATION_DEADLOCK, "livelock: no end after %llu steps",
		  (unsigned long long)steps);
}

/* @p, which waits and has been told why, runs again. One that @spins has its CPU. */
static void unwind(struct task_struct *p, bool spins)
{
	if (spins)
		exec_engine->interrupt(p->exec.ctx);
	else
		exec_wake(p, ~0u);
}

/* Who is in the cycle stands still, but TSan does not know. */
void exec_deadlock_print(struct task_struct *catcher, void (*print)(FILE *out))
{
	__data_race_begin();
	if (catcher && keep_report) {
		keep_waits(print);
	} else if (!catcher) {
		fprintf(stderr, "tasks wait for each other:\n");
		print(stderr);
	}
	__data_race_end();
}

/* Does not return if the running task is the one to tell. */
void exec_deadlock_end(struct task_struct *catcher)
{
	if (!catcher || catcher == exec_base_task())
		violation(VIOLATION_DEADLOCK, "tasks wait for each other");
	/*
	 * Who is about to sleep looks before, behind the barrier of its set_current_state(),
	 * with which this one pairs; on host threads who spins may not be touched.
	 */
	WRITE_ONCE(catcher->exec.unwind, true);
	smp_mb();
	if (READ_ONCE(catcher->__state) != TASK_RUNNING)
		unwind(catcher, false);
	else if (!exec_engine->parallel)
		unwind(catcher, true);
}

/*
 * The engine found that nothing can run and no timer is armed.  If a test expects
 * it, its task is made to run again; else the machine ends here.
 */
void exec_deadlock(void)
{
	struct task_struct *p = NULL, *caller = current;

	exec_for_each_task(find_catcher, &p);
	if (!p) {
		fprintf(stderr, "every task waits and no timer is armed:\n");
		lock_print_waits(stderr);
		violation(VIOLATION_DEADLOCK, "nothing can run any more");
	}
	if (keep_report)
		keep_waits(lock_print_waits);
	exec_set_current(vcpus[0].idle);
	WRITE_ONCE(p->exec.unwind, true);
	/* Everything stands still, but TSan does not know. */
	unwind(p, __atomic_load_n(&p->exec.on_rq, __ATOMIC_RELAXED));
	exec_set_current(caller);
}

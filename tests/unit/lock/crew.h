/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers of the lock suites: run functions in tasks on chosen CPUs, and notes of the
 * order in which things happened.
 */
#ifndef _TESTS_LOCK_CREW_H
#define _TESTS_LOCK_CREW_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <asm/processor.h>
#include <machine/program.h>
#include <machine/violation.h>

/* The usual machine without daemons: only the tasks of a case run. */
static const struct machine_config lock_machine = {
	.nr_nodes = 4,
	.nr_cpus = 8,
	.cmdline = "noautonuma",
};

struct member {
	struct completion begun;
	struct task_struct *task;
	int (*fn)(void *arg);
	void *arg;
	bool program;		/* a simulated program: kernel threads ignore signals */
};

static int __maybe_unused member_main(void *data)
{
	struct member *m = data;
	int (*fn)(void *arg) = m->fn;
	void *arg = m->arg;

	complete(&m->begun);
	return fn(arg);
}

/* Start fn(arg) on @cpu; it has begun when this returns. */
static void __maybe_unused member_start(struct kunit *test, struct member *m,
					unsigned int cpu, int (*fn)(void *arg), void *arg)
{
	init_completion(&m->begun);
	m->fn = fn;
	m->arg = arg;
	m->program = false;
	m->task = kthread_create(member_main, m, "member/%u", cpu);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->task);
	get_task_struct(m->task);
	kthread_bind(m->task, cpu);
	wake_up_process(m->task);
	wait_for_completion(&m->begun);
}

/* The same in a program, which can be killed; fn runs as if in a system call. */
static void __maybe_unused member_start_program(struct kunit *test, struct member *m,
						unsigned int cpu, int (*fn)(void *arg),
						void *arg)
{
	init_completion(&m->begun);
	m->fn = fn;
	m->arg = arg;
	m->program = true;
	m->task = program_start_on(cpu, "member", member_main, m);
	KUNIT_ASSERT_NOT_NULL(test, m->task);
	wait_for_completion(&m->begun);
}

/* Wait for its end; returns what fn returned. */
static int __maybe_unused member_join(struct member *m)
{
	return m->program ? program_wait(m->task) : kthread_stop_put(m->task);
}

#define CREW	4
/* Run fn(arg) in CREW tasks on as many CPUs and wait for all of them. */
static void __maybe_unused crew_run(struct kunit *test, int (*fn)(void *arg), void *arg)
{
	struct member crew[CREW];
	int i;

	/* Who spins on its CPU must not keep us from starting the others. */
	set_cpus_allowed_ptr(current, cpumask_of(CREW));
	for (i = 0; i < CREW; i++)
		member_start(test, &crew[i], i, fn, arg);
	for (i = 0; i < CREW; i++)
		KUNIT_EXPECT_EQ(test, member_join(&crew[i]), 0);
}

/* The clock moves only when everybody sleeps: afterwards all others wait for us. */
static void __maybe_unused let_others_sleep(void)
{
	schedule_timeout_uninterruptible(1);
}

/*
 * Watch for something another CPU does, with a lock held.  Virtual time stands still
 * meanwhile, so somebody who has to pay for work cannot come: give up, and try again.
 */
#define SPIN_TRIES	20
#define spin_until(cond)							\
({										\
	int __left = 1000000;							\
	while (!(cond) && __left--)						\
		cpu_relax();							\
	__left >= 0;								\
})

/* A task for @cpu that member_main() will run in; not woken yet. */
static void __maybe_unused member_create(struct kunit *test, struct member *m,
					 unsigned int cpu, int (*fn)(void *arg), void *arg)
{
	init_completion(&m->begun);
	m->program = false;
	m->fn = fn;
	m->arg = arg;
	m->task = kthread_create(member_main, m, "member/%u", cpu);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m->task);
	get_task_struct(m->task);
	kthread_bind(m->task, cpu);
}

/* A log of letters; add from one task at a time, or under the lock under test. */
struct notes {
	char text[32];
	int len;
};

static void __maybe_unused note(struct notes *n, char c)
{
	if (n->len >= sizeof(n->text) - 1)
		return;
	n->text[n->len] = c;
	/* Pairs with notes_len(): whoever looks on holds no lock. */
	smp_store_release(&n->len, n->len + 1);
}

static int __maybe_unused notes_len(struct notes *n)
{
	return smp_load_acquire(&n->len);
}

static const char __maybe_unused *notes_text(struct notes *n)
{
	notes_len(n);
	return n->text;
}

static void __maybe_unused send_kill(struct member *m)
{
	send_sig(SIGKILL, m->task, 1);
}

#endif /* _TESTS_LOCK_CREW_H */

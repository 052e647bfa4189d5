/* SPDX-License-Identifier: GPL-2.0 */
/* What suites of the scheduler share: programs that compute, and waiting for them. */
#ifndef _SCHED_TEST_H
#define _SCHED_TEST_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/topology.h>
#include <asm/processor.h>
#include <machine/machine.h>
#include <machine/program.h>

/* No daemon comes between. */
static const struct machine_config quiet_machine __maybe_unused = {
	.nr_nodes = 4, .nr_cpus = 8, .seed = 1, .cmdline = "noautonuma",
};

/* Tests choose CPUs for others: they and the daemons there are keep to the first one. */
static inline int stay_on_cpu0(struct kunit *test)
{
	struct task_struct *p;

	rcu_read_lock();
	for_each_process(p)
		do_set_cpus_allowed(p, cpumask_of(0));
	rcu_read_unlock();
	return set_cpus_allowed_ptr(current, cpumask_of(0));
}

/* Tasks that run on @cpu or wait for it. */
#define running_on(cpu)	READ_ONCE(cpu_rq(cpu)->nr_running)

/* A program that computes in steps until it is told to stop. */
struct spinner {
	struct task_struct *task;
	u64 step_ns;
	bool stop;
	atomic_t steps;
};

static inline int spinner_program(void *arg)
{
	struct spinner *s = arg;

	while (!READ_ONCE(s->stop)) {
		user_compute(s->step_ns);
		atomic_inc(&s->steps);
	}
	return 0;
}

/* Started on @cpu and then free to run on @allowed (NULL: where it started). */
static inline void spinner_start(struct spinner *s, int cpu, const struct cpumask *allowed)
{
	if (!s->step_ns)
		s->step_ns = NSEC_PER_MSEC;
	s->task = program_start_on(cpu, "spinner", spinner_program, s);
	while (!atomic_read(&s->steps))
		usleep_range(100, 100);
	if (allowed)
		set_cpus_allowed_ptr(s->task, allowed);
}

static inline void spinner_stop(struct spinner *s)
{
	WRITE_ONCE(s->stop, true);
	program_wait(s->task);
}

/* A kernel thread that runs a function once. */
struct job {
	struct task_struct *task;
	void (*fn)(void *arg);
	void *arg;
	atomic_t done;
};

static inline int job_main(void *arg)
{
	struct job *j = arg;

	j->fn(j->arg);
	atomic_set_release(&j->done, 1);
	return 0;
}

/* Will begin on @cpu, once that is idle, and may go wherever @mask allows (NULL: anywhere). */
static inline void job_make(struct job *j, int cpu, const struct cpumask *mask,
			    void (*fn)(void *arg), void *arg)
{
	*j = (struct job){ .fn = fn, .arg = arg };
	while (!idle_cpu(cpu))
		usleep_range(10, 10);
	j->task = exec_create_kthread(job_main, j, NUMA_NO_NODE, "job");
	get_task_struct(j->task);
	if (mask)
		do_set_cpus_allowed(j->task, mask);
	WRITE_ONCE(j->task->wake_cpu, cpu);
}

static inline void job_start(struct job *j, int cpu, const struct cpumask *mask,
			     void (*fn)(void *arg), void *arg)
{
	job_make(j, cpu, mask, fn, arg);
	wake_up_process(j->task);
}

static inline void job_wait(struct job *j)
{
	while (!atomic_read_acquire(&j->done))
		usleep_range(100, 100);
	put_task_struct(j->task);
}

#endif /* _SCHED_TEST_H */

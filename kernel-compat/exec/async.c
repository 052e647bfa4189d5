// SPDX-License-Identifier: GPL-2.0
/*
 * What happens of itself, under the engine "replay".
 *
 * Two contexts are nobody's task. One ends grace periods and runs softirqs; the other lets
 * virtual time pass and timers expire. Each does one thing when the strategy chooses it, and
 * can be chosen whenever there is something to do, so each of these happens at any point at
 * which it may: time jumps to the next timer although others run, as if they were slow.
 *
 * What concerns a CPU that is idle, or whose task waits for virtual time to pass, is done in
 * these contexts. Else an interrupt arrives at the CPU, and the task that runs there takes
 * it at its next decision point with interrupts enabled, on its own stack: it stands still
 * meanwhile, with the locks that it holds. Softirqs follow if bottom halves are enabled, else
 * when they are.
 *
 * What is left undone is done in the idle upcall, as under other engines.
 *
 * Not instrumented by TSan: looks at the states of tasks that run, as interrupts do.
 */
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <machine/replay.h>
#include <exec/async.h>
#include <exec/snapshot.h>
#include <exec/vcpu.h>
#include <rcu/task.h>

u32 exec_async;
u32 exec_arrived;

static u32 wanted __kept = REPLAY_ASYNC_DEFAULT;
static bool asked __kept;		/* not only wanted by default */

struct actor {
	const char *name;
	u32 kinds;
	bool (*step)(void);	/* do one thing; false: there is nothing */
	u32 word;		/* 0: it found nothing since the last kick */
	struct exec_ctx *ctx;
};

static bool stopping;

/* Whom the CPU of @v belongs to. */
static struct task_struct *owner_of(struct vcpu *v)
{
	return __atomic_load_n((struct task_struct **)&v->rq->curr, __ATOMIC_RELAXED);
}

static bool in_interrupt_or_off(struct vcpu *v)
{
	return __atomic_load_n(&v->gate.word, __ATOMIC_RELAXED);
}

bool exec_cpu_free(struct vcpu *v)
{
	struct task_struct *p = owner_of(v);

	if (in_interrupt_or_off(v))
		return false;
	return p == v->idle || __atomic_load_n(&p->exec.paying, __ATOMIC_RELAXED);
}

static bool is_quiescent(struct vcpu *v)
{
	struct task_struct *p = owner_of(v);

	if (!in_interrupt_or_off(v) &&
	    (p == v->idle || (!p->exec.preempt_count && !p->exec.irqs_off)))
		return true;
	if (p != v->idle)
		exec_attention(&p->exec, ATTENTION_RCU);
	return false;
}

bool exec_cpus_quiescent(void)
{
	bool all = true;

	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		all &= is_quiescent(&vcpus[cpu]);
	return all;
}

void exec_arrive(struct vcpu *v)
{
	if (v->arrived)
		return;
	v->arrived = true;
	exec_arrived++;
}

bool exec_is_arriving(struct vcpu *v)
{
	if (v->arrived && exec_cpu_free(v)) {
		v->arrived = false;
		exec_arrived--;
	}
	return v->arrived;
}

/* A CPU with a softirq pending: run it, or let an interrupt come after which it runs. */
static bool step_softirq(void)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct vcpu *v = &vcpus[cpu];

		if (!__atomic_load_n(&v->softirq_pending, __ATOMIC_RELAXED) ||
		    exec_is_arriving(v))
			continue;
		if (!exec_cpu_free(v)) {
			exec_arrive(v);
			return true;
		}
		/* One that raises itself again, as a disabled tasklet's, is left for later. */
		if (exec_softirqs_on(v))
			return true;
	}
	return false;
}

/* Of the CPUs to which an IPI is on its way, and no interrupt: how many, and the @n-th or NULL. */
static unsigned int ipi_targets(unsigned int n, struct vcpu **nth)
{
	unsigned int nr = 0;

	*nth = NULL;
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (vcpus[cpu].ipis && !exec_is_arriving(&vcpus[cpu]) && nr++ == n)
			*nth = &vcpus[cpu];
	return nr;
}

/* A CPU to which an IPI was sent takes it: whichever the strategy says. */
static bool step_ipi(void)
{
	struct task_struct *caller = current;
	struct vcpu *v;
	unsigned int nr = ipi_targets(0, &v);

	if (nr > 1)
		ipi_targets(exec_engine->choose(nr), &v);
	if (!nr)
		return false;
	if (exec_cpu_free(v)) {
		exec_set_current(v->idle);
		exec_flush_ipis(v);
		exec_set_current(caller);
	} else {
		exec_arrive(v);
	}
	return true;
}

static bool step_soft(void)
{
	if (exec_async & REPLAY_ASYNC_SOFTIRQ && exec_ipis_on_their_way() && step_ipi())
		return true;
	if (exec_async & REPLAY_ASYNC_RCU && rcu_async_step())
		return true;
	return exec_async & REPLAY_ASYNC_SOFTIRQ && step_softirq();
}

/*
 * machine_quiesce() would never see all asleep if time passed all along; and who looked around
 * after it would be right only if nobody awoke until he has something else to do.
 */
static u32 quiescing;			/* tasks in it */
static struct task_struct *quiet_for;	/* the last one that was; may be gone */

void exec_async_quiesce(bool begin)
{
	if (!exec_async)
		return;
	quiescing += begin ? 1 : -1;
	quiet_for = begin ? NULL : current;
}

static bool time_stands_still(void)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids && quiet_for; cpu++)
		if (owner_of(&vcpus[cpu]) == quiet_for && !exec_cpu_free(&vcpus[cpu]))
			return true;
	quiet_for = NULL;
	return quiescing;
}

/* Without softirqs as choices no CPU has one pending for long: it runs before time passes. */
static bool step_timer(void)
{
	if (!(exec_async & REPLAY_ASYNC_SOFTIRQ) && step_softirq())
		return true;
	return !time_stands_still() && exec_timer_step();
}

static struct actor actors[] = {
	{ .name = "softirq", .kinds = REPLAY_ASYNC_RCU | REPLAY_ASYNC_SOFTIRQ,
	  .step = step_soft },
	{ .name = "timer", .kinds = REPLAY_ASYNC_TIMER, .step = step_timer },
};

void __exec_async_kick(u32 kinds)
{
	for (int i = 0; i < ARRAY_SIZE(actors); i++) {
		struct actor *a = &actors[i];

		if (a->kinds & kinds && !__atomic_exchange_n(&a->word, 1, __ATOMIC_RELEASE))
			exec_engine->wake(&a->word, 1);
	}
}

static void actor_main(void *arg)
{
	struct actor *a = arg;

	while (!stopping) {
		__atomic_store_n(&a->word, 0, __ATOMIC_RELAXED);
		if (!a->step()) {
			/* kicks of its own doing do not count */
			__atomic_store_n(&a->word, stopping, __ATOMIC_RELAXED);
			while (!__atomic_load_n(&a->word, __ATOMIC_ACQUIRE))
				exec_engine->wait(&a->word, 0);
		} else if (!stopping) {
			/* The others' turn. */
			exec_engine->point(EXEC_POINT_SPIN, a);
		}
	}
}

void exec_async_start(bool every)
{
	/* Without a machine there are no CPUs to interrupt. */
	if (exec_async || !wanted || (every && !asked) || !vcpus)
		return;
	stopping = false;
	exec_async = wanted;
	for (int i = 0; i < ARRAY_SIZE(actors); i++) {
		struct actor *a = &actors[i];

		a->word = 1;
		a->ctx = a->kinds & wanted ?
			 exec_engine->start(actor_main, a, a->name) : NULL;
	}
}

void exec_async_stop(void)
{
	if (!exec_async)
		return;
	stopping = true;
	__exec_async_kick(~0U);
	for (int i = 0; i < ARRAY_SIZE(actors); i++)
		if (actors[i].ctx)
			exec_engine->join(actors[i].ctx);
	exec_async = 0;
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		vcpus[cpu].arrived = false;
		exec_flush_ipis(&vcpus[cpu]);
	}
	exec_arrived = 0;
	quiescing = 0;
	quiet_for = NULL;
	rcu_async_stopped();
}

bool replay_is_async(u32 kinds)
{
	return (exec_async & kinds) == kinds;
}

void replay_async(u32 kinds)
{
	wanted = kinds;
	asked = true;
}

void replay_async_default(u32 kinds)
{
	if (!asked)
		wanted = kinds;
}

/*
 * The interrupt is taken where the task that owns the CPU holds no lock of the shim's own, of
 * which one is the gate, held while interrupts are disabled, and is in no interrupt.
 */
void exec_take_interrupt(void)
{
	struct task_struct *p = current;
	struct exec_task *e = &p->exec;
	struct vcpu *v;

	if (!vcpus)
		return;
	v = this_vcpu();
	if (!v->arrived || p == v->idle || e->xlocks || in_hardirq() ||
	    !__atomic_load_n(&e->run, __ATOMIC_RELAXED) || owner_of(v) != p)
		return;
	v->arrived = false;
	exec_arrived--;
	exec_irq_begin(v);
	exec_run_ipis(v);
	exec_timers_due_on(v->cpu);
	exec_irq_end(v);
	if (!in_interrupt())
		exec_run_softirqs(v);
	exec_async_kick(REPLAY_ASYNC_TIMER | REPLAY_ASYNC_SOFTIRQ);
}

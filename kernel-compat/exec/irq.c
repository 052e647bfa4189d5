// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts and softirqs of the virtual CPUs.
 *
 * The gate of a CPU is held by its task while that has interrupts disabled, and by
 * whoever runs a handler for the CPU.  In a handler current is the CPU's idle task;
 * exec.irq_from remembers whose context it runs on.
 */
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <machine/violation.h>
#include <engine/memory_model.h>
#include <exec/async.h>
#include <exec/vcpu.h>

__thread struct task_struct *exec_current = &init_task;

static void (*softirq_action[NR_SOFTIRQS])(void);
static unsigned int softirq_cpus;	/* CPUs with anything pending; atomic */

/* In a handler the gate is already held for us. */
static bool lent(void)
{
	return !vcpus || current == vcpus[current_exec()->cpu].idle;
}

void exec_irq_disable(void)
{
	exec_engine->point(EXEC_POINT_IRQ, current_exec());
	if (!lent())
		xlock(&this_vcpu()->gate);
	current_exec()->irqs_off = true;
}

void exec_irq_enable(void)
{
	struct exec_task *e = current_exec();

	if (unlikely(!e->irqs_off))
		violation(VIOLATION_IRQ_STATE, "interrupts enabled twice");
	else if (unlikely(in_hardirq()))
		violation(VIOLATION_IRQ_STATE, "interrupts enabled in a hardirq handler");
	if (unlikely(current->lock.depth))
		lock_hardirqs_on();
	e->irqs_off = false;
	if (!lent())
		xunlock(&this_vcpu()->gate);
	exec_engine->point(EXEC_POINT_IRQ, e);
	if (__preempt_due())
		__preempt_point();
}

void exec_irq_restore(unsigned long flags)
{
	if (unlikely(!current_exec()->irqs_off))
		violation(VIOLATION_IRQ_STATE, "irq flags restored with interrupts enabled");
	if (!flags)
		exec_irq_enable();
}

/* Around a context switch: no preemption point, no check. */
void exec_gate_lock(void)
{
	xlock(&this_vcpu()->gate);
	current_exec()->irqs_off = true;
}

void exec_gate_unlock(void)
{
	current_exec()->irqs_off = false;
	xunlock(&this_vcpu()->gate);
}

/* The gate is ours. */
static void begin(struct vcpu *v)
{
	struct task_struct *from = current;

	memory_barrier_all();
	v->idle->exec.irq_from = from != v->idle ? from : NULL;
	v->idle->exec.irqs_off = true;
	v->idle->exec.preempt_count += HARDIRQ_OFFSET;
	v->idle->lock.hardirq_threaded = false;
	exec_set_current(v->idle);
}

/* Interrupt @v from this context: from here on current is @v's idle task. */
void exec_irq_begin(struct vcpu *v)
{
	xlock(&v->gate);
	begin(v);
}

bool exec_irq_try_begin(struct vcpu *v)
{
	if (!xtrylock(&v->gate))
		return false;
	begin(v);
	return true;
}

/* The handler's counts must balance. */
static void check_balance(struct vcpu *v, int expected, const char *what)
{
	int count = v->idle->exec.preempt_count;

	if (unlikely(count != expected)) {
		v->idle->exec.preempt_count = expected;
		violation(VIOLATION_PREEMPT, "%s left preempt_count %#x, entered with %#x",
			  what, count, expected);
	}
}

void exec_irq_end(struct vcpu *v)
{
	struct task_struct *from = v->idle->exec.irq_from;

	check_balance(v, HARDIRQ_OFFSET, "interrupt handler");
	memory_barrier_all();
	v->idle->exec.preempt_count = 0;
	v->idle->exec.irqs_off = false;
	v->idle->exec.irq_from = NULL;
	exec_set_current(from ? from : v->idle);
	xunlock(&v->gate);
	if (unlikely(__atomic_load_n(&v->softirq_pending, __ATOMIC_RELAXED))) {
		/* Left to the task that owns the CPU, or to the idle upcall. */
		xlock(&v->rq->lock);
		if (v->rq->curr != v->idle)
			exec_attention(&v->rq->curr->exec, ATTENTION_SOFTIRQ);
		xunlock(&v->rq->lock);
	}
}

/*
 * Idle upcall only: run @fn(@arg) in softirq context of @v. Everything waits, so
 * nobody has the CPU's bottom halves disabled.
 */
void exec_softirq_call(struct vcpu *v, void (*fn)(void *), void *arg)
{
	exec_irq_begin(v);
	v->idle->exec.preempt_count = SOFTIRQ_OFFSET;
	v->idle->exec.irqs_off = false;
	fn(arg);
	check_balance(v, SOFTIRQ_OFFSET, "softirq");
	v->idle->exec.irqs_off = true;
	v->idle->exec.preempt_count = HARDIRQ_OFFSET;
	exec_irq_end(v);
}

/* A test or a device model enters an interrupt on the CPU it runs on. */
void irq_enter(void)
{
	if (!irqs_disabled())
		violation(VIOLATION_IRQ_STATE, "irq_enter() with interrupts enabled");
	preempt_count_add(HARDIRQ_OFFSET);
	current->lock.hardirq_threaded = false;
}

void irq_exit(void)
{
	struct exec_task *e = current_exec();

	preempt_count_sub(HARDIRQ_OFFSET);
	if (!in_interrupt() && this_vcpu()->softirq_pending && !lent()) {
		bool off = e->irqs_off;

		if (off)
			exec_gate_unlock();
		exec_run_softirqs(this_vcpu());
		if (off)
			exec_gate_lock();
	}
}

void open_softirq(int nr, void (*action)(void))
{
	__atomic_store_n(&softirq_action[nr], action, __ATOMIC_RELEASE);
}

u32 local_softirq_pending(void)
{
	return __atomic_load_n(&this_vcpu()->softirq_pending, __ATOMIC_RELAXED);
}

void exec_raise_on(struct vcpu *v, unsigned int nr)
{
	if (!__atomic_fetch_or(&v->softirq_pending, 1u << nr, __ATOMIC_RELEASE))
		__atomic_fetch_add(&softirq_cpus, 1, __ATOMIC_RELAXED);
	exec_async_kick(REPLAY_ASYNC_SOFTIRQ);
}

/*
 * Run what is pending on @v, in the caller's context: it owns @v, interrupts are on
 * and it is in no interrupt. Ten rounds at most, the rest in the idle upcall.
 */
void exec_run_softirqs(struct vcpu *v)
{
	struct exec_task *e = current_exec();
	int rounds = 10;
	u32 pending;

	while ((pending = __atomic_exchange_n(&v->softirq_pending, 0, __ATOMIC_ACQUIRE))) {
		int count = e->preempt_count += SOFTIRQ_OFFSET;

		__atomic_fetch_sub(&softirq_cpus, 1, __ATOMIC_RELAXED);
		for (int nr = 0; nr < NR_SOFTIRQS; nr++) {
			void (*action)(void);

			if (!(pending & (1u << nr)))
				continue;
			action = __atomic_load_n(&softirq_action[nr], __ATOMIC_ACQUIRE);
			if (action)
				action();
			if (unlikely(e->preempt_count != count)) {
				int bad = e->preempt_count;

				e->preempt_count = count;
				violation(VIOLATION_PREEMPT,
					  "softirq %d left preempt_count %#x, entered with %#x",
					  nr, bad, count);
			}
		}
		e->preempt_count -= SOFTIRQ_OFFSET;
		if (!--rounds)
			break;
	}
}

static void run_softirqs_of(void *arg)
{
	struct vcpu *v = arg;
	int count = v->idle->exec.preempt_count;

	/* exec_run_softirqs() adds the offset itself. */
	v->idle->exec.preempt_count = 0;
	exec_run_softirqs(v);
	v->idle->exec.preempt_count = count;
}

bool exec_softirqs_on(struct vcpu *v)
{
	struct task_struct *caller = current;

	exec_set_current(v->idle);
	exec_softirq_call(v, run_softirqs_of, v);
	exec_set_current(caller);
	return !__atomic_load_n(&v->softirq_pending, __ATOMIC_RELAXED);
}

/*
 * Idle upcall: run what no task will run.  True if anything was finished; a softirq
 * that raises itself again (a disabled tasklet) must not keep time from passing.  It
 * comes at each step of time, so CPUs are looked at only if one of them has something.
 */
bool exec_softirqs_when_idle(void)
{
	bool any = false;
	unsigned int cpu;

	if (likely(!__atomic_load_n(&softirq_cpus, __ATOMIC_RELAXED)))
		return false;
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct vcpu *v = &vcpus[cpu];

		if (unlikely(__atomic_load_n(&v->softirq_pending, __ATOMIC_RELAXED)))
			any |= exec_softirqs_on(v);
	}
	return any;
}

void __raise_softirq_irqoff(unsigned int nr)
{
	exec_raise_on(this_vcpu(), nr);
}

void raise_softirq_irqoff(unsigned int nr)
{
	__raise_softirq_irqoff(nr);
	if (!in_interrupt())
		exec_attention(current_exec(), ATTENTION_SOFTIRQ);
}

void raise_softirq(unsigned int nr)
{
	unsigned long flags;

	local_irq_save(flags);
	raise_softirq_irqoff(nr);
	local_irq_restore(flags);
}

void do_softirq(void)
{
	if (!in_interrupt() && !irqs_disabled())
		exec_run_softirqs(this_vcpu());
}

void local_bh_disable(void)
{
	current_exec()->preempt_count += SOFTIRQ_DISABLE_OFFSET;
	barrier();
}

static void bh_enable_check(void)
{
	if (unlikely(softirq_count() < SOFTIRQ_DISABLE_OFFSET))
		violation(VIOLATION_IRQ_STATE, "bottom halves enabled that were not disabled");
	if (unlikely(in_hardirq() || irqs_disabled()))
		violation(VIOLATION_IRQ_STATE, "local_bh_enable() with interrupts disabled");
}

void local_bh_enable(void)
{
	struct exec_task *e = current_exec();

	bh_enable_check();
	if (unlikely(current->lock.depth) && softirq_count() == SOFTIRQ_DISABLE_OFFSET)
		lock_softirqs_on();
	/* One preempt count is kept, so that softirqs run on this CPU. */
	e->preempt_count -= SOFTIRQ_DISABLE_OFFSET - 1;
	if (unlikely(!in_interrupt() && vcpus && local_softirq_pending()))
		exec_run_softirqs(this_vcpu());
	preempt_enable();
}

void _local_bh_enable(void)
{
	current_exec()->preempt_count -= SOFTIRQ_DISABLE_OFFSET;
}

void exec_irq_boot(void)
{
	for (int nr = 0; nr < NR_SOFTIRQS; nr++)
		softirq_action[nr] = NULL;
	softirq_cpus = 0;
	open_softirq(TASKLET_SOFTIRQ, exec_tasklet_action);
	open_softirq(TIMER_SOFTIRQ, exec_timer_softirq);
}

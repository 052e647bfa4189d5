// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler: which task owns which virtual CPU.
 *
 * A task that owns its CPU has exec.run == 1 and is vcpu->curr.  schedule() hands
 * the CPU to the first queued task, or leaves it idle, and waits on exec.run.
 * Whoever makes a task runnable on an idle CPU hands it over at once.
 *
 * Switching address spaces is the work of the task that leaves, with the CPU's
 * interrupt gate held; on_cpu stays set until that is done, and a waker that finds
 * a task dequeued but still on_cpu waits for it, as the kernel does.  When the CPU
 * was idle, the task that arrives does it.
 */
#include <string.h>

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/topology.h>
#include <machine/cost.h>
#include <machine/violation.h>
#include <exec/hooks.h>
#include <exec/vcpu.h>

struct vcpu *vcpus;

void exec_attention(struct exec_task *e, u32 bits)
{
	__atomic_fetch_or(&e->attention, bits, __ATOMIC_SEQ_CST);
}

static void attention_clear(struct exec_task *e, u32 bits)
{
	__atomic_fetch_and(&e->attention, ~bits, __ATOMIC_SEQ_CST);
}

/* The task may run from here on. Its context need not have gone to sleep yet. */
static void grant(struct task_struct *p)
{
	__atomic_store_n(&p->exec.on_cpu, 1, __ATOMIC_RELAXED);
	/* Pairs with the acquire in await_cpu(): all the last owner did on this CPU. */
	__atomic_store_n(&p->exec.run, 1, __ATOMIC_RELEASE);
	exec_engine->wake(&p->exec.run, 1);
}

static void await_cpu(struct task_struct *p)
{
	while (!__atomic_load_n(&p->exec.run, __ATOMIC_ACQUIRE))
		exec_engine->wait(&p->exec.run, 0);
}

/* Put a task that is on no queue on @v's; @p->exec.lock held, p->exec.cpu == v->cpu. */
static void enqueue(struct vcpu *v, struct task_struct *p)
{
	exec_engine->point(EXEC_POINT_WAKE, p);
	xlock(&v->lock);
	__atomic_store_n(&p->exec.on_rq, true, __ATOMIC_RELAXED);
	if (v->curr == v->idle) {
		__atomic_store_n(&v->curr, p, __ATOMIC_RELAXED);
		v->from_idle = true;
		grant(p);
	} else {
		list_add_tail(&p->exec.rq_node, &v->queue);
		__atomic_store_n(&v->nr_queued, v->nr_queued + 1, __ATOMIC_RELAXED);
		exec_attention(&v->curr->exec, ATTENTION_RESCHED);
		exec_kick_payer(v->curr);
	}
	xunlock(&v->lock);
}

/* First of the queue, or NULL; v->lock held. */
static struct task_struct *dequeue_first(struct vcpu *v)
{
	struct task_struct *p;

	if (list_empty(&v->queue))
		return NULL;
	p = list_first_entry(&v->queue, struct task_struct, exec.rq_node);
	list_del_init(&p->exec.rq_node);
	__atomic_store_n(&v->nr_queued, v->nr_queued - 1, __ATOMIC_RELAXED);
	return p;
}

static bool cpu_is_idle(unsigned int cpu)
{
	return __atomic_load_n(&vcpus[cpu].curr, __ATOMIC_RELAXED) == vcpus[cpu].idle;
}

/* An idle CPU that @p may use: on @node, or anywhere for NUMA_NO_NODE; -1 if none. */
static int find_idle_cpu(struct task_struct *p, int node)
{
	unsigned int cpu;

	for_each_cpu(cpu, p->cpus_ptr)
		if (cpu_online(cpu) && (node == NUMA_NO_NODE || vcpus[cpu].node == node) &&
		    cpu_is_idle(cpu))
			return cpu;
	return -1;
}

/* The allowed CPU with the fewest tasks queued. */
static int find_least_queued(struct task_struct *p)
{
	unsigned int cpu, best_n = UINT_MAX;
	int best = -1;

	for_each_cpu(cpu, p->cpus_ptr) {
		unsigned int n = __atomic_load_n(&vcpus[cpu].nr_queued, __ATOMIC_RELAXED);

		if (cpu_online(cpu) && n < best_n) {
			best_n = n;
			best = cpu;
		}
	}
	return best;
}

/*
 * Where a task that becomes runnable goes: its previous CPU if that is idle, an
 * idle one of the same node, the previous one's queue; new tasks and tasks whose
 * previous CPU is forbidden also look at other nodes.  @p->exec.lock held.
 */
int exec_pick_cpu(struct task_struct *p, bool is_new)
{
	unsigned int prev = p->exec.cpu;
	bool allowed = cpumask_test_cpu(prev, p->cpus_ptr);
	int cpu;

	if (allowed && (p->nr_cpus_allowed == 1 || cpu_is_idle(prev)))
		return prev;
	cpu = find_idle_cpu(p, vcpus[prev].node);
	if (cpu < 0 && allowed && !is_new)
		return prev;
	if (cpu < 0)
		cpu = find_idle_cpu(p, NUMA_NO_NODE);
	if (cpu < 0)
		cpu = find_least_queued(p);
	return cpu < 0 ? (int)prev : cpu;
}

static void place(struct task_struct *p, bool is_new)
{
	int cpu = exec_pick_cpu(p, is_new || !p->exec.ctx);

	if (unlikely(!p->exec.ctx && p != exec_init_process()))
		exec_start_context(p);
	__atomic_store_n(&p->exec.cpu, cpu, __ATOMIC_RELAXED);
	enqueue(&vcpus[cpu], p);
}

/* Wait until @p, which is dequeued, has left its CPU; its exec.lock is held. */
static void wait_off_cpu(struct task_struct *p)
{
	u32 s;

	while ((s = __atomic_load_n(&p->exec.on_cpu, __ATOMIC_ACQUIRE))) {
		if (s == 1 && !__atomic_compare_exchange_n(&p->exec.on_cpu, &s, 2, false,
							   __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		exec_engine->wait(&p->exec.on_cpu, 2);
	}
}

/* For a task taken off its queue; exec.lock held. */
void exec_replace(struct task_struct *p)
{
	wait_off_cpu(p);
	place(p, false);
}

static bool is_on_rq(struct task_struct *p)
{
	struct vcpu *v = &vcpus[p->exec.cpu];
	bool on_rq;

	xlock(&v->lock);
	on_rq = p->exec.on_rq;
	xunlock(&v->lock);
	return on_rq;
}

/* A frozen sleeper is not woken; what it will find when it thaws is. exec.lock held. */
static bool wake_frozen(struct task_struct *p, unsigned int state)
{
	if (!(READ_ONCE(p->__state) & TASK_FROZEN) || !(p->saved_state & state))
		return false;
	p->saved_state = TASK_RUNNING;
	return true;
}

/*
 * Make @p runnable if its state is one of @state.  The full barrier pairs with the
 * one in set_current_state(): either the sleeper sees the condition, or we its state.
 */
bool exec_wake(struct task_struct *p, unsigned int state)
{
	struct vcpu *v;
	bool woken = false;

	if (p == current) {
		if (!(READ_ONCE(p->__state) & state))
			return false;
		WRITE_ONCE(p->__state, TASK_RUNNING);
		return true;
	}
	smp_mb();
	xlock(&p->exec.lock);
	if (!(READ_ONCE(p->__state) & state)) {
		woken = wake_frozen(p, state);
		goto out;
	}
	woken = true;
	v = &vcpus[p->exec.cpu];
	xlock(&v->lock);
	if (p->exec.on_rq) {
		WRITE_ONCE(p->__state, TASK_RUNNING);
		xunlock(&v->lock);
		goto out;
	}
	xunlock(&v->lock);
	wait_off_cpu(p);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	place(p, false);
out:
	xunlock(&p->exec.lock);
	return woken;
}

int wake_up_state(struct task_struct *p, unsigned int state)
{
	return exec_wake(p, state);
}

int wake_up_process(struct task_struct *p)
{
	return exec_wake(p, TASK_NORMAL);
}

void wake_up_new_task(struct task_struct *p)
{
	xlock(&p->exec.lock);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	place(p, true);
	xunlock(&p->exec.lock);
}

/*
 * Change the CPU's address space from @prev's to @next's. Kernel threads and idle
 * tasks keep the one they find, with a reference on the struct (lazy TLB); the
 * reference is dropped by the next task that brings its own.
 */
static void context_switch(struct vcpu *v, struct task_struct *prev, struct task_struct *next)
{
	struct mm_struct *init = exec_init_mm();

	if (!next->mm) {
		enter_lazy_tlb(prev->active_mm, next);
		next->active_mm = prev->active_mm;
		if (prev->mm && prev->active_mm != init)
			exec_mmgrab(prev->active_mm);
		else if (!prev->mm)
			prev->active_mm = NULL;
		return;
	}
	switch_mm_irqs_off(prev->active_mm, next->mm, next);
	if (!prev->mm) {
		v->prev_mm = prev->active_mm != init ? prev->active_mm : NULL;
		prev->active_mm = NULL;
	}
}

/* The CPU is ours: finish what the switch began. Preemption is off by one. */
static void finish_switch(struct task_struct *p)
{
	struct vcpu *v = &vcpus[p->exec.cpu];
	struct mm_struct *mm;

	if (v->from_idle) {
		v->from_idle = false;
		exec_gate_lock();
		context_switch(v, v->idle, p);
		exec_gate_unlock();
	}
	mm = v->prev_mm;
	v->prev_mm = NULL;
	p->exec.slice_start = exec_now();
	p->exec.preempt_count--;
	cost_charge(COST_SWITCH, 1);
	if (mm)
		exec_mmdrop(mm);
	if (READ_ONCE(p->exec.unwind))
		exec_violation_unwound();
}

/* First thing in a new task's context. */
void exec_take_cpu(void)
{
	await_cpu(current);
	finish_switch(current);
}

static bool may_stay(struct vcpu *v, struct task_struct *p)
{
	return cpumask_test_cpu(v->cpu, p->cpus_ptr);
}

/* A task that had to leave a forbidden CPU finds itself another; it is on none. */
static void move_self(struct task_struct *p)
{
	xlock(&p->exec.lock);
	if (!is_on_rq(p))
		place(p, false);
	__atomic_store_n(&p->exec.moving, false, __ATOMIC_RELAXED);
	xunlock(&p->exec.lock);
}

/*
 * Leave the CPU if there is reason to: the task sleeps (not when @preempt), may not
 * stay, or somebody is queued.  Returns when the task owns a CPU again; a dead
 * task's call returns without one.
 */
static void __schedule(bool preempt)
{
	struct task_struct *p = current, *next;
	struct vcpu *v = this_vcpu();
	bool dead, move = false;

	p->exec.preempt_count++;
	exec_gate_lock();
	xlock(&v->lock);
	attention_clear(&p->exec, ATTENTION_RESCHED | ATTENTION_MOVE);
	if (!preempt && READ_ONCE(p->__state) != TASK_RUNNING) {
		if (signal_pending_state(READ_ONCE(p->__state), p))
			WRITE_ONCE(p->__state, TASK_RUNNING);
		else
			__atomic_store_n(&p->exec.on_rq, false, __ATOMIC_RELAXED);
	}
	if (p->exec.on_rq && !may_stay(v, p)) {
		move = true;
		__atomic_store_n(&p->exec.moving, true, __ATOMIC_RELAXED);
		__atomic_store_n(&p->exec.on_rq, false, __ATOMIC_RELAXED);
	}
	if (p->exec.on_rq && list_empty(&v->queue)) {
		xunlock(&v->lock);
		exec_gate_unlock();
		p->exec.preempt_count--;
		return;
	}
	if (preempt || p->exec.on_rq)
		p->exec.nivcsw++;
	else
		p->exec.nvcsw++;
	dead = READ_ONCE(p->__state) == TASK_DEAD;
	next = dequeue_first(v);
	if (p->exec.on_rq) {
		list_add_tail(&p->exec.rq_node, &v->queue);
		__atomic_store_n(&v->nr_queued, v->nr_queued + 1, __ATOMIC_RELAXED);
	}
	if (!next)
		next = v->idle;
	__atomic_store_n(&p->exec.run, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&v->curr, next, __ATOMIC_RELAXED);
	if (next == v->idle) {
		/* Nobody else touches an idle CPU before curr says so: still under v->lock. */
		context_switch(v, p, next);
	}
	xunlock(&v->lock);
	if (next != v->idle)
		context_switch(v, p, next);
	exec_gate_unlock();
	/* Pairs with wait_off_cpu(): whoever moves us sees all we did here. */
	if (__atomic_exchange_n(&p->exec.on_cpu, 0, __ATOMIC_RELEASE) == 2)
		exec_engine->wake(&p->exec.on_cpu, UINT_MAX);
	if (next != v->idle)
		grant(next);
	if (dead)
		return;
	if (move)
		move_self(p);
	await_cpu(p);
	finish_switch(p);
}

void exec_final_switch(void)
{
	__schedule(false);
}

void exec_preempt(void)
{
	__schedule(true);
}

/* Report a sleep that must not be. The count and the flag are the task's own. */
static void schedule_debug(struct task_struct *p)
{
	if (unlikely(p->exec.preempt_count || p->exec.irqs_off))
		violation(VIOLATION_ATOMIC_SLEEP,
			  "scheduling while atomic: preempt_count %#x, interrupts %s",
			  p->exec.preempt_count, p->exec.irqs_off ? "off" : "on");
}

void schedule(void)
{
	schedule_debug(current);
	exec_pay(false);
	rcu_note_context_switch(READ_ONCE(current->__state) == TASK_RUNNING);
	__schedule(false);
}

void io_schedule(void)
{
	schedule();
}

void schedule_preempt_disabled(void)
{
	preempt_enable_no_resched();
	schedule();
	preempt_disable();
}

/* Takes time, so that a loop around it lets others finish what they pay for. */
void yield(void)
{
	cost_charge(COST_SWITCH, 1);
	set_current_state(TASK_RUNNING);
	schedule();
}

bool need_resched(void)
{
	return __atomic_load_n(&current_exec()->attention, __ATOMIC_RELAXED) &
	       (ATTENTION_RESCHED | ATTENTION_MOVE);
}

/* Do what attention asks for, until it asks for nothing more that we can do here. */
void __preempt_point(void)
{
	struct exec_task *e = current_exec();
	u32 a;

	while ((a = __atomic_load_n(&e->attention, __ATOMIC_RELAXED))) {
		exec_engine->point(EXEC_POINT_PREEMPT, e);
		if (a & ATTENTION_SOFTIRQ) {
			attention_clear(e, ATTENTION_SOFTIRQ);
			exec_run_softirqs(this_vcpu());
		}
		if (a & ATTENTION_PAY)
			exec_pay(false);
		if (a & (ATTENTION_RESCHED | ATTENTION_MOVE)) {
			rcu_note_context_switch(true);
			__schedule(true);
		}
	}
}

int __cond_resched(void)
{
	bool resched = need_resched();

	if (__preempt_due())
		__preempt_point();
	return resched;
}

int __cond_resched_lock(spinlock_t *lock)
{
	if (!need_resched() && !(__atomic_load_n(&current_exec()->attention, __ATOMIC_RELAXED) &
				 ATTENTION_PAY))
		return 0;
	spin_unlock(lock);
	__cond_resched();
	spin_lock(lock);
	return 1;
}

unsigned int task_cpu(const struct task_struct *p)
{
	return __atomic_load_n(&p->exec.cpu, __ATOMIC_RELAXED);
}

int task_node(const struct task_struct *p)
{
	return cpu_to_node(task_cpu(p));
}

bool task_curr(const struct task_struct *p)
{
	return __atomic_load_n(&vcpus[task_cpu(p)].curr, __ATOMIC_RELAXED) == p;
}

/* Is every CPU idle but for the calling task? A momentary answer. */
bool exec_others_asleep(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct task_struct *curr = __atomic_load_n(&vcpus[cpu].curr, __ATOMIC_RELAXED);

		if ((curr != vcpus[cpu].idle && curr != current) ||
		    __atomic_load_n(&vcpus[cpu].nr_queued, __ATOMIC_RELAXED))
			return false;
	}
	return true;
}

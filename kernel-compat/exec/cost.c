// SPDX-License-Identifier: GPL-2.0
/*
 * What work costs in virtual time, and paying for it.
 *
 * A charge is added to the running task.  When it owes a quantum (20 us) it pays at
 * the next point where it could be preempted: it sleeps in virtual time and keeps
 * its CPU, but gives way to a task that is queued there, and goes on paying when it
 * is back.  As time passes for a CPU only while somebody pays there, its clock ticks
 * then: at the end of each slice while others are queued, else now and then.
 *
 * Error: what a task does happens at most one quantum too early, plus what it was
 * charged since it last could be preempted.  Nothing is lost: the rest is carried,
 * and paid at exit.
 *
 * The constants (ns).  Only their ratios matter for which policy wins; absolute
 * numbers are those of a 2-socket x86 server of about 2 to 3 GHz:
 *  - page fault: 0.5 to 1 us for entry, walk and return of a minor anonymous fault
 *    without its clearing, as lmbench's lat_pagefault and will-it-scale's
 *    page_fault1 give for such machines;
 *  - clearing and copying a page: 4 KiB at about 10 GB/s and 8 GB/s per core in the
 *    local node, and 1.9 times the copy's time across nodes, the ratio of the
 *    reference results (inverse to hard binding on two nodes, 81 / 42 s);
 *  - page-table entries: a cached read with its folio's flags about 10 ns, a locked
 *    rewrite about 25 ns;
 *  - TLB flush: INVLPG 100 to 200 ns; an IPI round 2 to 5 us (published shootdown
 *    measurements on two sockets);
 *  - context switch: 1.5 us (lmbench lat_ctx, two processes).
 *
 * Huge pages have no constant of their own.  What they save follows from doing less of
 * the above: one fault, hint, entry and flush where small pages take 512; clearing and
 * copying take as long for each byte.  Page walks cost nothing here for either size; why,
 * and what that hides, is in tests/bench/autonuma-bench/model.c.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <machine/cost.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <exec/async.h>
#include <exec/hooks.h>
#include <exec/vcpu.h>

static const struct {
	u32 ns;
	bool per_page;		/* stands for sim_scale real pages */
} costs[COST_NR] = {
	[COST_FAULT]		= { 600, true },
	[COST_HINT_FAULT]	= { 400, true },
	[COST_ZERO_PAGE]	= { 400, true },
	[COST_COPY_PAGE_LOCAL]	= { 500, true },
	[COST_COPY_PAGE_REMOTE]	= { 950, true },
	[COST_PTE_SCAN]		= { 10, true },
	[COST_PTE_UPDATE]	= { 25, true },
	[COST_TLB_FLUSH_LOCAL]	= { 150, false },
	[COST_TLB_FLUSH_IPI]	= { 3000, false },
	[COST_SWITCH]		= { 1500, false },
};

#define SPINS_PER_QUANTUM	(1U << 19)
#define SPINS_IN_TURNS		64U	/* the same, where others ran at each turn */

static u32 scale;

void exec_cost_boot(const struct machine_config *cfg)
{
	scale = cfg->sim_scale;
}

u64 cost_ns(enum cost_kind kind)
{
	return (u64)costs[kind].ns * (costs[kind].per_page ? scale : 1);
}

/* Charge @ns to the running task, or to the CPU while in an interrupt. */
void exec_charge_ns(u64 ns)
{
	struct exec_task *e = current_exec();

	if (unlikely(!vcpus))
		return;
	if (unlikely(current == vcpus[e->cpu].idle)) {
		__atomic_fetch_add(&vcpus[e->cpu].irq_owed, ns, __ATOMIC_RELAXED);
		return;
	}
	e->owed_sys += ns;
	if (e->owed_sys + e->owed_user >= EXEC_QUANTUM_NS &&
	    !(__atomic_load_n(&e->attention, __ATOMIC_RELAXED) & ATTENTION_PAY))
		exec_attention(e, ATTENTION_PAY);
}

void cost_charge(enum cost_kind kind, unsigned long n)
{
	exec_charge_ns(cost_ns(kind) * n);
}

void cost_pay(void)
{
	if (vcpus && preemptible())
		exec_pay(false);
}

/* Somebody wants a payer's attention, or its time is over. Any context. */
void exec_kick_payer(struct task_struct *p)
{
	/* Pairs with sleep_paying(): it sees the attention bits, or we its word. */
	if (__atomic_exchange_n(&p->exec.paying, 0, __ATOMIC_SEQ_CST))
		exec_engine->wake(&p->exec.paying, 1);
}

/*
 * The part is over, or the CPU's clock ticks. When nothing runs, or beside what does. Whose timer
 * it is may be woken at any moment, but waits until this is armed again or done.
 */
void exec_pay_timer_fire(struct vtimer *t)
{
	struct task_struct *p = container_of(t, struct task_struct, exec.pay_timer);
	struct vcpu *v = &vcpus[vtimer_cpu(t)];
	u64 now = exec_now(), next = now + TICK_NSEC;

	if (now >= p->exec.pay_until) {
		exec_kick_payer(p);
		goto done;
	}
	/* Somebody was stopped with interrupts disabled here: the tick comes later. */
	if (exec_irq_try_begin(v)) {
		sched_tick(v->rq);
		exec_irq_end(v);
		next = sched_next_tick(v->rq, p);
	}
	if (__atomic_load_n(&p->exec.paying, __ATOMIC_RELAXED)) {
		vtimer_arm(t, min(p->exec.pay_until, next), vtimer_cpu(t));
		return;
	}
done:
	/* Pairs with stop_pay_timer(). */
	__atomic_store_n(&p->exec.pay_fired, 1, __ATOMIC_RELEASE);
}

/* Until the timer is not armed and its callback has ended. */
static void stop_pay_timer(struct exec_task *e)
{
	while (!vtimer_cancel(&e->pay_timer) && !__atomic_load_n(&e->pay_fired, __ATOMIC_ACQUIRE))
		exec_point(EXEC_POINT_SPIN, &e->pay_fired);
}

/* Computing in user mode ends for task work, as a system call does for other things. */
static bool resume_pending(struct task_struct *p, bool user)
{
	return user && test_tsk_thread_flag(p, TIF_NOTIFY_RESUME);
}

/* Let up to @ns pass, less when somebody wants the CPU. Returns what passed. */
static u64 sleep_paying(struct exec_task *e, u64 ns, bool user)
{
	u64 begin = exec_now();

	e->pay_until = begin + ns;
	e->pay_fired = 0;
	vtimer_arm(&e->pay_timer, min(e->pay_until, sched_next_tick(this_vcpu()->rq, current)), e->cpu);
	__atomic_store_n(&e->paying, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&e->attention, __ATOMIC_SEQ_CST) &
	    (ATTENTION_RESCHED | ATTENTION_MOVE) || resume_pending(current, user))
		__atomic_store_n(&e->paying, 0, __ATOMIC_SEQ_CST);
	exec_async_kick(REPLAY_ASYNC_ALL);
	while (__atomic_load_n(&e->paying, __ATOMIC_ACQUIRE))
		exec_engine->wait(&e->paying, 1);
	stop_pay_timer(e);
	return exec_now() - begin;
}

/* Book @ns as paid: system time first, for it was owed first. */
static void book(struct task_struct *p, u64 ns)
{
	struct exec_task *e = &p->exec;
	u64 sys = min_t(u64, ns, e->owed_sys);
	u64 user = min_t(u64, ns - sys, e->owed_user);

	e->owed_sys -= sys;
	e->owed_user -= user;
	WRITE_ONCE(p->stime, p->stime + sys);
	WRITE_ONCE(p->utime, p->utime + user);
	e->runtime_ns += ns;
}

/*
 * Pay all that is owed.  In user mode (@user) only until there is task work to do.  A
 * killed program does not finish computing.
 */
static void pay(struct task_struct *p, bool user)
{
	struct exec_task *e = &p->exec;

	rcu_note_context_switch(true);
	while (e->owed_sys + e->owed_user && !resume_pending(p, user)) {
		book(p, sleep_paying(e, e->owed_sys + e->owed_user, user));
		if (e->user && fatal_signal_pending(p))
			e->owed_user = 0;
		if (need_resched())
			exec_preempt();
	}
}

/* What was done in interrupts of this CPU is paid by who runs there. */
static void take_irq_charges(struct exec_task *e)
{
	if (__atomic_load_n(&this_vcpu()->irq_owed, __ATOMIC_RELAXED))
		e->owed_sys += __atomic_exchange_n(&this_vcpu()->irq_owed, 0, __ATOMIC_RELAXED);
}

/*
 * Pay what is owed, if it is a quantum, or anything at all when @all.  The caller
 * may be preempted.
 */
void exec_pay(bool all)
{
	struct exec_task *e = current_exec();

	__atomic_fetch_and(&e->attention, ~ATTENTION_PAY, __ATOMIC_RELAXED);
	take_irq_charges(e);
	if (e->owed_sys + e->owed_user >= (all ? 1 : EXEC_QUANTUM_NS))
		pay(current, false);
}

/*
 * One turn of a loop that waits for another CPU. Turns take no virtual time, like all
 * computing on the host; but whom the loop waits for may be paying, and time passes only
 * when nobody runs. So after SPINS_PER_QUANTUM turns, some 20 ms of the host's time in
 * which it would have come if it only had to compute, a spinner that may be interrupted
 * lets a quantum pass, and whoever waits for its CPU run.
 */
void exec_spin(const void *object)
{
	u32 patience = exec_engine->parallel ? SPINS_PER_QUANTUM : SPINS_IN_TURNS;

	exec_point(EXEC_POINT_SPIN, object);
	__builtin_ia32_pause();
	if (unlikely(!vcpus) || ++current_exec()->spins % patience || !preemptible())
		return;
	exec_charge_ns(EXEC_QUANTUM_NS);
	exec_pay(false);
	exec_give_way();
}

/* Simulated user-mode computing: takes @ns of CPU time, however long that takes. */
void user_compute(u64 ns)
{
	struct exec_task *e = current_exec();

	e->work_ns += ns;
	e->owed_user += ns;
	if (e->owed_user + e->owed_sys < EXEC_QUANTUM_NS) {
		exec_return_to_user();
		return;
	}
	do {
		__atomic_fetch_and(&e->attention, ~ATTENTION_PAY, __ATOMIC_RELAXED);
		take_irq_charges(e);
		pay(current, true);
		exec_return_to_user();
	} while (e->owed_user);
}

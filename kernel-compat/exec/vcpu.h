/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual CPUs, and what the files of exec/ share.
 *
 * Lock order of the shim's own locks: task exec.lock (two by their pids), then
 * rq.lock (two by their CPUs), then the clock's lock.  The interrupt gate of a CPU is
 * outside all three.
 */
#ifndef _EXEC_VCPU_H
#define _EXEC_VCPU_H

#include <linux/sched.h>
#include <linux/interrupt.h>
#include <linux/timekeeping.h>

#include <engine/engine.h>
#include <sched/sched.h>

struct machine_config;

struct vcpu {
	unsigned int cpu;
	int node;
	struct rq *rq;			/* who owns it, who waits: sched/sched.h */
	struct task_struct *idle;
	bool from_idle;			/* the new owner has to switch from idle itself */
	struct mm_struct *prev_mm;	/* the new owner drops this lazy reference */
	struct xlock gate;		/* held while interrupts are disabled here */
	u32 softirq_pending;		/* atomic */
	bool arrived;			/* an interrupt waits to be taken; engine replay only */
	const struct vtimer *running[2]; /* timers whose callbacks run in softirq and hardirq
					    context; atomic */
	unsigned int ipis;		/* on their way to here; ipi.c */
	u64 irq_owed;			/* charges made in interrupts; paid by who runs */
	struct tasklet_struct *tasklets;	/* scheduled; atomic stack */
	struct cpumask sibling_mask;
};

extern struct vcpu *vcpus;		/* nr_cpu_ids of them */

static inline struct vcpu *this_vcpu(void)
{
	return &vcpus[current_exec()->cpu];
}

/* The task whose host context runs: not current while in an interrupt. */
static inline struct task_struct *exec_base_task(void)
{
	struct task_struct *t = current;

	while (t && t->exec.irq_from)
		t = t->exec.irq_from;
	return t;
}

/* sched.c */
void exec_preempt(void);			/* give the CPU to who had less, stay runnable */
void exec_give_way(void);			/* so, to anybody who waits */
void exec_attention(struct exec_task *e, u32 bits);
void exec_final_switch(void);			/* of a dead task */
void exec_take_cpu(void);			/* wait for the first turn */
void exec_awake(int change);			/* so many tasks more are awake */
bool exec_others_asleep(void);
void exec_grant(struct task_struct *p);		/* it owns its CPU from here on */

/* wake.c */
struct rq *exec_lock_rq(struct task_struct *p);	/* of the CPU where it is */
void exec_wait_off_cpu(struct task_struct *p);
void exec_run_on_idle(struct rq *rq, struct task_struct *p);
void exec_place(struct task_struct *p, int flags);
void exec_place_on(struct task_struct *p, unsigned int cpu);
bool exec_wake(struct task_struct *p, unsigned int state);
bool exec_is_on_rq(struct task_struct *p);

/* vcpu.c */
int exec_boot_cpus(const struct machine_config *cfg);
void exec_halt_cpus(void);
void exec_drop_lazy_mm(unsigned int cpu);
void exec_drop_lazy_mms(void);

/* affinity.c */
void exec_set_mask(struct task_struct *p, const struct cpumask *mask);

/* cpuhp.c */
void exec_cpuhp_halt(void);

/* clock.c */
void vtimer_init(struct vtimer *t, void (*fn)(struct vtimer *));
void vtimer_arm(struct vtimer *t, u64 expires, unsigned int cpu);
bool vtimer_cancel(struct vtimer *t);		/* was it armed? */
static inline bool vtimer_armed(const struct vtimer *t)
{
	return __atomic_load_n(&t->index, __ATOMIC_RELAXED) != 0;
}
/* Whose CPU goes has its timers moved, by clk.lock; others look at one that they know. */
static inline unsigned int vtimer_cpu(const struct vtimer *t)
{
	return __atomic_load_n(&t->cpu, __ATOMIC_RELAXED);
}
static inline void vtimer_set_cpu(struct vtimer *t, unsigned int cpu)
{
	__atomic_store_n(&t->cpu, cpu, __ATOMIC_RELAXED);
}
bool exec_idle(void);				/* engine upcall */
void exec_clock_boot(void);
void exec_clock_halt(void);
void exec_sleep_until(u64 when);		/* uninterruptible, ns */
void exec_schedule_until(u64 when);		/* in the state set; until woken */
void exec_sleep_timer_fire(struct vtimer *t);
void exec_for_each_vtimer(void (*fn)(struct vtimer *t, void *arg), void *arg);

/* The next thing that timers do under the engine replay; false: nothing. See async.c. */
bool exec_timer_step(void);
/* What the timers of @cpu that are due do in an interrupt there. */
void exec_timers_due_on(unsigned int cpu);
/*
 * clock.c: disarm, and return, the earliest timer that is due and for which @can is true;
 * NULL: none. *@running is it from then on.
 */
struct vtimer *exec_pop_timer(bool (*can)(const struct vtimer *t, void *arg), void *arg,
			      const struct vtimer **running);
/* So, and it need not be due: time passes until then. */
struct vtimer *exec_next_timer(bool (*can)(const struct vtimer *t, void *arg), void *arg);

/* cost.c */
#define EXEC_QUANTUM_NS	20000ULL
void exec_pay(bool all);
void exec_charge_ns(u64 ns);
void exec_kick_payer(struct task_struct *p);
void exec_cost_boot(const struct machine_config *cfg);
void exec_pay_timer_fire(struct vtimer *t);

/* irq.c */
void exec_irq_begin(struct vcpu *v);		/* gate taken, current = v->idle */
bool exec_irq_try_begin(struct vcpu *v);	/* so; false if the gate is held */
void exec_irq_end(struct vcpu *v);
void exec_run_softirqs(struct vcpu *v);
bool exec_softirqs_when_idle(void);		/* did any run? */
bool exec_softirqs_on(struct vcpu *v);		/* on a free CPU; is nothing left? */
void exec_raise_on(struct vcpu *v, unsigned int nr);
void exec_irq_boot(void);
void exec_softirq_call(struct vcpu *v, void (*fn)(void *), void *arg);
void exec_tasklet_action(void);
void exec_timer_softirq(void);
void exec_gate_lock(void);			/* own CPU's gate around a switch */
void exec_gate_unlock(void);

/* ipi.c: IPIs that nobody waits for, under the engine replay */
bool exec_ipis_on_their_way(void);		/* to any CPU */
void exec_run_ipis(struct vcpu *v);		/* in an interrupt of @v */
void exec_flush_ipis(struct vcpu *v);		/* from anywhere that may send one */
/* To @cpu, and no other if @single; it may arrive before this returns. False: send it otherwise. */
bool exec_send_ipi(unsigned int cpu, void (*func)(void *info), void *info, bool single);

/* fork.c, task.c */
void exec_tasks_boot(void);
struct task_struct *exec_alloc_task(int node);
void exec_init_idle(struct task_struct *idle, unsigned int cpu);
#define CTX_STACK_SLACK	64			/* above the frame that a context begins with */
struct task_struct *exec_adopt_caller(void *stack_top);
struct task_struct *exec_init_process(void);
void exec_set_init_process(struct task_struct *p);
void exec_free_joinable(struct signal_struct *sig);
#define EXEC_BASE_RESTART	1		/* what comes back to a task's base */
#define EXEC_BASE_EXIT		2
void exec_drop_caller(void);
void exec_wait_programs(void);
void exec_check_task_leaks(void);
void exec_free_dead(void);
pid_t exec_alloc_pid(void);
void exec_attach_pid(struct task_struct *p);
void exec_detach_pid(struct task_struct *p);
void exec_for_each_task(void (*fn)(struct task_struct *p, void *arg), void *arg);
void exec_start_context(struct task_struct *p);

/* exit.c */
void exec_unwind_task(struct task_struct *p);	/* clear what a caught violation left */

/* violation.c */
void exec_violation_unwound(void);		/* a deadlocked task runs again to end its catch */
void exec_deadlock(void);			/* engine upcall */
/* Tasks wait for each other; @catcher, or NULL, is one of them that expects it. */
void exec_deadlock_print(struct task_struct *catcher, void (*print)(struct _IO_FILE *out));
void exec_deadlock_end(struct task_struct *catcher);
void exec_livelock(u64 steps);			/* engine upcall */

/* percpu.c, topology.c */
int exec_percpu_boot(unsigned int nr_cpus);
void exec_percpu_halt(void);
void exec_percpu_check_leaks(void);
unsigned long exec_percpu_chunks(void);
unsigned long exec_nr_programs(void);	/* tasks that are no kthreads */
int exec_config_set(const struct machine_config *cfg);
void exec_config_clear(void);
bool exec_config_is(const struct machine_config *cfg);
void exec_config_seed(u64 seed);
void exec_topology_online(unsigned int cpu, bool online);
void exec_topology_boot(const struct machine_config *cfg);
void exec_topology_halt(void);

#endif /* _EXEC_VCPU_H */

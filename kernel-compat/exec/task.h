/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every task_struct carries for the machine that runs it: its virtual CPU,
 * its host context, its preemption state and what it owes in virtual time.
 *
 * The struct is the first member of struct task_struct, as struct thread_info is
 * in the kernel, so that preempt_disable() and friends reach it inline without
 * knowing the rest of the task.  Includes types and list only.
 */
#ifndef _EXEC_TASK_H
#define _EXEC_TASK_H

#include <linux/types.h>
#include <linux/list.h>
#include <asm/current.h>

struct exec_ctx;
struct exec_catch;
struct swap_request;
struct task_struct;
struct vcpu;

/*
 * A lock of the shim's own: below the kernel's locks, never seen by lockdep, held
 * for a few instructions, never while calling out.  0 free, 1 held, 2 contended.
 */
struct xlock {
	u32 word;
};
void xlock(struct xlock *l);
bool xtrylock(struct xlock *l);
void xunlock(struct xlock *l);

/*
 * Something that happens at a moment of virtual time.  Callbacks run in the
 * engine's idle upcall, alone, on behalf of @cpu.
 */
struct vtimer {
	u64 expires;			/* ns of virtual time */
	u64 seq;			/* order of arming breaks ties */
	void (*fn)(struct vtimer *t);
	unsigned int cpu;
	unsigned int index;		/* place in the heap plus one; 0: not armed */
};

/* Bits of exec_task.attention: why the next preemption point is not free. */
#define ATTENTION_RESCHED	1u	/* another task wants the CPU */
#define ATTENTION_PAY		2u	/* charges reached the quantum */
#define ATTENTION_MOVE		4u	/* it has to leave this CPU */
#define ATTENTION_SOFTIRQ	8u	/* a softirq was raised and not run */
#define ATTENTION_RCU		16u	/* a grace period waits for it to be preemptible */

struct exec_task {
	/* Written by the task itself, or by an interrupt handler while it lends itself. */
	int preempt_count;		/* the kernel's layout, see linux/preempt.h */
	bool irqs_off;
	int xlocks;			/* of the shim's own locks it holds; engine replay only */
	u32 attention;			/* ATTENTION_*; atomic */

	unsigned int cpu;		/* where it runs, waits or ran last: under @lock and the
					   lock of that CPU's run queue */
	u32 run;			/* word: 1 while it owns @cpu */
	u32 on_cpu;			/* word: 1, 2 (somebody waits) until switched out */
	bool moving;			/* left its CPU for another, on none yet; atomic */
	bool on_rq;			/* running or queued; under the run queue's lock */
	int dest_cpu;			/* where it has to go when it leaves its CPU, or -1; so */
	struct swap_request *swap;	/* swap to be made when it leaves its CPU; so */
	struct xlock lock;		/* serialises wake-ups and moves of this task */

	struct exec_ctx *ctx;		/* host context, NULL for idle tasks */
	struct task_struct *irq_from;	/* idle task in an interrupt: who lent the context */
	void *base;			/* jmp_buf at the base of the context's stack */
	unsigned long stack_top;	/* no frame lies above */
	struct exec_catch *catch;	/* violation_catch() in progress */
	bool unwind;			/* deadlock: end the catch when it runs again */

	int (*fn)(void *arg);		/* what it runs */
	void *arg;
	bool user;			/* a simulated program */

	/* Virtual time owed, ns; see exec/cost.c. */
	u64 owed_user;
	u64 owed_sys;
	u32 paying;			/* word: 1 while it sleeps to pay */
	struct vtimer pay_timer;
	struct vtimer sleep_timer;	/* schedule_timeout() and friends */
	u32 pay_fired;			/* by its timer, which is done with the task; see stop_pay_timer() */
	u64 pay_until;			/* end of the part being paid, virtual ns */
	u32 spins;			/* turns of loops that wait; see exec_spin() */
	u64 work_ns;			/* user_compute() wanted, all its life */
	u64 runtime_ns;			/* all virtual CPU time it had */
	unsigned long nvcsw, nivcsw;	/* voluntary and involuntary switches */

	struct list_head all_node;	/* exec's list of all task_structs, for leaks */
	struct hlist_node pid_node;	/* in the pid hash, RCU */
};

#define current_exec()	((struct exec_task *)get_current())

#endif /* _EXEC_TASK_H */

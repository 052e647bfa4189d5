/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Softirqs and tasklets.
 *
 * same: open_softirq(), raise_softirq*(), tasklets; softirqs run at the end of an
 * interrupt and when bottom halves are enabled again.
 * model: there is no ksoftirqd task; what is raised in process context runs at the
 * next preemption point of that CPU, or when the machine is idle.  There are no
 * device interrupts: request_irq() does not exist.
 */
#ifndef _LINUX_INTERRUPT_H
#define _LINUX_INTERRUPT_H

#include <linux/types.h>
#include <linux/bottom_half.h>
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>

enum {
	HI_SOFTIRQ = 0,
	TIMER_SOFTIRQ,
	NET_TX_SOFTIRQ,
	NET_RX_SOFTIRQ,
	BLOCK_SOFTIRQ,
	IRQ_POLL_SOFTIRQ,
	TASKLET_SOFTIRQ,
	SCHED_SOFTIRQ,
	HRTIMER_SOFTIRQ,
	RCU_SOFTIRQ,
	NR_SOFTIRQS
};

/* 6.12 passes the action no argument. */
void open_softirq(int nr, void (*action)(void));
void raise_softirq(unsigned int nr);
void raise_softirq_irqoff(unsigned int nr);
void __raise_softirq_irqoff(unsigned int nr);
void do_softirq(void);
u32 local_softirq_pending(void);

struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state;		/* bit 0 scheduled, bit 1 running; atomic */
	u32 count;			/* disabled while not 0; atomic */
	bool use_callback;
	union {
		void (*func)(unsigned long data);
		void (*callback)(struct tasklet_struct *t);
	};
	unsigned long data;
};

#define from_tasklet(var, callback_tasklet, tasklet_fieldname)			\
	container_of(callback_tasklet, typeof(*var), tasklet_fieldname)

void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *));
void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data);
void tasklet_schedule(struct tasklet_struct *t);
void tasklet_disable(struct tasklet_struct *t);
void tasklet_enable(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);

#endif /* _LINUX_INTERRUPT_H */

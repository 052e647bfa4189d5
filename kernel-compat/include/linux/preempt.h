/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Preemption.
 *
 * same: the counts and the in_*() tests.  The count is the task's, not the CPU's;
 * a task cannot lose its CPU while the count is not zero, so both are one.
 * model: a task is preempted only at preempt_enable() and the other points a kernel
 * has, and only when somebody waits for its CPU or its charges are due.  The
 * threads engine hides preemption between two such points.
 */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <linux/types.h>
#include <linux/compiler.h>
#include <exec/task.h>

#define PREEMPT_BITS	8
#define SOFTIRQ_BITS	8
#define HARDIRQ_BITS	4
#define NMI_BITS	4

#define PREEMPT_SHIFT	0
#define SOFTIRQ_SHIFT	(PREEMPT_SHIFT + PREEMPT_BITS)
#define HARDIRQ_SHIFT	(SOFTIRQ_SHIFT + SOFTIRQ_BITS)
#define NMI_SHIFT	(HARDIRQ_SHIFT + HARDIRQ_BITS)

#define __IRQ_MASK(x)	((1UL << (x)) - 1)
#define PREEMPT_MASK	(__IRQ_MASK(PREEMPT_BITS) << PREEMPT_SHIFT)
#define SOFTIRQ_MASK	(__IRQ_MASK(SOFTIRQ_BITS) << SOFTIRQ_SHIFT)
#define HARDIRQ_MASK	(__IRQ_MASK(HARDIRQ_BITS) << HARDIRQ_SHIFT)
#define NMI_MASK	(__IRQ_MASK(NMI_BITS) << NMI_SHIFT)

#define PREEMPT_OFFSET	(1UL << PREEMPT_SHIFT)
#define SOFTIRQ_OFFSET	(1UL << SOFTIRQ_SHIFT)
#define HARDIRQ_OFFSET	(1UL << HARDIRQ_SHIFT)
#define NMI_OFFSET	(1UL << NMI_SHIFT)
#define SOFTIRQ_DISABLE_OFFSET	(2 * SOFTIRQ_OFFSET)
#define PREEMPT_DISABLE_OFFSET	PREEMPT_OFFSET

static __always_inline int preempt_count(void)
{
	return current_exec()->preempt_count;
}

#define hardirq_count()		((unsigned long)preempt_count() & HARDIRQ_MASK)
#define softirq_count()		((unsigned long)preempt_count() & SOFTIRQ_MASK)
#define irq_count()		((unsigned long)preempt_count() &		\
				 (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK))
#define in_nmi()		((unsigned long)preempt_count() & NMI_MASK)
#define in_hardirq()		(hardirq_count())
#define in_irq()		(hardirq_count())
#define in_softirq()		(softirq_count())
#define in_serving_softirq()	(softirq_count() & SOFTIRQ_OFFSET)
#define in_interrupt()		(irq_count())
#define in_task()		(!((unsigned long)preempt_count() &		\
				   (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)))
#define in_atomic()		(preempt_count() != 0)

/* Over- and underflow of the count are VIOLATION_PREEMPT. */
void __preempt_count_bad(int val);
/* A preemption point: pay charges, run softirqs, give the CPU to who waits. */
void __preempt_point(void);

static __always_inline void preempt_count_add(int val)
{
	current_exec()->preempt_count += val;
	if (unlikely((current_exec()->preempt_count & PREEMPT_MASK) >= PREEMPT_MASK - 10))
		__preempt_count_bad(val);
}

static __always_inline void preempt_count_sub(int val)
{
	if (unlikely((current_exec()->preempt_count & PREEMPT_MASK) < (val & PREEMPT_MASK)))
		__preempt_count_bad(-val);
	current_exec()->preempt_count -= val;
}

/* Something to do at a preemption point, and allowed to: one load in the usual case. */
static __always_inline bool __preempt_due(void)
{
	struct exec_task *e = current_exec();

	return unlikely(__atomic_load_n(&e->attention, __ATOMIC_RELAXED)) &&
	       !e->preempt_count && !e->irqs_off;
}

static __always_inline void preempt_disable(void)
{
	preempt_count_add(1);
	barrier();
}

static __always_inline void preempt_enable_no_resched(void)
{
	barrier();
	preempt_count_sub(1);
}

static __always_inline void preempt_enable(void)
{
	barrier();
	preempt_count_sub(1);
	if (__preempt_due())
		__preempt_point();
}

#define sched_preempt_enable_no_resched()	preempt_enable_no_resched()
#define preempt_disable_notrace()		preempt_disable()
#define preempt_enable_notrace()		preempt_enable()
#define preempt_check_resched()							\
	do { if (__preempt_due()) __preempt_point(); } while (0)
#define preemptible()		(preempt_count() == 0 && !current_exec()->irqs_off)

/* A task stays on its CPU while preemption is off, so migration is off as well. */
static __always_inline void migrate_disable(void) { preempt_disable(); }
static __always_inline void migrate_enable(void) { preempt_enable(); }

static inline void preempt_disable_nested(void) { }
static inline void preempt_enable_nested(void) { }

#endif /* _LINUX_PREEMPT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other processors.
 *
 * model: an IPI is delivered at once: the sender runs the handler itself, with
 * `current` the idle task of the target CPU, after it got the target's interrupt
 * gate.  So a call waits while the target has interrupts disabled, and every call
 * has been made when the function returns, also with wait == 0; but under the engine
 * replay, where softirqs come when the strategy wills (--interrupts softirq), so does each
 * call with wait == 0, on each of several CPUs at a time of its own.  Hidden is that
 * handlers of a call that is waited for run at once and in any order: they run one after
 * the other, by ascending CPU.  Sending with interrupts disabled is VIOLATION_IRQ_STATE.
 */
#ifndef _LINUX_SMP_H
#define _LINUX_SMP_H

#include <linux/types.h>
#include <linux/cpumask.h>
#include <linux/preempt.h>
#include <linux/threads.h>

typedef void (*smp_call_func_t)(void *info);
typedef bool (*smp_cond_func_t)(int cpu, void *info);

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait);
int smp_call_function_any(const struct cpumask *mask, smp_call_func_t func, void *info,
			  int wait);
void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func, void *info,
			    bool wait);
void smp_call_function(smp_call_func_t func, void *info, int wait);
void on_each_cpu_cond_mask(smp_cond_func_t cond_func, smp_call_func_t func, void *info,
			   bool wait, const struct cpumask *mask);
void kick_all_cpus_sync(void);

static inline void on_each_cpu(smp_call_func_t func, void *info, int wait)
{
	on_each_cpu_cond_mask(NULL, func, info, wait, cpu_online_mask);
}

static inline void on_each_cpu_mask(const struct cpumask *mask, smp_call_func_t func,
				    void *info, bool wait)
{
	on_each_cpu_cond_mask(NULL, func, info, wait, mask);
}

static inline void on_each_cpu_cond(smp_cond_func_t cond_func, smp_call_func_t func,
				    void *info, bool wait)
{
	on_each_cpu_cond_mask(cond_func, func, info, wait, cpu_online_mask);
}

/* Checked: in a section that can lose its CPU this is VIOLATION_PREEMPT. */
unsigned int exec_checked_cpu(const char *what);

#define raw_smp_processor_id()	(current_exec()->cpu)
#define __smp_processor_id()	raw_smp_processor_id()
#define smp_processor_id()	exec_checked_cpu("smp_processor_id()")

#define get_cpu()		({ preempt_disable(); raw_smp_processor_id(); })
#define put_cpu()		preempt_enable()

#endif /* _LINUX_SMP_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Inter-processor calls. Whoever waits runs the handler himself, under the target's gate, on one
 * CPU after the other in ascending order, and others may run between two; what nobody waits for
 * arrives later, in any order, under the engine "replay" (ipi.c).
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <machine/violation.h>
#include <exec/async.h>
#include <exec/vcpu.h>

static void check_sender(const char *what)
{
	if (unlikely(irqs_disabled()))
		violation(VIOLATION_IRQ_STATE, "%s with interrupts disabled", what);
	else if (unlikely(in_hardirq() || in_serving_softirq()))
		violation(VIOLATION_IRQ_STATE, "%s in an interrupt", what);
}

static void deliver(unsigned int cpu, smp_call_func_t func, void *info)
{
	struct vcpu *v = &vcpus[cpu];

	exec_engine->point(EXEC_POINT_IRQ, v);
	exec_irq_begin(v);
	/* What was sent before comes first. */
	exec_run_ipis(v);
	func(info);
	exec_irq_end(v);
}

/* To another CPU that is online; @single: to no other. */
static void call_other(unsigned int cpu, smp_call_func_t func, void *info, bool wait, bool single)
{
	if (wait || !exec_send_ipi(cpu, func, info, single))
		deliver(cpu, func, info);
}

static void call_self(smp_call_func_t func, void *info)
{
	unsigned long flags;

	local_irq_save(flags);
	func(info);
	local_irq_restore(flags);
}

int smp_call_function_single(int cpu, smp_call_func_t func, void *info, int wait)
{
	if (cpu < 0 || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -ENXIO;
	preempt_disable();
	if (cpu == raw_smp_processor_id()) {
		call_self(func, info);
	} else {
		check_sender("smp_call_function_single()");
		call_other(cpu, func, info, wait, true);
	}
	preempt_enable();
	return 0;
}

/* On this CPU if it is in @mask, else on one of its node, else on any. */
int smp_call_function_any(const struct cpumask *mask, smp_call_func_t func, void *info,
			  int wait)
{
	int cpu, ret;

	preempt_disable();
	cpu = raw_smp_processor_id();
	if (!cpumask_test_cpu(cpu, mask)) {
		int node = vcpus[cpu].node, best = -1, c;

		for_each_cpu(c, mask)
			if (cpu_online(c) && (best < 0 || vcpus[c].node == node)) {
				best = c;
				if (vcpus[c].node == node)
					break;
			}
		cpu = best;
	}
	ret = smp_call_function_single(cpu, func, info, wait);
	preempt_enable();
	return ret;
}

/* All online CPUs of @mask but this one. Preemption is disabled by the caller. */
void smp_call_function_many(const struct cpumask *mask, smp_call_func_t func, void *info,
			    bool wait)
{
	int cpu, self = raw_smp_processor_id();

	if (preemptible())
		violation(VIOLATION_PREEMPT, "smp_call_function_many() while preemptible");
	check_sender("smp_call_function_many()");
	for_each_cpu(cpu, mask)
		if (cpu != self && cpu_online(cpu))
			call_other(cpu, func, info, wait, false);
}

void smp_call_function(smp_call_func_t func, void *info, int wait)
{
	preempt_disable();
	smp_call_function_many(cpu_online_mask, func, info, wait);
	preempt_enable();
}

void on_each_cpu_cond_mask(smp_cond_func_t cond_func, smp_call_func_t func, void *info,
			   bool wait, const struct cpumask *mask)
{
	int cpu, self;

	preempt_disable();
	check_sender("on_each_cpu()");
	self = raw_smp_processor_id();
	for_each_cpu(cpu, mask)
		if (cpu != self && cpu_online(cpu) && (!cond_func || cond_func(cpu, info)))
			call_other(cpu, func, info, wait, false);
	if (cpumask_test_cpu(self, mask) && (!cond_func || cond_func(self, info)))
		call_self(func, info);
	preempt_enable();
}

static void do_nothing(void *info)
{
}

void kick_all_cpus_sync(void)
{
	smp_call_function(do_nothing, NULL, 1);
}

/* smp_processor_id(): may the answer change under the caller? */
unsigned int exec_checked_cpu(const char *what)
{
	struct exec_task *e = current_exec();

	if (likely(e->preempt_count || e->irqs_off))
		return e->cpu;
	if (current->nr_cpus_allowed == 1 || current->flags & PF_IDLE || !vcpus)
		return e->cpu;
	violation(VIOLATION_PREEMPT, "%s in preemptible code", what);
	return e->cpu;
}

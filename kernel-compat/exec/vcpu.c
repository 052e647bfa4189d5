// SPDX-License-Identifier: GPL-2.0
/* Virtual CPUs: making them at boot, and what they have borrowed. */

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/numa_balancing.h>
#include <linux/sched/signal.h>
#include <machine/machine.h>
#include <exec/hooks.h>
#include <exec/host_memory.h>
#include <exec/vcpu.h>

static struct task_struct *idle_tasks;	/* of all CPUs but the first */

/* Idle tasks need no host context: nobody runs them, interrupts borrow them. */
int exec_boot_cpus(const struct machine_config *cfg)
{
	unsigned int cpu, i, smt = cfg->threads_per_core;
	struct vcpu *v;

	vcpus = host_zalloc(cfg->nr_cpus, sizeof(*vcpus));
	idle_tasks = host_zalloc(cfg->nr_cpus, sizeof(*idle_tasks));
	if (!vcpus || !idle_tasks || sched_boot(cfg)) {
		exec_halt_cpus();
		return -ENOMEM;
	}
	for (cpu = 0; cpu < cfg->nr_cpus; cpu++) {
		v = &vcpus[cpu];
		v->cpu = cpu;
		v->node = cfg->cpu_node[cpu];
		v->idle = cpu ? &idle_tasks[cpu] : &init_task;
		exec_init_idle(v->idle, cpu);
		v->rq = cpu_rq(cpu);
		sched_init_rq(v->rq, cpu, v->idle);
		for (i = cpu - cpu % smt; i < cpu - cpu % smt + smt; i++)
			cpumask_set_cpu(i, &v->sibling_mask);
	}
	return 0;
}

void exec_halt_cpus(void)
{
	sched_halt();
	host_free(vcpus);
	host_free(idle_tasks);
	vcpus = NULL;
	idle_tasks = NULL;
}

/*
 * Take the borrowed mm from @v if nobody owns it, or we do; NULL if there is none.
 * In an interrupt of @v, so that no switch is under way there.
 */
static struct mm_struct *take_lazy_mm(struct vcpu *v, struct task_struct *me)
{
	struct mm_struct *init = exec_init_mm(), *mm = NULL;
	struct task_struct *owner;

	xlock(&v->rq->lock);
	owner = v->rq->curr;
	if ((owner == v->idle || owner == me) && !owner->mm && owner->active_mm != init) {
		mm = owner->active_mm;
		owner->active_mm = init;
	}
	xunlock(&v->rq->lock);
	if (mm)
		switch_mm_irqs_off(mm, init, v->idle);
	return mm;
}

/* An idle CPU, or ours, gives back the address space it borrowed. */
void exec_drop_lazy_mm(unsigned int cpu)
{
	struct task_struct *me = current;
	struct mm_struct *mm;

	exec_irq_begin(&vcpus[cpu]);
	mm = take_lazy_mm(&vcpus[cpu], me);
	exec_irq_end(&vcpus[cpu]);
	if (mm)
		exec_mmdrop(mm);
}

/* Power off: no idle CPU, and not the init task, keeps a dead process's mm. */
void exec_drop_lazy_mms(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		exec_drop_lazy_mm(cpu);
}

static unsigned long nr_task_numa_faults;

void task_numa_fault(int last_node, int node, int pages, int flags)
{
	__atomic_fetch_add(&nr_task_numa_faults, 1, __ATOMIC_RELAXED);
}

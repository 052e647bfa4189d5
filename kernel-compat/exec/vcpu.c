// SPDX-License-Identifier: GPL-2.0
/* Virtual CPUs: making them at boot, and what hotplug would do to them. */
#include <stdlib.h>

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/sched/numa_balancing.h>
#include <linux/sched/signal.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <exec/hooks.h>
#include <exec/vcpu.h>

static struct task_struct *idle_tasks;	/* of all CPUs but the first */

/* Idle tasks need no host context: nobody runs them, interrupts borrow them. */
int exec_boot_cpus(const struct machine_config *cfg)
{
	unsigned int cpu, i, smt = cfg->threads_per_core;
	struct vcpu *v;

	vcpus = calloc(cfg->nr_cpus, sizeof(*vcpus));
	idle_tasks = calloc(cfg->nr_cpus, sizeof(*idle_tasks));
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
	free(vcpus);
	free(idle_tasks);
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

/* Power off: no idle CPU, and not the init task, keeps a dead process's mm. */
void exec_drop_lazy_mms(void)
{
	struct task_struct *me = current;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct mm_struct *mm;

		exec_irq_begin(&vcpus[cpu]);
		mm = take_lazy_mm(&vcpus[cpu], me);
		exec_irq_end(&vcpus[cpu]);
		if (mm)
			exec_mmdrop(mm);
	}
}

/* CPU hotplug: CPUs are all there from boot, so the lock only counts. */

static u32 cpus_readers;

void cpus_read_lock(void)
{
	__might_sleep(__FILE__, __LINE__);
	__atomic_fetch_add(&cpus_readers, 1, __ATOMIC_RELAXED);
}

int cpus_read_trylock(void)
{
	__atomic_fetch_add(&cpus_readers, 1, __ATOMIC_RELAXED);
	return 1;
}

void cpus_read_unlock(void)
{
	if (__atomic_fetch_sub(&cpus_readers, 1, __ATOMIC_RELAXED) == 0)
		violation(VIOLATION_LOCK_UNHELD, "cpus_read_unlock() without a reader");
}

void lockdep_assert_cpus_held(void)
{
	if (!__atomic_load_n(&cpus_readers, __ATOMIC_RELAXED))
		violation(VIOLATION_LOCK_UNHELD, "the CPU hotplug lock is not held");
}

void exec_cpus_lock_check(void)
{
	if (cpus_readers)
		violation(VIOLATION_LOCK_LEAKED, "cpus_read_lock() is held %u times at power off",
			  cpus_readers);
}

#define NR_CPUHP	(CPUHP_ONLINE + 1)

static struct {
	const char *name;
	int (*teardown)(unsigned int cpu);
} cpuhp[NR_CPUHP];

static int find_dynamic(enum cpuhp_state state)
{
	int i, end = state == CPUHP_AP_ONLINE_DYN ? CPUHP_AP_ONLINE_DYN_END :
		     state == CPUHP_BP_PREPARE_DYN ? CPUHP_BP_PREPARE_DYN_END : (int)state;

	for (i = state; i <= end; i++)
		if (!cpuhp[i].name)
			return i;
	return state == CPUHP_AP_ONLINE_DYN || state == CPUHP_BP_PREPARE_DYN ? -ENOSPC : -EBUSY;
}

static int setup_state(enum cpuhp_state state, const char *name,
		       int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu))
{
	int slot = find_dynamic(state), ret;
	unsigned int cpu;

	if (slot < 0)
		return slot;
	for (cpu = 0; startup && cpu < nr_cpu_ids; cpu++) {
		ret = startup(cpu);
		if (ret) {
			while (teardown && cpu--)
				teardown(cpu);
			return ret;
		}
	}
	cpuhp[slot].name = name;
	cpuhp[slot].teardown = teardown;
	return slot == (int)state && state != CPUHP_AP_ONLINE_DYN &&
	       state != CPUHP_BP_PREPARE_DYN ? 0 : slot;
}

int cpuhp_setup_state(enum cpuhp_state state, const char *name,
		      int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu))
{
	return setup_state(state, name, startup, teardown);
}

int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*startup)(unsigned int cpu),
			      int (*teardown)(unsigned int cpu))
{
	return setup_state(state, name, NULL, teardown);
}

void cpuhp_remove_state_nocalls(enum cpuhp_state state)
{
	cpuhp[state].name = NULL;
	cpuhp[state].teardown = NULL;
}

void cpuhp_remove_state(enum cpuhp_state state)
{
	unsigned int cpu;

	for (cpu = 0; cpuhp[state].teardown && cpu < nr_cpu_ids; cpu++)
		cpuhp[state].teardown(cpu);
	cpuhp_remove_state_nocalls(state);
}

void exec_cpuhp_halt(void)
{
	int i;

	cpus_readers = 0;
	for (i = 0; i < NR_CPUHP; i++)
		cpuhp_remove_state_nocalls(i);
}

static unsigned long nr_task_numa_faults;

void task_numa_fault(int last_node, int node, int pages, int flags)
{
	__atomic_fetch_add(&nr_task_numa_faults, 1, __ATOMIC_RELAXED);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * CPU hotplug: the lock, the callbacks, and CPUs that go and come back.
 *
 * A CPU that goes is first not active any more: nobody is given it, its callbacks of the
 * states above CPUHP_AP_ONLINE are torn down, in reverse order, and its tasks leave it.
 * When it is empty it is not online any more, and the callbacks below are called; they
 * take over what it left.  Coming back is the reverse.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <machine/violation.h>
#include <exec/hooks.h>
#include <exec/vcpu.h>

static DECLARE_RWSEM(cpu_hotplug_lock);

#define NR_CPUHP	(CPUHP_ONLINE + 1)

/* Written with cpu_hotplug_lock held for writing. */
static struct {
	const char *name;
	int (*startup)(unsigned int cpu);
	int (*teardown)(unsigned int cpu);
} cpuhp[NR_CPUHP];

void cpus_read_lock(void)
{
	if (vcpus)
		down_read(&cpu_hotplug_lock);
}

int cpus_read_trylock(void)
{
	return !vcpus || down_read_trylock(&cpu_hotplug_lock);
}

void cpus_read_unlock(void)
{
	if (vcpus)
		up_read(&cpu_hotplug_lock);
}

void cpus_write_lock(void)
{
	down_write(&cpu_hotplug_lock);
}

void cpus_write_unlock(void)
{
	up_write(&cpu_hotplug_lock);
}

void lockdep_assert_cpus_held(void)
{
	lockdep_assert_held(&cpu_hotplug_lock);
}

static int find_dynamic(enum cpuhp_state state)
{
	int i, end = state == CPUHP_AP_ONLINE_DYN ? CPUHP_AP_ONLINE_DYN_END :
		     state == CPUHP_BP_PREPARE_DYN ? CPUHP_BP_PREPARE_DYN_END : (int)state;

	for (i = state; i <= end; i++)
		if (!cpuhp[i].name)
			return i;
	return state == CPUHP_AP_ONLINE_DYN || state == CPUHP_BP_PREPARE_DYN ? -ENOSPC : -EBUSY;
}

/* Tear down the online CPUs below @end. */
static void teardown_below(int (*teardown)(unsigned int cpu), unsigned int end)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (teardown && cpu < end)
			teardown(cpu);
}

/* @call: CPUs that are there are started up now. */
static int setup_state(enum cpuhp_state state, const char *name,
		       int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu),
		       bool call)
{
	int slot, ret = 0;
	unsigned int cpu;

	cpus_write_lock();
	slot = find_dynamic(state);
	if (slot < 0) {
		ret = slot;
		goto out;
	}
	for_each_online_cpu(cpu) {
		ret = call && startup ? startup(cpu) : 0;
		if (ret) {
			teardown_below(teardown, cpu);
			goto out;
		}
	}
	cpuhp[slot].name = name;
	cpuhp[slot].startup = startup;
	cpuhp[slot].teardown = teardown;
	if (slot != (int)state || state == CPUHP_AP_ONLINE_DYN || state == CPUHP_BP_PREPARE_DYN)
		ret = slot;
out:
	cpus_write_unlock();
	return ret;
}

int cpuhp_setup_state(enum cpuhp_state state, const char *name,
		      int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu))
{
	return setup_state(state, name, startup, teardown, true);
}

int cpuhp_setup_state_nocalls(enum cpuhp_state state, const char *name,
			      int (*startup)(unsigned int cpu),
			      int (*teardown)(unsigned int cpu))
{
	return setup_state(state, name, startup, teardown, false);
}

static void remove_state(enum cpuhp_state state)
{
	cpuhp[state].name = NULL;
	cpuhp[state].startup = NULL;
	cpuhp[state].teardown = NULL;
}

void cpuhp_remove_state_nocalls(enum cpuhp_state state)
{
	cpus_write_lock();
	remove_state(state);
	cpus_write_unlock();
}

void cpuhp_remove_state(enum cpuhp_state state)
{
	cpus_write_lock();
	teardown_below(cpuhp[state].teardown, nr_cpu_ids);
	remove_state(state);
	cpus_write_unlock();
}

void exec_cpuhp_halt(void)
{
	int i;

	for (i = 0; i < NR_CPUHP; i++)
		remove_state(i);
}

/* Call what is there to do in states @from to @to; the state that failed, and why. */
static int start_up(unsigned int cpu, int from, int to, int *failed)
{
	int ret;

	for (; from <= to; from++) {
		ret = cpuhp[from].startup ? cpuhp[from].startup(cpu) : 0;
		if (ret) {
			*failed = from;
			return ret;
		}
	}
	return 0;
}

static int tear_down(unsigned int cpu, int from, int to, int *failed)
{
	int ret;

	for (; from >= to; from--) {
		ret = cpuhp[from].teardown ? cpuhp[from].teardown(cpu) : 0;
		if (ret) {
			*failed = from;
			return ret;
		}
	}
	return 0;
}

static void move_timer(struct vtimer *t, void *arg)
{
	unsigned int *cpus = arg;

	if (vtimer_cpu(t) == cpus[0])
		vtimer_set_cpu(t, cpus[1]);
}

/* What the CPU has left behind goes to another one. */
static void take_over(unsigned int cpu)
{
	unsigned int cpus[2] = { cpu, cpumask_first(cpu_online_mask) };

	exec_for_each_vtimer(move_timer, cpus);
	/* Whoever raised them has gone: they run when nobody does anything. */
	while (__atomic_load_n(&vcpus[cpu].softirq_pending, __ATOMIC_RELAXED))
		exec_sleep_until(exec_now() + 1);
	exec_drop_lazy_mm(cpu);
}

static int take_down(unsigned int cpu)
{
	int ret, failed;

	if (!cpu_online(cpu))
		return 1;
	if (num_online_cpus() == 1)
		return -EBUSY;
	sched_set_cpu_active(cpu, false);
	/* Whoever saw it active without a lock is through. */
	synchronize_rcu();
	ret = tear_down(cpu, CPUHP_ONLINE, CPUHP_AP_ONLINE, &failed);
	if (ret) {
		start_up(cpu, failed + 1, CPUHP_ONLINE, &failed);
		sched_set_cpu_active(cpu, true);
		return ret;
	}
	sched_empty_cpu(cpu);
	exec_flush_ipis(&vcpus[cpu]);
	tlb_cpu_goes(cpu);
	exec_topology_online(cpu, false);
	take_over(cpu);
	tear_down(cpu, CPUHP_AP_ONLINE - 1, CPUHP_OFFLINE, &failed);
	return 0;
}

static int bring_up(unsigned int cpu)
{
	int ret, failed, state;

	if (cpu_online(cpu))
		return 1;
	ret = start_up(cpu, CPUHP_OFFLINE, CPUHP_AP_ONLINE - 1, &failed);
	if (!ret) {
		exec_topology_online(cpu, true);
		ret = start_up(cpu, CPUHP_AP_ONLINE, CPUHP_ONLINE, &failed);
	}
	if (ret) {
		tear_down(cpu, failed - 1, CPUHP_OFFLINE, &state);
		if (cpu_online(cpu))
			exec_topology_online(cpu, false);
		return ret;
	}
	sched_set_cpu_active(cpu, true);
	return 0;
}

static int change(unsigned int cpu, int (*fn)(unsigned int cpu))
{
	int ret = -EINVAL;

	might_sleep();
	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return ret;
	cpus_write_lock();
	ret = fn(cpu);
	cpus_write_unlock();
	return ret;
}

int remove_cpu(unsigned int cpu)
{
	return change(cpu, take_down);
}

int add_cpu(unsigned int cpu)
{
	return change(cpu, bring_up);
}

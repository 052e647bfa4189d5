// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: on which CPU a task should run.
 *
 * Weights. A weight says how much a task belongs to a node. Against a task of another home
 * both homes' shares of pages are compared, against one of the same home (threads, or
 * members of a group) both tasks' own shares of faults. A task moves only if it gains,
 * w_nid > w_here, and has more right to be there than who is, w_nid > w_other; an idle
 * CPU's weight is 0. The largest (w_nid - w_here) + (w_nid - w_other) wins.
 *
 * Why this comes to rest. A move makes a pair of task and node with a larger weight than the two
 * pairs it breaks, whatever becomes of the task that has to leave. So the weights of
 * all pairs, sorted, grow with each move, and there are finitely many. What is left are
 * changes of the weights themselves. A task's own faults are few and come in bursts, and a task
 * that follows each wave of chance never comes to rest: see clearly().
 *
 * In a home that is spread over several nodes a task inside goes by its own faults; one outside
 * wants in, and weighs nothing where it is. But nobody leaves for the home's sake where its own
 * faults are more than there: its memory has followed it. A task that has a core to itself does
 * not move onto an idle CPU of a busy core.
 *
 * Cost. Only nodes where the task gains are looked at, and of each AUTONUMA_LOOK CPUs, the next
 * ones at the next decision: no more on large machines than on small ones.
 */
#include <linux/cpumask.h>
#include <linux/find.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/mmu_context.h>
#include <linux/nodemask.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "sched.h"
#include "autonuma.h"

/* CPUs of a node that one decision looks at. */
#define AUTONUMA_LOOK	8

/**
 * struct look - where to look for CPUs of a node
 * @first:	its first possible CPU
 * @end:	its last one, and one more: only these bits of masks are looked at
 * @last:	the one that was looked at last. Races make two tasks see the same CPUs
 */
struct look {
	unsigned int first;
	unsigned int end;
	unsigned int last;
};

/* By node. */
static struct look looks[MAX_NUMNODES];

/**
 * struct gain - what a task gains on a node
 * @target_nid:	the node
 * @home:	by the measure that counts against other homes and for idle CPUs
 * @own:	by its own faults, which count among tasks of one home
 */
struct gain {
	int target_nid;
	long home;
	long own;
};

/*
 * How many faults there were at least. With scan_pmd one fault counts as many pages, which say
 * no more than one.
 */
static long samples(struct autonuma_counts *faults)
{
	unsigned long total;

	autonuma_counts_share(faults, 0, &total);
	total /= autonuma_knob(scan_pmd) ? PTRS_PER_PTE : 1;
	return min_t(unsigned long, total, AUTONUMA_ALL);
}

/*
 * A difference of shares of @n samples, or 0 if it may be chance: if it is less than three times
 * as much as the shares of that many samples vary.
 */
static long clearly(long difference, long n)
{
	if (difference < AUTONUMA_CLEARLY ||
	    difference * difference * n < 9L * AUTONUMA_ALL * AUTONUMA_ALL)
		return 0;
	return difference;
}

/* The next CPU of a node that the task may use, or nr_cpu_ids. */
static unsigned int next_cpu(int nid, const struct cpumask *allowed)
{
	const unsigned long *cpus = cpumask_bits(cpumask_of_node(nid));
	struct look *look = &looks[nid];
	unsigned int cpu = find_next_and_bit(cpus, cpumask_bits(allowed), look->end,
					     READ_ONCE(look->last) + 1);

	if (cpu >= look->end)
		cpu = find_next_and_bit(cpus, cpumask_bits(allowed), look->end, look->first);
	WRITE_ONCE(look->last, cpu);
	return cpu < look->end ? cpu : nr_cpu_ids;
}

/* How many CPUs has the core? 0 if somebody is on one of them other than @cpu. */
static unsigned int idle_siblings(int cpu)
{
	const unsigned long *siblings = cpumask_bits(topology_sibling_cpumask(cpu));
	struct look *look = &looks[cpu_to_node(cpu)];
	unsigned int n = 0;
	int i;

	for (i = find_next_bit(siblings, look->end, look->first); i < look->end;
	     i = find_next_bit(siblings, look->end, i + 1)) {
		if (i != cpu && !idle_cpu(i))
			return 0;
		n++;
	}
	return n;
}

/* Remember a move if it is better than what was found before. */
static void propose(struct autonuma_decision *d, long value, int cpu, struct task_struct *other)
{
	if (value <= d->best)
		return;
	if (d->other)
		put_task_struct(d->other);
	d->best = value;
	d->best_cpu = cpu;
	d->other = other ? get_task_struct(other) : NULL;
}

/* How much a home belongs to a node. Nodes it is spread over count without pages, too. */
static long weight(struct autonuma_home *home, bool spread, int nid)
{
	return autonuma_share(home->pages, nid) + spread;
}

/* As weight(), of another task's home: outside the nodes it is spread over it has no right. */
static long weight_there(struct autonuma_home *home, int nid)
{
	bool spread, inside;

	spin_lock(&home->lock);
	spread = !nodes_empty(home->nodes);
	inside = node_isset(nid, home->nodes);
	spin_unlock(&home->lock);

	return spread && !inside ? 0 : weight(home, spread, nid);
}

/* The task may have an idle CPU. */
static void consider_idle(struct autonuma_decision *d, const struct gain *gain, int cpu)
{
	if (gain->home <= 0 || (d->core && !idle_siblings(cpu)))
		return;
	propose(d, gain->home + weight(d->home, d->spread, gain->target_nid), cpu, NULL);
}

/*
 * The task may change places with @other: how much it gains and how much more right it has.
 * Returns 0 if it does not. The caller is in an RCU reader and holds @other's alloc_lock, which
 * keeps its mm: exec and exit change it under this lock.
 */
static long swap_value(struct autonuma_decision *d, const struct gain *gain,
		       struct task_struct *other, struct task_autonuma *ota)
	__must_hold(&other->alloc_lock)
{
	int nid = gain->target_nid;
	struct autonuma_home *home;
	struct mm_autonuma *mma;
	long right;

	lockdep_assert_held(&other->alloc_lock);

	/* Pairs with the release in register_mm(). */
	mma = other->mm ? smp_load_acquire(&other->mm->mm_autonuma) : NULL;
	if (!mma)
		return 0;
	home = autonuma_home(mma);
	if (home == d->home) {
		right = clearly(autonuma_share(&d->ta->faults, nid) -
				autonuma_share(&ota->faults, nid),
				min(samples(&d->ta->faults), samples(&ota->faults)));
		return gain->own > 0 && right > 0 ? gain->own + right : 0;
	}
	right = weight(d->home, d->spread, nid) - weight_there(home, nid);
	return gain->home > 0 && right > 0 ? gain->home + right : 0;
}

/*
 * The CPU runs @other. A kernel thread is where it must be; a task without statistics is too
 * young to be sent around. The caller is in an RCU reader.
 */
static void consider_swap(struct autonuma_decision *d, const struct gain *gain, int cpu,
			  struct task_struct *other)
{
	struct task_autonuma *ota;
	long value;

	if (READ_ONCE(other->flags) & (PF_KTHREAD | PF_EXITING) ||
	    !cpumask_test_cpu(d->cpu, other->cpus_ptr))
		return;
	/* Pairs with the release in give_counts(). */
	ota = smp_load_acquire(&other->task_autonuma);
	if (!ota)
		return;

	task_lock(other);
	value = swap_value(d, gain, other, ota);
	task_unlock(other);
	propose(d, value, cpu, other);
}

/* Look at some CPUs of a node where the task gains. Returns whether it may run on any. */
static bool look_at_node(struct autonuma_decision *d, const struct gain *gain)
{
	const struct cpumask *allowed = d->p->cpus_ptr;
	unsigned int n, cpu, first = nr_cpu_ids;

	for (n = 0; n < AUTONUMA_LOOK; n++) {
		cpu = next_cpu(gain->target_nid, allowed);
		if (cpu >= nr_cpu_ids || cpu == first)
			break;
		if (!n)
			first = cpu;
		if (!cpu_active(cpu))
			continue;
		if (idle_cpu(cpu))
			consider_idle(d, gain, cpu);
		else
			consider_swap(d, gain, cpu, rcu_dereference(cpu_rq(cpu)->curr));
	}
	return n;
}

/* What the task would gain on a node. */
static void weigh_node(struct autonuma_decision *d, struct gain *gain)
{
	struct autonuma_counts *pages = d->home->pages, *faults = &d->ta->faults;
	long own = autonuma_share(faults, gain->target_nid) - autonuma_share(faults, d->cpu_nid);

	gain->own = clearly(own, samples(faults));
	if (d->spread && d->inside)
		gain->home = gain->own;
	else if (own <= -AUTONUMA_CLEARLY)
		gain->home = 0;
	else if (d->spread)
		gain->home = weight(d->home, true, gain->target_nid);
	else
		gain->home = autonuma_share(pages, gain->target_nid) -
			     autonuma_share(pages, d->cpu_nid);
}

/**
 * autonuma_decide_init() - find out where each node has its CPUs
 */
void __init autonuma_decide_init(void)
{
	struct look *look;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		look = &looks[cpu_to_node(cpu)];
		if (!look->end)
			look->first = cpu;
		look->end = cpu + 1;
	}
}

/**
 * autonuma_decide() - find the best CPU for the current task
 * @d: @p, @ta, @home, @seen, @cpu and @cpu_nid are filled in, the rest is zero
 *
 * Fills in the rest. The caller puts @other.
 *
 * Context: process context, RCU reader.
 */
void autonuma_decide(struct autonuma_decision *d)
{
	unsigned int cpus = idle_siblings(d->cpu);
	struct gain gain;

	d->preferred_nid = d->cpu_nid;
	d->core = cpus > 1;
	d->spread = autonuma_home_visit(d->home, d->p, d->seen, d->cpu_nid, d->core ? cpus : 1,
					&d->nodes);
	d->inside = node_isset(d->cpu_nid, d->nodes);

	for_each_node_mask(gain.target_nid, d->nodes) {
		long before = d->best;

		if (gain.target_nid == d->cpu_nid)
			continue;
		weigh_node(d, &gain);
		if (gain.home <= 0 && gain.own <= 0)
			continue;
		if (!look_at_node(d, &gain) || gain.home <= d->wish ||
		    (d->core && d->best == before))
			continue;
		d->wish = gain.home;
		d->preferred_nid = gain.target_nid;
	}
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The simulated machine: topology, power on, power off. own: not a kernel header;
 * only the shim, tests and benchmarks include it.
 *
 * There is one machine at a time in a process.  It can be booted any number of
 * times, each time from a clean state.
 */
#ifndef _MACHINE_MACHINE_H
#define _MACHINE_MACHINE_H

#include <linux/types.h>
#include <linux/numa.h>
#include <linux/threads.h>

/**
 * struct machine_config - what to boot
 * @nr_nodes:	node ids are 0 .. nr_nodes - 1; 1 .. MAX_NUMNODES
 * @nr_cpus:	virtual CPUs, 1 .. NR_CPUS
 * @cpu_node:	node of each CPU, @nr_cpus entries; NULL spreads them evenly in
 *		blocks (CPU c on node c * nr_nodes / nr_cpus)
 * @node_bytes:	memory of each node in bytes, @nr_nodes entries, 0 for a
 *		memoryless node; NULL gives each node @bytes_per_node
 * @bytes_per_node: memory per node in bytes when @node_bytes is NULL;
 *		0 means 64 MiB
 * @distance:	nr_nodes × nr_nodes SLIT matrix, row-major, 10 on the diagonal,
 *		11 .. 254 elsewhere; NULL means 20 everywhere off the diagonal
 * @threads_per_core: SMT siblings are consecutive CPUs; 0 means 1
 * @cmdline:	kernel command line, for example "noautonuma"; NULL means ""
 * @seed:	start of the stream of choices
 * @sim_scale:	how many real pages one simulated page stands for when costs are
 *		charged (virtual time only); 0 means 1
 */
struct machine_config {
	unsigned int nr_nodes;
	unsigned int nr_cpus;
	const int *cpu_node;
	const u64 *node_bytes;
	u64 bytes_per_node;
	const u8 *distance;
	unsigned int threads_per_core;
	const char *cmdline;
	u64 seed;
	unsigned int sim_scale;
};

/**
 * machine_config_check() - say what is wrong with a configuration
 * @cfg:	the configuration
 * @why:	receives one line without newline
 * @size:	room at @why
 *
 * Return: 0, or -EINVAL with @why filled in.
 */
int machine_config_check(const struct machine_config *cfg, char *why, size_t size);

/**
 * machine_boot() - power on
 * @cfg:	a configuration that machine_config_check() accepts
 *
 * The calling host thread becomes the machine's init task (pid 1, a kernel
 * thread on CPU 0) and may call kernel functions until machine_shutdown().
 * Runs all initcalls in order.
 *
 * Return: 0 or -EINVAL, -ENOMEM; nothing is half-started then.
 */
int machine_boot(const struct machine_config *cfg);

/**
 * machine_snapshots() - boot once, and go back to that
 * @on:		from now on; or not any more
 *
 * On the engine replay, a machine that has just booted is remembered, and a later
 * machine_boot() with the same configuration (but for the seed) brings it back: the same
 * bytes, so whatever follows is the same, decision by decision (exec/snapshot.c).
 * machine_shutdown() accounts for everything as ever, but leaves the machine to be brought
 * back; what a test reads of a machine that is off means nothing. Where no snapshot is
 * possible (other engines, TSan, valgrind, weak memory, failures injected into boot), and for
 * another configuration, machines boot as ever.
 *
 * Between machines; off at first. Off gives back what is remembered.
 */
void machine_snapshots(bool on);

/**
 * machine_shutdown() - power off, and account for everything
 *
 * Called by the context that booted.  Waits for all user processes to exit, stops
 * the remaining kthreads, runs out RCU callbacks and work, calls machine_check()
 * and reports whatever is still allocated as VIOLATION_LEAK.  What initcalls
 * allocated and still hold belongs to the kernel until power off and is no leak.
 */
void machine_shutdown(void);

/**
 * machine_check() - walk the whole machine and compare every count with what it counts
 *
 * Slab objects, buddy free lists and watermarks, page flags, refcounts and
 * mapcounts against page tables, rmap and page cache, RSS, page-table pages, LRU
 * membership and sizes, isolated counts, TLB contents against page tables.
 * The first object that does not add up is reported as VIOLATION_ACCOUNT, by name.
 *
 * Context: a quiet point: process context, no lock held, and no other task inside
 * the kernel.  quiesce with machine_quiesce() first if daemons may be running.
 */
void machine_check(void);

/*
 * Wait until every other task sleeps (in virtual time), LRU batches are drained and
 * no RCU callback is pending, without moving the clock past the present instant
 * more than needed.
 */
void machine_quiesce(void);

/*
 * One check that machine_check() calls; registered with MACHINE_CHECKER(), once in a file: the
 * order of several is each compiler's own, and what a check reads are steps of a schedule.
 */
struct machine_checker {
	const char *name;
	void (*check)(void);
};
#define MACHINE_CHECKER(_name, _fn)						\
	static const struct machine_checker __machine_checker_##_name		\
	__attribute__((used, section("machine_checkers"), aligned(8))) = {	\
		.name = #_name, .check = _fn }

/*
 * What is still allocated at power off: called after every stop() and after
 * machine_check(), before the halt()s; reports VIOLATION_LEAK.
 */
#define MACHINE_LEAK_CHECKER(_name, _fn)					\
	static const struct machine_checker __machine_leak_##_name		\
	__attribute__((used, section("machine_leak_checkers"), aligned(8))) = {	\
		.name = #_name, .check = _fn }

/*
 * Subsystems of the shim hook into power on and power off.  Lower order comes up
 * earlier and goes down later.
 */
enum machine_order {
	MACHINE_ORDER_EXEC	= 0,	/* tasks, CPUs, clock */
	MACHINE_ORDER_LOCK	= 10,
	MACHINE_ORDER_RCU	= 20,
	MACHINE_ORDER_PAGES	= 30,	/* page allocator, then slab */
	MACHINE_ORDER_SLAB	= 35,
	MACHINE_ORDER_KTHREAD	= 40,	/* kthreads, workqueues */
	MACHINE_ORDER_FS	= 50,	/* kobject, sysfs, trace */
	MACHINE_ORDER_VM	= 60,	/* page tables, VMAs, rmap, processes */
	MACHINE_ORDER_INITCALLS	= 100,
};
struct machine_subsys {
	const char *name;
	int order;
	int (*boot)(const struct machine_config *cfg);	/* 0 or -Exxx */
	void (*stop)(void);	/* before shutdown checks: end activity, free caches */
	void (*halt)(void);	/* after the leak check: back to the pristine state */
};
#define MACHINE_SUBSYS(_name, _order, _boot, _stop, _halt)			\
	static const struct machine_subsys __machine_subsys_##_name		\
	__attribute__((used, section("machine_subsys"), aligned(8))) = {	\
		.name = #_name, .order = _order, .boot = _boot,			\
		.stop = _stop, .halt = _halt }

/* The configuration of the running machine, all defaults filled in. */
const struct machine_config *machine_config(void);

#endif /* _MACHINE_MACHINE_H */

// SPDX-License-Identifier: GPL-2.0
/* Power on, power off, quiet points: the order in which the parts come and go. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>
#include <exec/async.h>
#include <exec/hooks.h>
#include <exec/host_memory.h>
#include <exec/snapshot.h>
#include <exec/statics.h>
#include <exec/vcpu.h>

#define MAX_SUBSYS	64
#define PATIENCE	32	/* looks at daemons of which some never sleep */

extern const struct machine_subsys __start_machine_subsys[], __stop_machine_subsys[];
extern const struct machine_checker __start_machine_checkers[] __attribute__((weak));
extern const struct machine_checker __stop_machine_checkers[] __attribute__((weak));
extern const struct machine_checker __start_machine_leak_checkers[] __attribute__((weak));
extern const struct machine_checker __stop_machine_leak_checkers[] __attribute__((weak));

static const struct machine_subsys *subsys[MAX_SUBSYS];
static unsigned int nr_subsys;
static bool running;
static bool snapshots __kept;	/* wanted */

/* What a machine has after boot; more of it when programs are over would be lost. */
static struct inventory {
	unsigned long tasks, pages, page_tables, percpu_chunks;
} booted __kept;

static int by_order(const void *a, const void *b)
{
	const struct machine_subsys *x = *(const struct machine_subsys **)a;
	const struct machine_subsys *y = *(const struct machine_subsys **)b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void sort_subsystems(void)
{
	const struct machine_subsys *s;

	if (nr_subsys)
		return;
	for (s = __start_machine_subsys; s < __stop_machine_subsys; s++) {
		if (nr_subsys == MAX_SUBSYS)
			abort();
		subsys[nr_subsys++] = s;
	}
	qsort(subsys, nr_subsys, sizeof(subsys[0]), by_order);
}

static void halt_down_to(unsigned int n)
{
	while (n--)
		if (subsys[n]->halt)
			subsys[n]->halt();
}

static void stop_down_to(unsigned int n)
{
	while (n--)
		if (subsys[n]->stop)
			subsys[n]->stop();
}

/*
 * CPUs, clock and the first task: before every subsystem, because each may take
 * locks and start tasks.
 */
static int boot_exec(const struct machine_config *cfg, void *stack_top)
{
	static const struct exec_upcalls upcalls = {
		.idle = exec_idle,
		.deadlock = exec_deadlock,
		.livelock = exec_livelock,
		.interrupted = exec_violation_unwound,
	};
	int err;

	exec_topology_boot(cfg);
	err = exec_percpu_boot(cfg->nr_cpus);
	if (err) {
		exec_topology_halt();
		return err;
	}
	exec_engine->boot(&upcalls, cfg->seed);
	exec_clock_boot();
	exec_irq_boot();
	exec_cost_boot(cfg);
	exec_tasks_boot();
	err = exec_boot_cpus(cfg);
	if (!err && !exec_adopt_caller(stack_top)) {
		exec_halt_cpus();
		err = -ENOMEM;
	}
	if (err) {
		exec_engine->halt();
		exec_percpu_halt();
		exec_topology_halt();
	}
	return err;
}

static void halt_exec(void)
{
	exec_clock_halt();
	exec_drop_caller();
	exec_engine->halt();
	exec_halt_cpus();
	exec_percpu_halt();
	exec_topology_halt();
	exec_cpuhp_halt();
}

static int boot(const struct machine_config *cfg)
{
	unsigned int n;
	int err;

	exec_statics_of_core();
	err = exec_config_set(cfg);
	if (err)
		return err;
	cfg = machine_config();
	err = boot_exec(cfg, __builtin_frame_address(0));
	if (err) {
		exec_config_clear();
		return err;
	}
	sort_subsystems();
	for (n = 0; n < nr_subsys; n++) {
		err = subsys[n]->boot ? subsys[n]->boot(cfg) : 0;
		if (err) {
			stop_down_to(n);
			halt_down_to(n);
			halt_exec();
			exec_config_clear();
			return err;
		}
	}
	system_state = SYSTEM_RUNNING;
	running = true;
	return 0;
}

static struct inventory inventory(void)
{
	return (struct inventory){
		.tasks = exec_nr_programs(), .pages = pages_in_use() - exec_huge_zero_pages(),
		.page_tables = exec_page_tables(), .percpu_chunks = exec_percpu_chunks(),
	};
}

/* The machine that is held, as if it had just booted; the caller's stack may be another. */
static void resume(void *stack_top)
{
	snapshot_restore();
	exec_statics_of_booted_tests(false);
	exec_init_process()->exec.stack_top = (unsigned long)stack_top + CTX_STACK_SLACK;
}

/* Power off for good what has been resumed. */
static void let_go(void)
{
	snapshot_drop();
	machine_shutdown();
	host_arena_close();
}

int machine_boot(const struct machine_config *cfg)
{
	bool take = snapshots && snapshot_possible();
	char why[160];
	int err;

	if (running || machine_config_check(cfg, why, sizeof(why)))
		return -EINVAL;
	if (snapshot_held()) {
		resume(__builtin_frame_address(0));
		if (take && exec_config_is(cfg)) {
			exec_config_seed(cfg->seed);
			return 0;
		}
		let_go();
	}
	take = take && host_arena_open();
	err = boot(cfg);
	if (take && (err || !snapshot_take())) {
		host_arena_close();
	} else if (take) {
		exec_statics_of_booted_tests(true);
		/* To look takes locks: steps of a schedule. */
		booted = inventory();
		resume(__builtin_frame_address(0));
	}
	return err;
}

void machine_snapshots(bool on)
{
	snapshots = on;
	if (on || running || !snapshot_held())
		return;
	resume(__builtin_frame_address(0));
	let_go();
}

static void run_checkers(const struct machine_checker *c, const struct machine_checker *end)
{
	for (; c < end; c++)
		c->check();
}

void machine_check(void)
{
	run_checkers(__start_machine_checkers, __stop_machine_checkers);
}

/*
 * Let everybody who is awake go to sleep, looking so often; time passes only while they work.
 * All that is owed is paid before: who pays later lets time pass, and timers wake others, in the
 * middle of a check.
 */
static bool asleep_within(unsigned int looks)
{
	u64 step = 1;

	while (looks--) {
		exec_pay(true);
		exec_sleep_until(exec_now() + step);
		if (exec_others_asleep())
			return true;
		if (step < NSEC_PER_MSEC)
			step *= 4;
	}
	return false;
}

static void wait_until_asleep(void)
{
	while (!asleep_within(UINT_MAX))
		;
}

/*
 * Of a machine that will come back: is nothing left but what it has booted with? What is left
 * is seen when the daemons sleep as it is when they have ended. If it may be that something
 * is, a daemon's or a leak, the whole power off says what.
 */
static bool ended_well(void)
{
	struct inventory now;

	if (!asleep_within(PATIENCE))
		return false;
	exec_lru_drain();
	exec_rcu_barrier();
	if (!asleep_within(PATIENCE))
		return false;
	exec_free_dead();
	/* The first drop may wake somebody on a CPU that has another one. */
	exec_drop_lazy_mms();
	exec_rcu_barrier();
	if (!asleep_within(PATIENCE))
		return false;
	exec_free_dead();
	exec_drop_lazy_mms();
	exec_rcu_barrier();
	machine_check();
	now = inventory();
	return !exec_slab_since_boot() && !exec_slab_rest_written() &&
	       !exec_rcu_callbacks() && now.tasks <= booted.tasks &&
	       now.pages <= booted.pages && now.page_tables <= booted.page_tables &&
	       now.percpu_chunks <= booted.percpu_chunks;
}

/* All daemons end, all checks, everything is freed. */
static void power_off(void)
{
	/* Daemons first; some never sleep. */
	stop_down_to(nr_subsys);
	wait_until_asleep();
	exec_free_dead();
	exec_drop_lazy_mms();
	exec_lru_drain();
	machine_check();
	run_checkers(__start_machine_leak_checkers, __stop_machine_leak_checkers);
	exec_check_task_leaks();
	exec_percpu_check_leaks();
	system_state = SYSTEM_BOOTING;
	halt_down_to(nr_subsys);
	halt_exec();
	exec_config_clear();
}

void machine_shutdown(void)
{
	if (!running)
		return;
	exec_wait_programs();
	if (snapshot_held() && ended_well())
		exec_set_current(&init_task);
	else
		power_off();
	running = false;
}

void machine_quiesce(void)
{
	exec_async_quiesce(true);
	wait_until_asleep();
	exec_lru_drain();
	exec_rcu_barrier();
	wait_until_asleep();
	exec_async_quiesce(false);
}

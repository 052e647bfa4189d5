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
#include <machine/violation.h>
#include <exec/async.h>
#include <exec/hooks.h>
#include <exec/statics.h>
#include <exec/vcpu.h>

#define MAX_SUBSYS	64

extern const struct machine_subsys __start_machine_subsys[], __stop_machine_subsys[];
extern const struct machine_checker __start_machine_checkers[] __attribute__((weak));
extern const struct machine_checker __stop_machine_checkers[] __attribute__((weak));
extern const struct machine_checker __start_machine_leak_checkers[] __attribute__((weak));
extern const struct machine_checker __stop_machine_leak_checkers[] __attribute__((weak));

static const struct machine_subsys *subsys[MAX_SUBSYS];
static unsigned int nr_subsys;
static bool running;

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

int machine_boot(const struct machine_config *cfg)
{
	char why[160];
	unsigned int n;
	int err;

	if (running || machine_config_check(cfg, why, sizeof(why)))
		return -EINVAL;
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
 * Let everybody who is awake go to sleep; time passes only while they work. All that is owed is
 * paid before: who pays later lets time pass, and timers wake others, in the middle of a check.
 */
static void wait_until_asleep(void)
{
	u64 step = 1;

	do {
		exec_pay(true);
		exec_sleep_until(exec_now() + step);
		if (step < NSEC_PER_MSEC)
			step *= 4;
	} while (!exec_others_asleep());
}

void machine_shutdown(void)
{
	if (!running)
		return;
	exec_wait_programs();
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

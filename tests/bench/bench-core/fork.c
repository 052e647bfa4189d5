// SPDX-License-Identifier: GPL-2.0
/*
 * fork() and exit() of a small process.
 *
 * Three kinds: the parent registered with autonuma, autonuma running but the parent
 * too young to be registered, and a kernel without autonuma, which is another program
 * (bench-core-compiled_out has this file, too).
 */
#include <stdio.h>

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <machine/program.h>

#include "core.h"

#define PAGES	64UL
#define FORKS	500

struct fork_run {
	bool registered;
	double ns;
};

static int child(void *arg)
{
	return 0;
}

static bool is_registered(void)
{
	return READ_ONCE(current->mm->mm_autonuma);
}

static int fork_program(void *arg)
{
	struct fork_run *run = arg;
	long addr = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	double start = 0;

	if (addr < 0 || user_touch_range(addr, PAGES * PAGE_SIZE, true, 0, NULL))
		return 1;
	for (unsigned int i = 0; run->registered && !is_registered() && i < 1000; i++)
		msleep(100);
	/* The first tenth warms up. */
	for (int i = -FORKS / 10; i < FORKS; i++) {
		long pid;

		if (i == 0)
			start = host_ns();
		pid = sys_fork(child, NULL);
		if (pid < 0 || sys_wait4(pid) < 0)
			return 1;
	}
	run->ns = (host_ns() - start) / FORKS;
	return is_registered() != run->registered;
}

double fork_exit_ns(bool registered)
{
	struct fork_run run = { .registered = registered };

	host_pin();
	return core_on_machine(2, fork_program, &run) ? -1 : run.ns;
}

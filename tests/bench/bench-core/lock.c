// SPDX-License-Identifier: GPL-2.0
/* A lock that nobody else wants: spin_lock() and spin_unlock(), checked as always. */
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <machine/program.h>

#include "core.h"

#define PAIRS	200000

struct lock_run {
	double spin[ROUNDS], bare[ROUNDS];
};

static double spin_ns(void)
{
	static DEFINE_SPINLOCK(lock);
	double start = host_ns();

	for (unsigned int i = 0; i < PAIRS; i++) {
		spin_lock(&lock);
		spin_unlock(&lock);
	}
	return (host_ns() - start) / PAIRS;
}

static int lock_program(void *arg)
{
	struct lock_run *run = arg;

	spin_ns();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		run->bare[i] = host_mutex_ns(PAIRS);
		run->spin[i] = spin_ns();
	}
	return 0;
}

int measure_lock(void)
{
	struct lock_run run;

	if (core_on_machine(1, lock_program, &run))
		return -1;
	core_add(&(struct core_result){
		.name = "spin_lock_and_unlock", .unit = "ns",
		.value = median(run.spin, ROUNDS), .against = median(run.bare, ROUNDS),
		.what = "a bare pthread mutex" });
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A program of two threads, which write pages of their own, read what they wrote, and read one
 * page of both; now and then it has a child. Huge pages where they are to be had.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/time64.h>
#include <machine/program.h>

#include "harness.h"
#include "users.h"

#define PAGES		8UL	/* of each thread */
#define FORK_ROUNDS	16

struct user {
	unsigned int other;
	unsigned long addr;
	struct task_struct *task;
};

static struct {
	unsigned int nr;
	bool stop;
	struct user user[FUZZ_MAX_USERS];
} users;

/* Memory may run out on a small machine, and then the program ends: nothing is wrong. */
static bool write_and_read(unsigned long addr, u64 round)
{
	u64 val;

	for (unsigned long i = 0; i < PAGES; i++)
		if (user_write64(addr + i * PAGE_SIZE, round + i))
			return false;
	user_compute(NSEC_PER_MSEC);
	for (unsigned long i = 0; i < PAGES; i++) {
		if (user_read64(addr + i * PAGE_SIZE, &val))
			return false;
		if (val != round + i)
			fuzz_fail("a page has %llu, not %llu", (unsigned long long)val,
				  (unsigned long long)(round + i));
	}
	return true;
}

static bool read_shared(unsigned long addr)
{
	u64 val;

	return !user_read64(addr + 2 * PAGES * PAGE_SIZE, &val);
}

static int second(void *arg)
{
	struct user *u = arg;

	for (u64 round = 1; !READ_ONCE(users.stop); round++)
		if (!write_and_read(u->addr + PAGES * PAGE_SIZE, round) || !read_shared(u->addr))
			break;
	return 0;
}

static int child(void *arg)
{
	struct user *u = arg;

	write_and_read(u->addr, 1000);
	return 0;
}

static void fork_child(struct user *u)
{
	long pid = sys_fork(child, u);

	if (pid > 0)
		sys_wait4(pid);
}

static int first(void *arg)
{
	struct user *u = arg;
	long tid;

	u->addr = sys_mmap(0, 2 * SZ_2M, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   NULL, 0);
	if (IS_ERR_VALUE(u->addr))
		return 0;
	u->addr = ALIGN(u->addr, SZ_2M);
	if (user_touch_range(u->addr, (2 * PAGES + 1) * PAGE_SIZE, true, 0, NULL))
		return 0;
	sys_sched_setaffinity(0, cpu_possible_mask);
	tid = sys_clone_thread(second, u, cpu_online(u->other) ? (int)u->other : -1);
	for (u64 round = 1; !READ_ONCE(users.stop); round++) {
		if (!write_and_read(u->addr, round) || !read_shared(u->addr))
			break;
		if (round % FORK_ROUNDS == 0)
			fork_child(u);
	}
	if (tid > 0)
		sys_wait4(tid);
	return 0;
}

void fuzz_users_begin(void)
{
	users.nr = 0;
	users.stop = false;
}

void fuzz_users_start(unsigned int cpu, unsigned int other)
{
	struct user *u = &users.user[users.nr];

	if (users.nr == FUZZ_MAX_USERS)
		return;
	u->other = other;
	u->task = cpu_online(cpu) ? program_start_on(cpu, "user", first, u) :
				    program_start("user", first, u);
	if (u->task)
		users.nr++;
}

void fuzz_users_end(void)
{
	WRITE_ONCE(users.stop, true);
	for (unsigned int i = 0; i < users.nr; i++)
		program_wait(users.user[i].task);
}

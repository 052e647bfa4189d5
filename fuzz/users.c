// SPDX-License-Identifier: GPL-2.0
/*
 * A program of two threads, which write pages of their own and words of their own in a file
 * that all programs write, read what they wrote, and read one page of both; now and then it has
 * a child, which becomes another program. Huge pages where they are to be had.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/file.h>
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
#define COMMON		4UL	/* of the file */
#define FORK_ROUNDS	16

struct user {
	unsigned int nr, other;
	unsigned long addr;
	unsigned long common;		/* the file; 0: there is none */
	struct task_struct *task;
};

static struct {
	unsigned int nr;
	bool stop;
	struct file *file;
	struct user user[FUZZ_MAX_USERS];
} users;

static bool write_words(unsigned long addr, unsigned long pages, u64 round)
{
	for (unsigned long i = 0; i < pages; i++)
		if (user_write64(addr + i * PAGE_SIZE, round + i))
			return false;
	return true;
}

static bool read_words(unsigned long addr, unsigned long pages, u64 round)
{
	u64 val;

	for (unsigned long i = 0; i < pages; i++) {
		if (user_read64(addr + i * PAGE_SIZE, &val))
			return false;
		if (val != round + i)
			fuzz_fail("a page has %llu, not %llu", (unsigned long long)val,
				  (unsigned long long)(round + i));
	}
	return true;
}

/*
 * One of both threads. Memory may run out on a small machine, and then the program ends:
 * nothing is wrong.
 */
static bool work(const struct user *u, unsigned int thread, u64 round)
{
	unsigned long own = u->addr + thread * PAGES * PAGE_SIZE;
	unsigned long word = u->common + (2 * u->nr + thread) * sizeof(u64);
	unsigned long common = u->common ? COMMON : 0;
	u64 val;

	if (!write_words(own, PAGES, round) || !write_words(word, common, round))
		return false;
	user_compute(NSEC_PER_MSEC);
	return read_words(own, PAGES, round) && read_words(word, common, round) &&
	       !user_read64(u->addr + 2 * PAGES * PAGE_SIZE, &val);
}

static int second(void *arg)
{
	struct user *u = arg;

	for (u64 round = 1; !READ_ONCE(users.stop); round++)
		if (!work(u, 1, round))
			break;
	return 0;
}

static unsigned long map_private(void)
{
	unsigned long addr = sys_mmap(0, 2 * SZ_2M, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	return IS_ERR_VALUE(addr) ? 0 : ALIGN(addr, SZ_2M);
}

static int other_program(void *arg)
{
	unsigned long addr = map_private();

	if (addr && write_words(addr, PAGES, 1))
		read_words(addr, PAGES, 1);
	return 0;
}

static int child(void *arg)
{
	if (work(arg, 0, 1000))
		sys_execve("other", other_program, NULL);
	return 0;
}

static void fork_child(struct user *u)
{
	long pid = sys_fork(child, u);

	if (pid > 0)
		sys_wait4(pid);
}

static unsigned long map_common(void)
{
	unsigned long addr = -ENOMEM;

	if (users.file)
		addr = sys_mmap(0, COMMON * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
				users.file, 0);
	return IS_ERR_VALUE(addr) ? 0 : addr;
}

static int first(void *arg)
{
	struct user *u = arg;
	long tid;

	u->addr = map_private();
	if (!u->addr || user_touch_range(u->addr, (2 * PAGES + 1) * PAGE_SIZE, true, 0, NULL))
		return 0;
	u->common = map_common();
	sys_sched_setaffinity(0, cpu_possible_mask);
	tid = sys_clone_thread(second, u, cpu_online(u->other) ? (int)u->other : -1);
	for (u64 round = 1; !READ_ONCE(users.stop); round++) {
		if (!work(u, 0, round))
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
	users.file = shmem_file_create("common", COMMON * PAGE_SIZE);
}

void fuzz_users_start(unsigned int cpu, unsigned int other)
{
	struct user *u = &users.user[users.nr];

	if (users.nr == FUZZ_MAX_USERS)
		return;
	u->nr = users.nr;
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
	if (users.file)
		fput(users.file);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Fork, exec and exit storm, as a shell script or make: on each CPU a process that forks
 * a child, which becomes another program, works a little and exits; the parent writes
 * some of its memory meanwhile, copying what it shares with the child.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <machine/program.h>

#include "live.h"

#define CHILD_PAGES	64
#define CHILD_NS	4000000
#define PARENT_PAGES	32	/* of its memory written in each round */

/* A program of its own, after exec. */
static int work(void *arg)
{
	struct live_process *p = arg;
	long addr = sys_mmap(0, CHILD_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	if (IS_ERR_VALUE(addr)) {
		live_fail(p->run, addr, "mmap");
		return 1;
	}
	live_touch(p, addr, CHILD_PAGES, PAGE_SIZE, 0);
	user_compute(CHILD_NS);
	live_account(p);
	return 0;
}

static int child(void *arg)
{
	struct live_process *p = arg;
	long ret = sys_execve("work", work, p);

	live_fail(p->run, ret, "execve");
	return 1;
}

void forks_body(struct live_process *p)
{
	u64 pages = p->layout->pages, at = 0;
	unsigned int rounds = live_rounds(p->run);
	long ret = policy_bind_process(p), addr;

	addr = ret ? ret : sys_mmap(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	if (IS_ERR_VALUE(addr)) {
		live_fail(p->run, addr, "mmap");
		return;
	}
	live_touch(p, addr, pages, PAGE_SIZE, 0);
	for (unsigned int i = 0; i < rounds && !READ_ONCE(p->run->error); i++) {
		u64 nr = min_t(u64, PARENT_PAGES, pages - at);

		ret = sys_fork(child, p);
		if (ret < 0) {
			live_fail(p->run, ret, "fork");
			break;
		}
		live_touch(p, addr + at * PAGE_SIZE, nr, PAGE_SIZE, i);
		at = (at + nr) % pages;
		sys_wait4(ret);
	}
}

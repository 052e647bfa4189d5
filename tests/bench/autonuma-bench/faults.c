// SPDX-License-Identifier: GPL-2.0
/*
 * Page-fault storm in the manner of will-it-scale's page_fault1: on each CPU a process
 * that maps memory, writes every page of it once and unmaps it, over and over.  No page
 * lives long enough to be worth moving; what a kernel adds to a fault is all that counts.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <machine/program.h>

#include "live.h"

#define CACHE_LINE	64

/* -Exxx of the first thing that fails. */
static long one_round(struct live_process *p, u64 tag)
{
	unsigned long len = p->layout->pages * PAGE_SIZE;
	long addr = sys_mmap(0, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);

	if (IS_ERR_VALUE(addr))
		return addr;
	live_touch(p, addr, p->layout->pages, CACHE_LINE, tag);
	return sys_munmap(addr, len);
}

void faults_body(struct live_process *p)
{
	unsigned int rounds = live_rounds(p->run);
	long ret = policy_bind_process(p);

	for (unsigned int i = 0; i < rounds && !ret && !READ_ONCE(p->run->error); i++)
		ret = one_round(p, i);
	if (ret)
		live_fail(p->run, ret, "mapping memory");
}

// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot-planted MODE [N]: executions on a machine that boots once, machine_snapshots().
 *
 *	traces		what programs do on it is what they do on machines that boot, by seed
 *	leftovers	nothing that an execution leaves behind is there in the next
 *	leak, page, use, twice, host
 *			the N-th execution, from 0 on, makes a mistake: it must be reported
 */
#include <stdio.h>
#include <stdlib.h>

#include <linux/autonuma.h>
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/replay.h>
#include <machine/sysfs.h>
#include <exec/host_memory.h>

#define EXECUTIONS	40
#define PAGES		24UL
#define KNOB		"/sys/kernel/mm/autonuma/scan_sleep_millisecs"

static unsigned int execution;

static void __noreturn fail(const char *what)
{
	printf("execution %u: %s\n", execution, what);
	exit(1);
}

/* One machine, one program; returns the trace's hash. */
static u64 execute(u64 seed, int (*program)(void *arg), void *arg)
{
	struct machine_config config = {
		.nr_nodes = 2, .nr_cpus = 4, .bytes_per_node = 16ULL << 20, .seed = seed,
		.cmdline = "transparent_hugepage=always",
	};
	struct task_struct *p;

	replay_seed(seed);
	if (machine_boot(&config))
		fail("the machine does not boot");
	replay_begin();
	p = program_start("program", program, arg);
	if (!p || program_wait(p))
		fail("the program fails");
	replay_end();
	machine_shutdown();
	execution++;
	return replay_trace().hash;
}

static int touch_all(void *arg)
{
	unsigned long addr = (unsigned long)arg;

	for (unsigned long i = 0; i < PAGES; i++)
		user_write64(addr + i * PAGE_SIZE, i);
	user_compute(300 * NSEC_PER_MSEC);
	return 0;
}

/* Memory that a thread and a child use, and that daemons scan and move meanwhile. */
static int share(void *huge)
{
	unsigned long size = huge ? PMD_SIZE : PAGES * PAGE_SIZE, addr;
	long pid, tid;

	addr = sys_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	touch_all((void *)addr);
	tid = sys_clone_thread(touch_all, (void *)addr, 2);
	pid = sys_fork(touch_all, (void *)addr);
	touch_all((void *)addr);
	return sys_wait4(tid) || sys_wait4(pid) || sys_munmap(addr, size);
}

static int traces(void)
{
	static u64 fresh[EXECUTIONS];

	machine_snapshots(false);
	for (unsigned int i = 0; i < EXECUTIONS; i++)
		fresh[i] = execute(i, share, (void *)(long)(i & 1));
	machine_snapshots(true);
	/* Each twice, in another order: the first one boots, the others do not. */
	for (unsigned int i = 2 * EXECUTIONS; i--;)
		if (execute(i / 2, share, (void *)(long)(i / 2 & 1)) != fresh[i / 2])
			fail("not what a machine that boots does");
	machine_snapshots(false);
	for (unsigned int i = 0; i < EXECUTIONS; i++)
		if (execute(i, share, (void *)(long)(i & 1)) != fresh[i])
			fail("another trace after snapshots");
	return 0;
}

/* Kinds of state, each looked at before it is changed. */
static int leave(void *arg)
{
	static char knob[64];
	unsigned long free = 0;
	char buf[64];
	struct page *page;

	if (sysfs_read_file(KNOB, buf, sizeof(buf)) < 0)
		fail("no knob");
	if (!execution)
		strscpy(knob, buf);
	if (strcmp(knob, buf))
		fail("a knob is what the execution before has written");
	sysfs_write_file(KNOB, "12345", 5);
	if (num_online_cpus() != 4)
		fail("a CPU is offline");
	if (remove_cpu(3))
		fail("a CPU does not go offline");
	if (system_state != SYSTEM_RUNNING || jiffies > INITIAL_JIFFIES + HZ)
		fail("time goes on from where it was");
	page = alloc_page(GFP_KERNEL);
	for (unsigned int i = 0; page && i < PAGE_SIZE / sizeof(u64); i++)
		free += ((u64 *)page_address(page))[i] == 0x5a5a5a5a5a5a5a5aULL;
	if (!page || free)
		fail("a page holds what the execution before has written");
	memset(page_address(page), 0x5a, PAGE_SIZE);
	__free_page(page);
	return 0;
}

static int leftovers(void)
{
	machine_snapshots(true);
	for (unsigned int i = 0; i < 5; i++)
		execute(1, leave, NULL);
	return 0;
}

struct mistake {
	const char *name;
	unsigned int at;
};

static int mistake(void *arg)
{
	struct mistake *m = arg;
	char *volatile p = kmalloc(64, GFP_KERNEL);

	if (execution < m->at) {
		kfree(p);
		return 0;
	}
	if (!strcmp(m->name, "page")) {
		if (!alloc_page(GFP_KERNEL))
			fail("no page");
	} else if (!strcmp(m->name, "host")) {
		void *h = host_alloc(32);

		host_free(h);
		host_free(h);
	}
	if (strcmp(m->name, "leak"))
		kfree(p);
	if (!strcmp(m->name, "use"))
		p[1] = 1;
	if (!strcmp(m->name, "twice"))
		kfree(p);
	return 0;
}

/* Comes back only if nothing is reported. */
static int mistakes(struct mistake *m)
{
	machine_snapshots(true);
	for (unsigned int i = 0; i <= m->at + 1; i++)
		execute(1, mistake, m);
	fail("nothing was reported");
}

int main(int argc, char **argv)
{
	struct mistake m = { .name = argc > 1 ? argv[1] : "" };

	setvbuf(stdout, NULL, _IONBF, 0);
	replay_use("walk");
	if (argc == 2 && !strcmp(m.name, "traces"))
		return traces();
	if (argc == 2 && !strcmp(m.name, "leftovers"))
		return leftovers();
	if (argc != 3) {
		fprintf(stderr, "usage: snapshot-planted traces|leftovers|MISTAKE N\n");
		return 2;
	}
	m.at = atoi(argv[2]);
	return mistakes(&m);
}

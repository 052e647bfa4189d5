// SPDX-License-Identifier: GPL-2.0
/*
 * What placement costs in instructions of the kernel, counted by the emulator: a pass over
 * memory, a hinting fault, and fork, exec and exit of a process that does nothing else.
 *
 * One CPU runs one task. The process that forks is a small one: copying much memory would hide
 * what the rest costs. Each part lies between two marks, at which the plugin writes down how
 * many instructions the kernel has executed. Two parts touch memory, one all of it and one a few
 * pages: they differ in hinting faults per page scanned, which tells the one cost from the other.
 * Both last equally long whoever places, so ticks cost the same, and look at the time without the
 * kernel. Pages are small ones. Nothing migrates: all memory is on the task's node. A second
 * thread sleeps: of a process with one only, the kernel's balancing marks no page that is local.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "guest.h"
#include "window.h"

#define PAGE		4096ULL
#define FORKS		200
#define WARM		2	/* seconds until passes come regularly */
#define SECONDS		3
#define SPARSE		16	/* the second part touches one page of so many */

/* The emulator's processor counts time in nanoseconds. */
#define TICKS		1000000000ULL

/* The number after @name and a colon or blanks in a file; 0 if it is not there. */
static unsigned long long counter(const char *path, const char *name)
{
	unsigned long long n = 0;
	char line[256];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			n = strtoull(line + strlen(name) + strspn(line + strlen(name), " \t:"),
				     NULL, 10);
	if (file)
		fclose(file);
	return n;
}

/* Pages that were looked at so far, and hinting faults. */
static void print_counters(const struct guest *g, const char *when)
{
	unsigned long long pages = g->bytes / PAGE * counter("/proc/self/sched",
							     "mm->numa_scan_seq");

	if (!strcmp(g->policy, "autonuma"))
		pages = counter(GUEST_AUTONUMA "pages_scanned", "");
	printf("bench: %s_pages %llu\n", when, pages);
	printf("bench: %s_faults %llu\n", when, counter("/proc/vmstat", "numa_hint_faults "));
}

static void forks(void)
{
	for (unsigned int i = 0; i < FORKS; i++) {
		int status;
		pid_t pid = fork();

		if (!pid) {
			execl("/init", "init", "exit", NULL);
			_exit(1);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			guest_die("fork, exec or exit");
	}
}

/* Touch one page of @every, again and again, for so many seconds of the guest's time. */
static void touch(const struct guest *g, unsigned int every, unsigned int seconds)
{
	u64 end = __rdtsc() + seconds * TICKS;

	while (__rdtsc() < end)
		for (u64 at = 0; at < g->bytes; at += every * PAGE)
			*(volatile char *)(WINDOW_MEMORY + at) = 1;
}

static void *sleeper(void *unused)
{
	(void)unused;
	pause();
	return NULL;
}

void guest_cost(const struct guest *g)
{
	pthread_t second;

	forks();	/* page cache and slabs are warm */
	guest_mark(MARK_START);
	forks();
	guest_mark(MARK_SAMPLE);
	if (mmap((void *)WINDOW_MEMORY, g->bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)WINDOW_MEMORY)
		guest_die("mmap");
	if (madvise((void *)WINDOW_MEMORY, g->bytes, MADV_NOHUGEPAGE))
		guest_die("madvise");
	memset((void *)WINDOW_MEMORY, 1, g->bytes);
	if (pthread_create(&second, NULL, sleeper, NULL))
		guest_die("pthread_create");
	touch(g, 1, WARM);
	print_counters(g, "before");
	guest_mark(MARK_SAMPLE + 1);
	touch(g, 1, SECONDS);
	guest_mark(MARK_SAMPLE + 2);
	print_counters(g, "dense");
	guest_mark(MARK_SAMPLE + 3);
	touch(g, SPARSE, SECONDS);
	guest_mark(MARK_SAMPLE + 4);
	print_counters(g, "sparse");
	guest_mark(MARK_DONE);
}

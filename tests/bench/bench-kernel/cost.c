// SPDX-License-Identifier: GPL-2.0
/*
 * What placement costs in instructions of the kernel, counted by the emulator: marking a page,
 * a hinting fault, and fork, exec and exit of a process that does nothing else.
 *
 * One CPU runs one task. The process that forks is a small one: copying much memory would hide
 * what the rest costs. Then, in several rounds, the task first keeps its CPU busy without the
 * kernel for longer than a pass takes to come, and then touches each page of its memory once. Marks
 * lie before and after each: what the kernel executes between the first two is passes and ticks,
 * between the others faults and ticks. How much ticks are is known from the same kernel with
 * nobody who places memory. A round in which a pass came while the memory was touched is told
 * apart by the pages that were marked then. Pages are small ones. Nothing migrates: all memory is
 * on the task's node. A second thread sleeps: of a process with one only, the kernel's balancing
 * marks no page that is local.
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
#define WARM		6	/* rounds until passes come regularly */
#define ROUNDS		8
#define WAIT		700	/* ms; a pass comes every 600, see choose_pace() */

/* The emulator's processor counts time in nanoseconds. */
#define TICKS_PER_MS	1000000ULL

/* The number after @name and a blank in /proc/vmstat. */
static unsigned long long counter(const char *name)
{
	unsigned long long n = 0;
	char line[256];
	FILE *file = fopen("/proc/vmstat", "r");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ' ')
			n = strtoull(line + strlen(name), NULL, 10);
	if (file)
		fclose(file);
	return n;
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

void guest_cost_of_forks(void)
{
	forks();	/* page cache and slabs are warm */
	guest_mark(MARK_START);
	forks();
	guest_mark(MARK_SAMPLE);
}

/* Let so many milliseconds of the guest's time go by. */
static void keep_busy(unsigned int ms)
{
	u64 end = __rdtsc() + ms * TICKS_PER_MS;

	while (__rdtsc() < end)
		;
}

static void touch(const struct guest *g)
{
	for (u64 at = 0; at < g->bytes; at += PAGE)
		*(volatile char *)(WINDOW_MEMORY + at) = 1;
}

static void print_of_round(unsigned int n, const char *what, u64 number)
{
	printf("bench: round_%u_%s %llu\n", n, what, (unsigned long long)number);
}

/* How long both parts took is in ticks of the processor's counter. */
static void one_round(const struct guest *g, unsigned int n)
{
	u64 marked[3], faults, waited, touched;
	unsigned int mark = MARK_SAMPLE + 1 + 4 * n;

	marked[0] = counter("numa_pte_updates");
	faults = counter("numa_hint_faults");

	guest_mark(mark);
	waited = __rdtsc();
	keep_busy(WAIT);
	waited = __rdtsc() - waited;
	guest_mark(mark + 1);

	marked[1] = counter("numa_pte_updates");

	guest_mark(mark + 2);
	touched = __rdtsc();
	touch(g);
	touched = __rdtsc() - touched;
	guest_mark(mark + 3);

	marked[2] = counter("numa_pte_updates");
	print_of_round(n, "waited", waited);
	print_of_round(n, "touched", touched);
	print_of_round(n, "marked", marked[1] - marked[0]);
	print_of_round(n, "late", marked[2] - marked[1]);
	print_of_round(n, "faults", counter("numa_hint_faults") - faults);
}

static void *sleeper(void *unused)
{
	(void)unused;
	pause();
	return NULL;
}

void guest_cost_of_pages(const struct guest *g)
{
	pthread_t second;

	if (mmap((void *)WINDOW_MEMORY, g->bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)WINDOW_MEMORY)
		guest_die("mmap");
	if (madvise((void *)WINDOW_MEMORY, g->bytes, MADV_NOHUGEPAGE))
		guest_die("madvise");
	memset((void *)WINDOW_MEMORY, 1, g->bytes);
	if (pthread_create(&second, NULL, sleeper, NULL))
		guest_die("pthread_create");
	for (unsigned int n = 0; n < WARM + ROUNDS; n++)
		one_round(g, n);
	guest_mark(MARK_DONE);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* What programs in the guest share: pages whose contents tell where they belong. */
#ifndef GUEST_PAGES_H
#define GUEST_PAGES_H

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)

/* In seconds. */
static inline double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(1);
}

static inline void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static inline char *map(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* What the first word of a page must be. */
static inline uint64_t stamp(const char *page)
{
	return (uintptr_t)page * 0x9e3779b97f4a7c15ULL;
}

static inline void fill(char *p, size_t bytes)
{
	size_t at;

	for (at = 0; at < bytes; at += PAGE)
		*(volatile uint64_t *)(p + at) = stamp(p + at);
}

/* Read and write each page once. */
static inline void use(char *p, size_t bytes)
{
	size_t at;

	for (at = 0; at < bytes; at += PAGE) {
		volatile uint64_t *word = (volatile uint64_t *)(p + at);

		if (*word != stamp(p + at)) {
			fprintf(stderr, "%s: page %p has %llx, not %llx\n",
				program_invocation_short_name, p + at,
				(unsigned long long)*word, (unsigned long long)stamp(p + at));
			exit(3);
		}
		word[1]++;
	}
}

#endif

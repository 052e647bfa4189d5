// SPDX-License-Identifier: GPL-2.0
/*
 * A program in the guest whose memory and task are apart.
 *
 * Usage: apart move CPU1 CPU2 MIB SECONDS
 *	Fill MIB on CPU1, go to CPU2 and use the memory there until it is on the node of CPU2,
 *	for SECONDS at most. Prints the percentage that is; fails if a byte changed.
 *        apart stay MIB SECONDS
 *	Use MIB for SECONDS, wherever the scheduler runs it.
 *        apart refused SECONDS
 *	Use memory for SECONDS as an ordinary user, fork a hundred times beyond
 *	RLIMIT_NPROC, which fails, and use the memory again.
 *        apart storm SEED SECONDS
 *	Fork, map, unmap, protect, advise and move at random; contents are checked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)

/* In seconds. */
static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "apart: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static char *map(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* What the first word of a page must be. */
static uint64_t stamp(const char *page)
{
	return (uintptr_t)page * 0x9e3779b97f4a7c15ULL;
}

static void fill(char *p, size_t bytes)
{
	size_t at;

	for (at = 0; at < bytes; at += PAGE)
		*(volatile uint64_t *)(p + at) = stamp(p + at);
}

/* Read and write each page once. */
static void use(char *p, size_t bytes)
{
	size_t at;

	for (at = 0; at < bytes; at += PAGE) {
		volatile uint64_t *word = (volatile uint64_t *)(p + at);

		if (*word != stamp(p + at)) {
			fprintf(stderr, "apart: page %p has %llx, not %llx\n", p + at,
				(unsigned long long)*word, (unsigned long long)stamp(p + at));
			exit(3);
		}
		word[1]++;
	}
}

static void use_for(char *p, size_t bytes, double seconds)
{
	double end = now() + seconds;

	while (now() < end)
		use(p, bytes);
}

/* Percentage of the pages on the node where this runs. */
static int share_here(char *p, size_t bytes)
{
	size_t n = bytes / PAGE, i, here = 0;
	void **pages = malloc(n * sizeof(*pages));
	int *status = malloc(n * sizeof(*status));
	unsigned int cpu, node;

	if (!pages || !status || syscall(SYS_getcpu, &cpu, &node, NULL))
		die("getcpu");
	for (i = 0; i < n; i++)
		pages[i] = p + i * PAGE;
	if (syscall(SYS_move_pages, 0, n, pages, NULL, status, 0))
		die("move_pages");
	for (i = 0; i < n; i++)
		here += status[i] == (int)node;
	free(pages);
	free(status);
	return here * 100 / n;
}

static int move(int from, int to, size_t bytes, double seconds)
{
	double end = now() + seconds;
	char *p = map(bytes);
	int share;

	run_on(from);
	fill(p, bytes);
	run_on(to);
	do {
		use_for(p, bytes, 0.5);
		share = share_here(p, bytes);
	} while (share < 100 && now() < end);
	printf("%d\n", share);
	return 0;
}

static int stay(size_t bytes, double seconds)
{
	char *p = map(bytes);

	fill(p, bytes);
	use_for(p, bytes, seconds);
	return 0;
}

static int refused(double seconds)
{
	struct rlimit none = { 0, 0 };
	char *p = map(8 * MIB);
	int i;

	if (setgid(1000) || setuid(1000))
		die("setuid");
	fill(p, 8 * MIB);
	use_for(p, 8 * MIB, seconds);
	if (setrlimit(RLIMIT_NPROC, &none))
		die("setrlimit");
	for (i = 0; i < 100; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid > 0) {
			fprintf(stderr, "apart: fork beyond the limit succeeded\n");
			return 1;
		}
		if (errno != EAGAIN)
			die("fork");
	}
	use_for(p, 8 * MIB, 1);
	return 0;
}

/* A child of the storm: writes its copy of all that the parent has, and leaves. */
static void child(char *p, size_t bytes)
{
	size_t at;

	for (at = 0; at < bytes; at += 7 * PAGE)
		((volatile uint64_t *)(p + at))[2]++;
	use(p, bytes);
	_exit(0);
}

/* One step of the storm on a mapping whose contents must stay. */
static void disturb(char *p, size_t bytes)
{
	size_t at = random() % (bytes / PAGE) * PAGE, len = bytes - at;
	unsigned long nodes = 1UL << random() % 2;
	int status;
	pid_t pid;

	switch (random() % 8) {
	case 0:
		pid = fork();
		if (pid == 0)
			child(p, bytes);
		if (pid > 0 && (waitpid(pid, &status, 0) != pid || status))
			die("a child failed");
		break;
	case 1:
		if (mprotect(p + at, len, PROT_READ) ||
		    mprotect(p + at, len, PROT_READ | PROT_WRITE))
			die("mprotect");
		break;
	case 2:
		madvise(p, bytes, random() % 2 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		break;
	case 3:
		syscall(SYS_mbind, p, bytes, 2, &nodes, 64, 2);	/* MPOL_BIND, MPOL_MF_MOVE */
		syscall(SYS_mbind, p, bytes, 0, NULL, 0, 0);
		break;
	case 4:
		munmap(p + at, len);
		if (mmap(p + at, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != p + at)
			die("mmap");
		fill(p + at, len);
		break;
	case 5:
		madvise(p + at, len, MADV_DONTNEED);
		fill(p + at, len);
		break;
	default:
		use(p, bytes);
	}
}

static int storm(unsigned int seed, double seconds)
{
	size_t bytes = 8 * MIB;
	double end = now() + seconds;
	char *p = map(bytes);
	unsigned long steps = 0;

	srandom(seed);
	fill(p, bytes);
	for (; now() < end; steps++)
		disturb(p, bytes);
	use(p, bytes);
	printf("%lu\n", steps);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "move"))
		return move(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]) * MIB, atof(argv[5]));
	if (argc == 4 && !strcmp(argv[1], "stay"))
		return stay(atoi(argv[2]) * MIB, atof(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "refused"))
		return refused(atof(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "storm"))
		return storm(atoi(argv[2]), atof(argv[3]));
	fprintf(stderr, "apart: see the top of apart.c for its arguments\n");
	return 2;
}

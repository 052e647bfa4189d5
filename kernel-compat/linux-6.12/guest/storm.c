// SPDX-License-Identifier: GPL-2.0
/*
 * A program in the guest that does everything at once that moves, splits or frees memory.
 *
 * Usage: storm SEED SECONDS
 *	Fork, exec, map, unmap, protect, advise, bind and move at random, for SECONDS, with another
 *	thread that uses memory all the while. Each write must be there when it is
 *	read again. Prints the number of steps.
 *        storm hog PERCENT SECONDS
 *	Map PERCENT of the memory that is available, use it, give it back, and again.
 *        storm nothing
 *	Return: what others exec.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "pages.h"

#define REGION	(6 * MIB)
#define PAGES	(REGION / PAGE)
#define THREADS	1

/* Missing in old headers. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

/*
 * Memory of one process. What the main thread does to that of the others keeps its contents.
 * Word 0 of each page is its stamp; word 1 + N is how often user N has used it.
 */
struct region {
	char *p;
	uint64_t uses[THREADS + 1][PAGES];
};

static struct region own, common;
/* Where own is, and where it is not. */
static char *places[2];
static volatile bool over;
static unsigned long nodes = 1;

/* Use page i: what this user wrote last must be there. */
static void use_page(struct region *region, int user, size_t i)
{
	volatile uint64_t *word = (volatile uint64_t *)(region->p + i * PAGE);

	if (word[0] != stamp(region->p + i * PAGE) || word[1 + user] != region->uses[user][i]) {
		fprintf(stderr, "storm: page %zu of %s has %llx and %llu, not %llx and %llu\n",
			i, region == &own ? "own" : "common", (unsigned long long)word[0],
			(unsigned long long)word[1 + user],
			(unsigned long long)stamp(region->p + i * PAGE),
			(unsigned long long)region->uses[user][i]);
		_exit(3);
	}
	word[1 + user] = ++region->uses[user][i];
}

static void use_region(struct region *region, int user)
{
	size_t i;

	for (i = 0; i < PAGES; i++)
		use_page(region, user, i);
}

/* Pages from the first one on are new: they read as zero, or as they were. */
static void renew(struct region *region, size_t first)
{
	size_t i;

	for (i = first; i < PAGES; i++) {
		volatile uint64_t *word = (volatile uint64_t *)(region->p + i * PAGE);
		int user;

		word[0] = stamp(region->p + i * PAGE);
		for (user = 0; user <= THREADS; user++)
			word[1 + user] = region->uses[user][i] = 0;
	}
}

static void *thread(void *number)
{
	int user = (intptr_t)number;

	while (!over) {
		use_region(&common, user);
		usleep(10000);
	}
	return NULL;
}

/* Exec, fork once more, or just use all copies and leave. */
static void child(void)
{
	char *argv[] = { "storm", "nothing", NULL };
	int status;
	pid_t pid;

	switch (random() % 10) {
	case 0:
		execv("/proc/self/exe", argv);
		_exit(4);
	case 1:
		pid = fork();
		if (pid > 0 && (waitpid(pid, &status, 0) != pid || status))
			_exit(5);
		break;
	case 2:
		_exit(0);
	}
	use_region(&own, 0);
	munmap(own.p, REGION / 2);
	_exit(0);
}

/* So many children at once; each must end well. */
static void forks(int n)
{
	int i, status;

	for (i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			child();
		if (pid < 0 && errno != EAGAIN && errno != ENOMEM)
			die("fork");
	}
	while (wait(&status) > 0)
		if (status) {
			fprintf(stderr, "storm: a child ended with status %#x\n", status);
			exit(1);
		}
}

/* Bind to a node, or interleave, and no longer. */
static void bind(struct region *region)
{
	unsigned long mask = 1UL << random() % nodes, all = (1UL << nodes) - 1;

	if (random() % 2)
		syscall(SYS_mbind, region->p, REGION, 2, &mask, 64, 2);	/* MPOL_BIND, MF_MOVE */
	else
		syscall(SYS_mbind, region->p, REGION, 3, &all, 64, 2);	/* MPOL_INTERLEAVE */
	syscall(SYS_mbind, region->p, REGION, 0, NULL, 0, 0);
}

/* Move what is on one node, or single pages. */
static void move(struct region *region)
{
	unsigned long from = 1UL << random() % nodes, to = 1UL << random() % nodes;
	void *pages[32];
	int to_node[32], status[32], i;

	if (random() % 2) {
		syscall(SYS_migrate_pages, 0, 64, &from, &to);
		return;
	}
	for (i = 0; i < 32; i++) {
		pages[i] = region->p + random() % PAGES * PAGE;
		to_node[i] = random() % nodes;
	}
	syscall(SYS_move_pages, 0, 32, pages, to_node, status, 2);	/* MPOL_MF_MOVE */
}

/* Advice that keeps the contents. */
static void advise(struct region *region)
{
	static const int advice[] = {
		MADV_HUGEPAGE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLLAPSE, MADV_COLD,
		MADV_PAGEOUT, MADV_MERGEABLE, MADV_UNMERGEABLE,
	};
	size_t first = random() % 2 ? 0 : random() % PAGES;

	madvise(region->p + first * PAGE, REGION - first * PAGE,
		advice[random() % (sizeof(advice) / sizeof(advice[0]))]);
}

/* Nothing else shall be mapped here. */
static char *reserve(char *place)
{
	int fixed = place ? MAP_FIXED : 0;
	char *p = mmap(place, REGION, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | fixed, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

/* What only the main thread's memory can bear. */
static void change(struct region *region)
{
	size_t first = random() % PAGES, len = REGION - first * PAGE;
	char *p = region->p + first * PAGE;

	switch (random() % 6) {
	case 0:
		if (mprotect(p, len, PROT_READ) || mprotect(p, len, PROT_READ | PROT_WRITE))
			die("mprotect");
		return;
	case 1:
		mlock(p, len);
		use_region(region, 0);
		munlock(p, len);
		return;
	case 2:
		munmap(p, len);
		if (mmap(p, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != p)
			die("mmap");
		break;
	case 3:
		madvise(p, len, MADV_DONTNEED);
		break;
	case 4:
		madvise(p, len, MADV_FREE);
		break;
	case 5:
		p = mremap(places[0], REGION, REGION, MREMAP_MAYMOVE | MREMAP_FIXED, places[1]);
		if (p == MAP_FAILED && errno == EFAULT) {
			/* Advice made several mappings of it; nothing is mapped there now. */
			reserve(places[1]);
			return;
		}
		if (p == MAP_FAILED)
			die("mremap");
		places[1] = reserve(places[0]);
		places[0] = region->p = p;
		first = 0;
	}
	renew(region, first);
}

static void step(void)
{
	struct region *region = random() % 2 ? &own : &common;
	cpu_set_t set;

	switch (random() % 8) {
	case 0:
		forks(1 + random() % 6);
		break;
	case 1:
		bind(region);
		break;
	case 2:
		move(region);
		break;
	case 3:
		advise(region);
		break;
	case 4:
		CPU_ZERO(&set);
		CPU_SET(random() % sysconf(_SC_NPROCESSORS_CONF), &set);
		sched_setaffinity(0, sizeof(set), &set);	/* may be offline */
		memset(&set, 0xff, sizeof(set));
		sched_setaffinity(0, sizeof(set), &set);
		break;
	case 5:
		change(&own);
		break;
	default:
		use_region(&own, 0);
	}
}

static size_t nodes_online(void)
{
	char path[64];
	size_t n = 0;

	do
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%zu", ++n);
	while (!access(path, F_OK));
	return n;
}

static int storm(unsigned int seed, double seconds)
{
	double end = now() + seconds;
	pthread_t threads[THREADS];
	unsigned long steps = 0;
	intptr_t i;

	srandom(seed);
	nodes = nodes_online();
	own.p = places[0] = map(REGION);
	places[1] = reserve(NULL);
	common.p = map(REGION);
	renew(&own, 0);
	renew(&common, 0);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread, (void *)(i + 1)))
			die("pthread_create");
	for (; now() < end; steps++)
		step();
	over = true;
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	use_region(&own, 0);
	printf("%lu\n", steps);
	return 0;
}

static int hog(int percent, double seconds)
{
	double end = now() + seconds;

	while (now() < end) {
		size_t kib = 0, bytes;
		char line[128], *p;
		FILE *f = fopen("/proc/meminfo", "r");

		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "MemAvailable: %zu", &kib) == 1)
				break;
		if (!kib)
			die("/proc/meminfo");
		fclose(f);
		bytes = kib * 1024 / 100 * percent / PAGE * PAGE;
		p = map(bytes);
		fill(p, bytes);
		use(p, bytes);
		munmap(p, bytes);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && atoi(argv[1]) > 0)
		return storm(atoi(argv[1]), atof(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "hog"))
		return hog(atoi(argv[2]), atof(argv[3]));
	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	fprintf(stderr, "storm: see the top of storm.c for its arguments\n");
	return 2;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * numa01 and numa02 with real threads and real memory. What each does is told by the
 * descriptions that the simulated programs have (workload_numa0*.c).
 *
 * A thread writes one word in each cache line of its part, again and again. Memory begins where
 * the description says: on node 0 for programs with a bound start, else where the main thread
 * wrote it first; where memory is bound, there.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"
#include "window.h"

#define CACHE_LINE	64
#define PAGE		4096ULL
#define MAX_THREADS	256

/* From linux/mempolicy.h, whose names a C library without libnuma does not have. */
#define MPOL_DEFAULT	0
#define MPOL_BIND	2

/**
 * struct part - memory that one thread writes in each loop
 * @cpu:	where the thread is bound, if the policy binds
 */
struct part {
	const struct guest *g;
	char *begin;
	size_t bytes;
	unsigned int cpu;
	bool *ended;			/* shared by all processes */
	pthread_barrier_t *start;	/* likewise */
};

static bool binds(const struct guest *g)
{
	return !strcmp(g->policy, "hard") || !strcmp(g->policy, "inverse");
}

/* The node for memory whose users run on @node. */
static unsigned int memory_node(const struct guest *g, unsigned int node)
{
	return strcmp(g->policy, "inverse") ? node : g->nodes - 1 - node;
}

static void bind_thread(const struct guest *g, unsigned int node)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (unsigned int c = 0; c < g->cpus; c++)
		if (guest_node(g, c) == node)
			CPU_SET(c, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		guest_die("sched_setaffinity");
}

static void bind_memory(void *begin, size_t bytes, unsigned int node)
{
	unsigned long mask = 1UL << node;

	if (syscall(SYS_mbind, begin, bytes, MPOL_BIND, &mask, 8 * sizeof(mask), 0))
		guest_die("mbind");
}

/* New memory of this thread comes from node 0, or, without @bind, from where it runs. */
static void bind_start(bool bind)
{
	unsigned long mask = 1;

	if (syscall(SYS_set_mempolicy, bind ? MPOL_BIND : MPOL_DEFAULT, bind ? &mask : NULL,
		    bind ? 8 * sizeof(mask) : 0))
		guest_die("set_mempolicy");
}

static void write_all(char *begin, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += CACHE_LINE)
		*(volatile char *)(begin + i) = 1;
}

/* One thread: wait until all of all processes are there, then its loops. */
static void *thread_main(void *arg)
{
	struct part *p = arg;

	if (binds(p->g))
		bind_thread(p->g, guest_node(p->g, p->cpu));
	if (pthread_barrier_wait(p->start) == PTHREAD_BARRIER_SERIAL_THREAD)
		guest_mark(MARK_START);
	for (unsigned int i = 0; i < p->g->loops; i++)
		write_all(p->begin, p->bytes);
	/* The first one that comes to its end: from now on CPUs are idle. */
	if (!__atomic_exchange_n(p->ended, true, __ATOMIC_ACQ_REL))
		guest_mark(MARK_END);
	return NULL;
}

/* CPUs of the workload: all, or one for each core. */
static unsigned int used_cpus(const struct guest *g)
{
	return g->workload->one_per_core ? g->cpus / g->threads_per_core : g->cpus;
}

static unsigned int nth_cpu(const struct guest *g, unsigned int n)
{
	return g->workload->one_per_core ? n * g->threads_per_core : n;
}

/* Memory of the process on its nodes, as far as the policy binds, and written once. */
static void place_memory(const struct guest *g, const struct part *part, unsigned int threads,
			 char *memory)
{
	size_t share = g->bytes / threads;

	for (unsigned int t = 0; binds(g) && t < threads; t++)
		bind_memory(memory + t * share, share,
			    memory_node(g, guest_node(g, part[t].cpu)));
	if (g->workload->bound_start && !binds(g))
		bind_start(true);
	write_all(memory, g->bytes);
	if (g->workload->bound_start && !binds(g))
		bind_start(false);
}

/* Process number @index of the workload, with its threads. */
static void process_main(const struct guest *g, unsigned int index, bool *ended,
			 pthread_barrier_t *start)
{
	unsigned int threads = used_cpus(g) / g->workload->nr_processes;
	pthread_t id[MAX_THREADS];
	struct part part[MAX_THREADS];
	size_t share = g->bytes / threads;
	char *memory = mmap((void *)WINDOW_MEMORY, g->bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (memory != (void *)WINDOW_MEMORY)
		guest_die("mmap");
	for (unsigned int t = 0; t < threads; t++)
		part[t] = (struct part){
			.g = g, .cpu = nth_cpu(g, index * threads + t), .ended = ended,
			.start = start,
			.begin = g->workload->whole ? memory : memory + t * share,
			.bytes = g->workload->whole ? g->bytes : share,
		};
	place_memory(g, part, threads, memory);
	for (unsigned int t = 0; t < threads; t++)
		if (pthread_create(&id[t], NULL, thread_main, &part[t]))
			guest_die("pthread_create");
	for (unsigned int t = 0; t < threads; t++)
		pthread_join(id[t], NULL);
}

/* The parent takes a sample four times a second until all children are gone. */
static void watch(unsigned int children)
{
	unsigned int mark = MARK_SAMPLE;

	while (children) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid > 0) {
			if (status)
				guest_die("a program ended badly");
			children--;
		} else {
			usleep(250000);
			if (mark < MARK_END)
				guest_mark(mark++);
		}
	}
}

void guest_programs(const struct guest *g)
{
	unsigned int processes = g->workload->nr_processes;
	unsigned int threads = used_cpus(g) / processes;
	struct shared {
		pthread_barrier_t start;
		bool ended;
	} *s = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_barrierattr_t attr;

	if (s == MAP_FAILED || !threads || threads > MAX_THREADS)
		guest_die("a machine of this size");
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&s->start, &attr, processes * threads);
	for (unsigned int i = 0; i < processes; i++) {
		switch (fork()) {
		case -1:
			guest_die("fork");
		case 0:
			process_main(g, i, &s->ended, &s->start);
			_exit(0);
		}
	}
	watch(processes);
	guest_mark(MARK_DONE);
}

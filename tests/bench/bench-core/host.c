// SPDX-License-Identifier: GPL-2.0
/* The host's side: clock, memory, other programs. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core.h"

extern char **environ;

static double clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

double host_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

double host_thread_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

double host_wall_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

void host_pin(void)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	pthread_setaffinity_np(pthread_self(), sizeof(cpu), &cpu);
}

double host_resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long size, resident = 0;

	if (f) {
		if (fscanf(f, "%lu %lu", &size, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return (double)resident * sysconf(_SC_PAGESIZE);
}

const char *host_beside(const char *name, char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len > 0 ? len : 0] = 0;
	snprintf(path, size, "%s/%s", dirname(self), name);
	return path;
}

double host_run(const char *program, const char *arg1, const char *arg2)
{
	char *argv[] = { (char *)program, (char *)arg1, (char *)arg2, NULL };
	posix_spawn_file_actions_t actions;
	int fds[2], status = -1, err;
	double value = -1;
	FILE *out;
	pid_t pid;

	if (pipe(fds))
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	err = posix_spawn(&pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	out = fdopen(fds[0], "r");
	if (!err && out && fscanf(out, "%lf", &value) != 1)
		value = -1;
	if (out)
		fclose(out);
	if (err || waitpid(pid, &status, 0) != pid || status)
		return -1;
	return value;
}

double host_copy_ns(size_t bytes, unsigned int page)
{
	char *from = malloc(bytes), *to = malloc(bytes);
	double start, ns = -1;

	if (from && to) {
		memset(from, 1, bytes);
		memset(to, 2, bytes);
		start = host_ns();
		for (size_t i = 0; i < bytes; i += page) {
			memcpy(to + i, from + i, page);
			/* The copy is wanted although nobody reads it. */
			__asm__ volatile("" : : "r"(to + i) : "memory");
		}
		ns = host_ns() - start;
	}
	free(from);
	free(to);
	return ns;
}

double host_zero_ns(size_t bytes, bool huge)
{
	const size_t align = 2 << 20;
	char *map = mmap(NULL, bytes + align, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = (char *)(((size_t)map + align - 1) / align * align);
	double start, ns = -1;

	if (map == MAP_FAILED)
		return -1;
	if (!madvise(at, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE)) {
		memset(at, 1, bytes);
		start = host_ns();
		memset(at, 0, bytes);
		/* The bytes are wanted although nobody reads them. */
		__asm__ volatile("" : : "r"(at) : "memory");
		ns = host_ns() - start;
	}
	munmap(map, bytes + align);
	return ns;
}

double host_mutex_ns(unsigned int pairs)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	double start = host_ns();

	for (unsigned int i = 0; i < pairs; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	return (host_ns() - start) / pairs;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double median(double *values, unsigned int nr)
{
	qsort(values, nr, sizeof(*values), by_value);
	return nr % 2 ? values[nr / 2] : (values[nr / 2 - 1] + values[nr / 2]) / 2;
}

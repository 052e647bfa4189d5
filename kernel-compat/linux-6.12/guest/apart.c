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
#include <unistd.h>
#include "pages.h"

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

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "move"))
		return move(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]) * MIB, atof(argv[5]));
	if (argc == 4 && !strcmp(argv[1], "stay"))
		return stay(atoi(argv[2]) * MIB, atof(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "refused"))
		return refused(atof(argv[2]));
	fprintf(stderr, "apart: see the top of apart.c for its arguments\n");
	return 2;
}

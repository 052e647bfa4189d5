// SPDX-License-Identifier: GPL-2.0
/*
 * Which functions a run calls. Linked to files compiled with -finstrument-functions; the
 * file MUTANTS_CALLS receives a byte for each place in the program, 1 where a called
 * function begins. The file is shared, so calls of forked processes are seen as well, and so
 * are those of a later run.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOT_COUNTED __attribute__((no_instrument_function))

extern char __executable_start[], etext[];

static char *called;

static void __attribute__((constructor(101))) NOT_COUNTED calls_begin(void)
{
	const char *name = getenv("MUTANTS_CALLS");
	size_t size = etext - __executable_start;
	int fd = name ? open(name, O_RDWR | O_CREAT, 0600) : -1;
	void *map;

	if (fd < 0 || ftruncate(fd, size))
		return;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		called = map;
	close(fd);
}

void NOT_COUNTED __cyg_profile_func_enter(void *function, void *caller)
{
	if (called)
		called[(char *)function - __executable_start] = 1;
}

void NOT_COUNTED __cyg_profile_func_exit(void *function, void *caller)
{
}

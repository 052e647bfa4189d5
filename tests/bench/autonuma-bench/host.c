// SPDX-License-Identifier: GPL-2.0
/* The host's clock and memory, apart from the files that know the simulated ones. */
#include <time.h>
#include <unistd.h>

#include "bench.h"

double host_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

u64 host_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (u64)pages * size : 0;
}

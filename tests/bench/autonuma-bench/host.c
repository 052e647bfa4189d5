// SPDX-License-Identifier: GPL-2.0
/* The host's clock, apart from the files that know the simulated one. */
#include <time.h>

#include "bench.h"

double host_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

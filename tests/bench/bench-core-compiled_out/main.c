// SPDX-License-Identifier: GPL-2.0
/*
 * bench-core-compiled_out: the cost of fork() and exit() in a kernel without autonuma,
 * printed in nanoseconds.  Everything else is bench-core's.
 */
#include <stdio.h>

#include "../bench-core/core.h"

int main(void)
{
	double ns = fork_exit_ns(false);

	printf("%.1f\n", ns);
	return ns < 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Power on and off: fuzzing does this for every input. */
#include <stdio.h>

#include <machine/machine.h>

#include "core.h"

#define BOOTS 20

int measure_boot(void)
{
	struct machine_config cfg = {
		.nr_nodes = 4, .nr_cpus = 16, .bytes_per_node = 64ULL << 20, .seed = 1,
	};
	double ms[ROUNDS];

	for (int i = -1; i < ROUNDS; i++) {
		double start = host_wall_ns();

		for (unsigned int k = 0; k < BOOTS; k++) {
			if (machine_boot(&cfg)) {
				fprintf(stderr, "bench-core: the machine does not boot\n");
				return -1;
			}
			machine_shutdown();
		}
		if (i >= 0)
			ms[i] = (host_wall_ns() - start) / BOOTS / 1e6;
	}
	core_add(&(struct core_result){
		.name = "boot_and_shutdown_4_nodes_16_cpus", .unit = "ms",
		.value = median(ms, ROUNDS), .against = -1, .aim = 2 });
	return 0;
}

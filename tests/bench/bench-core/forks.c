// SPDX-License-Identifier: GPL-2.0
/* The three kinds of fork(), each in a program of its own, in turns. */
#include <limits.h>
#include <stdio.h>

#include "core.h"

int measure_fork(void)
{
	double with[ROUNDS], young[ROUNDS], without[ROUNDS], out;
	char self[PATH_MAX], other[PATH_MAX];

	host_beside("bench-core", self, sizeof(self));
	host_beside("bench-core-compiled_out", other, sizeof(other));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		without[i] = host_run(other, NULL, NULL);
		young[i] = host_run(self, "--fork", "unregistered");
		with[i] = host_run(self, "--fork", "registered");
		if (without[i] < 0 || young[i] < 0 || with[i] < 0) {
			fprintf(stderr, "bench-core: fork could not be measured (%s)\n",
				without[i] < 0 ? other : self);
			return -1;
		}
	}
	out = median(without, ROUNDS);
	core_add(&(struct core_result){
		.name = "fork_exit_compiled_out", .unit = "ns", .value = out, .against = -1 });
	core_add(&(struct core_result){
		.name = "fork_exit_unregistered", .unit = "ns",
		.value = median(young, ROUNDS), .against = out,
		.what = "autonuma compiled out", .aim = 1 });
	core_add(&(struct core_result){
		.name = "fork_exit_registered", .unit = "ns",
		.value = median(with, ROUNDS), .against = out,
		.what = "autonuma compiled out" });
	return 0;
}

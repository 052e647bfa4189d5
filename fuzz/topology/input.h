/* SPDX-License-Identifier: GPL-2.0 */
/* A machine as an input of fuzz_topology describes it. */
#ifndef _FUZZ_TOPOLOGY_INPUT_H
#define _FUZZ_TOPOLOGY_INPUT_H

#include <machine/machine.h>

#define INPUT_NODES	1032	/* some more than there can be */
#define INPUT_CPUS	8200

struct input {
	const u8 *data;
	size_t left;
	struct machine_config config;
	int cpu_node[INPUT_CPUS];
	u64 node_bytes[INPUT_NODES];
	u8 *distance;		/* NULL: none is given */
};

/* The next byte; 0 behind the last one. */
u8 input_next(struct input *in);
/* Fill @config in; input_free() afterwards. */
void input_config(struct input *in);
void input_free(struct input *in);

/* Is the configuration one of those that struct machine_config's comment allows? */
bool input_is_possible(const struct machine_config *c);

#endif /* _FUZZ_TOPOLOGY_INPUT_H */

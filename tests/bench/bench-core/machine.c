// SPDX-License-Identifier: GPL-2.0
/* The machine that figures are taken on, and its knobs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <machine/machine.h>
#include <machine/program.h>
#include <machine/sysfs.h>

#include "core.h"

int core_on_machine(unsigned int nodes, int (*fn)(void *arg), void *arg)
{
	struct machine_config cfg = {
		.nr_nodes = nodes, .nr_cpus = 2 * nodes, .bytes_per_node = 512ULL << 20,
		.seed = 1,
	};
	struct task_struct *p;
	int ret = -1;

	if (machine_boot(&cfg)) {
		fprintf(stderr, "bench-core: the machine does not boot\n");
		return -1;
	}
	p = program_start_on(0, "bench", fn, arg);
	if (p)
		ret = program_wait(p) ? -1 : 0;
	machine_shutdown();
	return ret;
}

int core_knob(const char *name, const char *value)
{
	char path[96];
	long ret;

	snprintf(path, sizeof(path), "/sys/kernel/mm/autonuma/%s", name);
	ret = sysfs_write_file(path, value, strlen(value));
	if (ret >= 0)
		return 0;
	fprintf(stderr, "bench-core: %s does not take %s: %s\n", path, value, strerror(-ret));
	return -1;
}

unsigned long long core_counter(const char *name)
{
	char path[96], text[64] = "";

	snprintf(path, sizeof(path), "/sys/kernel/mm/autonuma/%s", name);
	if (sysfs_read_file(path, text, sizeof(text)) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

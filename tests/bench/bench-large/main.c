// SPDX-License-Identifier: GPL-2.0
/*
 * bench-large [--json FILE] [NODES CPUS PROCESSES]: measure on 4 nodes and on the large
 * machine (1024 8192 10000), print both and their ratio.
 *
 * Exit status 0, or 1 if something could not be measured or written, 2 for a bad
 * command line.  Missing an aim is no failure: the table says so.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "large.h"

#define AIM		1.5	/* of each cost on the large machine over the small one's */
#define AIM_GIB		16.0

struct line {
	const char *name, *unit;
	double small, large, aim;
	bool absolute;		/* the aim is one for @large, not for the ratio */
};

static unsigned int fill(struct line *line, const struct large_machine *small,
			 const struct large_machine *large)
{
	const double gib = 1 << 30;
	struct line all[] = {
		{ "scan_step", "ns", small->scan_ns, large->scan_ns, AIM, false },
		{ "hinting_fault", "ns", small->fault_ns, large->fault_ns, AIM, false },
		{ "placement_decision", "ns", small->decision_ns, large->decision_ns, AIM, false },
		{ "memory", "GiB", small->resident / gib, large->resident / gib, AIM_GIB, true },
		{ "start", "s", small->boot_s, large->boot_s, 0, false },
	};

	memcpy(line, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

static void print_table(const struct line *line, unsigned int nr,
			const struct large_machine *small, const struct large_machine *large)
{
	printf("%u processes on %u nodes, %u CPUs, and on %u nodes, %u CPUs\n", large->processes,
	       small->nodes, small->cpus, large->nodes, large->cpus);
	for (unsigned int i = 0; i < nr; i++) {
		const struct line *l = &line[i];
		double judged = l->absolute ? l->large : l->large / l->small;

		if (l->small < 0 || l->large < 0) {
			printf("%-20s not measured\n", l->name);
			continue;
		}
		printf("%-20s %10.2f %-3s %10.2f %-3s ratio %6.2f", l->name, l->small, l->unit,
		       l->large, l->unit, l->large / l->small);
		if (l->aim > 0)
			printf("  (aim: at most %g%s%s, %s)", l->aim, l->absolute ? " " : "",
			       l->absolute ? l->unit : "", judged <= l->aim ? "met" : "missed");
		putchar('\n');
	}
}

static struct json_object *number(double val)
{
	char text[32];

	if (val < 0)
		return NULL;
	snprintf(text, sizeof(text), "%.6g", val);
	return json_object_new_double_s(val, text);
}

/* The same keys as bench-core's: the small machine is what the large one is held against. */
static int write_json(const char *file, const struct line *line, unsigned int nr)
{
	struct json_object *list = json_object_new_array();
	int ret;

	for (unsigned int i = 0; i < nr; i++) {
		const struct line *l = &line[i];
		struct json_object *o = json_object_new_object();
		bool both = l->small > 0 && l->large > 0;

		json_object_object_add(o, "name", json_object_new_string(l->name));
		json_object_object_add(o, "value", number(l->large));
		json_object_object_add(o, "unit", json_object_new_string(l->unit));
		json_object_object_add(o, "against", number(l->small));
		json_object_object_add(o, "ratio", number(both ? l->large / l->small : -1));
		json_object_array_add(list, o);
	}
	ret = json_object_to_file_ext(file, list, JSON_C_TO_STRING_PRETTY);
	if (ret)
		fprintf(stderr, "bench-large: cannot write %s: %s", file,
			json_util_get_last_err());
	json_object_put(list);
	return ret;
}

static int number_of(const char *what, const char *text, unsigned int max, unsigned int *val)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !n || n > max) {
		fprintf(stderr, "bench-large: %s: \"%.40s\" is no number from 1 to %u\n", what,
			text, max);
		return -1;
	}
	*val = n;
	return 0;
}

int main(int argc, char **argv)
{
	struct large_machine large = { .nodes = 1024, .cpus = 8192, .processes = 10000 };
	struct large_machine small = { .nodes = 4, .cpus = 32 };
	const char *json = NULL;
	struct line line[8];
	unsigned int nr;
	int ret;

	if (argc >= 3 && !strcmp(argv[1], "--json")) {
		json = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc != 1 && argc != 4) {
		fprintf(stderr, "usage: bench-large [--json FILE] [NODES CPUS PROCESSES]\n");
		return 2;
	}
	if (argc == 4 && (number_of("NODES", argv[1], 1024, &large.nodes) ||
			  number_of("CPUS", argv[2], 8192, &large.cpus) ||
			  number_of("PROCESSES", argv[3], 20000, &large.processes)))
		return 2;
	if (large.cpus < 2 * large.nodes || large.nodes < small.nodes) {
		fprintf(stderr, "bench-large: 4 nodes and 2 CPUs for each are needed\n");
		return 2;
	}
	small.processes = large.processes;
	ret = large_measure(&small) || large_measure(&large);
	if (ret)
		return 1;
	nr = fill(line, &small, &large);
	print_table(line, nr, &small, &large);
	return json && write_json(json, line, nr);
}

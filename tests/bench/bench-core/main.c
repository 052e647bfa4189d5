// SPDX-License-Identifier: GPL-2.0
/*
 * bench-core [--json FILE]: measure, print a table, write the same as JSON.
 *
 * Exit status 0, or 1 if something could not be measured or written, 2 for a bad
 * command line.  Missing an aim is no failure: the table says so.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core.h"

static struct core_result results[MAX_RESULTS];
static unsigned int nr_results;

void core_add(const struct core_result *r)
{
	if (nr_results < MAX_RESULTS)
		results[nr_results++] = *r;
}

double core_ratio(const struct core_result *r)
{
	return r->against > 0 ? r->value / r->against : -1;
}

static void print_table(void)
{
	printf("%-36s %14s %-6s %14s %7s  %s\n", "", "value", "", "against", "ratio", "");
	for (unsigned int i = 0; i < nr_results; i++) {
		const struct core_result *r = &results[i];
		double judged = r->against > 0 ? core_ratio(r) : r->value;

		printf("%-36s %14.1f %-6s ", r->name, r->value, r->unit);
		if (r->against > 0)
			printf("%14.1f %7.2f  %s", r->against, core_ratio(r), r->what);
		else
			printf("%14s %7s ", "-", "-");
		/* One part in twenty is noise of the medians. */
		if (r->aim > 0)
			printf(" (aim: at most %g, %s)", r->aim,
			       judged <= r->aim * 1.05 ? "met" : "missed");
		putchar('\n');
	}
}

static struct json_object *number_or_null(double val)
{
	char text[32];

	if (val < 0)
		return NULL;
	snprintf(text, sizeof(text), "%.6g", val);
	return json_object_new_double_s(val, text);
}

static int write_json(const char *file)
{
	struct json_object *list = json_object_new_array();
	int ret;

	for (unsigned int i = 0; i < nr_results; i++) {
		const struct core_result *r = &results[i];
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "name", json_object_new_string(r->name));
		json_object_object_add(o, "value", number_or_null(r->value));
		json_object_object_add(o, "unit", json_object_new_string(r->unit));
		json_object_object_add(o, "against", number_or_null(r->against));
		json_object_object_add(o, "ratio", number_or_null(core_ratio(r)));
		json_object_array_add(list, o);
	}
	ret = json_object_to_file_ext(file, list, JSON_C_TO_STRING_PRETTY);
	if (ret)
		fprintf(stderr, "bench-core: cannot write %s: %s", file, json_util_get_last_err());
	json_object_put(list);
	return ret;
}

/* Every figure is tried, also after one that failed. */
static int measure_all(void)
{
	static int (*const measure[])(void) = {
		measure_boot, measure_lock, measure_zeroing, measure_faults, measure_memory, measure_migration,
		measure_scan, measure_fork,
	};
	int ret = 0;

	for (unsigned int i = 0; i < sizeof(measure) / sizeof(measure[0]); i++)
		ret |= measure[i]();
	return ret;
}

int main(int argc, char **argv)
{
	const char *json = NULL;
	int ret;

	if (argc == 3 && !strcmp(argv[1], "--fork")) {
		double ns = fork_exit_ns(!strcmp(argv[2], "registered"));

		printf("%.1f\n", ns);
		return ns < 0;
	}
	if (argc == 3 && !strcmp(argv[1], "--json")) {
		json = argv[2];
	} else if (argc > 1) {
		fprintf(stderr, "usage: bench-core [--json FILE]\n");
		return 2;
	}
	ret = measure_all();
	print_table();
	if (json && write_json(json))
		ret = -1;
	return ret ? 1 : 0;
}

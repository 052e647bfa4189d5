// SPDX-License-Identifier: GPL-2.0
/* /sys/kernel/mm/autonuma/ of the running machine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <machine/sysfs.h>

#include "live.h"

#define DIRECTORY "/sys/kernel/mm/autonuma/"

/* Knobs that count pages, and so shrink with the number of simulated ones. */
static const char *const page_knobs[] = { "pages_to_scan", "pages_to_migrate" };

/*
 * Real pages for each one that the knob counts, 0 for other knobs.  What is scanned is
 * entries of page tables, of which a simulated range has as many as a real one.
 */
static unsigned int real_pages(const char *name, unsigned int sim_scale)
{
	if (!strcmp(name, page_knobs[0]))
		return layout_ranges(sim_scale);
	return strcmp(name, page_knobs[1]) ? 0 : sim_scale;
}

static const char *path_of(const char *name, char *path, size_t size)
{
	snprintf(path, size, DIRECTORY "%s", name);
	return path;
}

/* A number of real pages as what stands for @each of them; a batch is never empty. */
static void scale_pages(const char *text, unsigned int each, char *scaled, size_t size)
{
	u64 pages = strtoull(text, NULL, 10);
	u64 sim = pages / each;

	snprintf(scaled, size, "%llu", (unsigned long long)(pages && !sim ? 1 : sim));
}

static int write_knob(const struct bench_knob *k, struct bench_why *why)
{
	char path[96];
	long ret = sysfs_write_file(path_of(k->name, path, sizeof(path)), k->value, strlen(k->value));

	if (ret == -ENOENT)
		return why_set(why, "--set: unknown knob \"%s\"", k->name);
	if (ret == -EACCES || ret == -EPERM || ret == -EIO)
		return why_set(why, "--set: %s cannot be written, it is a counter", k->name);
	if (ret < 0)
		return why_set(why, "--set: %s does not take \"%s\": %s", k->name, k->value,
			       strerror(-ret));
	return 0;
}

/* The kernel's own default, scaled. */
static int scale_default(const char *name, unsigned int sim_scale, struct bench_why *why)
{
	struct bench_knob k = { };
	char path[96], text[32];
	long ret = sysfs_read_file(path_of(name, path, sizeof(path)), text, sizeof(text));

	if (ret < 0)
		return why_set(why, "%s cannot be read: %s", name, strerror(-ret));
	snprintf(k.name, sizeof(k.name), "%s", name);
	scale_pages(text, real_pages(name, sim_scale), k.value, sizeof(k.value));
	return write_knob(&k, why);
}

int knobs_write(const struct bench_options *opts, enum bench_policy policy,
		unsigned int sim_scale, struct bench_why *why)
{
	static const struct bench_knob in_fault = { "migrate_async", "0" };

	if (policy == POLICY_AUTONUMA_FAULT && write_knob(&in_fault, why))
		return -1;
	for (unsigned int i = 0; sim_scale > 1 && i < 2; i++)
		if (scale_default(page_knobs[i], sim_scale, why))
			return -1;
	for (unsigned int i = 0; i < opts->nr_knobs; i++) {
		struct bench_knob k = opts->knobs[i];

		if (real_pages(k.name, sim_scale) > 1)
			scale_pages(opts->knobs[i].value, real_pages(k.name, sim_scale), k.value,
				    sizeof(k.value));
		if (write_knob(&k, why))
			return -1;
	}
	return 0;
}

u64 counter_read(const char *name)
{
	char path[96], text[64];

	if (sysfs_read_file(path_of(name, path, sizeof(path)), text, sizeof(text)) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

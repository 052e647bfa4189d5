// SPDX-License-Identifier: GPL-2.0
/* --trace: the trace points of all runs, in one file. */
#include <string.h>

#include <linux/err.h>
#include <machine/trace.h>
#include <machine/trace_file.h>

#include "bench.h"

/* In simulated pages, since the start of the run or the first event that is kept. */
static const struct trace_counter counters[] = {
	{ "autonuma_queue", "pages queued", "target_nid", NULL },
	{ "autonuma_moved", "pages migrated", "target_nid", "pages" },
	{ }
};

/* Say why @err, -Exxx, happened to the file. */
static int cannot_write(const struct bench_options *opts, int err, struct bench_why *why)
{
	return why_set(why, "--trace: cannot write %.150s: %s", opts->trace, strerror(-err));
}

int trace_open(const struct bench_options *opts, struct trace_file **trace,
	       struct bench_why *why)
{
	size_t len = strlen(opts->trace);
	bool json = len >= 5 && !strcmp(opts->trace + len - 5, ".json");

	*trace = trace_file_open(opts->trace, json ? TRACE_FORMAT_JSON : TRACE_FORMAT_TEXT,
				 counters);
	return IS_ERR(*trace) ? cannot_write(opts, PTR_ERR(*trace), why) : 0;
}

int trace_begin(const struct bench_options *opts, struct bench_why *why)
{
	if (trace_resize(opts->trace_buffer))
		return why_set(why, "--trace-buffer: no memory for %u events",
			       opts->trace_buffer);
	trace_enable("*");
	return 0;
}

int trace_end(const struct bench_options *opts, struct trace_file *trace,
	      const struct bench_result *r, struct bench_why *why)
{
	char title[128], what[64];
	u64 lost;
	int err;

	trace_disable("*");
	snprintf(title, sizeof(title), "%s, %s, seed %llu", r->workload->name,
		 result_title(r, what, sizeof(what)), (unsigned long long)r->seed);
	lost = trace_lost();
	if (lost)
		fprintf(stderr, "autonuma-bench: --trace: the first %llu events of %s were lost; see --trace-buffer\n",
			(unsigned long long)lost, title);
	err = trace_file_add(trace, title);
	return err ? cannot_write(opts, err, why) : 0;
}

int trace_close(const struct bench_options *opts, struct trace_file *trace,
		struct bench_why *why)
{
	int err = trace_file_close(trace);

	return err ? cannot_write(opts, err, why) : 0;
}

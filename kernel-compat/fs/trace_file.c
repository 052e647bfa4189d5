// SPDX-License-Identifier: GPL-2.0
/*
 * Trace files: opening, errors, closing; and the text format.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>

#include "trace_file.h"

void trace_put(struct trace_file *tf, const char *fmt, ...)
{
	va_list args;

	if (tf->err)
		return;
	va_start(args, fmt);
	if (vfprintf(tf->out, fmt, args) < 0)
		tf->err = -errno;
	va_end(args);
}

void trace_text(const struct trace_record *rec, char *text, size_t size)
{
	int n = rec->call->print(rec->data, text, size);

	if (n && text[n - 1] == '\n')
		text[n - 1] = 0;
}

struct trace_file *trace_file_open(const char *name, enum trace_format format,
				   const struct trace_counter *counters)
{
	struct trace_file *tf = calloc(1, sizeof(*tf));

	if (!tf)
		return ERR_PTR(-ENOMEM);
	tf->format = format;
	tf->counters = counters;
	tf->out = fopen(name, "we");
	if (!tf->out) {
		int err = -errno;

		free(tf);
		return ERR_PTR(err);
	}
	if (format == TRACE_FORMAT_JSON)
		trace_json_begin(tf);
	return tf;
}

/* The lines that begin a trace file, for a ring with @kept of @written records. */
static void text_heading(struct trace_file *tf, const char *title, u64 kept, u64 written)
{
	trace_put(tf, "# tracer: nop\n#\n# %s\n#\n", title);
	trace_put(tf, "# entries-in-buffer/entries-written: %llu/%llu   #P:%u\n#\n", kept,
		  written, num_online_cpus());
	trace_put(tf,
		  "#                                _-----=> irqs-off/BH-disabled\n"
		  "#                               / _----=> need-resched\n"
		  "#                              | / _---=> hardirq/softirq\n"
		  "#                              || / _--=> preempt-depth\n"
		  "#                              ||| / _-=> migrate-disable\n"
		  "#                              |||| /     delay\n"
		  "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
		  "#              | |         |   |||||     |         |\n");
}

/* One record as a line; a task without number is a CPU's idle loop. */
static void text_record(struct trace_file *tf, const struct trace_record *rec)
{
	u64 us = (rec->time + tf->offset + 500) / NSEC_PER_USEC;
	char text[1024];

	trace_text(rec, text, sizeof(text));
	trace_put(tf, "%16s-%-7d [%03d] %s %5llu.%06llu: %s: %s\n",
		  rec->pid ? rec->comm : "<idle>", rec->pid, rec->cpu, rec->context,
		  us / USEC_PER_SEC, us % USEC_PER_SEC, rec->call->name, text);
}

static void text_ring(struct trace_file *tf, const char *title)
{
	struct trace_record rec;
	u64 lost = trace_lost(), seq, next = lost;

	for (seq = 0; trace_next(seq, &rec); seq = next)
		next = rec.seq + 1;
	text_heading(tf, title, next - lost, next);
	for (seq = 0; !tf->err && trace_next(seq, &rec); seq = rec.seq + 1)
		text_record(tf, &rec);
}

/* Where the next machine's time begins: a second after all that was written. */
static void advance(struct trace_file *tf)
{
	struct trace_record rec;
	u64 seq, end = 0;

	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1)
		end = rec.time;
	tf->offset += end + NSEC_PER_SEC;
}

int trace_file_add(struct trace_file *tf, const char *title)
{
	tf->lost += trace_lost();
	if (tf->format == TRACE_FORMAT_JSON)
		trace_json_ring(tf, title);
	else
		text_ring(tf, title);
	tf->machines++;
	advance(tf);
	if (!tf->err && fflush(tf->out))
		tf->err = -errno;
	return tf->err;
}

int trace_file_close(struct trace_file *tf)
{
	int err;

	if (tf->format == TRACE_FORMAT_JSON)
		trace_json_end(tf);
	if (fclose(tf->out) && !tf->err)
		tf->err = -errno;
	err = tf->err;
	free(tf);
	return err;
}

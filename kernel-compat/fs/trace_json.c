// SPDX-License-Identifier: GPL-2.0
/*
 * Trace files in Chrome's trace-event format, for Perfetto's viewer.
 *
 * Each machine is two of the format's processes: one with a thread for each CPU and the
 * counters, one with a thread for each task. A record is an instant event on its CPU's
 * track and on its task's. Times are in microseconds.
 */
#include <stdlib.h>

#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/nodemask.h>

#include "trace_file.h"

/* A JSON string; bytes that are not ASCII are taken for Latin-1. */
static void put_string(struct trace_file *tf, const char *s)
{
	trace_put(tf, "\"");
	for (; *s; s++) {
		unsigned char c = *s;

		if (c < 0x20 || c >= 0x7f)
			trace_put(tf, "\\u%04x", c);
		else
			trace_put(tf, c == '"' || c == '\\' ? "\\%c" : "%c", c);
	}
	trace_put(tf, "\"");
}

static int cpus_process(const struct trace_file *tf)
{
	return 2 * tf->machines + 1;
}

static int tasks_process(const struct trace_file *tf)
{
	return 2 * tf->machines + 2;
}

/* Begin an event of kind @kind; the caller ends it with one more brace. */
static void begin_event(struct trace_file *tf, const char *kind, int process, int thread,
			const char *name)
{
	trace_put(tf, "%s{\"ph\":\"%s\",\"pid\":%d,\"tid\":%d,\"name\":",
		  tf->events++ ? ",\n" : "", kind, process, thread);
	put_string(tf, name);
}

static void put_time(struct trace_file *tf, u64 time)
{
	u64 ns = time + tf->offset;

	trace_put(tf, ",\"ts\":%llu.%03llu", ns / NSEC_PER_USEC, ns % NSEC_PER_USEC);
}

/* Name a process or thread: "process_name" or "thread_name". */
static void put_name(struct trace_file *tf, const char *kind, int process, int thread,
		     const char *name)
{
	begin_event(tf, "M", process, thread, kind);
	trace_put(tf, ",\"args\":{\"name\":");
	put_string(tf, name);
	trace_put(tf, "}}");
}

/* Keep tracks in the order of their numbers. */
static void put_order(struct trace_file *tf, const char *kind, int process, int thread)
{
	begin_event(tf, "M", process, thread, kind);
	trace_put(tf, ",\"args\":{\"sort_index\":%d}}", thread ?: process);
}

static void put_process(struct trace_file *tf, int process, const char *title,
			const char *what)
{
	char name[256];

	snprintf(name, sizeof(name), "%s: %s", title, what);
	put_name(tf, "process_name", process, 0, name);
	put_order(tf, "process_sort_index", process, 0);
}

/* Threads are numbered from 1: viewers take 0 for the idle task of the real machine. */
static void put_cpus(struct trace_file *tf)
{
	char name[16];
	int cpu;

	for_each_online_cpu(cpu) {
		snprintf(name, sizeof(name), "CPU %d", cpu);
		put_name(tf, "thread_name", cpus_process(tf), cpu + 1, name);
		put_order(tf, "thread_sort_index", cpus_process(tf), cpu + 1);
	}
}

/* Name each task that made a record, comm-pid, as it was called at its first one. */
static void put_tasks(struct trace_file *tf)
{
	struct trace_record rec;
	char name[32];
	int last = -1;
	bool *seen;
	u64 seq;

	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1)
		last = max(last, rec.pid);
	seen = calloc(last + 2, sizeof(*seen));
	if (!seen) {
		tf->err = tf->err ?: -ENOMEM;
		return;
	}
	for (seq = 0; !tf->err && trace_next(seq, &rec); seq = rec.seq + 1) {
		if (seen[rec.pid])
			continue;
		seen[rec.pid] = true;
		snprintf(name, sizeof(name), "%s-%d", rec.comm, rec.pid);
		put_name(tf, "thread_name", tasks_process(tf), rec.pid + 1, name);
	}
	free(seen);
}

/* A scalar field as a number of 64 bits; what is unsigned may come out negative. */
static s64 field_value(const struct trace_record *rec, const struct trace_field *f)
{
	const char *p = rec->data + f->offset;
	bool is_signed = f->kind == TRACE_FIELD_SIGNED;

	switch (f->size) {
	case 1:
		return is_signed ? *(s8 *)p : *(u8 *)p;
	case 2:
		return is_signed ? *(s16 *)p : *(u16 *)p;
	case 4:
		return is_signed ? *(s32 *)p : *(u32 *)p;
	default:
		return *(s64 *)p;
	}
}

static const struct trace_field *find_field(const struct trace_event_call *call,
					    const char *name)
{
	const struct trace_field *f;

	for (f = call->fields; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

/* A scalar; as text where a double, which is all a viewer has, could not hold it. */
static void put_scalar(struct trace_file *tf, const struct trace_record *rec,
		       const struct trace_field *f)
{
	const s64 exact = 1LL << 53;
	s64 val = field_value(rec, f);

	if (val > exact || val < -exact || (f->kind == TRACE_FIELD_UNSIGNED && val < 0))
		trace_put(tf, "\"0x%llx\"", val);
	else
		trace_put(tf, "%lld", val);
}

/* An array: characters as a string, anything else as its bytes in hexadecimal. */
static void put_array(struct trace_file *tf, const struct trace_record *rec,
		      const struct trace_field *f)
{
	const char *data = rec->data + f->offset;
	char text[2 * TRACE_RECORD_BYTES + 1];

	if (!strncmp(f->type, "char[", 5)) {
		snprintf(text, sizeof(text), "%.*s", (int)f->size, data);
	} else {
		for (unsigned int i = 0; i < f->size; i++)
			sprintf(text + 2 * i, "%02x", (u8)data[i]);
	}
	put_string(tf, text);
}

/* One instant event; @where says where else it happened, as a member of args. */
static void put_instant(struct trace_file *tf, const struct trace_record *rec, int process,
			int thread, const char *where)
{
	const struct trace_field *f;
	char text[1024];

	begin_event(tf, "i", process, thread, rec->call->name);
	put_time(tf, rec->time);
	trace_put(tf, ",\"s\":\"t\",\"cat\":");
	put_string(tf, rec->call->system);
	trace_put(tf, ",\"args\":{%s", where);
	for (f = rec->call->fields; f->name; f++) {
		trace_put(tf, ",\"%s\":", f->name);
		if (f->kind == TRACE_FIELD_ARRAY || f->kind == TRACE_FIELD_STRING)
			put_array(tf, rec, f);
		else
			put_scalar(tf, rec, f);
	}
	trace_text(rec, text, sizeof(text));
	trace_put(tf, ",\"text\":");
	put_string(tf, text);
	trace_put(tf, "}}");
}

static void put_record(struct trace_file *tf, const struct trace_record *rec)
{
	char where[48];

	snprintf(where, sizeof(where), "\"task\":%d", rec->pid);
	put_instant(tf, rec, cpus_process(tf), rec->cpu + 1, where);
	snprintf(where, sizeof(where), "\"cpu\":%d", rec->cpu);
	put_instant(tf, rec, tasks_process(tf), rec->pid + 1, where);
}

/* Add a record to the sums of the counters; @sums has one of each counter and node. */
static void count_record(struct trace_file *tf, const struct trace_record *rec, s64 *sums)
{
	const struct trace_counter *c;

	for (c = tf->counters; c->event; c++, sums += nr_node_ids) {
		const struct trace_field *node, *amount;
		char name[64];
		s64 nid;

		if (strcmp(c->event, rec->call->name))
			continue;
		node = find_field(rec->call, c->node);
		amount = c->amount ? find_field(rec->call, c->amount) : NULL;
		nid = node ? field_value(rec, node) : -1;
		if (nid < 0 || nid >= nr_node_ids || (c->amount && !amount))
			continue;
		sums[nid] += amount ? field_value(rec, amount) : 1;
		snprintf(name, sizeof(name), "node %lld: %s", nid, c->name);
		begin_event(tf, "C", cpus_process(tf), 0, name);
		put_time(tf, rec->time);
		trace_put(tf, ",\"args\":{\"pages\":%lld}}", sums[nid]);
	}
}

/* An instant over the whole machine where the ring begins, if that is not the start. */
static void put_lost(struct trace_file *tf)
{
	struct trace_record rec;
	u64 lost = trace_lost();
	char name[48];

	if (!lost || !trace_next(0, &rec))
		return;
	snprintf(name, sizeof(name), "LOST %llu EVENTS", lost);
	begin_event(tf, "i", cpus_process(tf), 1, name);
	put_time(tf, rec.time);
	trace_put(tf, ",\"s\":\"p\"}");
}

void trace_json_ring(struct trace_file *tf, const char *title)
{
	const struct trace_counter *c;
	struct trace_record rec;
	size_t nr = 1;
	s64 *sums;
	u64 seq;

	for (c = tf->counters; c && c->event; c++)
		nr++;
	sums = calloc(nr * nr_node_ids, sizeof(*sums));
	if (!sums) {
		tf->err = tf->err ?: -ENOMEM;
		return;
	}
	put_process(tf, cpus_process(tf), title, "CPUs");
	put_process(tf, tasks_process(tf), title, "tasks");
	put_cpus(tf);
	put_tasks(tf);
	put_lost(tf);
	for (seq = 0; !tf->err && trace_next(seq, &rec); seq = rec.seq + 1) {
		put_record(tf, &rec);
		if (tf->counters)
			count_record(tf, &rec, sums);
	}
	free(sums);
}

void trace_json_begin(struct trace_file *tf)
{
	trace_put(tf, "{\"traceEvents\":[\n");
}

void trace_json_end(struct trace_file *tf)
{
	trace_put(tf, "\n],\"displayTimeUnit\":\"ns\",\"otherData\":{\"clock\":\"virtual\",");
	trace_put(tf, "\"machines\":\"%u\",\"lost\":\"%llu\"}}\n", tf->machines, tf->lost);
}

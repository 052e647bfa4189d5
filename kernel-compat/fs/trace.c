// SPDX-License-Identifier: GPL-2.0
/*
 * Trace points: the ring of records, and its text.
 */
#include <fnmatch.h>

#include <exec/task.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <machine/machine.h>
#include <machine/trace.h>
#include <trace/stages.h>

static struct tracepoint *all_tracepoints;	/* complete before main() */

static struct xlock trace_lock;			/* protects the ring and the counts */
static struct trace_record ring[TRACE_RECORDS];
static u64 nr_records;				/* since boot */

void trace_register(struct tracepoint *tp)
{
	tp->next = all_tracepoints;
	all_tracepoints = tp;
}

/* Append a record; called with the event enabled, from any context. */
void trace_commit(struct tracepoint *tp, const void *record, size_t size)
{
	struct trace_record *r;

	if (WARN_ON(size > TRACE_RECORD_BYTES))
		return;
	xlock(&trace_lock);
	r = &ring[nr_records % TRACE_RECORDS];
	r->seq = nr_records++;
	r->time = ktime_get_ns();
	r->cpu = raw_smp_processor_id();
	r->pid = current->pid;
	memcpy(r->comm, current->comm, sizeof(r->comm));
	r->call = tp->call;
	memcpy(r->data, record, size);
	tp->hits++;
	xunlock(&trace_lock);
}

static int switch_events(const char *pattern, u32 on)
{
	struct tracepoint *tp;
	int n = 0;

	for (tp = all_tracepoints; tp; tp = tp->next)
		if (!fnmatch(pattern, tp->name, 0)) {
			__atomic_store_n(&tp->enabled, on, __ATOMIC_RELAXED);
			n++;
		}
	return n;
}

int trace_enable(const char *pattern)
{
	return switch_events(pattern, 1);
}

int trace_disable(const char *pattern)
{
	return switch_events(pattern, 0);
}

u64 trace_count(const char *pattern)
{
	struct tracepoint *tp;
	u64 n = 0;

	xlock(&trace_lock);
	for (tp = all_tracepoints; tp; tp = tp->next)
		if (!fnmatch(pattern, tp->name, 0))
			n += tp->hits;
	xunlock(&trace_lock);
	return n;
}

bool trace_next(u64 seq, struct trace_record *rec)
{
	u64 oldest;
	bool found;

	xlock(&trace_lock);
	oldest = nr_records > TRACE_RECORDS ? nr_records - TRACE_RECORDS : 0;
	seq = max(seq, oldest);
	found = seq < nr_records;
	if (found)
		*rec = ring[seq % TRACE_RECORDS];
	xunlock(&trace_lock);
	return found;
}

size_t trace_read(char *buf, size_t size)
{
	struct trace_record rec;
	char line[1024];
	size_t len = 0;
	int n;
	u64 seq;

	if (!size)
		return 0;
	for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1) {
		n = scnprintf(line, sizeof(line), "%16s-%-7d [%03d] %5llu.%06llu: %s: ",
			      rec.comm, rec.pid, rec.cpu, rec.time / 1000000000,
			      rec.time / 1000 % 1000000, rec.call->name);
		n += rec.call->print(rec.data, line + n, sizeof(line) - n);
		if (len + n >= size)
			break;
		memcpy(buf + len, line, n);
		len += n;
	}
	buf[len] = 0;
	return len;
}

/* Room for one more text; what does not fit is cut. */
static char *seq_text(struct trace_seq *p, size_t *room)
{
	*room = sizeof(p->text) - p->used;
	return p->text + p->used;
}

const char *trace_print_symbols(struct trace_seq *p, unsigned long val,
				const struct trace_print_flags *symbols)
{
	size_t room;
	char *text;

	for (; symbols->name; symbols++)
		if (symbols->mask == val)
			return symbols->name;
	text = seq_text(p, &room);
	if (room < 2)
		return "";
	p->used += scnprintf(text, room, "0x%lx", val) + 1;
	return text;
}

const char *trace_print_flags(struct trace_seq *p, const char *delim, unsigned long flags,
			      const struct trace_print_flags *names)
{
	const char *sep = "";
	size_t room, n = 0;
	char *text = seq_text(p, &room);

	if (room < 2)
		return "";
	text[0] = 0;
	for (; names->name; names++) {
		if (!names->mask || (flags & names->mask) != names->mask)
			continue;
		flags &= ~names->mask;
		n += scnprintf(text + n, room - n, "%s%s", sep, names->name);
		sep = delim;
	}
	if (flags)
		n += scnprintf(text + n, room - n, "%s0x%lx", sep, flags);
	p->used += n + 1;
	return text;
}

/* As if nothing had ever been traced. */
static void trace_halt(void)
{
	struct tracepoint *tp;

	nr_records = 0;
	for (tp = all_tracepoints; tp; tp = tp->next) {
		tp->enabled = 0;
		tp->hits = 0;
	}
}
MACHINE_SUBSYS(trace, MACHINE_ORDER_FS, NULL, NULL, trace_halt);

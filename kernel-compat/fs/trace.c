// SPDX-License-Identifier: GPL-2.0
/*
 * Trace points: the ring of records.  trace_file.c writes it out.
 */
#include <fnmatch.h>
#include <stdlib.h>

#include <exec/task.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <machine/machine.h>
#include <machine/trace.h>
#include <trace/stages.h>

static struct tracepoint *all_tracepoints;	/* complete before main() */

static struct xlock trace_lock;			/* protects the ring and the counts */
static struct trace_record default_ring[TRACE_RECORDS];
static struct trace_record *ring = default_ring;
static unsigned long ring_size = TRACE_RECORDS;
static u64 nr_records;				/* since boot or trace_resize() */

void trace_register(struct tracepoint *tp)
{
	tp->next = all_tracepoints;
	all_tracepoints = tp;
}

/* Where the caller is, in the five letters that ftrace prints between CPU and time. */
static void describe_context(char *text)
{
	bool bh_off = softirq_count() > SOFTIRQ_OFFSET, irqs_off = irqs_disabled();
	unsigned int depth = preempt_count() & 0xf;

	text[0] = irqs_off && bh_off ? 'D' : irqs_off ? 'd' : bh_off ? 'b' : '.';
	text[1] = need_resched() ? 'N' : '.';
	text[2] = !hardirq_count() ? in_serving_softirq() ? 's' : '.' :
		  in_serving_softirq() ? 'H' : 'h';
	text[3] = depth ? "0123456789abcdef"[depth] : '.';
	text[4] = '.';	/* migration is off only as preemption is, see linux/preempt.h */
	text[5] = 0;
}

/* Append a record; called with the event enabled, from any context. */
void trace_commit(struct tracepoint *tp, const void *record, size_t size)
{
	struct trace_record *r;

	if (WARN_ON(size > TRACE_RECORD_BYTES))
		return;
	xlock(&trace_lock);
	r = &ring[nr_records % ring_size];
	r->seq = nr_records++;
	r->time = ktime_get_ns();
	r->cpu = raw_smp_processor_id();
	r->pid = current->pid;
	memcpy(r->comm, current->comm, sizeof(r->comm));
	describe_context(r->context);
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

/* Number of the oldest record that is still there; the caller holds trace_lock. */
static u64 oldest_record(void)
{
	return nr_records > ring_size ? nr_records - ring_size : 0;
}

u64 trace_lost(void)
{
	u64 lost;

	xlock(&trace_lock);
	lost = oldest_record();
	xunlock(&trace_lock);
	return lost;
}

bool trace_next(u64 seq, struct trace_record *rec)
{
	bool found;

	xlock(&trace_lock);
	seq = max(seq, oldest_record());
	found = seq < nr_records;
	if (found)
		*rec = ring[seq % ring_size];
	xunlock(&trace_lock);
	return found;
}

/* Use another ring, empty; returns the old one if it was allocated. */
static struct trace_record *exchange_ring(struct trace_record *new, unsigned long size)
{
	struct trace_record *old;

	xlock(&trace_lock);
	old = ring == default_ring ? NULL : ring;
	ring = new;
	ring_size = size;
	nr_records = 0;
	xunlock(&trace_lock);
	return old;
}

int trace_resize(unsigned long records)
{
	struct trace_record *new;

	if (!records || records > TRACE_RECORDS_MAX)
		return -EINVAL;
	new = calloc(records, sizeof(*new));
	if (!new)
		return -ENOMEM;
	free(exchange_ring(new, records));
	return 0;
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

	free(exchange_ring(default_ring, TRACE_RECORDS));
	for (tp = all_tracepoints; tp; tp = tp->next) {
		tp->enabled = 0;
		tp->hits = 0;
	}
}
MACHINE_SUBSYS(trace, MACHINE_ORDER_FS, NULL, NULL, trace_halt);

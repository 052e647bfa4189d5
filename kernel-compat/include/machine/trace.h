/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading what trace points recorded. own: not a kernel header.
 *
 * Records are kept in one ring of TRACE_RECORDS, or as many as trace_resize() says; when
 * it is full the oldest is lost.  Everything is disabled, and the ring empty, after boot.
 */
#ifndef _MACHINE_TRACE_H
#define _MACHINE_TRACE_H

#include <linux/types.h>

#define TRACE_RECORDS		4096
#define TRACE_RECORDS_MAX	(1UL << 24)
#define TRACE_RECORD_BYTES	256

struct trace_event_call;

/* One record; @data is the event's struct, described by @call->fields. */
struct trace_record {
	u64 seq;		/* counts all records since boot, from 0 */
	u64 time;		/* virtual ns */
	int cpu;
	int pid;
	char comm[16];
	char context[6];	/* ftrace's five letters: irqs, resched, irq, preemption */
	const struct trace_event_call *call;
	char data[TRACE_RECORD_BYTES];
};

/**
 * trace_enable() - record some events
 * @pattern:	"name", or with the wild cards of the shell, for example "autonuma_*"; "*"
 *
 * Return: how many events match.  Context: any.
 */
int trace_enable(const char *pattern);
int trace_disable(const char *pattern);

/**
 * trace_resize() - empty the ring and change its size, until shutdown
 * @records:	1 to TRACE_RECORDS_MAX; memory is used as they are made
 *
 * Return: 0, -EINVAL, or -ENOMEM with the ring as it was.  Context: any.
 */
int trace_resize(unsigned long records);

/* Records of the events that match, since boot. */
u64 trace_count(const char *pattern);

/* How many of all records since boot, or since trace_resize(), the ring has lost. */
u64 trace_lost(void);

/*
 * The oldest record with a number of at least @seq; false when there is none.
 * Visits all: for (seq = 0; trace_next(seq, &rec); seq = rec.seq + 1).
 */
bool trace_next(u64 seq, struct trace_record *rec);

#endif /* _MACHINE_TRACE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* own: what the code made by define_trace.h needs; implemented by fs/trace.c. */
#ifndef _TRACE_STAGES_H
#define _TRACE_STAGES_H

#include <linux/array_size.h>
#include <linux/sprintf.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#define TRACE_STRING_LEN 48

struct trace_print_flags {
	unsigned long mask;
	const char *name;
};

/* Scratch space of one __print_*(); several may be in one line. */
struct trace_seq {
	char text[512];
	size_t used;
};

enum trace_field_kind {
	TRACE_FIELD_UNSIGNED,
	TRACE_FIELD_SIGNED,
	TRACE_FIELD_ARRAY,
	TRACE_FIELD_STRING,
};

/* One member of a record. */
struct trace_field {
	const char *name;
	const char *type;
	unsigned int offset;
	unsigned int size;
	enum trace_field_kind kind;
};

/* One event: its record's layout and how to print it. */
struct trace_event_call {
	const char *system;
	const char *name;
	const struct trace_field *fields;	/* the last has no name */
	size_t size;
	int (*print)(const void *record, char *buf, size_t size);
};

const char *trace_print_symbols(struct trace_seq *p, unsigned long val,
				const struct trace_print_flags *symbols);
const char *trace_print_flags(struct trace_seq *p, const char *delim, unsigned long flags,
			      const struct trace_print_flags *names);
void trace_commit(struct tracepoint *tp, const void *record, size_t size);
void trace_register(struct tracepoint *tp);

/* A scalar is signed when -1 is less than 1 in its type. */
#define __trace_kind(type) (is_signed_type(type) ? TRACE_FIELD_SIGNED : TRACE_FIELD_UNSIGNED)

#endif /* _TRACE_STAGES_H */

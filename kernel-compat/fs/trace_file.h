/* SPDX-License-Identifier: GPL-2.0 */
/* A trace file being written, for the two formats. */
#ifndef _FS_TRACE_FILE_H
#define _FS_TRACE_FILE_H

#include <stdio.h>

#include <machine/trace.h>
#include <machine/trace_file.h>
#include <trace/stages.h>

/**
 * struct trace_file - a trace file being written
 * @out:	where it goes
 * @err:	-Exxx of the first failure; nothing more is written after it
 * @format:	how
 * @counters:	of JSON, or NULL
 * @offset:	added to the times of the current machine, ns
 * @machines:	rings written
 * @lost:	records that their rings had lost
 * @events:	JSON events written
 */
struct trace_file {
	FILE *out;
	int err;
	enum trace_format format;
	const struct trace_counter *counters;
	u64 offset;
	unsigned int machines;
	u64 lost;
	u64 events;
};

/* Write formatted text, unless something failed before. */
void trace_put(struct trace_file *tf, const char *fmt, ...) __printf(2, 3);
/* The text of a record without the newline. */
void trace_text(const struct trace_record *rec, char *text, size_t size);

/* Begin a document, write the ring, end the document. */
void trace_json_begin(struct trace_file *tf);
void trace_json_ring(struct trace_file *tf, const char *title);
void trace_json_end(struct trace_file *tf);

#endif /* _FS_TRACE_FILE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of what trace points recorded, for the tools that read traces of a kernel.
 * own: not a kernel header.
 *
 * As text: what /sys/kernel/tracing/trace is on Linux 6.12.  As JSON: Chrome's trace
 * events, which Perfetto's viewer opens, with a track for each CPU and each task on
 * which every record is an instant, and counters.
 *
 * A file takes the rings of several machines one after the other; each begins a
 * virtual second after the end of the one before it.
 */
#ifndef _MACHINE_TRACE_FILE_H
#define _MACHINE_TRACE_FILE_H

#include <linux/types.h>

struct trace_file;

enum trace_format {
	TRACE_FORMAT_TEXT,
	TRACE_FORMAT_JSON,
};

/**
 * struct trace_counter - what the events of one name sum up to, by node
 * @event:	name of the event; NULL ends a table
 * @name:	of the counter
 * @node:	the field that says for which node
 * @amount:	the field that says how many, or NULL for one
 */
struct trace_counter {
	const char *event;
	const char *name;
	const char *node;
	const char *amount;
};

/**
 * trace_file_open() - begin a file
 * @name:	created, or made empty
 * @format:	what to write
 * @counters:	to draw in JSON, kept; or NULL.  Counts begin at the oldest record there is.
 *
 * Return: the file, or ERR_PTR(-Exxx).  Context: any; blocks as the host's files do.
 */
struct trace_file *trace_file_open(const char *name, enum trace_format format,
				   const struct trace_counter *counters);

/**
 * trace_file_add() - write the ring
 * @tf:		the file
 * @title:	of the machine or run, one line
 *
 * The machine is up, and no event is recorded meanwhile.
 *
 * Return: 0, or the -Exxx of the first thing that could not be written.
 */
int trace_file_add(struct trace_file *tf, const char *title);

/**
 * trace_file_close() - end a file, also one that had errors
 * @tf:		the file, gone after this
 *
 * Return: 0, or the -Exxx of the first thing that could not be written, or of closing.
 */
int trace_file_close(struct trace_file *tf);

#endif /* _MACHINE_TRACE_FILE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the code of trace points: included at the end of every trace header, it reads
 * that header again, once per stage, when CREATE_TRACE_POINTS is defined.
 *
 * same for who includes it.  model: the stages are this shim's own and make records for
 * one ring, see linux/tracepoint.h; the kernel's make ring-buffer events, perf and BPF
 * hooks, and a format file, which this hides.
 */
#ifdef CREATE_TRACE_POINTS

/* Not again while the header is read below. */
#undef CREATE_TRACE_POINTS

#include <linux/stringify.h>
#include <trace/stages.h>

#ifndef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE TRACE_SYSTEM
#define UNDEF_TRACE_INCLUDE_FILE
#endif

#ifndef TRACE_INCLUDE_PATH
#define __TRACE_INCLUDE(system) <trace/events/system.h>
#define UNDEF_TRACE_INCLUDE_PATH
#else
#define __TRACE_INCLUDE(system) __stringify(TRACE_INCLUDE_PATH/system.h)
#endif
#define TRACE_INCLUDE(system) __TRACE_INCLUDE(system)

#define TRACE_HEADER_MULTI_READ

#undef TRACE_EVENT
#define TRACE_EVENT(name, proto, args, tstruct, assign, print)			\
	DECLARE_EVENT_CLASS(name, PARAMS(proto), PARAMS(args), PARAMS(tstruct),	\
			    PARAMS(assign), PARAMS(print))			\
	DEFINE_EVENT(name, name, PARAMS(proto), PARAMS(args))
#undef TRACE_EVENT_CONDITION
#define TRACE_EVENT_CONDITION(name, proto, args, cond, tstruct, assign, print)	\
	TRACE_EVENT(name, PARAMS(proto), PARAMS(args), PARAMS(tstruct),		\
		    PARAMS(assign), PARAMS(print))
#undef DEFINE_EVENT_CONDITION
#define DEFINE_EVENT_CONDITION(template, name, proto, args, cond)		\
	DEFINE_EVENT(template, name, PARAMS(proto), PARAMS(args))
#undef DEFINE_EVENT_PRINT
#define DEFINE_EVENT_PRINT(template, name, proto, args, print)			\
	DEFINE_EVENT(template, name, PARAMS(proto), PARAMS(args))

/* Stage 1: the record, struct trace_raw_NAME. */
#include <trace/stage_struct.h>
#include TRACE_INCLUDE(TRACE_INCLUDE_FILE)

/* Stage 2: a table of its fields. */
#include <trace/stage_fields.h>
#include TRACE_INCLUDE(TRACE_INCLUDE_FILE)

/* Stage 3: where strings come from, noted before TP_fast_assign() runs. */
#include <trace/stage_sources.h>
#include TRACE_INCLUDE(TRACE_INCLUDE_FILE)

/* Stage 4: the text of a record, and the trace points themselves. */
#include <trace/stage_points.h>
#include TRACE_INCLUDE(TRACE_INCLUDE_FILE)

#undef TRACE_EVENT
#undef TRACE_EVENT_CONDITION
#undef DECLARE_EVENT_CLASS
#undef DEFINE_EVENT
#undef DEFINE_EVENT_CONDITION
#undef DEFINE_EVENT_PRINT
#undef TRACE_HEADER_MULTI_READ
#include <linux/tracepoint.h>

#ifdef UNDEF_TRACE_INCLUDE_FILE
#undef TRACE_INCLUDE_FILE
#undef UNDEF_TRACE_INCLUDE_FILE
#endif
#ifdef UNDEF_TRACE_INCLUDE_PATH
#undef UNDEF_TRACE_INCLUDE_PATH
#endif
#undef TRACE_INCLUDE
#undef __TRACE_INCLUDE

#define CREATE_TRACE_POINTS

#endif /* CREATE_TRACE_POINTS */

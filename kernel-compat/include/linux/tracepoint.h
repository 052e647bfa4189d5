/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints.
 *
 * same: a trace header written for the kernel (TRACE_EVENT(), DECLARE_EVENT_CLASS(),
 * DEFINE_EVENT(), TP_*(), __field(), __array(), __string() with 6.12's __assign_str(),
 * __print_symbolic(), __print_flags(), TRACE_DEFINE_ENUM()).
 * model: records go to one bounded ring (machine/trace.h); strings are cut at 47
 * characters; no dynamic arrays, probes, filters or triggers.
 */
#ifndef _LINUX_TRACEPOINT_H
#define _LINUX_TRACEPOINT_H

#include <linux/compiler.h>
#include <linux/stringify.h>
#include <linux/types.h>

struct trace_event_call;

/* The state that a trace point's caller looks at. */
struct tracepoint {
	const char *name;
	u32 enabled;		/* relaxed loads */
	u64 hits;		/* records made since boot */
	struct trace_event_call *call;
	struct tracepoint *next; /* list of all, made before main() */
};

static __always_inline bool __tracepoint_enabled(const struct tracepoint *tp)
{
	return unlikely(__atomic_load_n(&tp->enabled, __ATOMIC_RELAXED));
}

#define PARAMS(args...) args
#define TP_PROTO(args...) args
#define TP_ARGS(args...) args
#define TP_CONDITION(args...) args
#define TRACE_DEFINE_ENUM(x)
#define TRACE_DEFINE_SIZEOF(x)

#define __DECLARE_TRACEPOINT(name, proto, args)					\
	extern struct tracepoint __tracepoint_##name;				\
	void __trace_do_##name(proto);						\
	static __always_inline void trace_##name(proto)				\
	{									\
		if (__tracepoint_enabled(&__tracepoint_##name))			\
			__trace_do_##name(args);				\
	}									\
	static __always_inline bool trace_##name##_enabled(void)		\
	{									\
		return __tracepoint_enabled(&__tracepoint_##name);		\
	}

#define __DECLARE_TRACEPOINT_CONDITION(name, proto, args, cond)			\
	extern struct tracepoint __tracepoint_##name;				\
	void __trace_do_##name(proto);						\
	static __always_inline void trace_##name(proto)				\
	{									\
		if (__tracepoint_enabled(&__tracepoint_##name) && (cond))	\
			__trace_do_##name(args);				\
	}									\
	static __always_inline bool trace_##name##_enabled(void)		\
	{									\
		return __tracepoint_enabled(&__tracepoint_##name);		\
	}

#endif /* _LINUX_TRACEPOINT_H */

/* Read again for each trace header, because define_trace.h changes these. */
#ifndef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(name, proto, args, tstruct, assign, print)
#define DEFINE_EVENT(template, name, proto, args)				\
	__DECLARE_TRACEPOINT(name, PARAMS(proto), PARAMS(args))
#define DEFINE_EVENT_PRINT(template, name, proto, args, print)			\
	__DECLARE_TRACEPOINT(name, PARAMS(proto), PARAMS(args))
#define DEFINE_EVENT_CONDITION(template, name, proto, args, cond)		\
	__DECLARE_TRACEPOINT_CONDITION(name, PARAMS(proto), PARAMS(args), PARAMS(cond))
#define TRACE_EVENT(name, proto, args, tstruct, assign, print)			\
	__DECLARE_TRACEPOINT(name, PARAMS(proto), PARAMS(args))
#define TRACE_EVENT_CONDITION(name, proto, args, cond, tstruct, assign, print)	\
	__DECLARE_TRACEPOINT_CONDITION(name, PARAMS(proto), PARAMS(args), PARAMS(cond))
#endif

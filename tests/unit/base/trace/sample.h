/* SPDX-License-Identifier: GPL-2.0 */
/* A trace header as the kernel's are, for tracepoint_test.c. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sample

#if !defined(_TRACE_SAMPLE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_SAMPLE_H

#include <linux/tracepoint.h>

TRACE_DEFINE_ENUM(SAMPLE_RED);

TRACE_EVENT(sample_all,

	TP_PROTO(int nid, unsigned long addr, const char *name, unsigned int color,
		 unsigned long flags),

	TP_ARGS(nid, addr, name, color, flags),

	TP_STRUCT__entry(
		__field(int, nid)
		__field(unsigned long, addr)
		__array(char, tag, 4)
		__string(name, name)
		__field(unsigned int, color)
		__field(unsigned long, flags)
	),

	TP_fast_assign(
		__entry->nid = nid;
		__entry->addr = addr;
		memcpy(__entry->tag, "tag", 4);
		__assign_str(name);
		__entry->color = color;
		__entry->flags = flags;
	),

	TP_printk("nid=%d addr=0x%lx tag=%s name=%s color=%s flags=%s",
		  __entry->nid, __entry->addr, __entry->tag, __get_str(name),
		  __print_symbolic(__entry->color, { 0, "red" }, { 1, "green" }),
		  __print_flags(__entry->flags, "|", { 1, "A" }, { 2, "B" }))
);

DECLARE_EVENT_CLASS(sample_class,
	TP_PROTO(u64 n),
	TP_ARGS(n),
	TP_STRUCT__entry(
		__field(u64, n)
	),
	TP_fast_assign(
		__entry->n = n;
	),
	TP_printk("n=%llu", __entry->n)
);

DEFINE_EVENT(sample_class, sample_start,
	TP_PROTO(u64 n),
	TP_ARGS(n)
);

DEFINE_EVENT(sample_class, sample_end,
	TP_PROTO(u64 n),
	TP_ARGS(n)
);

#endif /* _TRACE_SAMPLE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../../../tests/unit/base/trace
#include <trace/define_trace.h>

/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM autonuma

#if !defined(_TRACE_AUTONUMA_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_AUTONUMA_H

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

struct mm_struct;

/* Numbers of enum autonuma_skip and enum autonuma_drop in mm/autonuma/autonuma.h. */
#define AUTONUMA_SKIP_NAMES			\
	{ 0, "none" },				\
	{ 1, "hugetlb" },			\
	{ 2, "special" },			\
	{ 3, "inaccessible" },			\
	{ 4, "stack" },				\
	{ 5, "policy" },			\
	{ 6, "readonly_file" },			\
	{ 7, "dax" },				\
	{ 8, "exiting" },			\
	{ 9, "period" }

#define AUTONUMA_DROP_NAMES			\
	{ 0, "none" },				\
	{ 1, "node_full" },			\
	{ 2, "queue_full" },			\
	{ 3, "shared" },			\
	{ 4, "pinned" },			\
	{ 5, "off_lru" },			\
	{ 6, "gone" },				\
	{ 7, "unwanted" },			\
	{ 8, "busy" }

TRACE_EVENT(autonuma_pass_start,

	TP_PROTO(unsigned long pass),

	TP_ARGS(pass),

	TP_STRUCT__entry(
		__field(unsigned long, pass)
	),

	TP_fast_assign(
		__entry->pass = pass;
	),

	TP_printk("pass=%lu", __entry->pass)
);

TRACE_EVENT(autonuma_pass_end,

	TP_PROTO(unsigned long pass, unsigned long pages),

	TP_ARGS(pass, pages),

	TP_STRUCT__entry(
		__field(unsigned long, pass)
		__field(unsigned long, pages)
	),

	TP_fast_assign(
		__entry->pass = pass;
		__entry->pages = pages;
	),

	TP_printk("pass=%lu scanned=%lu", __entry->pass, __entry->pages)
);

/* One batch of one mm was scanned, or its last user was found to be gone. */
TRACE_EVENT(autonuma_scan_mm,

	TP_PROTO(struct mm_struct *mm, unsigned long pages, int why),

	TP_ARGS(mm, pages, why),

	TP_STRUCT__entry(
		__field(struct mm_struct *, mm)
		__field(unsigned long, pages)
		__field(int, why)
	),

	TP_fast_assign(
		__entry->mm = mm;
		__entry->pages = pages;
		__entry->why = why;
	),

	TP_printk("mm=%p scanned=%lu skipped=%s", __entry->mm, __entry->pages,
		  __print_symbolic(__entry->why, AUTONUMA_SKIP_NAMES))
);

/* The period of an mm changed, because of what became of the pages touched since last time. */
TRACE_EVENT(autonuma_period,

	TP_PROTO(struct mm_struct *mm, unsigned int period, const unsigned long *heard),

	TP_ARGS(mm, period, heard),

	TP_STRUCT__entry(
		__field(struct mm_struct *, mm)
		__field(unsigned int, period)
		__field(unsigned long, local)
		__field(unsigned long, remote)
		__field(unsigned long, pending)
		__field(unsigned long, moved)
		__field(unsigned long, stayed)
		__field(unsigned long, forbidden)
	),

	/* In the order of enum autonuma_outcome in mm/autonuma/autonuma.h. */
	TP_fast_assign(
		__entry->mm = mm;
		__entry->period = period;
		__entry->local = heard[0];
		__entry->remote = heard[1];
		__entry->pending = heard[2];
		__entry->moved = heard[3];
		__entry->stayed = heard[4];
		__entry->forbidden = heard[5];
	),

	TP_printk("mm=%p period=%u local=%lu remote=%lu pending=%lu moved=%lu stayed=%lu forbidden=%lu",
		  __entry->mm, __entry->period, __entry->local, __entry->remote,
		  __entry->pending, __entry->moved, __entry->stayed, __entry->forbidden)
);

/* A mapping was left alone. */
TRACE_EVENT(autonuma_skip,

	TP_PROTO(struct mm_struct *mm, unsigned long start, unsigned long end, int why),

	TP_ARGS(mm, start, end, why),

	TP_STRUCT__entry(
		__field(struct mm_struct *, mm)
		__field(unsigned long, start)
		__field(unsigned long, end)
		__field(int, why)
	),

	TP_fast_assign(
		__entry->mm = mm;
		__entry->start = start;
		__entry->end = end;
		__entry->why = why;
	),

	TP_printk("mm=%p range=%lx-%lx reason=%s", __entry->mm, __entry->start,
		  __entry->end, __print_symbolic(__entry->why, AUTONUMA_SKIP_NAMES))
);

/* A page got a place in the queue to a node. */
TRACE_EVENT(autonuma_queue,

	TP_PROTO(unsigned long pfn, int target_nid),

	TP_ARGS(pfn, target_nid),

	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(int, page_nid)
		__field(int, target_nid)
	),

	TP_fast_assign(
		__entry->pfn = pfn;
		__entry->page_nid = pfn_to_nid(pfn);
		__entry->target_nid = target_nid;
	),

	TP_printk("pfn=%lx node=%d target=%d", __entry->pfn, __entry->page_nid,
		  __entry->target_nid)
);

/* A page lost its place in the queue to a node. */
TRACE_EVENT(autonuma_cancel,

	TP_PROTO(unsigned long pfn, int target_nid),

	TP_ARGS(pfn, target_nid),

	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(int, target_nid)
	),

	TP_fast_assign(
		__entry->pfn = pfn;
		__entry->target_nid = target_nid;
	),

	TP_printk("pfn=%lx target=%d", __entry->pfn, __entry->target_nid)
);

/* A group of pages was moved to a node. */
TRACE_EVENT(autonuma_moved,

	TP_PROTO(int target_nid, unsigned int pages),

	TP_ARGS(target_nid, pages),

	TP_STRUCT__entry(
		__field(int, target_nid)
		__field(unsigned int, pages)
	),

	TP_fast_assign(
		__entry->target_nid = target_nid;
		__entry->pages = pages;
	),

	TP_printk("target=%d pages=%u", __entry->target_nid, __entry->pages)
);

/* A page that was wanted on a node stays where it is. */
TRACE_EVENT(autonuma_drop,

	TP_PROTO(unsigned long pfn, int target_nid, int why),

	TP_ARGS(pfn, target_nid, why),

	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(int, target_nid)
		__field(int, why)
	),

	TP_fast_assign(
		__entry->pfn = pfn;
		__entry->target_nid = target_nid;
		__entry->why = why;
	),

	TP_printk("pfn=%lx target=%d reason=%s", __entry->pfn, __entry->target_nid,
		  __print_symbolic(__entry->why, AUTONUMA_DROP_NAMES))
);

/* A task was moved to another node; @other came from there in exchange, if not NULL. */
TRACE_EVENT(autonuma_task_moved,

	TP_PROTO(struct task_struct *p, int cpu_nid, int target_nid, struct task_struct *other),

	TP_ARGS(p, cpu_nid, target_nid, other),

	TP_STRUCT__entry(
		__field(int, pid)
		__field(int, cpu_nid)
		__field(int, target_nid)
		__field(int, other)
	),

	TP_fast_assign(
		__entry->pid = p->pid;
		__entry->cpu_nid = cpu_nid;
		__entry->target_nid = target_nid;
		__entry->other = other ? other->pid : 0;
	),

	TP_printk("pid=%d node=%d target=%d other=%d", __entry->pid, __entry->cpu_nid,
		  __entry->target_nid, __entry->other)
);

#endif /* _TRACE_AUTONUMA_H */

/* Must stay outside the include guard. */
#include <trace/define_trace.h>

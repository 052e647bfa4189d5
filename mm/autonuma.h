/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AutoNUMA: what its files share.
 *
 * Whose node is it? Throughout this directory
 *
 *	page_nid	the node a page is on,
 *	cpu_nid		the node of the CPU that touched it,
 *	target_nid	the node it shall move to.
 */
#ifndef _MM_AUTONUMA_H
#define _MM_AUTONUMA_H

#include <linux/atomic.h>
#include <linux/autonuma.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

/**
 * struct autonuma_knobs - what /sys/kernel/mm/autonuma/ sets
 * @debug:			log passes and drops with pr_info()
 * @scan_sleep_millisecs:	pause of knuma_scand within a pass, in ms
 * @scan_sleep_pass_millisecs:	longest pause of knuma_scand between passes, in ms; the
 *				scan periods of all mms are found from it, see period.c
 * @pages_to_scan:		work between two pauses, in page-table entries
 * @scan_pmd:			a hinting fault resolves the marked entries of its
 *				whole PMD range: fewer faults, coarser task statistics
 * @working_set:		the mm's page counts are of pages touched since the
 *				last pass, not of all eligible pages
 * @migrate_sleep_millisecs:	pause of knuma_migrated between batches, in ms
 * @pages_to_migrate:		most pages of one batch
 * @migrate_async:		knuma_migrated moves pages; else the hinting fault does
 * @migrate_defer:		knuma_migrated starts in the middle of the next pass
 *				instead of when enough pages wait
 * @migrate_allow_first_fault:	the first hinting fault ever on a page may move it
 * @load_balance_strict:	for task placement: the balancer does not pull a task
 *				off its node unless the pulling CPU is idle
 * @balance_interval_millisecs:	for task placement: time between two decisions
 *				about one task, in ms
 * @child_inheritance:		a child starts with its parent's task statistics
 *
 * Read without locks with READ_ONCE(): a daemon or a fault may act once more on
 * the value of a moment ago. Ranges and defaults are in the table in sysfs.c.
 */
struct autonuma_knobs {
	unsigned int debug;
	unsigned int scan_sleep_millisecs;
	unsigned int scan_sleep_pass_millisecs;
	unsigned int pages_to_scan;
	unsigned int scan_pmd;
	unsigned int working_set;
	unsigned int migrate_sleep_millisecs;
	unsigned int pages_to_migrate;
	unsigned int migrate_async;
	unsigned int migrate_defer;
	unsigned int migrate_allow_first_fault;
	unsigned int load_balance_strict;
	unsigned int balance_interval_millisecs;
	unsigned int child_inheritance;
};

extern struct autonuma_knobs autonuma_knobs;

/* The value of a knob at this moment. */
#define autonuma_knob(name)	READ_ONCE(autonuma_knobs.name)

/*
 * Why a page that two samples wanted elsewhere did not move. Counted by reason in
 * /sys/kernel/mm/autonuma/pages_failed and printed by tracing; names in sysfs.c.
 */
enum autonuma_drop {
	AUTONUMA_DROP_NONE,		/* it goes on */
	AUTONUMA_DROP_NODE_FULL,	/* no room above the high watermark */
	AUTONUMA_DROP_QUEUE_FULL,	/* no queue entry left on its node */
	AUTONUMA_DROP_SHARED,		/* mapped by several processes */
	AUTONUMA_DROP_PINNED,		/* somebody does DMA to it */
	AUTONUMA_DROP_OFF_LRU,		/* somebody else isolated it, or not yet on it */
	AUTONUMA_DROP_GONE,		/* freed, or part of another page, since */
	AUTONUMA_DROP_UNWANTED,		/* last touched from another node since */
	AUTONUMA_DROP_BUSY,		/* migration gave up on it */
	AUTONUMA_NR_DROPS
};

/* Why the scan left a mapping alone; printed by tracing. */
enum autonuma_skip {
	AUTONUMA_SKIP_NONE,		/* it was scanned */
	AUTONUMA_SKIP_HUGETLB,
	AUTONUMA_SKIP_SPECIAL,		/* PFN or mixed map, I/O */
	AUTONUMA_SKIP_INACCESSIBLE,	/* no read, write or execute permission */
	AUTONUMA_SKIP_STACK,		/* exec is still moving it */
	AUTONUMA_SKIP_POLICY,		/* placed by the program itself */
	AUTONUMA_SKIP_READONLY_FILE,	/* a shared library, most likely */
	AUTONUMA_SKIP_DAX,
	AUTONUMA_SKIP_EXITING,		/* the whole mm: its last user is gone */
	AUTONUMA_SKIP_PERIOD,		/* the whole mm: not due yet */
	AUTONUMA_NR_SKIPS
};

/* What became of a page that was touched: what the scan period follows, see period.c. */
enum autonuma_outcome {
	AUTONUMA_LOCAL,			/* it is on the node that touched it */
	AUTONUMA_REMOTE,		/* it is not, and nothing follows from that */
	AUTONUMA_PENDING,		/* it is not, and the next sample decides */
	AUTONUMA_MOVED,			/* it moved to the node that touched it */
	AUTONUMA_STAYED,		/* it was wanted there and stays where it is */
	AUTONUMA_FORBIDDEN,		/* so it was, but a policy does not allow it */
	AUTONUMA_NR_OUTCOMES
};

/* Counters; one set per CPU, summed by readers. Units are pages unless said. */
enum autonuma_counter {
	AUTONUMA_FULL_SCANS,		/* completed passes over every registered mm */
	AUTONUMA_PAGES_SCANNED,		/* entries looked at, skipped mappings count 1 */
	AUTONUMA_PAGES_MARKED,		/* entries turned into hinting entries */
	AUTONUMA_HINT_FAULTS,		/* hinting faults taken, in faults */
	AUTONUMA_HINT_FAULTS_LOCAL,	/* of these, on a page of the CPU's node */
	AUTONUMA_PAGES_QUEUED,
	AUTONUMA_PAGES_CANCELLED,	/* lost their place: touched from elsewhere, or off */
	AUTONUMA_PAGES_MIGRATED,
	AUTONUMA_THP_MIGRATED,		/* large folios moved whole, in folios */
	AUTONUMA_THP_SPLIT,		/* split because the target had no huge page */
	AUTONUMA_TASKS_MOVED,		/* in tasks */
	AUTONUMA_TASKS_SWAPPED,		/* in pairs of tasks */
	AUTONUMA_PAGES_FAILED,		/* first of one counter per enum autonuma_drop */
	AUTONUMA_NR_COUNTERS = AUTONUMA_PAGES_FAILED + AUTONUMA_NR_DROPS
};

struct autonuma_counters {
	unsigned long count[AUTONUMA_NR_COUNTERS];
};

DECLARE_PER_CPU(struct autonuma_counters, autonuma_counters);

static inline void autonuma_count(enum autonuma_counter which, unsigned long n)
{
	this_cpu_add(autonuma_counters.count[which], n);
}

static inline void autonuma_count_drop(enum autonuma_drop why, unsigned long pages)
{
	this_cpu_add(autonuma_counters.count[AUTONUMA_PAGES_FAILED + why], pages);
}

/**
 * struct autonuma_counts - page or fault counts by node, an ageing average
 * @lock:	writers exclude each other; readers retry, so they see a total
 *		and an array that belong together
 * @passes:	the pass over the mm that @by_node was last aged for
 * @total:	the exact sum of @by_node
 * @used:	the nodes whose counts are not zero: ageing and reading cost these only,
 *		not all nodes of the machine
 * @by_node:	nr_node_ids counts, in pages
 *
 * At each new pass over the mm every count is halved. Old passes fade and none is
 * forgotten at once: zeroing instead would make the first few faults of a pass look
 * like the whole truth. The ageing is done by whoever adds first after the pass: until
 * then readers see what was true before, in the same proportions.
 */
struct autonuma_counts {
	seqlock_t lock;
	unsigned long passes;
	unsigned long total;
	nodemask_t used;
	unsigned long by_node[];
};

/* Windows whose running tasks a home remembers. */
#define AUTONUMA_WINDOWS	4

/* What a running task counts: halved in each window, one that is gone counts for some yet. */
#define AUTONUMA_TASK		16

/**
 * struct autonuma_home - where tasks that belong together live: those of an mm or a group
 * @pages:	their pages, by node
 * @running:	their tasks seen running, by node, aged per window; AUTONUMA_TASK each
 * @lock:	protects what follows
 * @begin:	start of the current window, in jiffies
 * @window:	number of the current window
 * @chosen:	the window in which @nodes were chosen last
 * @seen:	CPUs taken by tasks seen running in the current window and in those before it
 * @room:	CPUs of the nodes chosen for them
 * @nodes:	the nodes they are spread over; empty if one node holds them all
 */
struct autonuma_home {
	struct autonuma_counts *pages;
	struct autonuma_counts *running;
	spinlock_t lock;	/* innermost but for those of counts */
	unsigned long begin;
	unsigned long window;
	unsigned long chosen;
	unsigned int seen[AUTONUMA_WINDOWS];
	unsigned int room;
	nodemask_t nodes;
};

/**
 * struct autonuma_group - processes that may write the same pages
 * @home:	where they live; its pages are the sum of those of all members
 * @members:	one reference for each mm, and for who is about to join
 * @number:	groups made since boot when it was made, itself among them
 * @rcu:	frees it after a grace period
 */
struct autonuma_group {
	struct autonuma_home home;
	refcount_t members;
	u64 number;
	struct rcu_head rcu;
};

/* An mm has so many sets of votes, as a power of two: two GiB have one per page table. */
#define AUTONUMA_VOTE_BITS	10

/**
 * struct autonuma_votes - do pages of an address range look private? See spread.c.
 * @same:	passes in which its first sample was of the same task as the sample before
 * @other:	passes in which it was not
 * @pass:	low bits of the pass that has voted
 */
struct autonuma_votes {
	u8 same;
	u8 other;
	u8 pass;
};

/**
 * struct mm_autonuma - what AutoNUMA knows about an address space
 * @mm:		the address space; valid while @list is on the registry
 * @list:	place in the registry of mms, the order in which a pass visits
 * @hash:	place in the hash of mms by @id
 * @id:		a number that no other mm ever has; not zero
 * @visited:	number of the last pass that finished with this mm; knuma_scand only
 * @passes:	completed passes over this mm; written by knuma_scand, read by faults
 * @address:	where the next batch goes on; knuma_scand only
 * @period:	time from one scan to the next, in ms; 0 before the first one. Of knuma_scand,
 *		which marks its writes only
 * @scanned:	when the last scan ended, in jiffies; knuma_scand only
 * @heard:	what became of the pages touched since then, in pages by outcome
 * @spreading:	shared pages are being spread; written by knuma_scand
 * @votes:	whether pages look private, by address range
 * @all_votes:	the same votes, of all ranges together; their @pass is not used
 * @rcu:	frees it after a grace period
 * @home:	where the process lives if it has no group
 * @group_lock:	protects @spare, writes of @group, and writes of @pages
 * @group:	the group it belongs to, or NULL; RCU
 * @spare:	becomes the first group of the process; allocated by knuma_scand because a
 *		fault must not allocate
 * @held:	pages that the last complete pass found, touched or not, and their moves since:
 *		what each node has of the process's memory
 * @pages:	pages found by the last pass, by node, see the knob working_set
 * @found_on:	nodes of the pages found by the pass in progress; knuma_scand only
 * @there:	how many there are, by node; zero for nodes not in @found_on
 * @found:	how many of them count for @pages, by node; as many entries belong to @there
 *
 * Allocated by knuma_scand, at mm->mm_autonuma from then until the mm exits.
 */
struct mm_autonuma {
	struct mm_struct *mm;
	struct list_head list;
	struct hlist_node hash;
	unsigned long id;
	unsigned long visited;
	unsigned long passes;
	unsigned long address;
	unsigned int period;
	unsigned long scanned;
	atomic_long_t heard[AUTONUMA_NR_OUTCOMES];
	bool spreading;
	struct autonuma_votes votes[1 << AUTONUMA_VOTE_BITS];
	struct autonuma_votes all_votes;
	struct rcu_head rcu;
	struct autonuma_home home;
	spinlock_t group_lock;	/* innermost but for those of counts */
	struct autonuma_group __rcu *group;
	struct autonuma_group *spare;
	struct autonuma_counts *held;
	struct autonuma_counts *pages;
	nodemask_t found_on;
	unsigned long *there;
	unsigned long found[];
};

/**
 * struct autonuma_seen - a home has counted a task
 * @home:	which one; never dereferenced
 * @window:	the window of @home in which it did
 */
struct autonuma_seen {
	const struct autonuma_home *home;
	unsigned long window;
};

/**
 * struct task_autonuma - what AutoNUMA knows about a task
 * @preferred_nid: the node where the last decision wants the task, or NUMA_NO_NODE
 * @next_decision: when the next decision about the task is due, in jiffies
 * @work:	takes the decision; its next is itself while it is not queued
 * @seen:	by its mm's own home
 * @seen_by_group: by its group's
 * @faults:	hinting faults of the task, by node of the page; written by
 *		the task itself
 *
 * Allocated by knuma_scand for the tasks of registered mms, freed with the task.
 */
struct task_autonuma {
	int preferred_nid;
	unsigned long next_decision;
	struct callback_head work;
	struct autonuma_seen seen;
	struct autonuma_seen seen_by_group;
	struct autonuma_counts faults;
};

/*
 * Was no access to the folio sampled since it was allocated? All bits of its last CPUPID are
 * set then. The bits of the pid alone do not tell: they are all set for one pid of 256, too.
 */
static inline bool autonuma_never_sampled(int last_cpupid)
{
	return cpupid_pid_unset(last_cpupid) && cpupid_cpu_unset(last_cpupid);
}

/* stats.c */
size_t autonuma_counts_size(void);
void autonuma_counts_init(struct autonuma_counts *c);
void autonuma_counts_add(struct autonuma_counts *c, unsigned long passes,
			 int nid, unsigned long pages);
void autonuma_counts_move(struct autonuma_counts *c, int page_nid, int target_nid,
			  unsigned long pages);
void autonuma_counts_replace(struct autonuma_counts *c, const nodemask_t *used,
			     const unsigned long *by_node);
void autonuma_counts_nodes(struct autonuma_counts *c, nodemask_t *nodes);
void autonuma_counts_reset(struct autonuma_counts *c);
unsigned long autonuma_counts_read(struct autonuma_counts *c, nodemask_t *used,
				   unsigned long *by_node);
unsigned long autonuma_counts_share(struct autonuma_counts *c, int nid, unsigned long *total);
unsigned long autonuma_counter_read(enum autonuma_counter which);

/* registry.c */
bool autonuma_find_processes(unsigned int *look);
bool autonuma_registry_empty(void);
struct mm_autonuma *autonuma_next_mm(unsigned long pass);
void autonuma_mm_done(struct mm_autonuma *mma, unsigned long pass);
struct mm_autonuma *autonuma_find_mm(unsigned long id);

/* spread.c */
void autonuma_vote(struct mm_autonuma *mma, unsigned long addr, bool same);
enum autonuma_outcome autonuma_held_back(struct mm_autonuma *mma, unsigned long addr,
					 int last, int page_nid, int target_nid,
					 unsigned long pages);
void autonuma_goes(struct mm_autonuma *mma, int page_nid, int target_nid, unsigned long pages);
void autonuma_spread_pass(struct mm_autonuma *mma);

/* period.c */
void autonuma_hear(struct mm_autonuma *mma, enum autonuma_outcome what, unsigned long pages);
void autonuma_period_now(void);
void autonuma_period_pass(void);
bool autonuma_period_due(struct mm_autonuma *mma);
void autonuma_period_scanned(struct mm_autonuma *mma);
unsigned int autonuma_period_pause(void);
bool autonuma_period_over(void);
bool autonuma_period_rests(struct mm_autonuma *mma);
#if IS_ENABLED(CONFIG_KUNIT)
/* What a test may take out, to see what it is good for. */
bool autonuma_was_writable(struct vm_area_struct *vma, unsigned long addr, pte_t pte);
bool autonuma_shares_writes(struct vm_area_struct *vma, unsigned long addr);
unsigned int autonuma_judge_period(unsigned int period, const unsigned long *heard);
#endif

/* scan.c */
int __init autonuma_scan_init(void);
void __init autonuma_scan_exit(void);
void autonuma_scan_wake(void);

/* queue.c */

/* Pages taken from one source node before the next one has its turn; huge ones count 1. */
#define AUTONUMA_TURN	64

/**
 * struct autonuma_queued - a page that shall move
 * @pfn:	frame number of the (head) page
 * @order:	its size when it was queued
 * @tries:	failed attempts to move it so far
 * @mm_id:	the mm that wants to know what becomes of it, or 0
 */
struct autonuma_queued {
	unsigned long pfn;
	unsigned long mm_id;
	unsigned int order;
	unsigned int tries;
};

int __init autonuma_queue_init(void);
void __init autonuma_queue_exit(void);
enum autonuma_drop autonuma_queue_add(const struct autonuma_queued *item, int target_nid);
bool autonuma_queue_cancel(unsigned long pfn);
int autonuma_queue_take(int page_nid, int target_nid, struct autonuma_queued *items,
			unsigned int max);
void autonuma_queue_settle(int target_nid, unsigned int pages);
void autonuma_queue_flush(void);
unsigned long autonuma_queue_promised(int target_nid);

/* migrate.c */
int __init autonuma_migrate_init(void);
void __init autonuma_migrate_exit(void);
void autonuma_migrate_wake(int target_nid);
void autonuma_migrate_kick(void);
void autonuma_migrate_look(void);

/* move.c */
long autonuma_free_room(int target_nid);
long autonuma_room(int target_nid);
enum autonuma_drop autonuma_movable(struct folio *folio);
unsigned int autonuma_move_isolated(struct list_head *folios, int target_nid);
void autonuma_put_back(struct list_head *folios);
void autonuma_dropped(unsigned long pfn, unsigned int order, int target_nid,
		      enum autonuma_drop why);
unsigned int autonuma_migrate_list(struct list_head *folios, int target_nid);

/* core.c */
void autonuma_set_enabled(bool on);

/* sched/decide.c */

/* Shares of pages and faults are in parts of this. */
#define AUTONUMA_ALL		10000

/* A difference in shares that is worth a change of what has been decided. */
#define AUTONUMA_CLEARLY	(AUTONUMA_ALL / 20)

/**
 * struct autonuma_decision - about the current task
 * @p:		the task
 * @ta:		what is known about it
 * @home:	where its process or group lives; valid in the RCU reader that decides
 * @seen:	where @home has counted it
 * @cpu:	where it runs
 * @cpu_nid:	the node of @cpu
 * @spread:	the home is spread over @nodes; else @nodes are those with pages
 * @inside:	@cpu_nid is one of them
 * @core:	the task has a core to itself
 * @nodes:	where it may go
 * @wish:	how much it gains on @preferred_nid
 * @preferred_nid: the node where it gains most, or @cpu_nid
 * @best:	how good the move below is; 0: none was found
 * @best_cpu:	where the task shall go
 * @other:	the task that runs there and comes here instead, with a reference; NULL if idle
 */
struct autonuma_decision {
	struct task_struct *p;
	struct task_autonuma *ta;
	struct autonuma_home *home;
	struct autonuma_seen *seen;
	int cpu;
	int cpu_nid;
	bool spread;
	bool inside;
	bool core;
	nodemask_t nodes;
	long wish;
	int preferred_nid;
	long best;
	int best_cpu;
	struct task_struct *other;
};

void __init autonuma_decide_init(void);
void autonuma_decide(struct autonuma_decision *d);

/* sched/place.c */
void autonuma_place_init(struct task_autonuma *ta, struct task_struct *p);

/* sched/home.c */
long autonuma_share(struct autonuma_counts *c, int nid);
void autonuma_home_init(struct autonuma_home *home, struct autonuma_counts *pages,
			struct autonuma_counts *running);
void autonuma_home_see(struct autonuma_home *home, struct autonuma_seen *seen, int cpu_nid);
bool autonuma_home_visit(struct autonuma_home *home, struct task_struct *p,
			 struct autonuma_seen *seen, int cpu_nid, unsigned int cpus,
			 nodemask_t *nodes);

/* sched/group.c */
struct autonuma_home *autonuma_home(struct mm_autonuma *mma);
void autonuma_group_prepare(struct mm_autonuma *mma, struct vm_area_struct *vma);
void autonuma_group_meet(struct mm_autonuma *mma, struct vm_area_struct *vma,
			 unsigned long addr, int cpupid);
void autonuma_group_leave(struct mm_autonuma *mma);
bool autonuma_group_agrees(struct mm_autonuma *mma, int page_nid, int target_nid);
void autonuma_pages_replace(struct mm_autonuma *mma, const nodemask_t *used,
			    const unsigned long *by_node);

/* sysfs.c */
extern const char * const autonuma_drop_names[AUTONUMA_NR_DROPS];
void __init autonuma_knobs_init(void);
int __init autonuma_sysfs_init(void);

#endif /* _MM_AUTONUMA_H */

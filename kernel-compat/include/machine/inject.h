/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection: any allocation and any migration can be made to fail.
 * own: not a kernel header.
 *
 * Code that can fail asks inject_fail(); rules decide.  Without a rule that costs one
 * load.  A failure is remembered (inject_last()), so that a test can say what failed.
 *
 * Every test program takes such rules as options too (--inject), and can fail each place
 * that asks, once each (--fail-every-site).
 */
#ifndef _MACHINE_INJECT_H
#define _MACHINE_INJECT_H

#include <linux/bits.h>
#include <linux/types.h>
#include <linux/gfp_types.h>

struct task_struct;

enum inject_site {
	INJECT_SLAB,		/* kmalloc(), kmem_cache_alloc() */
	INJECT_PAGE,		/* alloc_pages(), folio_alloc() */
	INJECT_MIGRATE,		/* one folio's migration: as if references were in the way */
	INJECT_ISOLATE,		/* folio_isolate_lru() */
	INJECT_SPLIT,		/* splitting a large folio */
	INJECT_FORK,		/* creation of a task */
	INJECT_KTHREAD,		/* kthread_create() */
	INJECT_TRYLOCK,		/* a trylock finds the lock taken: spinlocks, mutexes, rwsems,
				   mmap_lock, folio lock */
	INJECT_WAKE,		/* a sleep is over at once, without its reason: a spurious
				   wake-up */
	INJECT_NR
};
/* Those that mean a want of memory, or that somebody else is using a page. */
#define INJECT_DENIED	(BIT(INJECT_TRYLOCK) - 1)

/* "slab", "page", …; and back: INJECT_NR if there is no such kind. */
const char *inject_site_name(enum inject_site kind);
enum inject_site inject_site_find(const char *name, size_t len);

/* What an allocation may do to find memory. */
enum inject_gfp {
	INJECT_GFP_ANY,
	INJECT_GFP_KERNEL,	/* may sleep and reclaim */
	INJECT_GFP_ATOMIC,	/* may not, but has the reserves: __GFP_HIGH */
	INJECT_GFP_NOWAIT,	/* may not, and has no reserves */
	INJECT_GFP_THISNODE,	/* __GFP_THISNODE, whatever else */
};

/**
 * struct inject_rule - when to fail
 * @sites:	bit mask of 1 << enum inject_site; 0 means INJECT_DENIED
 * @nth:	fail exactly the nth matching call from now on, 1 is the next; 0: not by count
 * @per_million: fail each matching call with this probability, in millionths, drawn
 *		from the engine's stream of choices; with @nth 0 only
 * @times:	stop after that many failures; 0 means no limit
 * @task:	only calls of this task; NULL means all
 * @bytes:	fail the calls for which the next of these bytes is odd, none behind the
 *		last: a fuzzer's input decides. Stays the caller's. Instead of the two above
 * @nr_bytes:	how many
 * @func:	only calls with this function among the callers (a pointer to its
 *		first instruction), or NULL
 * @func_len:	bytes of code that belong to @func; 0 means 4096
 * @site:	only calls by the function of this name (what calls kmalloc(), not kmalloc());
 *		with "+0x12" behind it, only those that return there. NULL: all. Stays the
 *		caller's
 * @gfp:	slab objects and pages: only this class
 * @min_order:	pages: only orders from here
 * @nofail_too:	also fail calls that said __GFP_NOFAIL (to see what breaks)
 *
 * Conditions combine with "and".  A rule counts the calls that match all of them.
 */
struct inject_rule {
	unsigned int sites;
	unsigned long nth;
	unsigned int per_million;
	unsigned long times;
	const struct task_struct *task;
	const u8 *bytes;
	size_t nr_bytes;
	const void *func;
	unsigned long func_len;
	const char *site;
	enum inject_gfp gfp;
	unsigned int min_order;
	bool nofail_too;
};

#define INJECT_MAX_RULES	8

/**
 * inject_set() - add a rule
 * @rule:	copied
 *
 * Return: its handle (0 .. INJECT_MAX_RULES - 1), or -ENOSPC, -EINVAL.
 * Context: any.
 */
int inject_set(struct inject_rule rule);
/* Remove one rule, all rules. Power off removes all. */
void inject_clear(int handle);
void inject_clear_all(void);

/* How many calls matched a rule so far, and how many of them were failed. */
unsigned long inject_matched(int handle);
unsigned long inject_failed(int handle);
/* Failures of one kind since boot, by any rule. */
unsigned long inject_count(enum inject_site kind);
/* Return addresses of the last failure's callers; returns how many. */
unsigned int inject_last(unsigned long *ips, unsigned int nr);

/*
 * Whether the running call shall fail; asked by code that can fail. @gfp: of an allocation,
 * else 0.
 */
bool __inject_fail(enum inject_site kind, gfp_t gfp, unsigned int order);
extern unsigned int inject_nr_rules;
static inline bool inject_fail_alloc(enum inject_site kind, gfp_t gfp, unsigned int order)
{
	return __atomic_load_n(&inject_nr_rules, __ATOMIC_RELAXED) &&
	       __inject_fail(kind, gfp, order);
}
static inline bool inject_fail(enum inject_site kind)
{
	return inject_fail_alloc(kind, 0, 0);
}

/**
 * inject_parse() - a rule from text
 * @text:	"KIND[,KIND…][:GFP][:nth=N|rate=R|bytes=HEX][:site=FUNC[+0xOFFSET]][:times=N]";
 *		KIND as inject_site_name() says, "huge" for pages of huge pages, "all"; GFP is
 *		kernel, atomic, nowait or thisnode; R from 0 to 1. Only site: always there.
 *		Parts of it stay in use
 * @rule:	where to store it
 * @why:	what is wrong, one line, if anything is
 * @size:	room there
 *
 * Return: 0, or -EINVAL.
 */
int inject_parse(const char *text, struct inject_rule *rule, char *why, size_t size);

/**
 * inject_each() - run a function with its 1st, 2nd, … possible failure
 * @fn:		what to run in the calling task; must clean up after itself
 * @arg:	its argument
 * @sites:	as in struct inject_rule
 *
 * Runs @fn with fail-nth 1, 2, … on the calling task until a run in which nothing
 * was left to fail; that last run succeeds.  After each run the caller's own checks in
 * @fn have decided whether the failure was handled.
 *
 * Return: how many failures were injected in all.
 */
unsigned long inject_each(void (*fn)(void *arg), void *arg, unsigned int sites);

/**
 * struct inject_place - where a call that can fail was made from
 * @kind:	what could fail
 * @ip:		where the call returns to, in the first caller that is not itself part of
 *		an allocator, a lock or the like
 * @func:	the function there
 * @offset:	of @ip from its beginning
 * @via:	what it called
 * @reached:	how often, since the places were forgotten
 * @denied:	of these, how often it failed, by whatever rule
 * @state:	what became of it; fail_every_site()'s, and the runner's
 */
struct inject_place {
	enum inject_site kind;
	unsigned long ip;
	char func[64];
	char via[64];
	unsigned long offset;
	unsigned long reached;
	unsigned long denied;
	u32 state;
};
#define INJECT_MAX_PLACES	1024

/**
 * struct inject_places - all that were reached, in that order
 * @nr:		how many
 * @kinds:	which kinds are looked at
 * @task:	only calls of this task; NULL: all
 * @fail:	the one that fails next time it is reached, once; -1: none
 * @failed:	it did
 */
struct inject_places {
	unsigned int nr;
	unsigned int kinds;
	const struct task_struct *task;
	int fail;
	bool failed;
	struct inject_place at[INJECT_MAX_PLACES];
};
/* Note what is reached from now on in @p, until called with NULL. Outlives power off. */
void inject_note_places(struct inject_places *p);
/* So, of all tasks and beside that: what rules do is counted, too. For the runner's table. */
void inject_log_places(struct inject_places *p);

/**
 * fail_every_site() - run a function once per place that can fail
 * @fn:		what to run in the calling task; must clean up after itself
 * @arg:	its argument
 * @kinds:	as sites in struct inject_rule
 * @p:		where to keep the places, for the caller to look at; or NULL
 *
 * Runs @fn once, then again for each place from which a call that can fail was made in any
 * of the runs, with the first such call failed. Cheaper than inject_each(), which fails each
 * call, where loops call from the same place.
 *
 * Return: how many places failed.
 */
unsigned int fail_every_site(void (*fn)(void *arg), void *arg, unsigned int kinds,
			     struct inject_places *p);

#endif /* _MACHINE_INJECT_H */

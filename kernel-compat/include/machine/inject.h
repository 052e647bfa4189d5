/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault injection: any allocation and any migration can be made to fail.
 * Shim only: not a kernel header.
 *
 * Code that can fail asks inject_fail(); rules decide.  Without a rule that costs one
 * load.  A failure is remembered (inject_last()), so that a test can say what failed.
 */
#ifndef _MACHINE_INJECT_H
#define _MACHINE_INJECT_H

#include <linux/types.h>

struct task_struct;

enum inject_site {
	INJECT_SLAB,		/* kmalloc(), kmem_cache_alloc() */
	INJECT_PAGE,		/* alloc_pages(), folio_alloc() */
	INJECT_MIGRATE,		/* one folio's migration: as if references were in the way */
	INJECT_ISOLATE,		/* folio_isolate_lru() */
	INJECT_SPLIT,		/* splitting a large folio */
	INJECT_FORK,		/* creation of a task */
	INJECT_NR
};
const char *inject_site_name(enum inject_site kind);

/**
 * struct inject_rule - when to fail
 * @sites:	bit mask of 1 << enum inject_site; 0 means all
 * @nth:	fail exactly the nth matching call from now on, 1 is the next; 0: not by count
 * @per_million: fail each matching call with this probability, in millionths, drawn
 *		from the engine's stream of choices; with @nth 0 only
 * @times:	stop after that many failures; 0 means no limit
 * @task:	only calls of this task; NULL means all
 * @func:	only calls with this function among the callers (a pointer to its
 *		first instruction), or NULL
 * @func_len:	bytes of code that belong to @func; 0 means 4096
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
	const void *func;
	unsigned long func_len;
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

/* Whether the running call shall fail; asked by code that can fail. */
bool __inject_fail(enum inject_site kind, unsigned int order, bool nofail);
extern unsigned int inject_nr_rules;
static inline bool inject_fail_order(enum inject_site kind, unsigned int order, bool nofail)
{
	return __atomic_load_n(&inject_nr_rules, __ATOMIC_RELAXED) &&
	       __inject_fail(kind, order, nofail);
}
static inline bool inject_fail(enum inject_site kind)
{
	return inject_fail_order(kind, 0, false);
}

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

#endif /* _MACHINE_INJECT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection: rules, and the question whether a call shall fail.
 *
 * Rules change rarely and are read by every call that can fail once one exists; a lock
 * of the shim's own keeps counting exact, so that "the nth call" means one call.
 */
#include <string.h>

#include <engine/engine.h>
#include <exec/task.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/fault-inject.h>
#include <linux/sched.h>
#include <machine/inject.h>
#include <machine/machine.h>
#include <machine/violation.h>
#include <inject/internal.h>

struct slot {
	bool used;
	struct inject_rule rule;
	unsigned long matched;
	unsigned long failed;
};

unsigned int inject_nr_rules;

static struct xlock inject_lock;
static struct slot slots[INJECT_MAX_RULES];
static unsigned long counts[INJECT_NR];
static unsigned long last_ips[STACK_DEPTH];
static unsigned int last_nr;

const char *inject_site_name(enum inject_site kind)
{
	static const char *const names[INJECT_NR] = {
		"slab", "page", "migrate", "isolate", "split", "fork", "kthread", "trylock", "wake",
	};

	return (unsigned int)kind < INJECT_NR ? names[kind] : "?";
}

enum inject_site inject_site_find(const char *name, size_t len)
{
	int kind;

	for (kind = 0; kind < INJECT_NR; kind++)
		if (strlen(inject_site_name(kind)) == len &&
		    !memcmp(inject_site_name(kind), name, len))
			break;
	return kind;
}

int inject_set(struct inject_rule rule)
{
	int i, ret = -ENOSPC;

	if (rule.per_million > 1000000 || rule.sites >> INJECT_NR ||
	    !!rule.nth + !!rule.per_million + !!rule.bytes != 1)
		return -EINVAL;
	if (!rule.sites)
		rule.sites = INJECT_DENIED;
	if (rule.func && !rule.func_len)
		rule.func_len = 4096;
	xlock(&inject_lock);
	for (i = 0; i < INJECT_MAX_RULES && ret < 0; i++) {
		if (slots[i].used)
			continue;
		slots[i] = (struct slot) { .used = true, .rule = rule };
		__atomic_fetch_add(&inject_nr_rules, 1, __ATOMIC_RELAXED);
		ret = i;
	}
	xunlock(&inject_lock);
	return ret;
}

void inject_clear(int handle)
{
	xlock(&inject_lock);
	if (handle >= 0 && handle < INJECT_MAX_RULES && slots[handle].used) {
		slots[handle].used = false;
		__atomic_fetch_sub(&inject_nr_rules, 1, __ATOMIC_RELAXED);
	}
	xunlock(&inject_lock);
}

void inject_clear_all(void)
{
	int i;

	for (i = 0; i < INJECT_MAX_RULES; i++)
		inject_clear(i);
}

unsigned long inject_matched(int handle)
{
	unsigned long n;

	xlock(&inject_lock);
	n = slots[handle].matched;
	xunlock(&inject_lock);
	return n;
}

unsigned long inject_failed(int handle)
{
	unsigned long n;

	xlock(&inject_lock);
	n = slots[handle].failed;
	xunlock(&inject_lock);
	return n;
}

unsigned long inject_count(enum inject_site kind)
{
	return __atomic_load_n(&counts[kind], __ATOMIC_RELAXED);
}

unsigned int inject_last(unsigned long *ips, unsigned int nr)
{
	unsigned int i;

	xlock(&inject_lock);
	for (i = 0; i < nr && i < last_nr; i++)
		ips[i] = last_ips[i];
	xunlock(&inject_lock);
	return i;
}

static bool called_from(const struct inject_rule *rule, const unsigned long *ips,
			unsigned int nr)
{
	unsigned long start = (unsigned long)rule->func;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (ips[i] > start && ips[i] <= start + rule->func_len)
			return true;
	return false;
}

static bool gfp_matches(enum inject_gfp class, enum inject_site kind, gfp_t gfp)
{
	if (class == INJECT_GFP_ANY)
		return true;
	if (kind != INJECT_SLAB && kind != INJECT_PAGE)
		return false;
	switch (class) {
	case INJECT_GFP_KERNEL:
		return gfp & __GFP_DIRECT_RECLAIM;
	case INJECT_GFP_ATOMIC:
		return !(gfp & __GFP_DIRECT_RECLAIM) && gfp & __GFP_HIGH;
	case INJECT_GFP_NOWAIT:
		return !(gfp & (__GFP_DIRECT_RECLAIM | __GFP_HIGH));
	default:
		return gfp & __GFP_THISNODE;
	}
}

static bool rule_matches(const struct inject_rule *rule, enum inject_site kind, gfp_t gfp,
			 unsigned int order, const unsigned long *ips, unsigned int nr)
{
	if (!(rule->sites & 1U << kind) || (gfp & __GFP_NOFAIL && !rule->nofail_too))
		return false;
	if (rule->task && rule->task != current)
		return false;
	if (kind == INJECT_PAGE && order < rule->min_order)
		return false;
	if (!gfp_matches(rule->gfp, kind, gfp))
		return false;
	if (rule->site && !inject_called_by(rule->site, ips, nr))
		return false;
	return !rule->func || called_from(rule, ips, nr);
}

/* Count a matching call and decide. The lock is held. */
static bool slot_fails(struct slot *slot)
{
	const struct inject_rule *rule = &slot->rule;

	slot->matched++;
	if (rule->times && slot->failed >= rule->times)
		return false;
	if (rule->nth)
		return slot->matched == rule->nth;
	if (rule->bytes)
		return slot->matched <= rule->nr_bytes && rule->bytes[slot->matched - 1] & 1;
	return exec_engine->choose(1000000) < rule->per_million;
}

bool __inject_fail(enum inject_site kind, gfp_t gfp, unsigned int order)
{
	unsigned long ips[STACK_DEPTH];
	unsigned int nr = stack_save(ips, STACK_DEPTH), i;
	bool fail;

	xlock(&inject_lock);
	fail = inject_at_place(kind, gfp, ips, nr);
	for (i = 0; i < INJECT_MAX_RULES; i++) {
		struct slot *slot = &slots[i];

		if (!slot->used || !rule_matches(&slot->rule, kind, gfp, order, ips, nr))
			continue;
		if (slot_fails(slot)) {
			slot->failed++;
			fail = true;
		}
	}
	inject_log(kind, gfp, ips, nr, fail);
	if (fail) {
		__atomic_fetch_add(&counts[kind], 1, __ATOMIC_RELAXED);
		memcpy(last_ips, ips, sizeof(ips));
		last_nr = nr;
	}
	xunlock(&inject_lock);
	return fail;
}

int should_failslab(struct kmem_cache *s, gfp_t gfpflags)
{
	return inject_fail_alloc(INJECT_SLAB, gfpflags, 0) ? -ENOMEM : 0;
}

void inject_places_lock(void)
{
	xlock(&inject_lock);
}

void inject_places_unlock(void)
{
	xunlock(&inject_lock);
}

unsigned long inject_each(void (*fn)(void *arg), void *arg, unsigned int sites)
{
	unsigned long nth = 0, failed;

	do {
		int rule = inject_set((struct inject_rule) {
			.sites = sites, .nth = ++nth, .task = current,
		});

		if (rule < 0)
			return 0;
		fn(arg);
		failed = inject_failed(rule);
		inject_clear(rule);
	} while (failed);
	return nth - 1;
}

static void inject_halt(void)
{
	inject_clear_all();
	memset(slots, 0, sizeof(slots));
	memset(counts, 0, sizeof(counts));
	last_nr = 0;
}
MACHINE_SUBSYS(inject, MACHINE_ORDER_PAGES - 2, NULL, NULL, inject_halt);

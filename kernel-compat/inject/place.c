// SPDX-License-Identifier: GPL-2.0
/*
 * Where calls that can fail are made from.
 *
 * A place is where a call returns to in the first caller that is not itself part of what
 * fails: kmalloc() in a function of mm/, not alloc_object() in kmalloc(). Names come from the
 * executable's symbol table; what the compiler made of a function ("name.part.0") has the
 * function's name, and what it inlined the caller's. What tests call themselves is no place.
 */
#include <stdlib.h>
#include <string.h>

#include <exec/symbols.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <machine/violation.h>
#include <inject/internal.h>

/* What is known of a return address. */
struct known {
	unsigned long ip;
	unsigned long offset;
	const char *func;
	bool part;		/* of an allocator, or the like */
	bool test;		/* of a test, or of what runs it */
};

#define NR_KNOWN	4096	/* a power of two; when most are taken all are forgotten */
static struct known known[NR_KNOWN];
static unsigned int nr_known;

/* Beginnings of the names of functions that fail because what they call does. */
static const char *const parts[] = {
	"__inject", "should_fail", "alloc_object", "kmem_cache_", "__kmem_cache_", "kmalloc",
	"kzalloc", "kcalloc", "kvmalloc", "kvzalloc", "kvcalloc", "krealloc", "kmemdup", "kstrdup",
	"kasprintf", "kvasprintf", "mempool_alloc", "alloc_page", "__alloc_page", "__folio_alloc",
	"folio_alloc", "vma_alloc_folio", "__get_free_page", "get_zeroed_page", "mempolicy_alloc",
	"__lock_spin_try", "spin_trylock", "__lock_read_try", "__lock_write_try", "write_try",
	"mutex_trylock", "trylock_common", "down_read_try", "down_write_try", "mmap_read_try",
	"mmap_write_try", "folio_trylock", "folio_isolate_lru", "isolate_lru_page",
	"migrate_folio", "move_to_new_folio", "migrate_pages", "split_anon_folio", "split_folio",
	"split_huge_page", "copy_process_model", "kernel_clone", "kthread_create",
	"schedule", "io_schedule", "exec_schedule_until", "wakes_spuriously",
};

static bool is_part(const char *func)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strncmp(func, parts[i], strlen(parts[i])))
			return true;
	return false;
}

/* Tests of their own, and violation_catch(), are not what is tested. */
static bool is_test(const char *func, const char *file)
{
	size_t len = file ? strlen(file) : 0;

	if (!strncmp(func, "kunit_", 6) || !strncmp(func, "violation_catch", 15))
		return true;
	return len && (!strcmp(file, "kunit.c") || !strcmp(file, "main.c") ||
		       (len > 7 && !strcmp(file + len - 7, "_test.c")));
}

/* The lock is held. */
static const struct known *look_up(unsigned long ip)
{
	unsigned int i = (ip * 0x9e3779b97f4a7c15ULL >> 40) % NR_KNOWN;
	const char *file;

	while (known[i].ip && known[i].ip != ip)
		i = (i + 1) % NR_KNOWN;
	if (known[i].ip)
		return &known[i];
	if (++nr_known > NR_KNOWN / 2) {
		memset(known, 0, sizeof(known));
		nr_known = 1;
	}
	known[i].ip = ip;
	known[i].func = exec_function(ip, &known[i].offset, &file) ?: "?";
	known[i].part = is_part(known[i].func);
	known[i].test = is_test(known[i].func, file);
	return &known[i];
}

/* The place among a call's return addresses; *@via: what is called there, or NULL. */
static const struct known *find_place(const unsigned long *ips, unsigned int nr,
				      const char **via)
{
	const struct known *k = NULL;
	unsigned int i;

	*via = NULL;
	for (i = 0; i < nr; i++) {
		k = look_up(ips[i]);
		if (!k->part)
			break;
		*via = k->func;
	}
	return k;
}

bool inject_called_by(const char *site, const unsigned long *ips, unsigned int nr)
{
	size_t len = strcspn(site, "+");
	const struct known *k;
	const char *via;

	k = find_place(ips, nr, &via);
	if (!k || strncmp(k->func, site, len) || (k->func[len] && k->func[len] != '.'))
		return false;
	return !site[len] || k->offset == strtoul(site + len + 1, NULL, 0);
}

static struct inject_places *places, *logged;

/* The index of the place; a new one if need be; -1: none, or no room. */
static int note(struct inject_places *all, enum inject_site kind, const struct known *k,
		const char *via)
{
	struct inject_place *p;
	unsigned int i;

	for (i = 0; i < all->nr; i++)
		if (all->at[i].ip == k->ip && all->at[i].kind == kind)
			break;
	if (i == INJECT_MAX_PLACES)
		return -1;
	p = &all->at[i];
	if (i == all->nr) {
		*p = (struct inject_place){ .kind = kind, .ip = k->ip, .offset = k->offset };
		strscpy(p->func, k->func, sizeof(p->func));
		strscpy(p->via, via ?: "", sizeof(p->via));
		/* another process may look at it */
		__atomic_store_n(&all->nr, i + 1, __ATOMIC_RELEASE);
	}
	p->reached++;
	return i;
}

bool inject_at_place(enum inject_site kind, gfp_t gfp, const unsigned long *ips,
		     unsigned int nr)
{
	const struct known *k;
	const char *via;
	int i;

	if (!places || !(places->kinds & 1U << kind) || gfp & __GFP_NOFAIL)
		return false;
	if (places->task && places->task != current)
		return false;
	k = find_place(ips, nr, &via);
	if (!k || k->test)
		return false;
	i = note(places, kind, k, via);
	if (i < 0 || i != places->fail || places->failed)
		return false;
	places->failed = true;
	return true;
}

void inject_log(enum inject_site kind, gfp_t gfp, const unsigned long *ips, unsigned int nr,
		bool failed)
{
	const struct known *k;
	const char *via;
	int i;

	if (!logged || !(logged->kinds & 1U << kind) || gfp & __GFP_NOFAIL)
		return;
	k = find_place(ips, nr, &via);
	if (!k || k->test)
		return;
	i = note(logged, kind, k, via);
	if (i >= 0)
		logged->at[i].denied += failed;
}

void inject_log_places(struct inject_places *p)
{
	inject_places_lock();
	if (!logged != !p)
		__atomic_fetch_add(&inject_nr_rules, p ? 1 : -1, __ATOMIC_RELAXED);
	logged = p;
	inject_places_unlock();
}

void inject_note_places(struct inject_places *p)
{
	inject_places_lock();
	if (!places != !p)
		__atomic_fetch_add(&inject_nr_rules, p ? 1 : -1, __ATOMIC_RELAXED);
	places = p;
	inject_places_unlock();
}

unsigned int fail_every_site(void (*fn)(void *arg), void *arg, unsigned int kinds,
			     struct inject_places *p)
{
	struct inject_places *own = p ?: calloc(1, sizeof(*own));
	unsigned int failed = 0;

	if (!own)
		return 0;
	own->nr = 0;
	own->kinds = kinds ?: INJECT_DENIED;
	own->task = current;
	for (own->fail = -1; own->fail < (int)own->nr; own->fail++) {
		own->failed = false;
		inject_note_places(own);
		fn(arg);
		inject_note_places(NULL);
		if (own->fail >= 0)
			own->at[own->fail].state = own->failed;
		failed += own->failed;
	}
	if (!p)
		free(own);
	return failed;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Rules of fault injection: by GFP class, by call site, by bytes; trylocks and wake-ups; as
 * text. unit/pages/inject_test.c has the rest.
 */
#include <stdlib.h>

#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/pagemap.h>
#include <linux/wait.h>
#include <machine/inject.h>

static bool slab_fails(gfp_t gfp)
{
	void *p = kmalloc(8, gfp);

	kfree(p);
	return !p;
}

static int always(unsigned int sites)
{
	return inject_set((struct inject_rule) {
		.sites = sites, .per_million = 1000000, .task = current,
	});
}

struct class_case {
	enum inject_gfp class;
	bool kernel, atomic, nowait, thisnode;
};

static void allocations_fail_by_what_they_may_do(struct kunit *test)
{
	static const struct class_case cases[] = {
		{ INJECT_GFP_ANY, true, true, true, true },
		{ INJECT_GFP_KERNEL, true, false, false, true },
		{ INJECT_GFP_ATOMIC, false, true, false, false },
		{ INJECT_GFP_NOWAIT, false, false, true, false },
		{ INJECT_GFP_THISNODE, false, false, false, true },
	};

	for (int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct class_case *c = &cases[i];
		int rule = inject_set((struct inject_rule) {
			.per_million = 1000000, .task = current, .gfp = c->class,
		});

		KUNIT_ASSERT_GE(test, rule, 0);
		KUNIT_EXPECT_EQ(test, slab_fails(GFP_KERNEL), c->kernel);
		KUNIT_EXPECT_EQ(test, slab_fails(GFP_ATOMIC), c->atomic);
		KUNIT_EXPECT_EQ(test, slab_fails(GFP_NOWAIT), c->nowait);
		KUNIT_EXPECT_EQ(test, slab_fails(GFP_KERNEL | __GFP_THISNODE), c->thisnode);
		inject_clear(rule);
	}
}

static void a_class_spares_what_allocates_nothing(struct kunit *test)
{
	int rule = inject_set((struct inject_rule) {
		.sites = BIT(INJECT_NR) - 1, .per_million = 1000000, .task = current,
		.gfp = INJECT_GFP_NOWAIT,
	});
	static DEFINE_SPINLOCK(lock);
	bool taken = spin_trylock(&lock);

	KUNIT_EXPECT_TRUE(test, taken);
	if (taken)
		spin_unlock(&lock);
	inject_clear(rule);
}

static void bytes_decide_and_end(struct kunit *test)
{
	static const u8 bytes[] = { 0, 1, 2, 255 };
	int rule = inject_set((struct inject_rule) {
		.sites = BIT(INJECT_SLAB), .task = current, .bytes = bytes, .nr_bytes = 4,
	});
	static const bool fails[] = { false, true, false, true, false, false };

	for (int i = 0; i < ARRAY_SIZE(fails); i++)
		KUNIT_EXPECT_EQ(test, slab_fails(GFP_KERNEL), fails[i]);
	inject_clear(rule);
}

/* A tail call would leave no return address here. */
static noinline void *alloc_in_one(void)
{
	void *p = kzalloc(8, GFP_KERNEL);

	barrier();
	return p;
}

static noinline void *alloc_in_another(void)
{
	void *p = kzalloc(8, GFP_KERNEL);

	barrier();
	return p;
}

static bool fails_in(void *(*alloc)(void))
{
	void *p = alloc();

	kfree(p);
	return !p;
}

static void only_calls_by_a_function_of_a_name_fail(struct kunit *test)
{
	int rule = inject_set((struct inject_rule) {
		.per_million = 1000000, .task = current, .site = "alloc_in_one",
	});

	KUNIT_EXPECT_TRUE(test, fails_in(alloc_in_one));
	KUNIT_EXPECT_FALSE(test, fails_in(alloc_in_another));
	KUNIT_EXPECT_FALSE(test, slab_fails(GFP_KERNEL));
	inject_clear(rule);
	rule = inject_set((struct inject_rule) {
		.per_million = 1000000, .task = current, .site = "alloc_in_one+0x1",
	});
	KUNIT_EXPECT_FALSE(test, fails_in(alloc_in_one));
	inject_clear(rule);
}

static DEFINE_SPINLOCK(spin);
static DEFINE_RWLOCK(rw);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(sem);

static void every_trylock_can_fail_and_leaves_no_lock(struct kunit *test)
{
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);
	int rule = always(BIT(INJECT_TRYLOCK));
	unsigned long flags;

	KUNIT_EXPECT_FALSE(test, spin_trylock(&spin));
	KUNIT_EXPECT_FALSE(test, spin_trylock_bh(&spin));
	KUNIT_EXPECT_FALSE(test, spin_trylock_irqsave(&spin, flags));
	KUNIT_EXPECT_FALSE(test, read_trylock(&rw));
	KUNIT_EXPECT_FALSE(test, write_trylock(&rw));
	KUNIT_EXPECT_FALSE(test, mutex_trylock(&mutex));
	KUNIT_EXPECT_FALSE(test, down_read_trylock(&sem));
	KUNIT_EXPECT_FALSE(test, down_write_trylock(&sem));
	KUNIT_EXPECT_FALSE(test, folio_trylock(folio));
	KUNIT_EXPECT_EQ(test, inject_failed(rule), 9UL);
	/* who does not only try gets them */
	spin_lock_irqsave(&spin, flags);
	spin_unlock_irqrestore(&spin, flags);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	down_write(&sem);
	up_write(&sem);
	folio_lock(folio);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, inject_failed(rule), 9UL);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	inject_clear(rule);
	folio_put(folio);
}

static DECLARE_WAIT_QUEUE_HEAD(wq);
static int nr_looked;

static bool looked_often(void)
{
	return ++nr_looked >= 5;
}

static void a_sleeper_wakes_up_for_nothing(struct kunit *test)
{
	int rule = always(BIT(INJECT_WAKE));

	/* nobody wakes it */
	nr_looked = 0;
	wait_event(wq, looked_often());
	KUNIT_EXPECT_EQ(test, nr_looked, 5);
	KUNIT_EXPECT_GE(test, inject_failed(rule), 3UL);
	inject_clear(rule);
}

static void a_parked_or_dead_task_does_not(struct kunit *test)
{
	int rule = always(BIT(INJECT_WAKE));

	__set_current_state(TASK_RUNNING);
	schedule();
	KUNIT_EXPECT_EQ(test, inject_matched(rule), 0UL);
	inject_clear(rule);
}

static void kthreads_are_not_created_processes_are(struct kunit *test)
{
	int rule = always(BIT(INJECT_KTHREAD));

	KUNIT_EXPECT_EQ(test, PTR_ERR(kthread_create(NULL, NULL, "none")), -ENOMEM);
	inject_clear(rule);
	rule = always(BIT(INJECT_FORK));
	KUNIT_EXPECT_EQ(test, inject_matched(rule), 0UL);
	inject_clear(rule);
}

static char why[200];

static struct inject_rule parsed(struct kunit *test, const char *text)
{
	struct inject_rule rule;

	KUNIT_EXPECT_EQ_MSG(test, inject_parse(text, &rule, why, sizeof(why)), 0, "%s", why);
	return rule;
}

static void text_says_what_fails_and_when(struct kunit *test)
{
	struct inject_rule r = parsed(test, "slab:nth=3");

	KUNIT_EXPECT_EQ(test, r.sites, 1u << INJECT_SLAB);
	KUNIT_EXPECT_EQ(test, r.nth, 3UL);
	r = parsed(test, "page,migrate:atomic:rate=0.25:times=7");
	KUNIT_EXPECT_EQ(test, r.sites, 1u << INJECT_PAGE | 1u << INJECT_MIGRATE);
	KUNIT_EXPECT_EQ(test, r.gfp, INJECT_GFP_ATOMIC);
	KUNIT_EXPECT_EQ(test, r.per_million, 250000u);
	KUNIT_EXPECT_EQ(test, r.times, 7UL);
	r = parsed(test, "huge:site=kmalloc");
	KUNIT_EXPECT_EQ(test, r.min_order, 9u);
	KUNIT_EXPECT_STREQ(test, r.site, "kmalloc");
	KUNIT_EXPECT_EQ(test, r.per_million, 1000000u);
	free((char *)r.site);
	r = parsed(test, "all:bytes=00fF");
	KUNIT_EXPECT_EQ(test, r.sites, BIT(INJECT_NR) - 1);
	KUNIT_EXPECT_EQ(test, r.nr_bytes, (size_t)2);
	KUNIT_EXPECT_EQ(test, r.bytes[1], 255);
	free((u8 *)r.bytes);
}

static void senseless_text_is_refused_with_a_reason(struct kunit *test)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "nothing of the kind ''" },
		{ "slap:nth=1", "nothing of the kind 'slap'" },
		{ "slab,:nth=1", "nothing of the kind ''" },
		{ "slab", "does not say which calls" },
		{ "slab:atomic", "does not say which calls" },
		{ "slab:nth=0", "nth=0 is not a number from 1" },
		{ "slab:nth=-1", "nth=-1 is not a number from 1" },
		{ "slab:nth=1x", "nth=1x is not" },
		{ "slab:rate=0", "rate=0 is not" },
		{ "slab:rate=1.1", "rate=1.1 is not" },
		{ "slab:rate=x", "rate=x is not" },
		{ "slab:nth=1:rate=1", "only one of" },
		{ "slab:bytes=0", "bytes=0 are not pairs" },
		{ "slab:bytes=0g", "bytes=0g are not pairs" },
		{ "slab:site=no_such_function", "no function 'no_such_function'" },
		{ "slab:times=0:nth=1", "times=0 is not" },
		{ "slab:gentle:nth=1", "'gentle' is none of" },
		{ "slab:mth=1", "'mth=1' is none of" },
	};
	struct inject_rule rule;

	for (int i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, inject_parse(bad[i].text, &rule, why, sizeof(why)),
				    -EINVAL, "%s", bad[i].text);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why, bad[i].why), "%s: %s", bad[i].text,
					  why);
	}
}

static struct kunit_case rule_cases[] = {
	KUNIT_CASE(allocations_fail_by_what_they_may_do),
	KUNIT_CASE(a_class_spares_what_allocates_nothing),
	KUNIT_CASE(bytes_decide_and_end),
	KUNIT_CASE(only_calls_by_a_function_of_a_name_fail),
	KUNIT_CASE(every_trylock_can_fail_and_leaves_no_lock),
	KUNIT_CASE(a_sleeper_wakes_up_for_nothing),
	KUNIT_CASE(a_parked_or_dead_task_does_not),
	KUNIT_CASE(kthreads_are_not_created_processes_are),
	KUNIT_CASE(text_says_what_fails_and_when),
	KUNIT_CASE(senseless_text_is_refused_with_a_reason),
	{}
};

static struct kunit_suite rule_suite = {
	.name = "inject-rule",
	.test_cases = rule_cases,
};
kunit_test_suite(rule_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * Slab caches and kmalloc(): contracts, and what is noticed when they are broken.
 */
#include <kunit/test.h>
#include <asm/processor.h>
#include <linux/mempool.h>
#include <linux/mm_page.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <machine/machine.h>
#include <machine/pages.h>
#include <machine/violation.h>

#include "parallel.h"

struct thing {
	u64 a;
	struct list_head list;
	char tail[37];
};

static void objects_have_the_size_and_alignment_asked_for(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("odd", 50, 128, 0, NULL);
	struct kmem_cache *line = KMEM_CACHE(thing, SLAB_HWCACHE_ALIGN);
	void *p, *q;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_EQ(test, kmem_cache_size(s), 50u);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, (unsigned long)p % 128, 0UL);
	memset(p, 1, 50);
	q = kmem_cache_alloc(line, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, (unsigned long)q % 64, 0UL);
	kmem_cache_free(line, q);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
	kmem_cache_destroy(line);
}

static void powers_of_two_are_naturally_aligned(struct kunit *test)
{
	size_t size;

	for (size = 8; size <= PAGE_SIZE; size *= 2) {
		void *p = kmalloc(size, GFP_KERNEL);

		KUNIT_EXPECT_EQ(test, (unsigned long)p % size, 0UL);
		kfree(p);
		p = kmalloc(3 * size, GFP_KERNEL);
		KUNIT_EXPECT_EQ(test, (unsigned long)p % size, 0UL);
		kfree(p);
	}
}

static void zeroed_objects_are_zero_others_are_not(struct kunit *test)
{
	u64 *p = kmalloc(256, GFP_KERNEL);
	static const char zeros[256];

	if (memory_watcher() != WATCHER_VALGRIND)
		KUNIT_EXPECT_NE(test, ((unsigned char *)p)[100], 0);
	memset(p, 0xff, 256);
	kfree(p);
	p = kzalloc(256, GFP_KERNEL);
	KUNIT_EXPECT_MEMEQ(test, p, zeros, 256);
	kfree(p);
	p = kcalloc(16, 16, GFP_KERNEL);
	KUNIT_EXPECT_MEMEQ(test, p, zeros, 256);
	kfree(p);
}

static void sizes_of_nothing_and_too_much(struct kunit *test)
{
	void *p = kmalloc(0, GFP_KERNEL);

	KUNIT_EXPECT_PTR_EQ(test, p, ZERO_SIZE_PTR);
	kfree(p);
	kfree(NULL);
	KUNIT_EXPECT_NULL(test, kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, kmalloc_array(1UL << 33, 1UL << 33, GFP_KERNEL));
	p = kvmalloc(KMALLOC_MAX_SIZE * 2, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	((char *)p)[KMALLOC_MAX_SIZE * 2 - 1] = 1;
	kvfree(p);
	p = vzalloc(100);
	KUNIT_EXPECT_EQ(test, ((char *)p)[99], 0);
	vfree(p);
}

static void krealloc_keeps_the_contents(struct kunit *test)
{
	char *p = krealloc(NULL, 10, GFP_KERNEL), *q;

	strcpy(p, "123456789");
	q = krealloc(p, 1000, GFP_KERNEL);
	KUNIT_EXPECT_STREQ(test, q, "123456789");
	KUNIT_EXPECT_EQ(test, ksize(q), (size_t)1000);
	memset(q + 10, 1, 990);
	p = krealloc(q, 10, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, p, q);
	KUNIT_EXPECT_STREQ(test, p, "123456789");
	KUNIT_EXPECT_PTR_EQ(test, krealloc(p, 0, GFP_KERNEL), ZERO_SIZE_PTR);
}

static void construct(void *p)
{
	((struct thing *)p)->a = 0xc0;
}

static void constructors_run_before_the_first_use(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("built", sizeof(struct thing), 0, 0, construct);
	struct thing *t = kmem_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, t->a, 0xc0ULL);
	kmem_cache_free(s, t);
	kmem_cache_destroy(s);
}

static void caches_can_be_made_both_ways(struct kunit *test)
{
	struct kmem_cache_args args = { .align = 32, .ctor = construct };
	struct kmem_cache *s = kmem_cache_create("new", sizeof(struct thing), &args, 0);
	struct kmem_cache *d = kmem_cache_create("defaults", 24, NULL, 0);
	struct thing *t = kmem_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, t->a, 0xc0ULL);
	KUNIT_EXPECT_EQ(test, (unsigned long)t % 32, 0UL);
	kfree(t);				/* allowed since 6.4 */
	kmem_cache_destroy(s);
	kmem_cache_destroy(d);
}

static void typesafe_objects_keep_their_type_and_are_reused_at_once(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("typesafe", sizeof(struct thing), 0,
						 SLAB_TYPESAFE_BY_RCU, construct);
	struct thing *t = kmem_cache_alloc(s, GFP_KERNEL), *again;

	t->a = 7;
	rcu_read_lock();
	kmem_cache_free(s, t);
	/* still a thing: a reader may look at it until the grace period ends */
	KUNIT_EXPECT_EQ(test, READ_ONCE(t->a), 7ULL);
	again = kmem_cache_alloc(s, GFP_NOWAIT);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, again, t);
	KUNIT_EXPECT_EQ(test, again->a, 7ULL);	/* the constructor does not run again */
	kmem_cache_free(s, again);
	kmem_cache_destroy(s);
}

static void objects_are_counted_by_cache_and_node(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("counted", 1000, 0, 0, NULL);
	unsigned long all = slab_objects();
	unsigned long bytes = node_page_state(NODE_DATA(2), NR_SLAB_UNRECLAIMABLE_B);
	void *p[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		p[i] = kmem_cache_alloc_node(s, GFP_KERNEL, 2);
	KUNIT_EXPECT_EQ(test, slab_cache_objects(s), 4UL);
	KUNIT_EXPECT_EQ(test, slab_objects(), all + 4);
	KUNIT_EXPECT_EQ(test, node_page_state(NODE_DATA(2), NR_SLAB_UNRECLAIMABLE_B),
			bytes + 4000);
	kmem_cache_free_bulk(s, 4, p);
	KUNIT_EXPECT_EQ(test, slab_cache_objects(s), 0UL);
	KUNIT_EXPECT_EQ(test, node_page_state(NODE_DATA(2), NR_SLAB_UNRECLAIMABLE_B), bytes);
	kmem_cache_destroy(s);
}

static void every_object_knows_who_allocated_it(struct kunit *test)
{
	void *p = kmalloc(8, GFP_KERNEL);
	unsigned long ips[4] = { 0 };

	KUNIT_EXPECT_GT(test, slab_alloc_stack(p, ips, 4), 0u);
	KUNIT_EXPECT_NE(test, ips[0], 0UL);
	kfree(p);
}

/*
 * Broken rules.
 */
static void do_kfree(void *p)
{
	kfree(p);
}

static void double_free_is_reported(struct kunit *test)
{
	void *p = kmalloc(32, GFP_KERNEL);

	kfree(p);
	KUNIT_EXPECT_EQ(test, violation_catch(do_kfree, p, NULL, 0), VIOLATION_SLAB);
}

struct wrong {
	struct kmem_cache *s;
	void *p;
};

static void free_to_wrong_cache(void *arg)
{
	struct wrong *w = arg;

	kmem_cache_free(w->s, w->p);
}

static void the_wrong_cache_is_reported(struct kunit *test)
{
	struct kmem_cache *a = kmem_cache_create("a", 32, 0, 0, NULL);
	struct kmem_cache *b = kmem_cache_create("b", 32, 0, 0, NULL);
	struct wrong w = { .s = b, .p = kmem_cache_alloc(a, GFP_KERNEL) };

	KUNIT_EXPECT_EQ(test, violation_catch(free_to_wrong_cache, &w, NULL, 0),
			VIOLATION_SLAB);
	kmem_cache_free(a, w.p);
	kmem_cache_destroy(a);
	kmem_cache_destroy(b);
}

static void destroy(void *s)
{
	kmem_cache_destroy(s);
}

static void destroying_a_cache_in_use_is_reported(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("used", 32, 0, 0, NULL);
	void *p = kmem_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, violation_catch(destroy, s, NULL, 0), VIOLATION_SLAB);
	kmem_cache_free(s, p);
	kmem_cache_destroy(s);
}

static void check_slab(void *arg)
{
	slab_check_all();
}

/* What a byte at @p[@at] that is not as it was makes of a check, which must name @side of it. */
static void expect_overrun_noticed(struct kunit *test, volatile unsigned char *p, int at,
				   const char *side)
{
	unsigned char was = p[at];
	char text[200];

	p[at] = 0;
	KUNIT_EXPECT_EQ_MSG(test, violation_catch(check_slab, NULL, text, sizeof(text)),
			    VIOLATION_SLAB, "byte %d", at);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, side));
	p[at] = was;
}

/* Where sanitizers would end the test at the write itself, there is nothing to prove. */
static void overruns_are_found_by_check_and_by_free(struct kunit *test)
{
	/* volatile twice: the compiler shall not know the size */
	volatile unsigned char *volatile p = kmalloc(13, GFP_KERNEL);
	int i;

	if (memory_watcher()) {
		kfree((void *)p);
		kunit_skip(test, "a sanitizer ends the test at the write");
	}
	/* 16 bytes on both sides, behind it up to a whole word */
	for (i = 13; i < 32; i++)
		expect_overrun_noticed(test, p, i, "behind its end");
	for (i = -16; i < 0; i++)
		expect_overrun_noticed(test, p, i, "before its start");
	slab_check_all();
	p[14] = 0;
	KUNIT_EXPECT_EQ(test, violation_catch(do_kfree, (void *)p, NULL, 0), VIOLATION_SLAB);
	kfree((void *)p);
}

static void flush_quarantine(void *arg)
{
	unsigned int i;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	for (i = 0; i < 300; i++)
		kfree(kmalloc(1000, GFP_KERNEL));
}

static void a_write_after_free_is_found_when_the_rest_is_over(struct kunit *test)
{
	volatile char *volatile p;

	if (memory_watcher())
		kunit_skip(test, "a sanitizer ends the test at the write");
	set_cpus_allowed_ptr(current, cpumask_of(0));
	p = kmalloc(64, GFP_KERNEL);
	kfree((void *)p);
	p[20] = 1;
	/* the quarantine is the allocating CPU's */
	KUNIT_EXPECT_EQ(test, violation_catch(flush_quarantine, NULL, NULL, 0), VIOLATION_SLAB);
}

static void sleeping_alloc(void *arg)
{
	spinlock_t lock;

	spin_lock_init(&lock);
	spin_lock(&lock);
	kmalloc(8, GFP_KERNEL);
}

static bool looks, freed, left;

/* Looks at an object, which may have become another one, for a while yet. */
static int look_at_object(void *p)
{
	rcu_read_lock();
	WRITE_ONCE(looks, true);
	while (!READ_ONCE(freed))
		cpu_relax();
	for (int i = 0; i < 1000; i++)
		cpu_relax();
	READ_ONCE(*(u32 *)p);
	WRITE_ONCE(left, true);
	rcu_read_unlock();
	return 0;
}

static void a_cache_is_destroyed_when_its_readers_have_left(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("typesafe", 32, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	void *p = kmem_cache_zalloc(s, GFP_KERNEL);
	struct task_struct *reader;

	looks = freed = left = false;
	set_cpus_allowed_ptr(current, cpumask_of(0));
	reader = kthread_create(look_at_object, p, "reader");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reader);
	get_task_struct(reader);
	kthread_bind(reader, 1);
	wake_up_process(reader);
	while (!READ_ONCE(looks))
		cpu_relax();
	kmem_cache_free(s, p);
	WRITE_ONCE(freed, true);
	kmem_cache_destroy(s);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(left));
	kthread_stop_put(reader);
}

static void alloc_too_much(void *unused)
{
	kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL);
}

static void alloc_far_too_much(void *unused)
{
	kvmalloc(INT_MAX + 1UL, GFP_KERNEL);
}

static void zero_what_is_constructed(void *s)
{
	kmem_cache_zalloc(s, GFP_KERNEL);
}

static void what_no_allocation_gives_is_reported(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("constructed", 32, 0, 0, construct);

	KUNIT_EXPECT_EQ(test, violation_catch(alloc_too_much, NULL, NULL, 0), VIOLATION_WARN);
	KUNIT_EXPECT_EQ(test, violation_catch(alloc_far_too_much, NULL, NULL, 0),
			VIOLATION_WARN);
	KUNIT_EXPECT_EQ(test, violation_catch(zero_what_is_constructed, s, NULL, 0),
			VIOLATION_WARN);
	/* Who asks for it without a warning gets none. */
	KUNIT_EXPECT_NULL(test, kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, kvmalloc(INT_MAX + 1UL, GFP_KERNEL | __GFP_NOWARN));
	kmem_cache_destroy(s);
}

static void gfp_kernel_under_a_spinlock_is_reported(struct kunit *test)
{
	spinlock_t lock;
	void *p;

	spin_lock_init(&lock);
	KUNIT_EXPECT_EQ(test, violation_catch(sleeping_alloc, NULL, NULL, 0),
			VIOLATION_ATOMIC_SLEEP);
	spin_lock(&lock);
	p = kmalloc(8, GFP_ATOMIC);
	spin_unlock(&lock);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kfree(p);
}

struct locked_thing {
	spinlock_t lock;
};

static void free_held_lock(void *arg)
{
	struct locked_thing *t = arg;

	spin_lock_init(&t->lock);
	spin_lock(&t->lock);
	kfree(t);
}

static void free_page_of_held_lock(void *arg)
{
	struct locked_thing *t = arg;

	spin_lock_init(&t->lock);
	spin_lock(&t->lock);
	free_page((unsigned long)t);
}

static void freeing_a_held_lock_is_reported(struct kunit *test)
{
	void *t = kzalloc(sizeof(struct locked_thing), GFP_KERNEL);
	unsigned long page = get_zeroed_page(GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, violation_catch(free_held_lock, t, NULL, 0),
			VIOLATION_LOCK_FREED);
	kfree(t);
	KUNIT_EXPECT_EQ(test, violation_catch(free_page_of_held_lock, (void *)page, NULL, 0),
			VIOLATION_LOCK_FREED);
	set_page_count(virt_to_page((void *)page), 1);
	free_page(page);
}

#define STEPS 3000

static struct kmem_cache *race_cache;
static void *slots[64];

/* Objects change hands through shared slots, so most are freed by another CPU. */
static void churn(unsigned int me, void *arg)
{
	u64 rnd = me + 9;
	int step;

	for (step = 0; step < STEPS; step++) {
		void **slot = &slots[next_random(&rnd) % 64];
		u64 *p = kmem_cache_alloc(race_cache, GFP_KERNEL);

		p[0] = me;
		p[1] = step;
		p = __atomic_exchange_n(slot, p, __ATOMIC_ACQ_REL);
		if (p)
			kmem_cache_free(race_cache, p);
		kfree(kmalloc(next_random(&rnd) % 300, GFP_NOWAIT));
	}
}

static void objects_change_hands_between_cpus(struct kunit *test)
{
	unsigned int i;

	race_cache = kmem_cache_create("race", 48, 0, 0, NULL);
	run_parallel(test, 4, churn, NULL);
	slab_check_all();
	for (i = 0; i < 64; i++) {
		if (slots[i])
			kmem_cache_free(race_cache, slots[i]);
		slots[i] = NULL;
	}
	KUNIT_EXPECT_EQ(test, slab_cache_objects(race_cache), 0UL);
	kmem_cache_destroy(race_cache);
}

static void a_mempool_gives_its_reserve_when_allocation_fails(struct kunit *test)
{
	struct kmem_cache *s = kmem_cache_create("pool", 64, 0, 0, NULL);
	mempool_t *pool = mempool_create_slab_pool(2, s);
	void *a, *b, *c;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, slab_cache_objects(s), 2UL);
	a = mempool_alloc(pool, GFP_KERNEL);
	b = mempool_alloc(pool, GFP_NOWAIT);
	c = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, slab_cache_objects(s), 5UL);
	mempool_free(a, pool);
	mempool_free(b, pool);
	mempool_free(c, pool);
	KUNIT_EXPECT_EQ(test, slab_cache_objects(s), 2UL);
	mempool_destroy(pool);
	kmem_cache_destroy(s);
}

static struct kunit_case slab_cases[] = {
	KUNIT_CASE(objects_have_the_size_and_alignment_asked_for),
	KUNIT_CASE(powers_of_two_are_naturally_aligned),
	KUNIT_CASE(zeroed_objects_are_zero_others_are_not),
	KUNIT_CASE(sizes_of_nothing_and_too_much),
	KUNIT_CASE(krealloc_keeps_the_contents),
	KUNIT_CASE(constructors_run_before_the_first_use),
	KUNIT_CASE(caches_can_be_made_both_ways),
	KUNIT_CASE(typesafe_objects_keep_their_type_and_are_reused_at_once),
	KUNIT_CASE(objects_are_counted_by_cache_and_node),
	KUNIT_CASE(every_object_knows_who_allocated_it),
	KUNIT_CASE(double_free_is_reported),
	KUNIT_CASE(the_wrong_cache_is_reported),
	KUNIT_CASE(destroying_a_cache_in_use_is_reported),
	KUNIT_CASE(overruns_are_found_by_check_and_by_free),
	KUNIT_CASE(a_write_after_free_is_found_when_the_rest_is_over),
	KUNIT_CASE(a_cache_is_destroyed_when_its_readers_have_left),
	KUNIT_CASE(what_no_allocation_gives_is_reported),
	KUNIT_CASE(gfp_kernel_under_a_spinlock_is_reported),
	KUNIT_CASE(freeing_a_held_lock_is_reported),
	KUNIT_CASE(objects_change_hands_between_cpus),
	KUNIT_CASE(a_mempool_gives_its_reserve_when_allocation_fails),
	{}
};

static struct kunit_suite slab_suite = {
	.name = "slab",
	.test_cases = slab_cases,
};
kunit_test_suite(slab_suite);

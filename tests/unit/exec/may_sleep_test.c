// SPDX-License-Identifier: GPL-2.0
/*
 * What may sleep says so where nobody may, also if this time it would not: a caller that is wrong
 * is found by the first call, and not when memory is short or somebody else has the lock.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/swap.h>
#include <linux/workqueue.h>
#include <asm/pgalloc.h>

#include "../caught.h"
#include "../../../kernel-compat/mm/vma.h"

/* What the calls are about; none of them has a reason to wait for any of it. */
static struct {
	struct folio *folio;
	struct kmem_cache *cache;
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	struct workqueue_struct *wq;
	struct work_struct work;
	mempool_t *pool;
} idle;

DEFINE_STATIC_SRCU(quiet);

static int do_nothing(void *arg)
{
	return 0;
}

static void work_nothing(struct work_struct *work)
{
}

static void freeze(void)
{
	try_to_freeze();
}

static void ask_whether_to_stop(void)
{
	kthread_freezable_should_stop(NULL);
}

static void create_a_thread(void)
{
	kthread_create(do_nothing, NULL, "nothing");
}

static void stop_a_thread(void)
{
	kthread_stop(current);
}

static void flush_a_queue(void)
{
	flush_workqueue(idle.wq);
}

static void flush_a_work(void)
{
	flush_work(&idle.work);
}

static void add_a_cpu(void)
{
	add_cpu(nr_cpu_ids);
}

static void lock_a_folio(void)
{
	folio_lock(idle.folio);
}

static void wait_for_writeback(void)
{
	folio_wait_bit(idle.folio, PG_writeback);
}

static void alloc_a_table(void)
{
	pte_alloc_one(idle.mm);
}

static void lock_a_folio_in_a_fault(void)
{
	folio_lock_or_retry(idle.folio, NULL);
}

static void create_a_cache(void)
{
	kmem_cache_create("another", 8, 0, 0, NULL);
}

static void destroy_a_cache(void)
{
	kmem_cache_destroy(idle.cache);
}

static void drain_all(void)
{
	lru_add_drain_all();
}

static void put_an_mm(void)
{
	mmput(idle.mm);
}

static void remove_a_mapping(void)
{
	remove_vma(idle.vma);
}

static void alloc_from_a_pool(void)
{
	mempool_alloc(idle.pool, GFP_KERNEL);
}

static void await_readers(void)
{
	synchronize_rcu();
}

static void await_srcu_readers(void)
{
	synchronize_srcu(&quiet);
}

static void await_callbacks(void)
{
	rcu_barrier();
}

static void await_srcu_callbacks(void)
{
	srcu_barrier(&quiet);
}

static const struct call {
	const char *name;
	void (*fn)(void);
	const char *file;	/* that says so; what it calls might say so, too */
} calls[] = {
	{ "try_to_freeze()", freeze, "exec/freezer.c" },
	{ "kthread_freezable_should_stop()", ask_whether_to_stop, "exec/kthread.c" },
	{ "kthread_create()", create_a_thread, "exec/kthread.c" },
	{ "kthread_stop()", stop_a_thread, "exec/kthread.c" },
	{ "flush_workqueue()", flush_a_queue, "exec/workqueue_queue.c" },
	{ "flush_work()", flush_a_work, "exec/workqueue.c" },
	{ "add_cpu()", add_a_cpu, "exec/cpuhp.c" },
	{ "folio_lock()", lock_a_folio, "mm/folio_lock.c" },
	{ "folio_lock_or_retry()", lock_a_folio_in_a_fault, "mm/folio_lock.c" },
	{ "folio_wait_bit()", wait_for_writeback, "mm/folio_lock.c" },
	{ "pte_alloc_one()", alloc_a_table, "mm/pgtable_alloc.c" },
	{ "kmem_cache_create()", create_a_cache, "mm/slab.c" },
	{ "kmem_cache_destroy()", destroy_a_cache, "mm/slab.c" },
	{ "lru_add_drain_all()", drain_all, "mm/swap.c" },
	{ "mmput()", put_an_mm, "mm/mm_life.c" },
	{ "remove_vma()", remove_a_mapping, "mm/vma.c" },
	{ "mempool_alloc()", alloc_from_a_pool, "mm/mempool.c" },
	{ "synchronize_rcu()", await_readers, "rcu/gp.c" },
	{ "synchronize_srcu()", await_srcu_readers, "rcu/srcu.c" },
	{ "rcu_barrier()", await_callbacks, "rcu/gp.c" },
	{ "srcu_barrier()", await_srcu_callbacks, "rcu/srcu.c" },
};
KUNIT_ARRAY_PARAM_DESC(call, calls, name);

static void call_it(void *arg)
{
	const struct call *call = arg;

	preempt_disable();
	call->fn();
	preempt_enable();
}

static void what_may_sleep_says_so_at_once(struct kunit *test)
{
	const struct call *call = test->param_value;

	idle.folio = folio_alloc(GFP_KERNEL, 0);
	idle.cache = kmem_cache_create("idle", 8, 0, 0, NULL);
	idle.mm = mm_alloc();
	mmget(idle.mm);
	idle.vma = vm_area_alloc(idle.mm);
	idle.wq = alloc_workqueue("idle", 0, 0);
	INIT_WORK(&idle.work, work_nothing);
	idle.pool = mempool_create_slab_pool(1, idle.cache);
	rcu_barrier();

	expect_caught(test, call_it, (void *)call, VIOLATION_ATOMIC_SLEEP, call->file);

	mempool_destroy(idle.pool);
	destroy_workqueue(idle.wq);
	vm_area_free(idle.vma);
	mmput(idle.mm);
	mmput(idle.mm);
	kmem_cache_destroy(idle.cache);
	folio_put(idle.folio);
}

static struct kunit_case may_sleep_cases[] = {
	KUNIT_CASE_PARAM(what_may_sleep_says_so_at_once, call_gen_params),
	{}
};

static struct kunit_suite may_sleep_suite = {
	.name = "may-sleep",
	.test_cases = may_sleep_cases,
};
kunit_test_suite(may_sleep_suite);

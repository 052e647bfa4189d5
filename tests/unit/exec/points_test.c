// SPDX-License-Identifier: GPL-2.0
/*
 * An inventory of decision points: whatever can meet another CPU's doing is one, and another
 * task does run there.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/bit_spinlock.h>
#include <linux/gfp.h>
#include <linux/hrtimer.h>
#include <linux/local_lock.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <asm/tlbflush.h>
#include <machine/program.h>
#include <machine/replay.h>
#include <engine/engine.h>
#include <exec/vcpu.h>
#include "../threads.h"

static DEFINE_SPINLOCK(spin);
static DEFINE_RAW_SPINLOCK(raw);
static DEFINE_RWLOCK(rw);
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);
static DEFINE_SEQLOCK(seq);
static seqcount_t bare = SEQCNT_ZERO(bare);
DEFINE_STATIC_SRCU(srcu);
static unsigned long bits;
static atomic_t counter;
static refcount_t refs = REFCOUNT_INIT(1);
static unsigned int word;
static pte_t pte;
static pmd_t pmd;
static struct page *page;
static struct timer_list timer;
static struct completion done;
static DECLARE_WAIT_QUEUE_HEAD(queue);

static void do_spin_lock(void) { spin_lock(&spin); spin_unlock(&spin); }
static void do_raw_lock(void) { raw_spin_lock(&raw); raw_spin_unlock(&raw); }
static void do_irq_lock(void) { spin_lock_irq(&spin); spin_unlock_irq(&spin); }
static void do_trylock(void) { if (spin_trylock(&spin)) spin_unlock(&spin); }
static void do_read_lock(void) { read_lock(&rw); read_unlock(&rw); }
static void do_write_lock(void) { write_lock(&rw); write_unlock(&rw); }
static void do_mutex(void) { mutex_lock(&mutex); mutex_unlock(&mutex); }
static void do_mutex_try(void) { if (mutex_trylock(&mutex)) mutex_unlock(&mutex); }
static void do_down_read(void) { down_read(&rwsem); up_read(&rwsem); }
static void do_down_write(void) { down_write(&rwsem); up_write(&rwsem); }
static void do_bit_lock(void) { bit_spin_lock(0, &bits); bit_spin_unlock(0, &bits); }
static void do_folio_lock(void) { folio_lock(page_folio(page)); folio_unlock(page_folio(page)); }
static void do_read_try(void) { if (read_trylock(&rw)) read_unlock(&rw); }
static void do_write_try(void) { if (write_trylock(&rw)) write_unlock(&rw); }
static void do_down_try(void) { if (down_write_trylock(&rwsem)) up_write(&rwsem); }
static void do_spin_looks(void) { spin_is_locked(&spin); }
static void do_spin_looks_twice(void) { spin_is_contended(&spin); }
static void do_bit_looks(void) { bit_spin_is_locked(0, &bits); }
static void do_mutex_looks(void) { mutex_is_locked(&mutex); }
static void do_rwsem_looks(void) { rwsem_is_locked(&rwsem); }
static void do_rwsem_looks_twice(void) { rwsem_is_contended(&rwsem); }
static void do_seq_write(void) { write_seqlock(&seq); write_sequnlock(&seq); }
static void do_seq_read(void) { read_seqretry(&seq, read_seqbegin(&seq)); }
static void do_bare_write(void)
{
	preempt_disable();
	write_seqcount_begin(&bare);
	write_seqcount_end(&bare);
	preempt_enable();
}
static void do_bare_read(void) { raw_read_seqcount(&bare); }
static void do_bare_advance(void) { write_seqcount_invalidate(&bare); }
static void do_atomic(void) { atomic_inc(&counter); }
static void do_cmpxchg(void) { atomic_cmpxchg(&counter, 0, 1); }
static void do_xchg(void) { xchg(&word, 1); }
static void do_refcount(void) { refcount_inc(&refs); refcount_dec(&refs); }
static void do_set_bit(void) { set_bit(1, &bits); }
static void do_test_and_set(void) { test_and_set_bit(1, &bits); }
static void do_get_page(void) { get_page(page); put_page(page); }
static void do_read_once(void) { READ_ONCE(word); }
static void do_write_once(void) { WRITE_ONCE(word, 1); }
static void do_acquire(void) { smp_load_acquire(&word); }
static void do_release(void) { smp_store_release(&word, 1); }
static void do_barrier(void) { smp_mb(); }
static void do_atomic_read(void) { atomic_read(&counter); }
static void do_test_bit(void) { test_bit(1, &bits); }
static void do_ptep_get(void) { ptep_get(&pte); }
static void do_pmdp_get(void) { pmdp_get(&pmd); }
static void do_pmdp_lockless(void) { pmdp_get_lockless(&pmd); }
static void do_wake(void) { wake_up_process(current); complete(&done); wait_for_completion(&done); }
/* What a task owes for computing, it pays at the next place where it may be preempted. */
static void do_resched(void) { exec_charge_ns(EXEC_QUANTUM_NS); cond_resched(); }
static void do_preempt(void) { preempt_disable(); exec_charge_ns(EXEC_QUANTUM_NS); preempt_enable(); }
static void do_irq(void) { local_irq_disable(); local_irq_enable(); }
static void do_mod_timer(void) { mod_timer(&timer, jiffies + 1000); }
static void do_timer_delete(void) { timer_delete(&timer); }
static void do_kmalloc(void) { kfree(kmalloc(64, GFP_KERNEL)); }
static void do_alloc_page(void) { __free_page(alloc_page(GFP_KERNEL)); }
static void do_rcu(void) { rcu_read_lock(); rcu_read_unlock(); }
static void do_srcu(void) { srcu_read_unlock(&srcu, srcu_read_lock(&srcu)); }

/* Of a program. */
static unsigned long map_page(void)
{
	return sys_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
}

static void do_user_write(void)
{
	unsigned long addr = map_page();

	user_write64(addr, 1);
	sys_munmap(addr, PAGE_SIZE);
}

static void do_mprotect(void)
{
	unsigned long addr = map_page();

	user_write64(addr, 1);
	sys_mprotect(addr, PAGE_SIZE, PROT_READ);
	sys_munmap(addr, PAGE_SIZE);
}

static void do_flush(void)
{
	flush_tlb_mm(current->mm);
}

static const struct operation {
	const char *name;
	enum exec_point kind;
	void (*fn)(void);
	bool program;		/* runs it */
} operations[] = {
	{ "spin_lock", EXEC_POINT_LOCK, do_spin_lock },
	{ "spin_unlock", EXEC_POINT_UNLOCK, do_spin_lock },
	{ "raw_spin_lock", EXEC_POINT_LOCK, do_raw_lock },
	{ "spin_lock_irq", EXEC_POINT_LOCK, do_irq_lock },
	{ "spin_trylock", EXEC_POINT_LOCK, do_trylock },
	{ "read_lock", EXEC_POINT_LOCK, do_read_lock },
	{ "read_unlock", EXEC_POINT_UNLOCK, do_read_lock },
	{ "write_lock", EXEC_POINT_LOCK, do_write_lock },
	{ "write_unlock", EXEC_POINT_UNLOCK, do_write_lock },
	{ "mutex_lock", EXEC_POINT_LOCK, do_mutex },
	{ "mutex_unlock", EXEC_POINT_UNLOCK, do_mutex },
	{ "mutex_trylock", EXEC_POINT_LOCK, do_mutex_try },
	{ "down_read", EXEC_POINT_LOCK, do_down_read },
	{ "up_read", EXEC_POINT_UNLOCK, do_down_read },
	{ "down_write", EXEC_POINT_LOCK, do_down_write },
	{ "up_write", EXEC_POINT_UNLOCK, do_down_write },
	{ "bit_spin_lock", EXEC_POINT_LOCK, do_bit_lock },
	{ "bit_spin_unlock", EXEC_POINT_UNLOCK, do_bit_lock },
	{ "folio_lock", EXEC_POINT_LOCK, do_folio_lock },
	{ "folio_unlock", EXEC_POINT_UNLOCK, do_folio_lock },
	{ "read_trylock", EXEC_POINT_LOCK, do_read_try },
	{ "write_trylock", EXEC_POINT_LOCK, do_write_try },
	{ "down_write_trylock", EXEC_POINT_LOCK, do_down_try },
	{ "spin_is_locked", EXEC_POINT_MARKED, do_spin_looks },
	{ "spin_is_contended", EXEC_POINT_MARKED, do_spin_looks_twice },
	{ "bit_spin_is_locked", EXEC_POINT_MARKED, do_bit_looks },
	{ "mutex_is_locked", EXEC_POINT_MARKED, do_mutex_looks },
	{ "rwsem_is_locked", EXEC_POINT_MARKED, do_rwsem_looks },
	{ "rwsem_is_contended", EXEC_POINT_MARKED, do_rwsem_looks_twice },
	{ "write_seqlock", EXEC_POINT_LOCK, do_seq_write },
	{ "read_seqbegin", EXEC_POINT_MARKED, do_seq_read },
	{ "write_seqcount_begin", EXEC_POINT_LOCK, do_bare_write },
	{ "write_seqcount_end", EXEC_POINT_UNLOCK, do_bare_write },
	{ "raw_read_seqcount", EXEC_POINT_MARKED, do_bare_read },
	{ "write_seqcount_invalidate", EXEC_POINT_ATOMIC, do_bare_advance },
	{ "atomic_inc", EXEC_POINT_ATOMIC, do_atomic },
	{ "atomic_cmpxchg", EXEC_POINT_ATOMIC, do_cmpxchg },
	{ "xchg", EXEC_POINT_ATOMIC, do_xchg },
	{ "refcount_inc", EXEC_POINT_ATOMIC, do_refcount },
	{ "set_bit", EXEC_POINT_ATOMIC, do_set_bit },
	{ "test_and_set_bit", EXEC_POINT_ATOMIC, do_test_and_set },
	{ "get_page", EXEC_POINT_ATOMIC, do_get_page },
	{ "READ_ONCE", EXEC_POINT_MARKED, do_read_once },
	{ "WRITE_ONCE", EXEC_POINT_MARKED, do_write_once },
	{ "smp_load_acquire", EXEC_POINT_MARKED, do_acquire },
	{ "smp_store_release", EXEC_POINT_MARKED, do_release },
	{ "smp_mb", EXEC_POINT_MARKED, do_barrier },
	{ "atomic_read", EXEC_POINT_MARKED, do_atomic_read },
	{ "test_bit", EXEC_POINT_MARKED, do_test_bit },
	{ "ptep_get", EXEC_POINT_PTE, do_ptep_get },
	{ "pmdp_get", EXEC_POINT_PTE, do_pmdp_get },
	{ "pmdp_get_lockless", EXEC_POINT_PTE, do_pmdp_lockless },
	{ "complete", EXEC_POINT_UNLOCK, do_wake },
	{ "cond_resched", EXEC_POINT_PREEMPT, do_resched },
	{ "preempt_enable", EXEC_POINT_PREEMPT, do_preempt },
	{ "local_irq_disable", EXEC_POINT_IRQ, do_irq },
	{ "mod_timer", EXEC_POINT_TIMER, do_mod_timer },
	{ "timer_delete", EXEC_POINT_TIMER, do_timer_delete },
	{ "kmalloc", EXEC_POINT_ALLOC, do_kmalloc },
	{ "alloc_page", EXEC_POINT_ALLOC, do_alloc_page },
	{ "rcu_read_lock", EXEC_POINT_RCU, do_rcu },
	{ "user_write_pte", EXEC_POINT_PTE, do_user_write, .program = true },
	{ "user_write_tlb", EXEC_POINT_TLB, do_user_write, .program = true },
	{ "user_write_alloc", EXEC_POINT_ALLOC, do_user_write, .program = true },
	{ "mprotect_pte", EXEC_POINT_PTE, do_mprotect, .program = true },
	{ "flush_tlb_mm", EXEC_POINT_TLB, do_flush, .program = true },
	{ "srcu_read_lock", EXEC_POINT_RCU, do_srcu },
};

static void operation_desc(const struct operation *op, char *desc)
{
	strscpy(desc, op->name, KUNIT_PARAM_DESC_SIZE);
}
KUNIT_ARRAY_PARAM(operation, operations, operation_desc);

static void timer_fires(struct timer_list *t)
{
}

/* Others than this strategy may find the task beside asleep at each point of an operation. */
static bool asked(void)
{
	return replay_in_use() && !strcmp(replay_strategy(), "random");
}

static int points_init(struct kunit *test)
{
	if (!asked())
		kunit_skip(test, "for --engine replay --strategy random");
	page = alloc_page(GFP_KERNEL);
	timer_setup(&timer, timer_fires, 0);
	init_completion(&done);
	return page ? 0 : -ENOMEM;
}

static void points_exit(struct kunit *test)
{
	if (!asked())
		return;
	timer_delete_sync(&timer);
	__free_page(page);
}

/* Another CPU, mostly awake. */
static bool stop;

static int runs_beside(void *arg)
{
	while (!READ_ONCE(stop))
		exec_spin(&stop);
	return 0;
}

/* The strategy switches at one point in 64 at the least. */
#define MOST_TRIES	20000

/* Do it until another task ran in the middle; whether one did. */
static int try_operation(void *arg)
{
	const struct operation *op = arg;

	for (unsigned int i = 0; i < MOST_TRIES; i++) {
		u64 before = replay_trace().preempted[op->kind];

		op->fn();
		if (replay_trace().preempted[op->kind] > before)
			return 1;
	}
	return 0;
}

static void another_task_may_run_in_the_middle(struct kunit *test)
{
	struct operation op = *(const struct operation *)test->param_value;
	struct test_thread other;
	int found;

	stop = false;
	test_thread_start(test, &other, 2, runs_beside, NULL);
	if (op.program) {
		struct task_struct *p = program_start_on(1, "points", try_operation, &op);

		KUNIT_ASSERT_NOT_NULL(test, p);
		found = program_wait(p);
	} else {
		found = try_operation(&op);
	}
	KUNIT_EXPECT_EQ(test, found, 1);
	WRITE_ONCE(stop, true);
	test_thread_join(&other);
}

static struct kunit_case points_cases[] = {
	KUNIT_CASE_PARAM(another_task_may_run_in_the_middle, operation_gen_params),
	{}
};

static struct kunit_suite points_suite = {
	.name = "points",
	.init = points_init,
	.exit = points_exit,
	.test_cases = points_cases,
};
static const struct machine_config points_config = {
	.nr_nodes = 1, .nr_cpus = 4, .cmdline = "noautonuma",
};
kunit_machine_config(points_suite, points_config);
kunit_test_suite(points_suite);

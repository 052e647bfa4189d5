// SPDX-License-Identifier: GPL-2.0
/*
 * Mistakes made on purpose, to see that a debug kernel and who reads its console notice.
 *
 * "autonuma_plant=NAME" on the command line makes the mistake of that name, late in boot.
 * check.py --self-test boots once for each and looks for what must be said about it.
 */
#include <linux/init.h>
#include <linux/kthread.h>
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/page_table_check.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char wanted[32];

static int __init autonuma_plant(char *name)
{
	strscpy(wanted, name, sizeof(wanted));
	return 1;
}
__setup("autonuma_plant=", autonuma_plant);

static void lock_order(void)
{
	static DEFINE_MUTEX(one);
	static DEFINE_MUTEX(two);

	mutex_lock(&one);
	mutex_lock(&two);
	mutex_unlock(&two);
	mutex_unlock(&one);
	mutex_lock(&two);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&two);
}

static void sleep_in_atomic(void)
{
	static DEFINE_SPINLOCK(lock);
	static DEFINE_MUTEX(mutex);

	spin_lock(&lock);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&lock);
}

static void rcu_unprotected(void)
{
	static int __rcu *pointer;

	pr_info("autonuma_plant: %d\n", !rcu_dereference(pointer));
}

static void list_twice(void)
{
	static LIST_HEAD(head);
	static struct list_head entry;

	list_add(&entry, &head);
	list_add(&entry, &head);
}

/* A page is freed that a page table of user space still maps. */
static void freed_while_mapped(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct mm_struct *mm = mm_alloc();
	pte_t none = __pte(0);

	if (!page || !mm)
		return;
	page_table_check_ptes_set(mm, &none, mk_pte(page, PAGE_SHARED), 1);
	__free_page(page);
}

/* The compiler must not see where the pointer is from. */
static noinline char *freed(void)
{
	char *object = kmalloc(64, GFP_KERNEL);

	kfree(object);
	OPTIMIZER_HIDE_VAR(object);
	return object;
}

static void use_after_free(void)
{
	pr_info("autonuma_plant: %d\n", READ_ONCE(*freed()));
}

static void overflow(void)
{
	char *object = kmalloc(60, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(object);
	WRITE_ONCE(object[60], 1);
	kfree(object);
}

/* Some pointers stay on a stack or in a register; not all of them. */
static void leak(void)
{
	int i;

	for (i = 0; i < 32; i++) {
		char *object = kmalloc(200, GFP_KERNEL);

		OPTIMIZER_HIDE_VAR(object);
	}
}

static long raced;

static int racer(void *unused)
{
	while (!kthread_should_stop()) {
		int i;

		for (i = 0; i < 100000; i++) {
			raced++;
			barrier();
		}
		cond_resched();
	}
	return 0;
}

static void race(void)
{
	struct task_struct *threads[2];
	int i;

	for (i = 0; i < 2; i++)
		threads[i] = kthread_run(racer, NULL, "racer/%d", i);
	ssleep(5);
	for (i = 0; i < 2; i++)
		if (!IS_ERR(threads[i]))
			kthread_stop(threads[i]);
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{ "lock_order", lock_order },
	{ "sleep_in_atomic", sleep_in_atomic },
	{ "rcu_unprotected", rcu_unprotected },
	{ "list_twice", list_twice },
	{ "freed_while_mapped", freed_while_mapped },
	{ "use_after_free", use_after_free },
	{ "overflow", overflow },
	{ "leak", leak },
	{ "race", race },
};

static int __init planted_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		if (!strcmp(wanted, mistakes[i].name))
			mistakes[i].make();
	return 0;
}
late_initcall(planted_init);

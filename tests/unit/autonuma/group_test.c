// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that several processes map: they move if the group agrees, and for no other reason; who
 * touched one of them before is met.
 */
#include <linux/rcupdate.h>

#include "core_test.h"

#define PAGES	8

/**
 * struct agreed - eight pages on node 0 are touched from node 1
 * @what:	the case
 * @run_nid:	node of all tasks of the group, which has all its pages on node 0; -1: no group
 * @anon:	the pages are anonymous
 * @pinned:	one of them is pinned
 * @outsider:	a task of another process touches them, as a debugger
 * @why:	why they stay, or AUTONUMA_DROP_NONE
 */
struct agreed {
	const char *what;
	int run_nid;
	bool anon;
	bool pinned;
	bool outsider;
	enum autonuma_drop why;
};

static const struct agreed agreeds[] = {
	{ "the group agrees", 1 },
	{ "the group does not agree", 0, .why = AUTONUMA_DROP_SHARED },
	{ "no group", -1, .why = AUTONUMA_DROP_SHARED },
	{ "anonymous pages", 1, .anon = true, .why = AUTONUMA_DROP_SHARED },
	{ "pinned pages", 1, .pinned = true, .why = AUTONUMA_DROP_PINNED },
	{ "an outsider", 1, .outsider = true, .why = AUTONUMA_DROP_SHARED },
};
KUNIT_ARRAY_PARAM_DESC(agreed, agreeds, what);

/* The program, and its child, which maps the same pages. */
struct pair {
	struct prog *p;
	struct mm_struct *mm;
	struct task_struct *child;
	bool anon, mapped, touch, touched, leave;
	bool number_0;		/* the child's number ends in as many zeroes as a CPUPID has bits */
};

static int child_main(void *arg)
{
	struct pair *pair = arg;
	struct prog *p = pair->p;
	pid_t pid = current->pid;
	unsigned long i;
	struct page *page;

	/* What fork has mapped for it is marked, too, and not to be sampled. */
	if (!pair->anon)
		touch_all(p);
	go_to_node(p, 3);
	pair->child = current;
	if (pair->number_0)
		current->pid = 1 << LAST__PID_SHIFT;
	smp_store_release(&pair->mapped, true);
	while (!READ_ONCE(pair->leave)) {
		user_compute(MSEC);
		if (!READ_ONCE(pair->touch))
			continue;
		go_to_node(p, 1);
		mmap_read_lock(pair->mm);
		for (i = 0; i < PAGES; i++) {
			KUNIT_EXPECT_EQ(p->test, get_user_pages_remote(pair->mm,
					p->addr + i * PAGE_SIZE, 1, FOLL_HONOR_NUMA_FAULT,
					&page, NULL), 1);
			put_page(page);
		}
		mmap_read_unlock(pair->mm);
		WRITE_ONCE(pair->touch, false);
		smp_store_release(&pair->touched, true);
	}
	if (pair->number_0) {
		current->pid = pid;
		smp_store_release(&pair->mapped, false);
	}
	return 0;
}

/* Eight marked pages that two processes map; returns the pid of the other one. */
static long map_both(struct pair *pair)
{
	struct prog *p = pair->p;
	long pid;

	p->addr = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_ANONYMOUS | (pair->anon ? MAP_PRIVATE : MAP_SHARED), NULL, 0);
	p->pages = PAGES;
	KUNIT_EXPECT_EQ(p->test, user_touch_range(p->addr, PAGES * PAGE_SIZE, true, 1, NULL), 0);
	wait_for_passes(p, 1);
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), PAGES);
	pair->mm = current->mm;
	pid = sys_fork(child_main, pair);
	while (!smp_load_acquire(&pair->mapped))
		user_compute(MSEC);
	return pid;
}

static struct folio *folio_of(struct prog *p, int i)
{
	return page_folio(pte_page(entry_at(p->addr + i * PAGE_SIZE)));
}

static struct autonuma_counts *all_on(struct kunit *test, int nid)
{
	struct autonuma_counts *c = kunit_kzalloc(test, autonuma_counts_size(), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	autonuma_counts_init(c);
	autonuma_counts_add(c, 0, nid, 10000);
	return c;
}

/* @group, or NULL, becomes the group of the current process. */
static void set_group(struct autonuma_group *group)
{
	struct mm_autonuma *mma = current->mm->mm_autonuma;

	spin_lock(&mma->group_lock);
	rcu_assign_pointer(mma->group, group);
	spin_unlock(&mma->group_lock);
}

static void wants_shared(struct prog *p)
{
	const struct agreed *a = p->arg;
	struct pair pair = { .p = p, .anon = a->anon };
	struct autonuma_group *group;
	unsigned long stay, i;
	long pid;
	int mine;

	pid = map_both(&pair);
	group = kunit_kzalloc(p->test, sizeof(*group), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(p->test, group);
	autonuma_home_init(&group->home, all_on(p->test, 0), all_on(p->test, max(a->run_nid, 0)));
	if (a->run_nid >= 0)
		set_group(group);
	if (a->pinned)
		folio_ref_add(folio_of(p, 0), GUP_PIN_COUNTING_BIAS);
	if (a->outsider) {
		set_knob(p->test, "scan_pmd", "0");
		/* This very task was there before, and is where it was. */
		go_to_node(p, 1);
		mine = cpu_pid_to_cpupid(task_cpu(current), current->pid);
		for (i = 0; i < PAGES; i++)
			folio_xchg_last_cpupid(folio_of(p, i), mine);
		WRITE_ONCE(pair.touch, true);
		while (!smp_load_acquire(&pair.touched))
			user_compute(MSEC);
	} else {
		go_to_node(p, 1);
		touch_all(p);
	}
	stay = a->pinned ? 1 : a->why ? PAGES : 0;
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), 0);
	KUNIT_EXPECT_EQ(p->test, failed(a->why), stay);
	KUNIT_EXPECT_EQ(p->test, count_of(AUTONUMA_PAGES_QUEUED), PAGES - stay);
	wait_for_migration();
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 0), stay);
	KUNIT_EXPECT_EQ(p->test, pages_on(p, 1), PAGES - stay);
	if (a->pinned)
		folio_ref_add(folio_of(p, 0), -GUP_PIN_COUNTING_BIAS);
	set_group(NULL);
	WRITE_ONCE(pair.leave, true);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void shared_pages_move_if_the_group_agrees(struct kunit *test)
{
	run_prog(test, cpu_of(0), wants_shared, (void *)test->param_value);
}

static bool has_group(void)
{
	return rcu_access_pointer(current->mm->mm_autonuma->group);
}

/*
 * All pages that one fault resolves were its own; if @p->arg is set, the first one was another
 * process's.
 */
static void meet(struct prog *p, struct pair *pair)
{
	int i, mine = cpu_pid_to_cpupid(raw_smp_processor_id(), current->pid);

	for (i = 0; i < PAGES; i++)
		folio_xchg_last_cpupid(folio_of(p, i), mine);
	if (p->arg)
		folio_xchg_last_cpupid(folio_of(p, 0), cpu_pid_to_cpupid(task_cpu(pair->child),
									 pair->child->pid));
	touch_all(p);
	KUNIT_EXPECT_EQ(p->test, has_group(), !!p->arg);
}

static void meets(struct prog *p)
{
	struct pair pair = { .p = p };
	long pid = map_both(&pair);

	meet(p, &pair);
	WRITE_ONCE(pair.leave, true);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

/* The other one is what a CPUPID of 0 means. */
static void meets_number_0(struct prog *p)
{
	struct pair pair = { .p = p, .number_0 = true };
	long pid = map_both(&pair);

	KUNIT_EXPECT_EQ(p->test, set_cpus_allowed_ptr(pair.child, cpumask_of(0)), 0);
	user_compute(10 * MSEC);
	KUNIT_EXPECT_EQ(p->test, cpu_pid_to_cpupid(task_cpu(pair.child), pair.child->pid), 0);
	meet(p, &pair);
	WRITE_ONCE(pair.leave, true);
	/* It has its own number back before it is waited for by that. */
	while (smp_load_acquire(&pair.mapped))
		user_compute(MSEC);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void who_touched_one_of_the_pages_before_is_met(struct kunit *test)
{
	run_prog(test, cpu_of(0), meets, "another one");
	run_prog(test, cpu_of(1), meets_number_0, "another one");
}

static void who_touched_all_of_the_pages_before_meets_nobody(struct kunit *test)
{
	run_prog(test, cpu_of(0), meets, NULL);
	run_prog(test, cpu_of(1), meets_number_0, NULL);
}

/**
 * struct meeting - the program, of one group, touches a page after its child, of another one
 * @what:	the case
 * @mine:	members of the program's group
 * @theirs:	and of the child's
 * @younger:	the program's was made later
 * @none:	the program has no group
 * @reads:	the child may only read the page
 * @joins:	it is in the child's afterwards
 */
struct meeting {
	const char *what;
	int mine, theirs;
	bool younger, none, reads, joins;
};

static const struct meeting meetings[] = {
	{ "smaller", 20, 21, .joins = true },
	{ "smaller, younger", 20, 21, .younger = true, .joins = true },
	{ "larger", 21, 20 },
	{ "larger, younger", 21, 20, .younger = true },
	{ "as large", 20, 20 },
	{ "as large, younger", 20, 20, .younger = true, .joins = true },
	{ "none", 0, 20, .none = true },
	{ "smaller, of a reader", 20, 21, .reads = true },
};
KUNIT_ARRAY_PARAM_DESC(meeting, meetings, what);

/* @group becomes the group of @mma, which begins no other one. */
static void put_into(struct mm_autonuma *mma, struct autonuma_group *group, int members)
{
	spin_lock(&mma->group_lock);
	kfree(mma->spare);
	mma->spare = NULL;
	if (group)
		refcount_set(&group->members, members);
	rcu_assign_pointer(mma->group, group);
	spin_unlock(&mma->group_lock);
}

static void forbid_writing(struct mm_struct *mm, unsigned long addr)
{
	mmap_write_lock(mm);
	vm_flags_clear(vma_lookup(mm, addr), VM_MAYWRITE);
	mmap_write_unlock(mm);
}

/* Who touched the page before is of this process, or of none: that is no reason for a group. */
static void meet_myself(struct kunit *test, struct mm_struct *mm)
{
	struct mm_autonuma *mma = kunit_kzalloc(test, sizeof(*mma), GFP_KERNEL);
	struct vm_area_struct vma = {
		.vm_flags = VM_SHARED | VM_MAYWRITE, .vm_file = (void *)test,
	};

	KUNIT_ASSERT_NOT_NULL(test, mma);
	mma->mm = mm;
	mma->pages = all_on(test, 0);
	spin_lock_init(&mma->group_lock);
	autonuma_group_prepare(mma, &vma);
	KUNIT_EXPECT_NOT_NULL(test, mma->spare);
	autonuma_group_meet(mma, &vma, 0,
			    cpu_pid_to_cpupid(raw_smp_processor_id(), current->pid));
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(mma->group));
	autonuma_group_leave(mma);
}

static void meets_own_thread(struct prog *p)
{
	meet_myself(p->test, current->mm);
}

static void threads_of_one_process_are_no_group(struct kunit *test)
{
	run_prog(test, cpu_of(0), meets_own_thread, NULL);
}

static void a_kernel_thread_is_in_no_group(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, current->mm);
	meet_myself(test, (struct mm_struct *)test);
}

static void memory_of_no_file_is_shared_with_nobody(struct kunit *test)
{
	struct vm_area_struct vma = { .vm_flags = VM_SHARED | VM_MAYWRITE };

	KUNIT_EXPECT_FALSE(test, autonuma_shares_writes(&vma, 0));
}

static void meets_another_group(struct prog *p)
{
	const struct meeting *m = p->arg;
	struct pair pair = { .p = p };
	long pid = map_both(&pair);
	struct mm_autonuma *mine = current->mm->mm_autonuma, *theirs;
	struct autonuma_group *groups, *own, *other, *group;
	int i;

	while (!smp_load_acquire(&pair.child->mm->mm_autonuma))
		user_compute(100 * MSEC);
	theirs = pair.child->mm->mm_autonuma;
	groups = kunit_kzalloc(p->test, 2 * sizeof(*groups), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(p->test, groups);
	for (i = 0; i < 2; i++)
		autonuma_home_init(&groups[i].home, all_on(p->test, 0), all_on(p->test, 0));
	own = m->none ? NULL : &groups[0];
	other = &groups[1];
	groups[0].number = m->younger;
	groups[1].number = !m->younger;
	if (m->reads)
		forbid_writing(pair.child->mm, p->addr);
	put_into(mine, own, m->mine);
	put_into(theirs, other, m->theirs);
	folio_xchg_last_cpupid(folio_of(p, 0), cpu_pid_to_cpupid(task_cpu(pair.child),
								 pair.child->pid));
	KUNIT_EXPECT_EQ(p->test, marked_pages(p), PAGES);
	touch_all(p);
	group = rcu_access_pointer(mine->group);
	KUNIT_EXPECT_PTR_EQ(p->test, group, m->joins ? other : own);
	put_into(mine, NULL, 0);
	put_into(theirs, NULL, 0);
	WRITE_ONCE(pair.leave, true);
	KUNIT_EXPECT_EQ(p->test, sys_wait4(pid), 0);
}

static void the_smaller_group_joins_the_larger_one(struct kunit *test)
{
	run_prog(test, cpu_of(0), meets_another_group, (void *)test->param_value);
}

static struct kunit_case group_cases[] = {
	KUNIT_CASE_PARAM(the_smaller_group_joins_the_larger_one, meeting_gen_params),
	KUNIT_CASE(threads_of_one_process_are_no_group),
	KUNIT_CASE(a_kernel_thread_is_in_no_group),
	KUNIT_CASE(memory_of_no_file_is_shared_with_nobody),
	KUNIT_CASE_PARAM(shared_pages_move_if_the_group_agrees, agreed_gen_params),
	KUNIT_CASE(who_touched_one_of_the_pages_before_is_met),
	KUNIT_CASE(who_touched_all_of_the_pages_before_meets_nobody),
	{}
};

static struct kunit_suite group_suite = {
	.name = "autonuma-group",
	.test_cases = group_cases,
};
kunit_test_suite(group_suite);

// SPDX-License-Identifier: GPL-2.0
/* Groups: which processes belong together, and until when. */
#include <linux/fs.h>
#include <linux/rcupdate.h>
#include <machine/inject.h>

#include "cast_test.h"

#define PAGES	16
#define LEN	(PAGES * PAGE_SIZE)

/* How a process maps the file or its memory, and what it does with it. */
struct member {
	struct kunit *test;
	struct file *file;
	struct file *other_file;	/* touched as well */
	unsigned long prot, flags;
	unsigned long addr, other_addr;
	bool writes;
	int children;		/* made by fork after mapping, which do as it does */
	bool execs;
	struct task_struct *task;
	struct task_struct *child;
	bool ready, leave;
};

static void touch_until_told(struct member *m)
{
	while (!READ_ONCE(m->leave)) {
		user_touch_range(m->addr, LEN, m->writes, 1, NULL);
		user_compute(7 * MSEC);
	}
}

static int child_main(void *arg)
{
	struct member *m = arg;

	smp_store_release(&m->child, get_task_struct(current));
	sys_sched_setaffinity(0, cpumask_of_node(2));
	touch_until_told(m);
	return 0;
}

static int after_exec(void *arg)
{
	struct member *m = arg;

	WRITE_ONCE(m->execs, false);
	while (!READ_ONCE(m->leave))
		user_compute(7 * MSEC);
	return 0;
}

static int member_main(void *arg)
{
	struct member *m = arg;
	long addr = sys_mmap(0, LEN, m->prot, m->flags, m->file, 0);
	long pid = 0;

	KUNIT_EXPECT_GT(m->test, addr, 0);
	m->addr = addr;
	if (m->other_file)
		m->other_addr = sys_mmap(0, LEN, m->prot, m->flags, m->other_file, 0);
	user_touch_range(m->addr, LEN, m->writes, 1, NULL);
	if (m->children)
		pid = sys_fork(child_main, m);
	KUNIT_EXPECT_GE(m->test, pid, 0);
	smp_store_release(&m->ready, true);
	while (!READ_ONCE(m->leave)) {
		user_touch_range(m->addr, LEN, m->writes, 1, NULL);
		if (m->other_file)
			user_touch_range(m->other_addr, LEN, m->writes, 1, NULL);
		user_compute(7 * MSEC);
		if (READ_ONCE(m->execs))
			sys_execve("other", after_exec, m);
	}
	if (pid > 0)
		sys_wait4(pid);
	return 0;
}

static void member_start(struct kunit *test, struct member *m, int cpu)
{
	int limit = 100;

	m->test = test;
	if (!m->flags) {
		m->prot = PROT_READ | PROT_WRITE;
		m->flags = MAP_SHARED;
	}
	m->task = program_start_on(cpu, "member", member_main, m);
	KUNIT_ASSERT_NOT_NULL(test, m->task);
	while (!smp_load_acquire(&m->ready) && limit--)
		msleep(10);
	KUNIT_ASSERT_TRUE(test, smp_load_acquire(&m->ready));
}

static void member_end(struct member *m)
{
	WRITE_ONCE(m->leave, true);
	KUNIT_EXPECT_EQ(m->test, program_wait(m->task), 0);
	if (m->child)
		put_task_struct(m->child);
}

/* The group of a process, for comparison; NULL if it has none. */
static struct autonuma_group *group_of(struct task_struct *p)
{
	struct autonuma_group *group = NULL;
	struct mm_autonuma *mma;

	rcu_read_lock();
	task_lock(p);
	mma = p->mm ? smp_load_acquire(&p->mm->mm_autonuma) : NULL;
	if (mma)
		group = rcu_dereference(mma->group);
	task_unlock(p);
	rcu_read_unlock();
	return group;
}

static bool together(struct member *a, struct member *b)
{
	return group_of(a->task) && group_of(a->task) == group_of(b->task);
}

/* Scan often; time to meet. */
static void begin(struct kunit *test)
{
	scan_steadily(test, 200);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of_node(3)), 0);
}

static void await_together(struct member *a, struct member *b)
{
	int limit = 100;

	while (!together(a, b) && limit--)
		msleep(200);
	KUNIT_EXPECT_TRUE(a->test, together(a, b));
}

static unsigned long pages_of(struct task_struct *p, int nid)
{
	unsigned long pages;

	task_lock(p);
	pages = READ_ONCE(p->mm->mm_autonuma->pages->by_node[nid]);
	task_unlock(p);
	return pages;
}

/* The group's pages are the sum of its members'. */
static void expect_sum(struct kunit *test, struct member *m, int n)
{
	struct autonuma_counts *all = group_of(m[0].task)->home.pages;
	unsigned long sum;
	int nid, i;

	for (nid = 0; nid < CAST_NODES; nid++) {
		for (sum = 0, i = 0; i < n; i++)
			sum += pages_of(m[i].task, nid);
		KUNIT_EXPECT_EQ(test, READ_ONCE(all->by_node[nid]), sum);
	}
}

static void processes_that_write_the_same_pages_are_a_group(struct kunit *test)
{
	struct file *file = shmem_file_create("shm", LEN);
	struct member m[3] = {
		{ .file = file, .writes = true }, { .file = file, .writes = true },
		{ .file = file, .writes = true },
	};
	int i;

	begin(test);
	for (i = 0; i < 3; i++)
		member_start(test, &m[i], cpu_of(i));
	await_together(&m[0], &m[1]);
	await_together(&m[0], &m[2]);
	KUNIT_EXPECT_EQ(test, refcount_read(&group_of(m[0].task)->members), 3);
	/* No more passes: then counts stand still. */
	set_knob(test, "scan_sleep_pass_millisecs", "3600000");
	msleep(1000);
	expect_sum(test, m, 3);
	KUNIT_EXPECT_GT(test, READ_ONCE(group_of(m[0].task)->home.pages->total), 0UL);

	/* One leaves, and its pages with it. */
	member_end(&m[2]);
	KUNIT_EXPECT_TRUE(test, together(&m[0], &m[1]));
	KUNIT_EXPECT_EQ(test, refcount_read(&group_of(m[0].task)->members), 2);
	expect_sum(test, m, 2);
	member_end(&m[1]);
	member_end(&m[0]);
	file_put(file);
}

static void what_the_mapping_allows_counts_and_not_what_is_done(struct kunit *test)
{
	struct file *file = shmem_file_create("shm", LEN);
	struct member m[2] = { { .file = file }, { .file = file } };

	/* Nobody writes, so all entries are read-only. */
	begin(test);
	member_start(test, &m[0], cpu_of(0));
	member_start(test, &m[1], cpu_of(1));
	await_together(&m[0], &m[1]);
	member_end(&m[0]);
	member_end(&m[1]);
	file_put(file);
}

/* Two ways to have pages in common, and no reason to be together. */
struct apart {
	const char *name;
	struct member m[2];
};

static const struct apart apart[] = {
	{ "one reads only", { { .writes = true },
			      { .prot = PROT_READ, .flags = MAP_SHARED } } },
	{ "both read only", { { .prot = PROT_READ, .flags = MAP_SHARED },
			      { .prot = PROT_READ, .flags = MAP_SHARED } } },
	{ "one has a copy of its own", { { .writes = true },
			      { .prot = PROT_READ | PROT_WRITE, .flags = MAP_PRIVATE } } },
	{ "both have copies", { { .prot = PROT_READ | PROT_WRITE, .flags = MAP_PRIVATE },
			      { .prot = PROT_READ | PROT_WRITE, .flags = MAP_PRIVATE } } },
};
KUNIT_ARRAY_PARAM_DESC(apart, apart, name);

static void processes_that_do_not_write_the_same_pages_stay_apart(struct kunit *test)
{
	const struct apart *row = test->param_value;
	struct file *file = shmem_file_create("shm", LEN);
	struct member m[2] = { row->m[0], row->m[1] };

	begin(test);
	m[0].file = m[1].file = file;
	member_start(test, &m[0], cpu_of(0));
	member_start(test, &m[1], cpu_of(1));
	msleep(4000);
	KUNIT_EXPECT_GT(test, count_of(AUTONUMA_FULL_SCANS), 4UL);
	KUNIT_EXPECT_FALSE(test, together(&m[0], &m[1]));
	KUNIT_EXPECT_NULL(test, group_of(m[1].task));
	member_end(&m[0]);
	member_end(&m[1]);
	file_put(file);
}

static void pages_copied_on_write_group_nobody(struct kunit *test)
{
	struct member m = { .children = 1, .prot = PROT_READ | PROT_WRITE,
			    .flags = MAP_PRIVATE | MAP_ANONYMOUS };

	begin(test);
	member_start(test, &m, cpu_of(0));
	msleep(4000);
	KUNIT_ASSERT_NOT_NULL(test, m.child);
	KUNIT_EXPECT_NULL(test, group_of(m.task));
	KUNIT_EXPECT_NULL(test, group_of(m.child));
	member_end(&m);
}

static void a_child_with_shared_memory_belongs_to_its_parent(struct kunit *test)
{
	struct member m = { .children = 1, .writes = true, .prot = PROT_READ | PROT_WRITE,
			    .flags = MAP_SHARED | MAP_ANONYMOUS };

	begin(test);
	member_start(test, &m, cpu_of(0));
	msleep(4000);
	KUNIT_ASSERT_NOT_NULL(test, m.child);
	KUNIT_EXPECT_NOT_NULL(test, group_of(m.task));
	KUNIT_EXPECT_PTR_EQ(test, group_of(m.task), group_of(m.child));
	member_end(&m);
}

static void threads_of_one_process_make_no_group(struct kunit *test)
{
	struct file *file = shmem_file_create("shm", LEN);
	struct member m = { .file = file, .writes = true };

	begin(test);
	member_start(test, &m, cpu_of(0));
	msleep(4000);
	KUNIT_EXPECT_NULL(test, group_of(m.task));
	member_end(&m);
	file_put(file);
}

static void exec_leaves_the_group(struct kunit *test)
{
	struct file *file = shmem_file_create("shm", LEN);
	struct member m[2] = {
		{ .file = file, .writes = true }, { .file = file, .writes = true },
	};

	begin(test);
	member_start(test, &m[0], cpu_of(0));
	member_start(test, &m[1], cpu_of(1));
	await_together(&m[0], &m[1]);
	WRITE_ONCE(m[1].execs, true);
	while (READ_ONCE(m[1].execs))
		msleep(10);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(m[1].task), NUMA_NO_NODE);
	msleep(3000);
	KUNIT_EXPECT_NULL(test, group_of(m[1].task));
	KUNIT_EXPECT_NOT_NULL(test, group_of(m[0].task));
	KUNIT_EXPECT_EQ(test, refcount_read(&group_of(m[0].task)->members), 1);
	set_knob(test, "scan_sleep_pass_millisecs", "3600000");
	msleep(1000);
	expect_sum(test, m, 1);
	member_end(&m[0]);
	member_end(&m[1]);
	file_put(file);
}

static void two_groups_become_one_by_who_belongs_to_both(struct kunit *test)
{
	struct file *left = shmem_file_create("left", LEN), *right = shmem_file_create("right", LEN);
	struct member m[6] = {
		{ .file = left, .writes = true }, { .file = left, .writes = true },
		{ .file = left, .writes = true },
		{ .file = right, .writes = true }, { .file = right, .writes = true },
		{ .file = left, .other_file = right, .writes = true },
	};
	int i;

	begin(test);
	for (i = 0; i < 5; i++)
		member_start(test, &m[i], i);
	await_together(&m[0], &m[1]);
	await_together(&m[0], &m[2]);
	await_together(&m[3], &m[4]);
	KUNIT_EXPECT_FALSE(test, together(&m[0], &m[3]));
	KUNIT_EXPECT_EQ(test, refcount_read(&group_of(m[0].task)->members), 3);
	KUNIT_EXPECT_EQ(test, refcount_read(&group_of(m[3].task)->members), 2);
	member_start(test, &m[5], 5);
	for (i = 1; i < 6; i++)
		await_together(&m[0], &m[i]);
	KUNIT_EXPECT_EQ(test, refcount_read(&group_of(m[0].task)->members), 6);
	set_knob(test, "scan_sleep_pass_millisecs", "3600000");
	msleep(1000);
	expect_sum(test, m, 6);
	for (i = 0; i < 6; i++)
		member_end(&m[i]);
	file_put(left);
	file_put(right);
}

/* Two processes write the same pages for so long, but what a group takes fails by a rule. */
static int be_denied(struct kunit *test, struct member *m, struct file *file,
		     struct inject_rule rule, unsigned int ms)
{
	int handle, i;

	begin(test);
	handle = inject_set(rule);
	for (i = 0; i < 2; i++) {
		m[i] = (struct member){ .file = file, .writes = true };
		member_start(test, &m[i], cpu_of(i));
	}
	msleep(ms);
	KUNIT_EXPECT_GT(test, inject_failed(handle), 2UL);
	KUNIT_EXPECT_FALSE(test, together(&m[0], &m[1]));
	return handle;
}

static void without_memory_for_a_group_there_is_none_yet(struct kunit *test)
{
	struct file *file = shmem_file_create("shm", LEN);
	struct inject_rule rule = {
		.sites = 1 << INJECT_SLAB, .per_million = 1000000,
		.func = autonuma_group_prepare, .func_len = 512,
	};
	struct member m[2];
	int handle = be_denied(test, m, file, rule, 4000);

	KUNIT_EXPECT_NULL(test, group_of(m[0].task));
	inject_clear(handle);
	await_together(&m[0], &m[1]);
	member_end(&m[0]);
	member_end(&m[1]);
	file_put(file);
}

/* Neither the lock of the task seen is waited for nor the file's; a later fault looks again. */
static void a_group_comes_when_the_locks_it_takes_are_free(struct kunit *test)
{
	struct file *file = shmem_file_create("shm", LEN);
	struct inject_rule rule = {
		.sites = BIT(INJECT_TRYLOCK), .per_million = 1000000, .func = autonuma_group_meet,
	};
	struct member m[2];
	int handle = be_denied(test, m, file, rule, 2000);

	i_mmap_lock_write(file->f_mapping);
	inject_clear(handle);
	msleep(2000);
	KUNIT_EXPECT_FALSE(test, together(&m[0], &m[1]));
	i_mmap_unlock_write(file->f_mapping);
	await_together(&m[0], &m[1]);
	member_end(&m[0]);
	member_end(&m[1]);
	file_put(file);
}

/* Three processes with a group each: of the first two files one is mapped by both. */
struct meeting {
	struct kunit *test;
	struct file *file, *other;
	struct task_struct *task[3];
	int step[3];
	unsigned long addr;
};

static struct autonuma_group *own_group(void)
{
	struct autonuma_group *group;

	rcu_read_lock();
	group = rcu_dereference(current->mm->mm_autonuma->group);
	rcu_read_unlock();
	return group;
}

/*
 * Call the fault's hook as if @cpu and @pid had touched the page before, with one of the two
 * locks held that must not be waited for, or none.
 */
static bool joins_despite(struct meeting *m, int cpu, pid_t pid, spinlock_t *lock,
			  struct address_space *mapping)
{
	struct autonuma_group *before = own_group();
	struct mm_struct *mm = current->mm;

	mmap_read_lock(mm);
	if (mapping)
		i_mmap_lock_write(mapping);
	if (lock)
		spin_lock(lock);
	autonuma_group_meet(mm->mm_autonuma, vma_lookup(mm, m->addr), m->addr,
			    cpu_pid_to_cpupid(cpu, pid));
	if (lock)
		spin_unlock(lock);
	if (mapping)
		i_mmap_unlock_write(mapping);
	mmap_read_unlock(mm);
	return own_group() != before;
}

static bool joins(struct meeting *m, int cpu, pid_t pid)
{
	return joins_despite(m, cpu, pid, NULL, NULL);
}

/* How often something is tried that somebody may be in the way of for a moment. */
#define TRIES	100

/*
 * As joins(), at one of many meetings: a daemon may hold a lock that is not waited for, or be on
 * the other's CPU.
 */
static bool joins_soon(struct meeting *m, int cpu, pid_t pid)
{
	int i;

	for (i = 0; i < TRIES; i++) {
		if (joins(m, cpu, pid))
			return true;
		user_compute(MSEC);
	}
	return false;
}

/* The current process is the third. */
static void meet_all(struct meeting *m)
{
	struct address_space *mapping = m->file->f_mapping;
	struct mm_struct *mm = current->mm;
	struct autonuma_group *mine, *theirs;
	struct kunit *test = m->test;
	struct vm_area_struct *vma;

	/* Enough members to be joined by whoever has a group of one. */
	mine = group_of(current);
	theirs = group_of(m->task[0]);
	refcount_inc(&theirs->members);
	refcount_inc(&group_of(m->task[1])->members);

	/* It maps another file. */
	KUNIT_EXPECT_FALSE(test, joins(m, 2, m->task[1]->pid));
	/* Another task of that CPU; the current one. */
	KUNIT_EXPECT_FALSE(test, joins(m, 0, m->task[0]->pid + 1));
	KUNIT_EXPECT_FALSE(test, joins(m, task_cpu(current), current->pid));
	/* Others hold what would be waited for. */
	KUNIT_EXPECT_FALSE(test, joins_despite(m, 0, m->task[0]->pid,
					       &m->task[0]->alloc_lock, NULL));
	KUNIT_EXPECT_FALSE(test, joins_despite(m, 0, m->task[0]->pid, NULL, mapping));
	/* What the mapping allows. */
	mmap_write_lock(mm);
	vma = vma_lookup(mm, m->addr);
	vm_flags_clear(vma, VM_MAYWRITE);
	mmap_write_unlock(mm);
	KUNIT_EXPECT_FALSE(test, joins(m, 0, m->task[0]->pid));
	mmap_write_lock(mm);
	vm_flags_set(vma, VM_MAYWRITE);
	mmap_write_unlock(mm);
	/* The other one is smaller. */
	refcount_add(2, &mine->members);
	KUNIT_EXPECT_FALSE(test, joins(m, 0, m->task[0]->pid));
	KUNIT_EXPECT_FALSE(test, refcount_sub_and_test(2, &mine->members));
	/* Of two groups of one size the older one stays, wherever they are in memory. */
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_test(&theirs->members));
	if (mine->number > theirs->number)
		swap(mine->number, theirs->number);
	KUNIT_EXPECT_FALSE(test, joins(m, 0, m->task[0]->pid));
	/* Nothing is in the way. */
	swap(mine->number, theirs->number);
	KUNIT_EXPECT_TRUE(test, joins_soon(m, 0, m->task[0]->pid));
	KUNIT_EXPECT_PTR_EQ(test, group_of(current), theirs);
	refcount_inc(&theirs->members);
	/* Again: it is the same group. */
	KUNIT_EXPECT_FALSE(test, joins(m, 0, m->task[0]->pid));

	KUNIT_EXPECT_EQ(test, refcount_read(&group_of(current)->members), 3);
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_test(&group_of(m->task[0])->members));
	KUNIT_EXPECT_FALSE(test, refcount_dec_and_test(&group_of(m->task[1])->members));
}

/* Wait until all three have come to @step, and the scan has prepared a group for each. */
static void await_step(struct meeting *m, int me, int step)
{
	struct mm_autonuma *mma;
	bool prepared = false;
	int i;

	while (!prepared) {
		user_compute(20 * MSEC);
		mma = smp_load_acquire(&current->mm->mm_autonuma);
		if (!mma)
			continue;
		spin_lock(&mma->group_lock);
		prepared = mma->spare || rcu_access_pointer(mma->group);
		spin_unlock(&mma->group_lock);
	}
	smp_store_release(&m->step[me], step);
	for (i = 0; i < 3; i++)
		while (smp_load_acquire(&m->step[i]) < step)
			user_compute(20 * MSEC);
}

static int meeting_main(void *arg)
{
	struct meeting *m = arg;
	int me = task_cpu(current) / 2, other = me == 1 ? 0 : 1;

	WRITE_ONCE(m->task[me], current);
	KUNIT_EXPECT_EQ(m->test, sys_mmap(m->addr, LEN, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_FIXED,
					  me == 1 ? m->other : m->file, 0), (long)m->addr);
	await_step(m, me, 1);
	/* They have no pages in common, but each has its own group from now on. */
	KUNIT_EXPECT_NULL(m->test, group_of(current));
	joins_soon(m, 2 * other, READ_ONCE(m->task[other])->pid);
	KUNIT_EXPECT_NOT_NULL(m->test, group_of(current));
	await_step(m, me, 2);
	if (me == 2)
		meet_all(m);
	await_step(m, me, 3);
	return 0;
}

static void who_meets_joins_if_nothing_is_in_the_way(struct kunit *test)
{
	struct meeting *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct task_struct *p[3];
	int i;

	begin(test);
	m->test = test;
	m->addr = 0x10000000;
	m->file = shmem_file_create("both", LEN);
	m->other = shmem_file_create("one", LEN);
	for (i = 0; i < 3; i++) {
		p[i] = program_start_on(2 * i, "meeting", meeting_main, m);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	for (i = 0; i < 3; i++)
		program_wait(p[i]);
	file_put(m->file);
	file_put(m->other);
}

static struct kunit_case group_cases[] = {
	KUNIT_CASE(processes_that_write_the_same_pages_are_a_group),
	KUNIT_CASE(what_the_mapping_allows_counts_and_not_what_is_done),
	KUNIT_CASE_PARAM(processes_that_do_not_write_the_same_pages_stay_apart, apart_gen_params),
	KUNIT_CASE(pages_copied_on_write_group_nobody),
	KUNIT_CASE(a_child_with_shared_memory_belongs_to_its_parent),
	KUNIT_CASE(threads_of_one_process_make_no_group),
	KUNIT_CASE(exec_leaves_the_group),
	KUNIT_CASE(two_groups_become_one_by_who_belongs_to_both),
	KUNIT_CASE(who_meets_joins_if_nothing_is_in_the_way),
	KUNIT_CASE(without_memory_for_a_group_there_is_none_yet),
	KUNIT_CASE(a_group_comes_when_the_locks_it_takes_are_free),
	{}
};

static struct kunit_suite group_suite = {
	.name = "placement-group",
	.test_cases = group_cases,
};
kunit_test_suite(group_suite);

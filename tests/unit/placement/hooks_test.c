// SPDX-License-Identifier: GPL-2.0
/* What the scheduler asks and tells: the tick, wake-up, load balancing, fork, exec. */
#include "cast_test.h"

static const struct role one[] = { { 1, 0 }, {} };
static const unsigned long pages_on_1[CAST_PROCS][CAST_NODES] = { { 0, 100 } };

static struct cast *cast(struct kunit *test)
{
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	return c;
}

/* Which of the load balancer's questions is answered with no? The task prefers node 1. */
struct pull {
	const char *name;
	const char *strict;
	int src_cpu, dst_cpu;
	bool idle, may;
};

static const struct pull pulls[] = {
	{ "off its node by a busy CPU", "1", 2, 4, false, false },
	{ "off its node by an idle CPU", "1", 2, 4, true, true },
	{ "off its node by a busy CPU and not strictly", "0", 2, 4, false, true },
	{ "off its node by an idle CPU and not strictly", "0", 2, 4, true, true },
	{ "within its node", "1", 2, 3, false, true },
	{ "to its node", "1", 0, 3, false, true },
	{ "from another node to another one", "1", 0, 4, false, true },
};
KUNIT_ARRAY_PARAM_DESC(pull, pulls, name);

static void the_balancer_asks(struct kunit *test)
{
	const struct pull *pull = test->param_value;
	struct cast *c = cast(test);
	struct task_struct *p;

	cast_begin(test, c, one, pages_on_1, "0-5");
	set_knob(test, "load_balance_strict", pull->strict);
	p = c->actors[0].task;
	KUNIT_EXPECT_TRUE(test, autonuma_may_pull(p, pull->src_cpu, pull->dst_cpu, pull->idle));
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(p), 1);
	KUNIT_EXPECT_EQ(test, autonuma_may_pull(p, pull->src_cpu, pull->dst_cpu, pull->idle),
			pull->may);
	autonuma_set_enabled(false);
	KUNIT_EXPECT_TRUE(test, autonuma_may_pull(p, pull->src_cpu, pull->dst_cpu, pull->idle));
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(p), NUMA_NO_NODE);
	cast_end(c);
}

static void a_task_without_statistics_has_no_wish(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, current->task_autonuma);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(current), NUMA_NO_NODE);
	KUNIT_EXPECT_TRUE(test, autonuma_may_pull(current, 0, 7, false));
	autonuma_task_tick(current);
	KUNIT_EXPECT_FALSE(test, task_work_pending(current));
}

/* In the actor: what the tick asks for. */
static void ticks(struct actor *a, bool before)
{
	struct kunit *test = a->cast->test;
	struct task_autonuma *ta = current->task_autonuma;
	unsigned long due;

	if (!before)
		return;
	/* Too early. */
	ta->next_decision = jiffies + 2;
	autonuma_task_tick(current);
	KUNIT_EXPECT_FALSE(test, task_work_pending(current));
	/* Exiting. */
	ta->next_decision = jiffies;
	current->flags |= PF_EXITING;
	autonuma_task_tick(current);
	KUNIT_EXPECT_FALSE(test, task_work_pending(current));
	current->flags &= ~PF_EXITING;
	/* Working for a kernel thread's mm. */
	current->flags |= PF_KTHREAD;
	autonuma_task_tick(current);
	KUNIT_EXPECT_FALSE(test, task_work_pending(current));
	current->flags &= ~PF_KTHREAD;
	/* Due, once. */
	autonuma_task_tick(current);
	KUNIT_EXPECT_TRUE(test, task_work_pending(current));
	due = ta->next_decision;
	KUNIT_EXPECT_EQ(test, due, jiffies + msecs_to_jiffies(3600000));
	ta->next_decision = jiffies;
	autonuma_task_tick(current);
	KUNIT_EXPECT_EQ(test, ta->next_decision, jiffies);
	/* Switched off meanwhile. */
	autonuma_set_enabled(false);
	task_work_run();
	KUNIT_EXPECT_EQ(test, task_cpu(current), 0U);
	KUNIT_EXPECT_EQ(test, ta->preferred_nid, NUMA_NO_NODE);
	ta->next_decision = jiffies;
	autonuma_task_tick(current);
	KUNIT_EXPECT_FALSE(test, task_work_pending(current));
	autonuma_set_enabled(true);
	/* Exiting meanwhile. */
	current->flags |= PF_EXITING;
	ta->work.func(&ta->work);
	current->flags &= ~PF_EXITING;
	KUNIT_EXPECT_EQ(test, task_cpu(current), 0U);
	KUNIT_EXPECT_EQ(test, ta->preferred_nid, NUMA_NO_NODE);
}

static void the_tick_asks_for_one_decision_when_it_is_due(struct kunit *test)
{
	struct cast *c = cast(test);

	cast_begin(test, c, one, pages_on_1, "0-5");
	c->actors[0].around = ticks;
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 1);
	cast_end(c);
}

/* The task exits with a decision due. */
static void exits(struct actor *a, bool before)
{
	if (!before)
		return;
	current->task_autonuma->next_decision = jiffies;
	autonuma_task_tick(current);
	KUNIT_EXPECT_TRUE(a->cast->test, task_work_pending(current));
	smp_store_release(&a->decide, false);
	sys_exit(0);
}

static void who_exits_decides_nothing(struct kunit *test)
{
	struct cast *c = cast(test);

	cast_begin(test, c, one, pages_on_1, "0-5");
	c->actors[0].around = exits;
	let_decide(&c->actors[0]);
	while (!READ_ONCE(c->actors[0].task->exit_state))
		msleep(20);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(c->actors[0].task), NUMA_NO_NODE);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_TASKS_MOVED), 0UL);
	cast_end(c);
}

struct family {
	struct kunit *test;
	struct task_struct *parent, *child, *thread;
	bool ready, leave;
};

static int wait_to_leave(struct family *f)
{
	while (!READ_ONCE(f->leave))
		user_compute(20 * MSEC);
	return 0;
}

static int be_child(void *arg)
{
	struct family *f = arg;

	smp_store_release(&f->child, get_task_struct(current));
	return wait_to_leave(f);
}

static int be_thread(void *arg)
{
	struct family *f = arg;

	smp_store_release(&f->thread, get_task_struct(current));
	return wait_to_leave(f);
}

static int be_parent(void *arg)
{
	struct family *f = arg;
	long pid;

	while (!smp_load_acquire(&current->task_autonuma))
		user_compute(20 * MSEC);
	WRITE_ONCE(current->task_autonuma->preferred_nid, 2);
	sys_clone_thread(be_thread, f, 3);
	pid = sys_fork(be_child, f);
	wait_to_leave(f);
	sys_wait4(pid);
	return 0;
}

/* Do a thread and a child have their parent's wish, with child_inheritance as told? */
static void expect_inherited(struct kunit *test, const char *inherit, bool inherited)
{
	struct family f = { .test = test };
	int limit = 300;

	set_knob(test, "child_inheritance", inherit);
	set_knob(test, "balance_interval_millisecs", "3600000");
	scan_steadily(test, 200);
	f.parent = program_start_on(0, "parent", be_parent, &f);
	KUNIT_ASSERT_NOT_NULL(test, f.parent);
	while (limit-- && !(smp_load_acquire(&f.child) && smp_load_acquire(&f.thread) &&
			    smp_load_acquire(&f.child->task_autonuma) &&
			    smp_load_acquire(&f.thread->task_autonuma)))
		msleep(50);
	KUNIT_ASSERT_NOT_NULL(test, f.child);
	KUNIT_ASSERT_NOT_NULL(test, f.thread);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(f.child) == 2, inherited);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(f.thread) == 2, inherited);
	WRITE_ONCE(f.leave, true);
	program_wait(f.parent);
	put_task_struct(f.child);
	put_task_struct(f.thread);
}

static unsigned long seen_on(struct autonuma_counts *running, int nid)
{
	unsigned long total;

	return autonuma_counts_share(running, nid, &total);
}

/* Nobody has counted the task yet. */
static void forget_seen(struct task_struct *p)
{
	p->task_autonuma->seen.home = NULL;
	autonuma_counts_reset(p->mm->mm_autonuma->home.running);
}

static const struct role bound[] = { { 1, 2, .stays = true }, {} };

static void who_is_bound_is_seen_where_it_runs(struct kunit *test)
{
	struct mm_autonuma *mma;
	struct cast *c = cast(test);

	cast_begin(test, c, bound, pages_on_1, "0-5");
	mma = c->actors[0].task->mm->mm_autonuma;
	forget_seen(c->actors[0].task);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, seen_on(mma->home.running, 1), (unsigned long)AUTONUMA_TASK);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(c->actors[0].task), 1);
	cast_end(c);
}

/* The home of the group decides; the process's own pages follow its own tasks. */
static void a_member_is_seen_by_its_group_and_for_its_process(struct kunit *test)
{
	size_t counts = autonuma_counts_size();
	struct autonuma_group *group = kunit_kzalloc(test, sizeof(*group) + 2 * counts,
						     GFP_KERNEL);
	struct autonuma_counts *pages = (void *)(group + 1);
	struct autonuma_counts *running = (void *)(group + 1) + counts;
	struct cast *c = cast(test);
	struct mm_autonuma *mma;

	KUNIT_ASSERT_NOT_NULL(test, group);
	autonuma_counts_init(pages);
	autonuma_counts_init(running);
	autonuma_home_init(&group->home, pages, running);
	write_counts(test, pages, (unsigned long[]){ 0, 0, 100, 0 });
	refcount_set(&group->members, 2);
	cast_begin(test, c, one, pages_on_1, "0-5");
	mma = c->actors[0].task->mm->mm_autonuma;
	forget_seen(c->actors[0].task);
	rcu_assign_pointer(mma->group, group);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 2);
	KUNIT_EXPECT_EQ(test, seen_on(running, 0), (unsigned long)AUTONUMA_TASK);
	KUNIT_EXPECT_EQ(test, seen_on(mma->home.running, 0), (unsigned long)AUTONUMA_TASK);
	/* Once in a window each. */
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, seen_on(running, 2), 0UL);
	KUNIT_EXPECT_EQ(test, seen_on(mma->home.running, 2), 0UL);
	rcu_assign_pointer(mma->group, NULL);
	synchronize_rcu();
	cast_end(c);
}

static void children_inherit_the_preferred_node(struct kunit *test)
{
	expect_inherited(test, "1", true);
}

static void children_inherit_nothing_if_the_knob_says_so(struct kunit *test)
{
	expect_inherited(test, "0", false);
}

static void tasks_known_together_decide_at_different_times(struct kunit *test)
{
	struct task_autonuma *ta = kunit_kzalloc(test, sizeof(*ta) + autonuma_counts_size(),
						 GFP_KERNEL);
	struct task_struct *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	unsigned long interval = msecs_to_jiffies(100), seen[2];
	int i;

	for (i = 0; i < 2; i++) {
		p->pid = 1000 + 7 * i;
		autonuma_place_init(ta, p);
		seen[i] = ta->next_decision - jiffies;
		KUNIT_EXPECT_LE(test, seen[i], interval);
	}
	KUNIT_EXPECT_NE(test, seen[0], seen[1]);
	/* No later than an interval from now, whatever the pid is. */
	p->pid = interval + 1;
	autonuma_place_init(ta, p);
	KUNIT_EXPECT_LE(test, ta->next_decision - jiffies, interval);
}

static struct kunit_case hooks_cases[] = {
	KUNIT_CASE_PARAM(the_balancer_asks, pull_gen_params),
	KUNIT_CASE(a_task_without_statistics_has_no_wish),
	KUNIT_CASE(the_tick_asks_for_one_decision_when_it_is_due),
	KUNIT_CASE(who_exits_decides_nothing),
	KUNIT_CASE(who_is_bound_is_seen_where_it_runs),
	KUNIT_CASE(a_member_is_seen_by_its_group_and_for_its_process),
	KUNIT_CASE(children_inherit_the_preferred_node),
	KUNIT_CASE(children_inherit_nothing_if_the_knob_says_so),
	KUNIT_CASE(tasks_known_together_decide_at_different_times),
	{}
};

static struct kunit_suite hooks_suite = {
	.name = "placement-hooks",
	.test_cases = hooks_cases,
};
kunit_test_suite(hooks_suite);

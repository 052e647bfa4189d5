// SPDX-License-Identifier: GPL-2.0
/* The rules of a decision, one after the other: statistics in, moves out. */
#include "cast_test.h"

/*
 * Nodes 0 to 2 have CPUs 0,1  2,3  4,5. The first role decides. It ends on @node; if @with is
 * not 0 that role has come to its CPU in exchange.
 */
#define MANY	100000UL	/* pages for each in a hundred, enough to tell shares exactly */

struct row {
	const char *name;
	unsigned long pages[CAST_PROCS][CAST_NODES];
	struct role roles[CAST_TASKS];
	const char *stage;
	int node;
	int with;
	int preferred;
};

static const struct row rows[] = {
	{ "an idle CPU on the node of the pages",
	  .pages = { { 0, 100 } }, .roles = { { 1, 0 } }, .node = 1, .preferred = 1 },
	{ "already where the pages are",
	  .pages = { { 100, 50 } }, .roles = { { 1, 0 } }, .node = 0, .preferred = 0 },
	{ "nothing to gain",
	  .pages = { { 50, 50 } }, .roles = { { 1, 0 } }, .node = 0, .preferred = 0 },
	{ "nothing known about pages",
	  .pages = { { } }, .roles = { { 1, 0, { 0, 9 } } }, .node = 0,
	  .preferred = 0 },
	{ "the best of two nodes",
	  .pages = { { 1, 40, 59 } }, .roles = { { 1, 0 } }, .node = 2, .preferred = 2 },
	{ "half a percent is enough against idle CPUs",
	  .pages = { { 4975, 5025 } }, .roles = { { 1, 0 } }, .node = 1, .preferred = 1 },
	{ "more right than who runs there",
	  .pages = { { 0, 100 }, { 100, 0 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3, .stays = true } },
	  .node = 1, .with = 1, .preferred = 1 },
	{ "less right than who runs there",
	  .pages = { { 40, 60 }, { 0, 100 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3 } }, .node = 0, .preferred = 1 },
	{ "the same right as who runs there",
	  .pages = { { 0, 100 }, { 0, 100 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3 } }, .node = 0, .preferred = 1 },
	{ "more right than who runs there and nothing to gain",
	  .pages = { { 50, 50 }, { 100, 0 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3 } }, .node = 0, .preferred = 0 },
	{ "the largest sum of two equal gains",
	  .pages = { { 0, 50, 50 }, { 0, 45, 0, 55 }, { 100 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3 }, { 3, 4 }, { 3, 5, .stays = true } },
	  .node = 2, .with = 3, .preferred = 2 },
	{ "the largest sum of two equal rights",
	  .pages = { { 0, 45, 55 }, { 90, 10 }, { 80, 0, 20 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3 }, { 3, 4, .stays = true }, { 3, 5 } },
	  .node = 2, .with = 4, .preferred = 2 },
	{ "who has the least right goes",
	  .pages = { { 0, 100 }, { 50, 50 }, { 90, 10 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 3, 3 } }, .node = 1, .with = 2, .preferred = 1 },
	{ "an idle CPU before a task with some right",
	  .pages = { { 0, 100 }, { 90, 10 } },
	  .roles = { { 1, 0 }, { 2, 2 } }, .node = 1, .preferred = 1 },
	{ "threads of one process by their own faults",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 10 * MANY, 90 * MANY } }, { 1, 2, { 90 * MANY, 10 * MANY } } },
	  .stage = "0,2", .node = 1, .with = 1, .preferred = 1 },
	{ "threads of one process and no clear difference to here",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 48 * MANY, 52 * MANY } }, { 1, 2, { 90 * MANY, 10 * MANY } } },
	  .stage = "0,2", .node = 0, .preferred = 0 },
	{ "threads of one process and no clear difference to the other one",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 10 * MANY, 90 * MANY } }, { 1, 2, { 14 * MANY, 86 * MANY } } },
	  .stage = "0,2", .node = 0, .preferred = 0 },
	{ "threads of one process and few samples",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 512, 3 * 512 } }, { 1, 2, { 90 * MANY, 10 * MANY } } },
	  .stage = "0,2", .node = 0, .preferred = 0 },
	{ "threads of one process and few samples of the other one",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 10 * MANY, 90 * MANY } }, { 1, 2, { 3 * 512, 512 } } },
	  .stage = "0,2", .node = 0, .preferred = 0 },
	{ "threads of one process and just enough samples",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 0, 10 * 512 } }, { 1, 2, { 10 * 512 } } },
	  .stage = "0,2", .node = 1, .with = 1, .preferred = 1 },
	{ "threads of one process and exactly enough samples",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 0, 9 * 512 } }, { 1, 2, { 9 * 512 } } },
	  .stage = "0,2", .node = 1, .with = 1, .preferred = 1 },
	{ "the least gain, and an idle CPU",
	  .pages = { { 4999, 5000, 1 } }, .roles = { { 1, 0 } }, .node = 1, .preferred = 1 },
	{ "the least gain, and a task with less right",
	  .pages = { { 4999, 5000, 1 }, { 100 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3, .stays = true } },
	  .node = 1, .with = 1, .preferred = 1 },
	{ "the least more right than who runs there",
	  .pages = { { 1, 5000, 4999 }, { 5001, 4999 } },
	  .roles = { { 1, 0 }, { 2, 2 }, { 2, 3, .stays = true } }, .stage = "0,2,3",
	  .node = 1, .with = 1, .preferred = 1 },
	{ "own faults are no reason to change places with another process",
	  .pages = { { 50, 50 }, { 100 } },
	  .roles = { { 1, 0, { 0, MANY } }, { 2, 2 }, { 2, 3 } }, .node = 0, .preferred = 0 },
	{ "own faults are no reason to take an idle CPU",
	  .pages = { { 60, 40 } }, .roles = { { 1, 0, { 0, MANY } } }, .node = 0, .preferred = 0 },
	{ "own faults are no reason to take an idle CPU where no more pages are",
	  .pages = { { 50, 50 } }, .roles = { { 1, 0, { 0, MANY } } }, .node = 0, .preferred = 0 },
	{ "threads of one process and a difference to here that is just clear",
	  .pages = { { 50, 50 } },
	  .roles = { { 1, 0, { 475 * MANY, 525 * MANY } },
		     { 1, 2, { 900 * MANY, 100 * MANY } } },
	  .stage = "0,2", .node = 1, .with = 1, .preferred = 1 },
	{ "threads of one process, of which this one has as many faults here as there",
	  .pages = { { 40, 60 } },
	  .roles = { { 1, 0, { 50 * MANY, 50 * MANY } }, { 1, 2, { 90 * MANY, 10 * MANY } } },
	  .stage = "0,2", .node = 0, .preferred = 1 },
	{ "own faults do not count against another process",
	  .pages = { { 60, 40 }, { 100, 0 } },
	  .roles = { { 1, 0, { 0, MANY } }, { 2, 2, { MANY } } },
	  .stage = "0,2", .node = 0, .preferred = 0 },
	{ "pages of the process do not count against its threads",
	  .pages = { { 0, 100 } },
	  .roles = { { 1, 0, { MANY, MANY } }, { 1, 2, { MANY, MANY } } },
	  .stage = "0,2", .node = 0, .preferred = 1 },
	{ "affinity forbids the node",
	  .pages = { { 0, 100 } }, .roles = { { 1, 0 } }, .stage = "0-1,4-5",
	  .node = 0, .preferred = 0 },
	{ "affinity allows one CPU of the node, which is taken",
	  .pages = { { 0, 100 }, { 0, 100 } }, .roles = { { 1, 0 }, { 2, 2 } }, .stage = "0-2",
	  .node = 0, .preferred = 1 },
	{ "the other one may not leave its CPU",
	  .pages = { { 0, 100 }, { 100, 0 } },
	  .roles = { { 1, 0 }, { 2, 2, .stays = true }, { 2, 3, .stays = true } },
	  .node = 0, .preferred = 1 },
	{ "affinity forbids the best of three nodes",
	  .pages = { { 10, 60, 30 } }, .roles = { { 1, 0 } }, .stage = "0-1,4-5",
	  .node = 2, .preferred = 2 },
	{ "nothing of its own was sampled: it stays, for its memory may come",
	  .pages = { { 0, 100 } }, .roles = { { 1, 0, .unsampled = true } },
	  .node = 0, .preferred = 0 },
	{ "own memory is here, and that of its process elsewhere",
	  .pages = { { 10, 90 } },
	  .roles = { { 1, 0, { 53, 47 } } }, .node = 0, .preferred = 0 },
	{ "own memory is here by just enough",
	  .pages = { { 10, 90 } },
	  .roles = { { 1, 0, { 525, 475 } } }, .node = 0, .preferred = 0 },
	{ "own memory is here by a little less",
	  .pages = { { 10, 90 } },
	  .roles = { { 1, 0, { 52, 48 } } }, .node = 1, .preferred = 1 },
	{ "bound to one CPU",
	  .pages = { { 0, 100 } }, .roles = { { 1, 0, .stays = true } },
	  .node = 0, .preferred = 0 },
	{ "the others are too young",
	  .pages = { { 0, 100 } },
	  .roles = { { 1, 0 }, { 2, 2, .young = true }, { 2, 3, .young = true } },
	  .node = 0, .preferred = 1 },
};
KUNIT_ARRAY_PARAM_DESC(row, rows, name);

static void expect_decision(struct kunit *test, const struct row *row, const char *stage)
{
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	bool moved = row->node != 0;
	struct actor *me;
	int i;

	KUNIT_EXPECT_EQ(test, trace_enable("autonuma_task_moved"), 1);
	cast_begin(test, c, row->roles, row->pages, row->stage ?: stage);
	me = &c->actors[0];
	let_decide(me);

	KUNIT_EXPECT_EQ(test, task_node(me->task), row->node);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(me->task), row->preferred);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_TASKS_SWAPPED), (unsigned long)!!row->with);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_TASKS_MOVED),
			(unsigned long)(moved && !row->with));
	KUNIT_EXPECT_EQ(test, traced("autonuma_task_moved", NULL, NULL), (unsigned long)moved);
	if (moved)
		KUNIT_EXPECT_EQ(test, traced("autonuma_task_moved", " node=0", "target="),
				(unsigned long)row->node);
	KUNIT_EXPECT_EQ(test, traced("autonuma_task_moved", NULL, "other="),
			row->with ? (unsigned long)c->actors[row->with].task->pid : 0);
	for (i = 1; i < c->n; i++)
		KUNIT_EXPECT_EQ_MSG(test, (int)task_cpu(c->actors[i].task),
				    i == row->with ? 0 : c->actors[i].role->cpu, "role %d", i);

	/* What was decided once is not decided again. */
	let_decide(me);
	KUNIT_EXPECT_EQ(test, task_node(me->task), row->node);
	KUNIT_EXPECT_EQ(test, traced("autonuma_task_moved", NULL, NULL), (unsigned long)moved);
	cast_end(c);
}

static void a_decision_follows_the_rule(struct kunit *test)
{
	expect_decision(test, test->param_value, "0-5");
}

/* Then one fault counts as one page. */
static void without_scan_pmd_each_fault_is_a_sample(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 50, 50 } }, .roles = { { 1, 0, { 0, 10 } }, { 1, 2, { 10 } } },
		.node = 1, .with = 1, .preferred = 1,
	};

	set_knob(test, "scan_pmd", "0");
	expect_decision(test, &row, "0,2");
}

/* Visits of @visitor have made the first one's home choose nodes 0 and 1; it is put on @nid. */
static void expect_in_a_home_of_two_nodes(struct kunit *test, const struct row *row, int visitor,
					  int nid)
{
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct autonuma_seen seen[3] = { };
	nodemask_t nodes;
	int i;

	cast_begin(test, c, row->roles, row->pages, "0-5");
	for (i = 0; i < 3; i++)
		autonuma_home_visit(&c->actors[0].task->mm->mm_autonuma->home,
				    c->actors[visitor].task, &seen[i], 0, 1, &nodes);
	KUNIT_EXPECT_EQ(test, nodes.bits[0], 3UL);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), nid);
	cast_end(c);
}

static void who_is_outside_goes_to_a_node_of_its_home_that_has_no_pages_yet(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 100 } }, .roles = { { 1, 4 }, { 1, 0 }, { 1, 1 } },
	};

	expect_in_a_home_of_two_nodes(test, &row, 1, 1);
}

/* There are more pages of the home elsewhere, but the task's own faults say nothing. */
static void who_is_inside_goes_by_its_own_faults(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 40, 60 } }, .roles = { { 1, 0, { MANY, MANY } } },
	};

	expect_in_a_home_of_two_nodes(test, &row, 0, 0);
}

/* Of kernel/sched/sched.h. */
int migrate_task_to(struct task_struct *p, int cpu);

static int cannot_move(struct task_struct *p, int cpu)
{
	return -EINVAL;
}

/* Its affinity has changed since, for example. */
static void a_move_that_fails_is_not_counted(struct kunit *test)
{
	const struct row *row = &rows[0];
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	cast_begin(test, c, row->roles, row->pages, "0-5");
	kunit_activate_static_stub(test, migrate_task_to, cannot_move);
	let_decide(&c->actors[0]);
	kunit_deactivate_static_stub(test, migrate_task_to);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 0);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_TASKS_MOVED), 0);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(c->actors[0].task), 1);
	cast_end(c);
}

/* Of a process without a group: in its own home. One that is bound takes no CPU of others. */
static void expect_one_seen(struct kunit *test, bool stays)
{
	const struct row row = {
		.pages = { { 100, 50 } }, .roles = { { 1, 0, .stays = stays } },
	};
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct autonuma_home *home;

	cast_begin(test, c, row.roles, row.pages, "0-5");
	home = &c->actors[0].task->mm->mm_autonuma->home;
	/* Before it was sampled it was seen, and took no room. */
	KUNIT_EXPECT_EQ(test, home->running->total, AUTONUMA_TASK);
	KUNIT_EXPECT_EQ(test, home->seen[0], 0);
	c->actors[0].task->task_autonuma->seen.home = NULL;
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, home->running->total, 2 * AUTONUMA_TASK);
	KUNIT_EXPECT_EQ(test, home->seen[0], stays ? 0 : 1);
	cast_end(c);
}

static void a_task_that_decides_counts_once(struct kunit *test)
{
	expect_one_seen(test, false);
}

static void a_task_that_is_bound_takes_no_room(struct kunit *test)
{
	expect_one_seen(test, true);
}

/* Each decision goes on where the one before has ended, and round again. */
static void each_decision_finds_the_cpus_of_a_node(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 0, 100 }, { 0, 100 } }, .roles = { { 1, 0 }, { 2, 1 } },
	};
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int i;

	cast_begin(test, c, row.roles, row.pages, "0-5");
	for (i = 0; i < c->n; i++) {
		let_decide(&c->actors[i]);
		KUNIT_EXPECT_EQ(test, task_node(c->actors[i].task), 1);
	}
	cast_end(c);
}

/* Its process is known, but no pass has seen it yet. */
static void a_thread_without_statistics_is_left_where_it_is(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 50, 50 } },
		.roles = { { 1, 0, { 10 * MANY, 90 * MANY } }, { 1, 2, { 90 * MANY, 10 * MANY } } },
	};
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct task_autonuma *ta;

	cast_begin(test, c, row.roles, row.pages, "0,2");
	ta = xchg(&c->actors[1].task->task_autonuma, NULL);
	let_decide(&c->actors[0]);
	smp_store_release(&c->actors[1].task->task_autonuma, ta);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 0);
	cast_end(c);
}

/* As after exec: what its task has done as another program is known, its mm is not. */
static void a_new_program_is_left_where_it_is(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 0, 100 }, { 100 } }, .roles = { { 1, 0 }, { 2, 2 }, { 2, 3 } },
	};
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct mm_autonuma *mma;

	cast_begin(test, c, row.roles, row.pages, "0,2-3");
	mma = xchg(&c->actors[1].task->mm->mm_autonuma, NULL);
	let_decide(&c->actors[0]);
	smp_store_release(&c->actors[1].task->mm->mm_autonuma, mma);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 0);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 1);
	cast_end(c);
}

/* A spread home has a right to the nodes it is spread over. */
static void a_task_inside_its_home_does_not_make_room_for_less_right(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 40, 60 }, { 0, 70, 30 } },
		.roles = { { 1, 0 }, { 2, 2 }, { 2, 3 }, { 2, 4 } },
	};
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct autonuma_seen seen[3] = { };
	nodemask_t nodes;
	int i;

	cast_begin(test, c, row.roles, row.pages, "0,2-4");
	for (i = 0; i < 3; i++)
		autonuma_home_visit(&c->actors[1].task->mm->mm_autonuma->home,
				    c->actors[1].task, &seen[i], 1, 1, &nodes);
	KUNIT_EXPECT_EQ(test, nodes.bits[0], 6UL);
	let_decide(&c->actors[0]);
	for (i = 0; i < c->n; i++)
		KUNIT_EXPECT_EQ_MSG(test, (int)task_cpu(c->actors[i].task), row.roles[i].cpu,
				    "role %d", i);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(c->actors[0].task), 1);
	cast_end(c);
}

/* Not even as much as a node of a spread home on which that has no pages yet. */
static void a_task_outside_its_home_has_no_right_there(struct kunit *test)
{
	static const struct row row = {
		.pages = { { 100 }, { 0, 0, 60, 40 } },
		.roles = { { 1, 4 }, { 1, 0 }, { 1, 1 }, { 2, 2 }, { 2, 3 } },
	};
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct autonuma_seen seen[6] = { };
	nodemask_t nodes;
	int i;

	cast_begin(test, c, row.roles, row.pages, "0-7");
	for (i = 0; i < 6; i++)
		autonuma_home_visit(&c->actors[i < 3 ? 1 : 3].task->mm->mm_autonuma->home,
				    c->actors[i < 3 ? 1 : 3].task, &seen[i], 0, 1, &nodes);
	/* The other one has the nodes that are left. */
	KUNIT_EXPECT_EQ(test, nodes.bits[0], 0xcUL);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 1);
	KUNIT_EXPECT_EQ(test, count_of(AUTONUMA_TASKS_SWAPPED), 1UL);
	cast_end(c);
}

/* Of two nodes with a gain one has no CPU that is active: it is being taken away. */
static void a_cpu_that_goes_away_is_not_chosen(struct kunit *test)
{
	const struct row row = {
		.pages = { { 0, 60, 40 } }, .roles = { { 1, 0 } }, .node = 2, .preferred = 2,
	};
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	cast_begin(test, c, row.roles, row.pages, "0-5");
	cpumask_clear_cpu(2, &__cpu_active_mask);
	cpumask_clear_cpu(3, &__cpu_active_mask);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 2);
	cpumask_set_cpu(2, &__cpu_active_mask);
	cpumask_set_cpu(3, &__cpu_active_mask);
	cast_end(c);
}

/*
 * With two CPUs per core: nodes 0 to 2 have cores of CPUs 0,1 2,3  4,5 6,7  8,9 10,11.
 */
static const struct row core_rows[] = {
	{ "a core to itself, and one is idle there",
	  .pages = { { 0, 100 }, { 0, 100 } }, .roles = { { 1, 0 }, { 2, 4 } },
	  .node = 1, .preferred = 1 },
	{ "a core to itself, and all cores there are busy",
	  .pages = { { 0, 100 }, { 0, 100 } }, .roles = { { 1, 0 }, { 2, 4 }, { 2, 6 } },
	  .node = 0, .preferred = 0 },
	{ "shares its core, and all cores there are busy",
	  .pages = { { 0, 100 }, { 0, 100 }, { 100 } },
	  .roles = { { 1, 0 }, { 2, 4 }, { 2, 6 }, { 3, 1 } }, .node = 1, .preferred = 1 },
	{ "a core to itself, and less right on busy cores",
	  .pages = { { 0, 100 }, { 100 } },
	  .roles = { { 1, 0 }, { 2, 4 }, { 2, 6 } }, .node = 1, .with = 1, .preferred = 1 },
};
KUNIT_ARRAY_PARAM_DESC(core_row, core_rows, name);

static void a_decision_spares_whole_cores(struct kunit *test)
{
	expect_decision(test, test->param_value, "0-11");
}

/* Also if the move itself fails then: where it wakes up it is looked for a CPU there. */
static void an_idle_core_that_was_found_is_wished_for(struct kunit *test)
{
	const struct row *row = &core_rows[0];
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct autonuma_decision d = { .cpu = 0, .cpu_nid = 0 };

	cast_begin(test, c, row->roles, row->pages, "0-11");
	d.p = c->actors[0].task;
	d.ta = d.p->task_autonuma;
	d.seen = &d.ta->seen;
	rcu_read_lock();
	d.home = autonuma_home(d.p->mm->mm_autonuma);
	autonuma_decide(&d);
	rcu_read_unlock();
	KUNIT_EXPECT_GT(test, d.best, 0);
	KUNIT_EXPECT_EQ(test, d.preferred_nid, 1);
	KUNIT_EXPECT_NULL(test, d.other);
	cast_end(c);
}

static struct kunit_case core_cases[] = {
	KUNIT_CASE(an_idle_core_that_was_found_is_wished_for),
	KUNIT_CASE_PARAM(a_decision_spares_whole_cores, core_row_gen_params),
	{}
};

static const struct machine_config core_config = {
	.nr_nodes = 4, .nr_cpus = 16, .threads_per_core = 2,
};

static struct kunit_suite core_suite = {
	.name = "placement-cores",
	.test_cases = core_cases,
};
kunit_machine_config(core_suite, core_config);
kunit_test_suite(core_suite);

/* Ten CPUs to a node, of which the first eight of node 1 cannot be had. */
static void a_decision_looks_at_eight_cpus_and_the_next_one_goes_on(struct kunit *test)
{
	const struct row *row = &rows[0];
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	int cpu;

	cast_begin(test, c, row->roles, row->pages, "0-29");
	for (cpu = 10; cpu < 18; cpu++)
		cpumask_clear_cpu(cpu, &__cpu_active_mask);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 0);
	KUNIT_EXPECT_EQ(test, autonuma_preferred_nid(c->actors[0].task), 1);
	let_decide(&c->actors[0]);
	KUNIT_EXPECT_EQ(test, task_node(c->actors[0].task), 1);
	for (cpu = 10; cpu < 18; cpu++)
		cpumask_set_cpu(cpu, &__cpu_active_mask);
	cast_end(c);
}

static struct kunit_case wide_cases[] = {
	KUNIT_CASE(a_decision_looks_at_eight_cpus_and_the_next_one_goes_on),
	{}
};

static const struct machine_config wide_config = { .nr_nodes = 4, .nr_cpus = 40 };

static struct kunit_suite wide_suite = {
	.name = "placement-wide",
	.test_cases = wide_cases,
};
kunit_machine_config(wide_suite, wide_config);
kunit_test_suite(wide_suite);

static struct kunit_case decide_cases[] = {
	KUNIT_CASE_PARAM(a_decision_follows_the_rule, row_gen_params),
	KUNIT_CASE(without_scan_pmd_each_fault_is_a_sample),
	KUNIT_CASE(who_is_outside_goes_to_a_node_of_its_home_that_has_no_pages_yet),
	KUNIT_CASE(who_is_inside_goes_by_its_own_faults),
	KUNIT_CASE(a_move_that_fails_is_not_counted),
	KUNIT_CASE(a_task_that_decides_counts_once),
	KUNIT_CASE(a_task_that_is_bound_takes_no_room),
	KUNIT_CASE(each_decision_finds_the_cpus_of_a_node),
	KUNIT_CASE(a_thread_without_statistics_is_left_where_it_is),
	KUNIT_CASE(a_new_program_is_left_where_it_is),
	KUNIT_CASE(a_task_inside_its_home_does_not_make_room_for_less_right),
	KUNIT_CASE(a_task_outside_its_home_has_no_right_there),
	KUNIT_CASE(a_cpu_that_goes_away_is_not_chosen),
	{}
};

static struct kunit_suite decide_suite = {
	.name = "placement-decide",
	.test_cases = decide_cases,
};
kunit_test_suite(decide_suite);

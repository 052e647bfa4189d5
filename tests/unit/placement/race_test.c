// SPDX-License-Identifier: GPL-2.0
/*
 * A task is held at every place in the middle of its decision while the others it looks at exit,
 * exec, or bind themselves elsewhere, or while counts change.
 */
#include <machine/directed.h>

#include "cast_test.h"

/* Places at which a decision is held, spread over all of it. */
#define HOLDS	60

static struct {
	unsigned long nth;
	unsigned long points;
} hold;

static void hold_decision(struct actor *a, bool before)
{
	if (before)
		directed_hold(current, hold.nth);
	else
		hold.points = directed_done();
}

/* What happens in the middle of the first actor's decision. */
struct meanwhile {
	const char *name;
	void (*act)(struct cast *c);
};

static void others_exit(struct cast *c)
{
	int i;

	for (i = 1; i < c->n; i++)
		WRITE_ONCE(c->actors[i].stop, true);
	for (i = 1; i < c->n; i++)
		while (!READ_ONCE(c->actors[i].task->exit_state))
			msleep(20);
}

static void others_exec(struct cast *c)
{
	int i;

	for (i = 1; i < c->n; i++)
		WRITE_ONCE(c->actors[i].exec, true);
	for (i = 1; i < c->n; i++)
		while (READ_ONCE(c->actors[i].exec))
			msleep(20);
}

static void others_go_elsewhere(struct cast *c)
{
	int i;

	for (i = 1; i < c->n; i++)
		WRITE_ONCE(c->actors[i].go, true);
	for (i = 1; i < c->n; i++)
		while (READ_ONCE(c->actors[i].go))
			msleep(20);
}

static void counts_change(struct cast *c)
{
	int i;

	for (i = 0; i < c->n; i++)
		write_pages(c->actors[i].task->mm->mm_autonuma,
			    (const unsigned long[CAST_NODES]){ 100 });
}

static const struct meanwhile meanwhiles[] = {
	{ "the others exit", others_exit },
	{ "the others exec", others_exec },
	{ "the others go elsewhere", others_go_elsewhere },
	{ "the counts change", counts_change },
};
KUNIT_ARRAY_PARAM_DESC(meanwhile, meanwhiles, name);

static const struct role roles[] = {
	{ 1, 0 }, { 2, 2 }, { 3, 3 }, {}
};
static const unsigned long pages[CAST_PROCS][CAST_NODES] = { { 0, 100 }, { 100 }, { 100 } };

/* One decision with something in between; returns the points it has. */
static unsigned long visit(struct kunit *test, unsigned long nth, void (*act)(struct cast *c))
{
	struct cast *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	cast_begin(test, c, roles, pages, "0-5");
	set_cpus_allowed_ptr(current, cpumask_of(6));
	hold.nth = nth;
	c->actors[0].around = hold_decision;
	smp_store_release(&c->actors[0].decide, true);
	if (directed_await()) {
		act(c);
		directed_release();
	}
	await_true(test, has_decided, &c->actors[0]);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(task_cpu(c->actors[0].task),
						 c->actors[0].task->cpus_ptr));
	cast_end(c);
	machine_quiesce();
	machine_check();
	return hold.points;
}

static void a_decision_bears_what_happens_in_its_middle(struct kunit *test)
{
	const struct meanwhile *m = test->param_value;
	unsigned long i, points = visit(test, 0, m->act);

	KUNIT_ASSERT_GT(test, points, 5UL);
	for (i = 0; i < HOLDS; i++)
		visit(test, 1 + i * points / HOLDS, m->act);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE_PARAM(a_decision_bears_what_happens_in_its_middle, meanwhile_gen_params),
	{}
};

static struct kunit_suite race_suite = {
	.name = "placement-race",
	.test_cases = race_cases,
};
kunit_test_suite(race_suite);

static void __attribute__((constructor)) choose_engine(void)
{
	directed_use();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What is read without the lock of who writes it, or written without any: both at once. Whatever
 * they find is right. TSan, and the build "every", tell when one of the two is not marked. Who is
 * through stays for a while: the locks of an exit would order what must race.
 */
#include <linux/autonuma.h>
#include <linux/mm/cpupid.h>
#include <linux/task_work.h>
#include <asm/processor.h>

#include "races.h"

static struct mm_autonuma *mma;

static void get_known(struct race *r)
{
	struct prog p = { .test = r->test };

	r->addr = map_and_write(&p, 1);
	become_known(r);
	r->pfn = pte_pfn(entry_at(r->addr));
	mma = current->mm->mm_autonuma;
}

/* Counts by node: all writers and all readers. */

static void count_and_age(struct race *r)
{
	for (int i = 1; i <= RACE_TURNS; i++) {
		autonuma_counts_add(mma->held, i, i & 1, 8);
		autonuma_counts_move(mma->held, i & 1, !(i & 1), 1);
	}
}

static void replace_and_reset(struct race *r)
{
	unsigned long by_node[2] = { 5, 6 };
	nodemask_t used = { { 3 } };

	for (int i = 1; i <= RACE_TURNS; i++) {
		autonuma_counts_replace(mma->held, &used, by_node);
		autonuma_counts_reset(mma->held);
	}
}

static void read_counts(struct race *r)
{
	unsigned long by_node[2], total;
	nodemask_t used;

	for (int i = 1; i <= RACE_TURNS; i++) {
		autonuma_counts_share(mma->held, 0, &total);
		autonuma_counts_read(mma->held, &used, by_node);
	}
}

static void counts_are_read_while_they_change(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = {
			{ count_and_age, 1 }, { replace_and_reset, 2 }, { read_counts, 5 },
		},
	};

	race_run(&r);
}

/* Votes: any task's, for ranges with the same hash. */

static void vote(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		autonuma_vote(mma, r->addr, i & 1);
}

static void end_passes(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		WRITE_ONCE(mma->passes, mma->passes + 1);
}

static void ask_if_private(struct race *r)
{
	int mine = cpu_pid_to_cpupid(raw_smp_processor_id(), current->pid);

	for (int i = 0; i < RACE_TURNS; i++)
		autonuma_held_back(mma, r->addr, mine, 0, 1, 1);
}

static void two_vote_at_once_as_passes_end(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = { { vote, 1 }, { vote, 2 }, { end_passes, 5 } },
	};

	race_run(&r);
}

static void votes_are_counted_while_one_is_given(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = {
			{ vote, 1 }, { end_passes, 2 }, { ask_if_private, 5, .thread = true },
		},
	};

	race_run(&r);
}

/* At the ends of two passes, as knuma_scand, which sleeps: memory is misplaced, and is not. */
static void lose_and_regain_balance(struct race *r)
{
	nodemask_t first = nodemask_of_node(0);
	unsigned long running[2] = { AUTONUMA_TASK, 0 };

	autonuma_counts_replace(mma->home.running, &first, running);
	node_set(1, mma->found_on);
	for (int i = 0; i < RACE_TURNS; i++) {
		mma->there[1] = i & 1 ? 0 : 16;
		autonuma_spread_pass(mma);
		KUNIT_EXPECT_EQ(r->test, mma->spreading, !(i & 1));
	}
}

/* Of samples that say nothing, and of none before. */
static void ask_if_spread(struct race *r)
{
	int other = cpu_pid_to_cpupid(raw_smp_processor_id(), current->pid + 1);

	for (int i = 0; i < RACE_TURNS; i++) {
		autonuma_held_back(mma, r->addr, other, 0, 1, 1);
		autonuma_held_back(mma, r->addr, -1, 0, 1, 1);
	}
}

static void memory_is_spread_while_passes_end(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = {
			{ lose_and_regain_balance, 1 }, { end_passes, 2 },
			{ ask_if_spread, 5, .thread = true },
		},
	};

	race_run(&r);
}

/* Knobs and counters. */

static void write_knob(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		set_knob(r->test, "pages_to_scan", i & 1 ? "100" : "200");
}

static void read_knob(struct race *r)
{
	char text[16];

	for (int i = 0; i < RACE_TURNS; i++)
		KUNIT_EXPECT_GT(r->test,
				sysfs_read_file("/sys/kernel/mm/autonuma/pages_to_scan", text,
						sizeof(text)), 0);
}

static void a_knob_is_read_while_it_is_written(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = { { write_knob, 1 }, { write_knob, 2 }, { read_knob, 5 } },
	};

	race_run(&r);
}

static void count_events(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		autonuma_count(AUTONUMA_HINT_FAULTS, 1);
}

static void read_counter(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		count_of(AUTONUMA_HINT_FAULTS);
}

static void a_counter_is_read_while_it_counts(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = { { count_events, 1 }, { count_events, 2 }, { read_counter, 5 } },
	};

	race_run(&r);
}

/* Deferred, the daemon of node 1 waits for a kick. */

static void queue_page(struct race *r)
{
	get_known(r);
	folio_xchg_last_cpupid(pfn_folio(r->pfn), cpu_pid_to_cpupid(4, 1));
	lru_add_drain_all();
	queue_add(r->pfn, 0, 1, 0);
}

static void kick(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		autonuma_migrate_kick();
	wait_for_daemons();
}

static void a_daemon_is_kicked_by_two_at_once(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = queue_page, .racers = { { kick, 1 }, { kick, 2 } },
	};

	set_knob(test, "migrate_defer", "1");
	race_run(&r);
}

/* What knuma_scand says of a process and its tasks, while these ask. */

/* With a marked page, although no pass has been here, as a forked process has. */
static void grow_old_with_a_marked_page(struct race *r)
{
	struct prog p = { .test = r->test };

	r->addr = map_and_write(&p, 1);
	grow_old(r);
	change_entry(r->addr, make_marked);
}

/* It may be on its way to another node. */
static pte_t make_marked_if_there(pte_t pte, struct vm_area_struct *vma)
{
	return pte_present(pte) ? make_marked(pte, vma) : pte;
}

/* Again until the task is known, for a while. */
static void touch_marked_page(struct race *r)
{
	int looks = RACE_LOOKS;
	u64 val;

	while (!autonuma_enabled())
		cpu_relax();
	do {
		change_entry(r->addr, make_marked_if_there);
		KUNIT_EXPECT_EQ(r->test, user_read64(r->addr, &val), 0);
		KUNIT_EXPECT_EQ(r->test, val, 1);
	} while (!READ_ONCE(current->task_autonuma) && looks--);
	wait_for_daemons();
}

static void a_process_takes_its_first_fault_while_it_is_registered(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = grow_old_with_a_marked_page,
		.racers = { { start_scan, 1 }, { touch_marked_page, 5, .thread = true } },
	};

	set_knob(test, "enabled", "0");
	race_run(&r);
}

static void get_known_with_a_marked_page(struct race *r)
{
	get_known(r);
	if (!marked_at(r->addr))
		change_entry(r->addr, make_marked);
}

static void a_thread_takes_its_first_fault_while_it_gets_statistics(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known_with_a_marked_page,
		.racers = { { start_scan, 1 }, { touch_marked_page, 5, .thread = true } },
	};

	race_run(&r);
}

static void a_fault_counts_while_a_pass_ends(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known_with_a_marked_page,
		.meanwhile = touch_marked_page, .racers = { { start_scan, 1 } },
	};

	race_run(&r);
}

/* Reading what only a pass that ends writes, and no lock of it. */
static void vote_and_wait(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		autonuma_vote(mma, r->addr, true);
	wait_for_daemons();
}

static void votes_are_given_while_a_pass_ends(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = { { start_scan, 1 }, { vote_and_wait, 2 }, { vote_and_wait, 5 } },
	};

	race_run(&r);
}

/* As a benchmark does that shows it. */
static void read_period(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		KUNIT_EXPECT_GT(r->test, READ_ONCE(mma->period), 0);
	wait_for_daemons();
}

static void a_period_is_read_while_it_is_judged(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = { { start_scan, 1 }, { read_period, 5 } },
	};

	race_run(&r);
}

/* A thread, as its tick and who wakes it up see it. */
static void tick(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++)
		__autonuma_task_tick(current);
	wait_for_daemons();
}

static void a_thread_ticks_while_it_gets_statistics(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = { { start_scan, 1 }, { tick, 5, .thread = true } },
	};

	race_run(&r);
}

static void a_task_is_asked_for_while_it_gets_statistics(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = grow_old,
		.racers = { { start_scan, 1 }, { ask_where_owner_should_be, 5 } },
	};

	set_knob(test, "enabled", "0");
	race_run(&r);
}

/* As the owner's decisions do. */
static void prefer_one_node_and_another(struct race *r)
{
	for (int i = 0; i < RACE_LOOKS; i++) {
		WRITE_ONCE(current->task_autonuma->preferred_nid, i & 1);
		cpu_relax();
	}
	wait_for_daemons();
}

static void be_there(struct race *r)
{
	wait_for_daemons();
}

static void a_thread_inherits_while_its_leader_decides(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known, .meanwhile = prefer_one_node_and_another,
		.racers = { { start_scan, 1 }, { be_there, 5, .thread = true } },
	};

	race_run(&r);
}

/* Flags that are the task's own, and that others look at. */
static void change_flags(struct race *r)
{
	for (int i = 0; i < RACE_TURNS; i++) {
		unsigned int flags = memalloc_noio_save();

		memalloc_noio_restore(flags);
	}
	wait_for_daemons();
}

static void a_thread_changes_its_flags_while_it_gets_statistics(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = get_known,
		.racers = { { start_scan, 1 }, { change_flags, 5, .thread = true } },
	};

	race_run(&r);
}

static void change_flags_as_owner(struct race *r)
{
	change_flags(r);
	change_flags(r);
}

static void a_process_changes_its_flags_while_it_is_registered(struct kunit *test)
{
	struct race r = {
		.test = test, .prepare = grow_old, .meanwhile = change_flags_as_owner,
		.racers = { { start_scan, 1 } },
	};

	set_knob(test, "enabled", "0");
	race_run(&r);
}

static struct kunit_case marked_cases[] = {
	KUNIT_CASE(counts_are_read_while_they_change),
	KUNIT_CASE(two_vote_at_once_as_passes_end),
	KUNIT_CASE(votes_are_counted_while_one_is_given),
	KUNIT_CASE(memory_is_spread_while_passes_end),
	KUNIT_CASE(a_knob_is_read_while_it_is_written),
	KUNIT_CASE(a_counter_is_read_while_it_counts),
	KUNIT_CASE(a_daemon_is_kicked_by_two_at_once),
	KUNIT_CASE(a_process_takes_its_first_fault_while_it_is_registered),
	KUNIT_CASE(a_thread_takes_its_first_fault_while_it_gets_statistics),
	KUNIT_CASE(a_fault_counts_while_a_pass_ends),
	KUNIT_CASE(votes_are_given_while_a_pass_ends),
	KUNIT_CASE(a_period_is_read_while_it_is_judged),
	KUNIT_CASE(a_thread_ticks_while_it_gets_statistics),
	KUNIT_CASE(a_task_is_asked_for_while_it_gets_statistics),
	KUNIT_CASE(a_thread_inherits_while_its_leader_decides),
	KUNIT_CASE(a_thread_changes_its_flags_while_it_gets_statistics),
	KUNIT_CASE(a_process_changes_its_flags_while_it_is_registered),
	{}
};

static struct kunit_suite marked_suite = {
	.name = "race-marked",
	.test_cases = marked_cases,
};
kunit_machine_config(marked_suite, race_machine);
kunit_test_suite(marked_suite);

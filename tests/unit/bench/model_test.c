// SPDX-License-Identifier: GPL-2.0
/* The machine model: what its calibration promises, and that shares add up. */
#include <stdlib.h>

#include <kunit/test.h>

#include "../../bench/autonuma-bench/model.h"

#define GIB (1ULL << 30)

/* @nodes × @per_node threads; memory of thread t is on node of[t's node]. */
struct world {
	struct bench_topology topo;
	struct model *model;
	struct model_thread *thread;
	unsigned int nr;
	u64 bytes[8];
};

static void world_init(struct kunit *test, struct world *w, unsigned int nodes,
		       unsigned int per_node, const char *distances, const char *bandwidths)
{
	struct bench_why why;
	unsigned int n;

	*w = (struct world){ .nr = nodes * per_node };
	w->topo.nr_nodes = nodes;
	w->topo.nr_cpus = w->nr;
	w->topo.threads_per_core = 1;
	if (distances)
		w->topo.distance = distances_parse(distances, &n, &why);
	if (bandwidths)
		w->topo.bandwidth = bandwidths_parse(bandwidths, &n, &why);
	topology_complete(&w->topo, GIB);
	w->model = model_create(&w->topo);
	KUNIT_ASSERT_NOT_NULL(test, w->model);
	w->thread = calloc(w->nr, sizeof(*w->thread));
	for (unsigned int i = 0; i < w->nr; i++)
		KUNIT_ASSERT_EQ(test, model_thread_init(&w->thread[i], w->model,
							i / per_node), 0);
}

static void world_exit(struct world *w)
{
	for (unsigned int i = 0; i < w->nr; i++)
		model_thread_exit(&w->thread[i]);
	free(w->thread);
	model_destroy(w->model);
	topology_free(&w->topo);
}

/* Nanoseconds of 1 GiB of each thread once all of them do it; of the slowest thread. */
static double settle(struct world *w, const unsigned int *of)
{
	u64 slowest = 0;

	for (unsigned int round = 0; round < 50; round++) {
		slowest = 0;
		for (unsigned int i = 0; i < w->nr; i++) {
			u64 ns;

			for (unsigned int n = 0; n < w->topo.nr_nodes; n++)
				w->bytes[n] = 0;
			w->bytes[of[w->thread[i].node]] = GIB;
			ns = model_access(&w->thread[i], w->bytes);
			slowest = ns > slowest ? ns : slowest;
		}
	}
	return slowest;
}

static const unsigned int at_home[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
static const unsigned int across[8] = { 1, 0, 3, 2, 5, 4, 7, 6 };
static const unsigned int on_first[8] = { 0 };

static bool near_to(double val, double want, double by)
{
	return val > want * (1 - by) && val < want * (1 + by);
}

static void inverse_over_hard_is_1_9_on_two_nodes(struct kunit *test)
{
	struct world w;
	double hard, inverse;

	world_init(test, &w, 2, 12, NULL, NULL);
	hard = settle(&w, at_home);
	inverse = settle(&w, across);
	KUNIT_EXPECT_TRUE(test, near_to(inverse / hard, 1.9, 0.001));
	world_exit(&w);
}

static void numa02_bound_hard_takes_the_published_42_seconds(struct kunit *test)
{
	struct world w;
	double ns;

	world_init(test, &w, 2, 12, NULL, NULL);
	/* A thread's slice is 1/24 GiB; 800 rounds. */
	ns = settle(&w, at_home) / 24 * 800;
	KUNIT_EXPECT_TRUE(test, near_to(ns, 42e9, 0.02));
	world_exit(&w);
}

static void everything_on_one_of_four_nodes_is_3_6_times_slower(struct kunit *test)
{
	struct world w;
	double hard, none;

	world_init(test, &w, 4, 4, NULL, NULL);
	hard = settle(&w, at_home);
	none = settle(&w, on_first);
	KUNIT_EXPECT_TRUE(test, near_to(none / hard, 3.61, 0.03));
	world_exit(&w);
}

static void distance_costs_time_in_proportion(struct kunit *test)
{
	struct world w;
	double hard, inverse;

	world_init(test, &w, 2, 1, "10,30;30,10", NULL);
	hard = settle(&w, at_home);
	inverse = settle(&w, across);
	KUNIT_EXPECT_TRUE(test, near_to(inverse / hard, 2.8, 0.001));
	world_exit(&w);
}

static void given_bandwidths_replace_the_distances(struct kunit *test)
{
	struct world w;

	world_init(test, &w, 2, 1, NULL, "8,2;4,16");
	KUNIT_EXPECT_TRUE(test, near_to(settle(&w, at_home), GIB / 8.0, 0.001));
	KUNIT_EXPECT_TRUE(test, near_to(settle(&w, across), GIB / 2.0, 0.001));
	world_exit(&w);
}

static void one_core_draws_its_part_of_the_node_and_no_more(struct kunit *test)
{
	struct world w;
	double one, four;

	world_init(test, &w, 1, 4, NULL, NULL);
	/* One core alone draws a core's part; all four draw everything. */
	four = settle(&w, at_home);
	for (unsigned int i = 1; i < 4; i++)
		model_thread_exit(&w.thread[i]);
	w.nr = 1;
	one = settle(&w, at_home);
	KUNIT_EXPECT_TRUE(test, near_to(four, one, 0.001));
	KUNIT_EXPECT_TRUE(test, near_to(four, 4 * GIB / MODEL_LOCAL_BANDWIDTH, 0.001));
	world_exit(&w);
}

static void a_sibling_alone_on_its_core_is_twice_as_fast(struct kunit *test)
{
	struct world w;
	double both;

	world_init(test, &w, 1, 2, NULL, NULL);
	model_destroy(w.model);
	w.topo.threads_per_core = 2;
	w.model = model_create(&w.topo);
	w.thread[0].model = w.thread[1].model = w.model;
	both = settle(&w, at_home);
	model_thread_exit(&w.thread[1]);
	w.nr = 1;
	KUNIT_EXPECT_TRUE(test, near_to(both / settle(&w, at_home), 2, 0.001));
	world_exit(&w);
}

static void a_thread_that_left_takes_no_share(struct kunit *test)
{
	struct world w;
	double crowded;

	world_init(test, &w, 4, 1, NULL, NULL);
	crowded = settle(&w, on_first);
	for (unsigned int i = 1; i < 4; i++)
		model_thread_exit(&w.thread[i]);
	w.nr = 1;
	KUNIT_EXPECT_TRUE(test, settle(&w, on_first) < crowded / 3);
	world_exit(&w);
}

static void mixed_accesses_take_the_sum_of_their_times(struct kunit *test)
{
	struct world w;
	u64 bytes[2] = { GIB / 2, GIB / 2 }, ns = 0;
	double rate = MODEL_LOCAL_BANDWIDTH;

	world_init(test, &w, 2, 1, NULL, NULL);
	for (unsigned int i = 0; i < 10; i++)
		ns = model_access(&w.thread[0], bytes);
	KUNIT_EXPECT_TRUE(test, near_to(ns, GIB / 2 / rate * (1 + MODEL_REMOTE_RATIO), 0.001));
	world_exit(&w);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE(inverse_over_hard_is_1_9_on_two_nodes),
	KUNIT_CASE(numa02_bound_hard_takes_the_published_42_seconds),
	KUNIT_CASE(everything_on_one_of_four_nodes_is_3_6_times_slower),
	KUNIT_CASE(distance_costs_time_in_proportion),
	KUNIT_CASE(given_bandwidths_replace_the_distances),
	KUNIT_CASE(one_core_draws_its_part_of_the_node_and_no_more),
	KUNIT_CASE(a_sibling_alone_on_its_core_is_twice_as_fast),
	KUNIT_CASE(a_thread_that_left_takes_no_share),
	KUNIT_CASE(mixed_accesses_take_the_sum_of_their_times),
	{}
};

static struct kunit_suite model_suite = {
	.name = "bench_model",
	.test_cases = model_cases,
};
kunit_test_suite(model_suite);
kunit_machine_free(model_suite);

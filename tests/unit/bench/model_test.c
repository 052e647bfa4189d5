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

static void everything_on_one_of_four_nodes_is_4_times_slower(struct kunit *test)
{
	struct world w;
	double hard, none;

	world_init(test, &w, 4, 4, NULL, NULL);
	hard = settle(&w, at_home);
	none = settle(&w, on_first);
	KUNIT_EXPECT_TRUE(test, near_to(none / hard, 4, 0.01));
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

/* What all threads of 2 nodes take that are half of their time on either, as in 2012. */
static void on_two_nodes_wandering_threads_are_1_5_times_slower(struct kunit *test)
{
	struct world w;
	double hard, none = 0;

	world_init(test, &w, 2, 12, NULL, NULL);
	hard = settle(&w, at_home);
	for (unsigned int round = 0; round < 400; round++) {
		w.bytes[0] = GIB;
		w.bytes[1] = 0;
		for (unsigned int i = 0; i < w.nr; i++) {
			model_thread_move(&w.thread[i], (round + i) % 2);
			none += round < 100 ? 0 : model_access(&w.thread[i], w.bytes);
		}
	}
	/* Published: 64 / 42 = 1.52, 491 / 321 = 1.53, 305 / 196 = 1.56. */
	KUNIT_EXPECT_TRUE_MSG(test, near_to(none / 300 / w.nr / hard, 1.535, 0.03), "%d of 1000",
			      (int)(1000 * none / 300 / w.nr / hard));
	world_exit(&w);
}

static void the_calibration_is_that_of_the_nearest_published_machine(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, model_calibration(1)->machine, "2 nodes, 24 CPUs");
	KUNIT_EXPECT_STREQ(test, model_calibration(2)->machine, "2 nodes, 24 CPUs");
	KUNIT_EXPECT_STREQ(test, model_calibration(4)->machine, "4 nodes, 48 CPUs");
	KUNIT_EXPECT_STREQ(test, model_calibration(8)->machine, "4 nodes, 48 CPUs");
}

static void a_thread_that_moves_takes_its_load_along(struct kunit *test)
{
	struct world w;
	double remote;

	/* Both threads of node 1 use node 0's memory over one path; then one is there. */
	world_init(test, &w, 2, 2, NULL, NULL);
	model_thread_exit(&w.thread[0]);
	model_thread_exit(&w.thread[1]);
	w.thread += 2;
	w.nr = 2;
	remote = settle(&w, on_first);
	KUNIT_EXPECT_TRUE(test, near_to(remote, 2 * 1.9 * GIB / MODEL_LOCAL_BANDWIDTH, 0.01));
	model_thread_move(&w.thread[0], 0);
	KUNIT_EXPECT_EQ(test, w.thread[0].node, 0);
	w.bytes[0] = GIB;
	/* It is alone on its new node, and has left the path to the other. */
	for (unsigned int i = 0; i < 20; i++) {
		model_access(&w.thread[0], w.bytes);
		model_access(&w.thread[1], w.bytes);
	}
	KUNIT_EXPECT_TRUE(test, model_access(&w.thread[1], w.bytes) < 1.01 * remote);
	KUNIT_EXPECT_TRUE(test, near_to(model_access(&w.thread[0], w.bytes),
					2 * GIB / MODEL_LOCAL_BANDWIDTH, 0.01));
	w.thread -= 2;
	w.nr = 4;
	KUNIT_ASSERT_EQ(test, model_thread_init(&w.thread[0], w.model, 0), 0);
	KUNIT_ASSERT_EQ(test, model_thread_init(&w.thread[1], w.model, 0), 0);
	world_exit(&w);
}

static void a_thread_draws_nothing_while_it_waits_for_a_cpu(struct kunit *test)
{
	struct world w;
	double all, half;

	world_init(test, &w, 1, 4, NULL, NULL);
	all = settle(&w, at_home);
	/* Two threads take turns on each of 2 CPUs: each has the bandwidth of 2. */
	for (unsigned int round = 0; round < 50; round++)
		for (unsigned int i = 0; i < 4; i++) {
			model_thread_ran(&w.thread[i], 1000, 2000);
			w.bytes[0] = GIB;
			model_access(&w.thread[i], w.bytes);
		}
	half = settle(&w, at_home);
	KUNIT_EXPECT_TRUE(test, w.thread[0].share > 0.49 && w.thread[0].share < 0.51);
	/* One core's part is all that each can draw, however few others there are. */
	KUNIT_EXPECT_TRUE(test, near_to(half, all, 0.01));
	for (unsigned int i = 0; i < 20; i++)
		model_thread_ran(&w.thread[0], 1000, 1000);
	KUNIT_EXPECT_TRUE(test, w.thread[0].share > 0.99);
	world_exit(&w);
}

static void alone_is_what_a_core_draws_where_nobody_is_in_the_way(struct kunit *test)
{
	struct world w;
	u64 bytes[2] = { GIB, 0 };

	world_init(test, &w, 2, 4, NULL, NULL);
	settle(&w, on_first);
	KUNIT_EXPECT_TRUE(test, near_to(model_alone(w.model, 0, bytes),
					4 * GIB / MODEL_LOCAL_BANDWIDTH, 0.001));
	KUNIT_EXPECT_TRUE(test, near_to(model_alone(w.model, 1, bytes),
					1.9 * 4 * GIB / MODEL_LOCAL_BANDWIDTH, 0.001));
	world_exit(&w);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE(inverse_over_hard_is_1_9_on_two_nodes),
	KUNIT_CASE(numa02_bound_hard_takes_the_published_42_seconds),
	KUNIT_CASE(everything_on_one_of_four_nodes_is_4_times_slower),
	KUNIT_CASE(distance_costs_time_in_proportion),
	KUNIT_CASE(given_bandwidths_replace_the_distances),
	KUNIT_CASE(one_core_draws_its_part_of_the_node_and_no_more),
	KUNIT_CASE(a_sibling_alone_on_its_core_is_twice_as_fast),
	KUNIT_CASE(a_thread_that_left_takes_no_share),
	KUNIT_CASE(mixed_accesses_take_the_sum_of_their_times),
	KUNIT_CASE(on_two_nodes_wandering_threads_are_1_5_times_slower),
	KUNIT_CASE(the_calibration_is_that_of_the_nearest_published_machine),
	KUNIT_CASE(a_thread_that_moves_takes_its_load_along),
	KUNIT_CASE(a_thread_draws_nothing_while_it_waits_for_a_cpu),
	KUNIT_CASE(alone_is_what_a_core_draws_where_nobody_is_in_the_way),
	{}
};

static struct kunit_suite model_suite = {
	.name = "bench_model",
	.test_cases = model_cases,
};
kunit_test_suite(model_suite);
kunit_machine_free(model_suite);

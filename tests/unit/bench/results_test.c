// SPDX-License-Identifier: GPL-2.0
/* Samples, tables, JSON and the plot's script, from results made up here. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include <kunit/test.h>

#include "../../bench/autonuma-bench/bench.h"

/* What @print writes, as a string to be freed. */
static noinline char *printed(void (*print)(FILE *out, const struct bench_result *r, unsigned int nr),
		     const struct bench_result *r, unsigned int nr)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(out, r, nr);
	fclose(out);
	return text;
}

static void add_sample(struct bench_samples *s, double seconds, u64 local, u64 total,
		       u64 home, u64 full_scans)
{
	double *mib;
	struct bench_sample *now = samples_next(s, &mib);

	*now = (struct bench_sample){ .seconds = seconds, .local = local, .total = total,
				      .home = home, .range = 100, .full_scans = full_scans };
	for (unsigned int n = 0; n < s->nr_nodes; n++)
		mib[n] = seconds * 10 + n;
}

static void make_result(struct kunit *test, struct bench_result *r, enum bench_policy policy,
			double elapsed)
{
	*r = (struct bench_result){ .workload = &workload_numa02, .policy = policy,
		.nodes = 2, .cpus = 4, .sim_scale = 1, .seed = 7, .elapsed = elapsed,
		.ratio_hard = -1, .ratio_thp = -1, .local_share = 0.5, .hint_faults = 11,
		.pages_migrated = 12, .cpu_share = 0.25, .nr_processes = 1 };
	KUNIT_ASSERT_EQ(test, samples_init(&r->samples, 2, 0.1), 0);
	r->processes = calloc(1, sizeof(*r->processes));
	r->processes->pid = 42;
	strcpy(r->processes->comm, "numa02");
	r->processes->node_mib = calloc(2, sizeof(double));
	r->processes->node_mib[0] = 256;
	r->processes->node_mib[1] = 768;
}

static void free_result(struct bench_result *r)
{
	free(r->processes->node_mib);
	free(r->processes);
	samples_free(&r->samples);
}

static void the_local_share_is_that_of_the_last_tenth(struct kunit *test)
{
	struct bench_samples s;

	KUNIT_ASSERT_EQ(test, samples_init(&s, 1, 1), 0);
	add_sample(&s, 8, 0, 800, 0, 0);
	add_sample(&s, 10, 100, 1000, 0, 0);
	/* From 9 s on: 50 of 100, by straight lines. */
	KUNIT_EXPECT_TRUE(test, samples_local_share(&s, 9) == 0.5);
	KUNIT_EXPECT_TRUE(test, samples_local_share(&s, 0) == 0.1);
	samples_free(&s);
}

static void memory_is_home_only_once_it_stays_there(struct kunit *test)
{
	struct bench_samples s;

	KUNIT_ASSERT_EQ(test, samples_init(&s, 1, 1), 0);
	add_sample(&s, 1, 0, 0, 99, 0);
	add_sample(&s, 2, 0, 0, 50, 0);
	KUNIT_EXPECT_TRUE(test, samples_home_since(&s, 0.95) < 0);
	add_sample(&s, 3, 0, 0, 95, 1);
	add_sample(&s, 4, 0, 0, 100, 2);
	KUNIT_EXPECT_TRUE(test, samples_home_since(&s, 0.95) == 3);
	KUNIT_EXPECT_TRUE(test, samples_first_pass(&s) == 3);
	samples_free(&s);
}

static void what_moves_after_the_first_thread_ended_is_not_held_against_it(struct kunit *test)
{
	struct bench_samples s;

	KUNIT_ASSERT_EQ(test, samples_init(&s, 1, 1), 0);
	KUNIT_EXPECT_TRUE(test, samples_home_share(&s) == 0);
	add_sample(&s, 1, 0, 0, 50, 1);
	add_sample(&s, 2, 0, 0, 97, 1);
	add_sample(&s, 3, 0, 0, 80, 1);
	KUNIT_EXPECT_TRUE(test, samples_home_share(&s) == 0.8);
	s.sample[2].ended = true;
	KUNIT_EXPECT_TRUE(test, samples_home_share(&s) == 0.97);
	KUNIT_EXPECT_TRUE(test, samples_home_since(&s, 0.95) == 2);
	samples_free(&s);
}

static void the_period_is_the_longest_that_was_reached(struct kunit *test)
{
	struct bench_samples s;

	KUNIT_ASSERT_EQ(test, samples_init(&s, 1, 1), 0);
	KUNIT_EXPECT_TRUE(test, samples_period(&s) == 0);
	for (unsigned int i = 0; i < 3; i++) {
		add_sample(&s, i, 0, 0, 0, 0);
		s.sample[i].period = i == 1 ? 60500 : 1000;
	}
	KUNIT_EXPECT_TRUE(test, samples_period(&s) == 60.5);
	samples_free(&s);
}

static void samples_thin_out_and_keep_the_whole_time(struct kunit *test)
{
	struct bench_samples s;
	double last = -1;

	KUNIT_ASSERT_EQ(test, samples_init(&s, 2, 1), 0);
	for (unsigned int i = 0; i < 3 * MAX_SAMPLES; i++)
		add_sample(&s, i, i, 2 * i, 0, 0);
	KUNIT_EXPECT_LE(test, s.nr, MAX_SAMPLES);
	KUNIT_EXPECT_TRUE(test, s.interval > 1);
	KUNIT_EXPECT_TRUE(test, s.sample[0].seconds == 0);
	KUNIT_EXPECT_TRUE(test, s.sample[s.nr - 1].seconds == 3 * MAX_SAMPLES - 1);
	for (unsigned int i = 0; i < s.nr; i++) {
		KUNIT_EXPECT_TRUE(test, s.sample[i].seconds > last);
		last = s.sample[i].seconds;
		KUNIT_EXPECT_TRUE(test, s.node_mib[2 * i + 1] == last * 10 + 1);
	}
	samples_free(&s);
}

static void ratios_are_to_the_median_of_hard(struct kunit *test)
{
	struct bench_result r[4];

	make_result(test, &r[0], POLICY_HARD, 10);
	make_result(test, &r[1], POLICY_HARD, 30);
	make_result(test, &r[2], POLICY_HARD, 20);
	make_result(test, &r[3], POLICY_AUTONUMA, 25);
	results_compare(r, 4);
	KUNIT_EXPECT_TRUE(test, r[3].ratio_hard == 1.25);
	KUNIT_EXPECT_TRUE(test, r[0].ratio_hard == 0.5);
	results_compare(r + 3, 1);
	KUNIT_EXPECT_TRUE(test, r[3].ratio_hard < 0);
	for (unsigned int i = 0; i < 4; i++)
		free_result(&r[i]);
}

static void make_both(struct kunit *test, struct bench_result *r)
{
	make_result(test, &r[0], POLICY_AUTONUMA, 40);
	make_result(test, &r[1], POLICY_AUTONUMA, 30);
	make_result(test, &r[2], POLICY_HARD, 20);
	make_result(test, &r[3], POLICY_HARD, 10);
	r[1].thp = r[3].thp = THP_ALWAYS;
	r[1].thp_migrated = 1234;
	r[1].thp_split = 567;
}

static void huge_pages_are_compared_with_the_same_policy_without_them(struct kunit *test)
{
	struct bench_result r[4];

	make_both(test, r);
	results_compare(r, 4);
	KUNIT_EXPECT_TRUE(test, r[1].ratio_thp == 0.75);
	KUNIT_EXPECT_TRUE(test, r[3].ratio_thp == 0.5);
	/* Small pages are what is compared with; and hard is that of the same pages. */
	KUNIT_EXPECT_TRUE(test, r[0].ratio_thp < 0 && r[2].ratio_thp < 0);
	KUNIT_EXPECT_TRUE(test, r[0].ratio_hard == 2);
	KUNIT_EXPECT_TRUE(test, r[1].ratio_hard == 3);
	results_compare(r + 1, 1);
	KUNIT_EXPECT_TRUE(test, r[1].ratio_thp < 0 && r[1].ratio_hard < 0);
	for (unsigned int i = 0; i < 4; i++)
		free_result(&r[i]);
}

static void the_table_shows_huge_pages_where_they_were_run(struct kunit *test)
{
	struct bench_result r[4];
	char *text;

	make_both(test, r);
	results_compare(r, 4);
	text = printed(report_table, r, 4);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, " THP      / never THP moved THP split\n"),
				  "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, " never          -         0         0\n"),
				  "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, " always    0.7500      1234       567\n"),
				  "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "30.00 s      3.00 "), "%s", text);
	free(text);
	text = printed(report_table, r, 1);
	KUNIT_EXPECT_NULL_MSG(test, strstr(text, "THP"), "%s", text);
	free(text);
	for (unsigned int i = 0; i < 4; i++)
		free_result(&r[i]);
}

static void write_json(FILE *out, const struct bench_result *r, unsigned int nr)
{
	json_write(out, r, nr, false);
}

static void json_has_the_agreed_keys_and_what_is_of_huge_pages(struct kunit *test)
{
	static const char *const keys[] = {
		"workload", "policy", "nodes", "cpus", "seed", "elapsed_s", "ratio_hard",
		"local_share", "hint_faults", "pages_migrated", "cpu_share",
		"thp", "ratio_thp", "thp_migrated", "thp_split",
		"tasks_moved", "tasks_swapped", "home_share", "quiet_s", "scan_period_s",
	};
	struct bench_result r[2];
	struct json_object *top, *runs, *run, *val;
	char *text;

	make_result(test, &r[0], POLICY_AUTONUMA, 25);
	make_result(test, &r[1], POLICY_NONE, 50);
	r[1].thp = THP_ALWAYS;
	r[1].ratio_thp = 0.5;
	r[1].thp_migrated = 3;
	r[1].thp_split = 4;
	text = printed(write_json, r, 2);
	top = json_tokener_parse(text);
	KUNIT_ASSERT_NOT_NULL(test, top);
	KUNIT_EXPECT_EQ(test, json_object_object_length(top), 1);
	KUNIT_ASSERT_TRUE(test, json_object_object_get_ex(top, "runs", &runs));
	KUNIT_ASSERT_EQ(test, json_object_array_length(runs), 2);
	run = json_object_array_get_idx(runs, 0);
	KUNIT_EXPECT_EQ(test, json_object_object_length(run), ARRAY_SIZE(keys));
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		KUNIT_EXPECT_TRUE_MSG(test, json_object_object_get_ex(run, keys[i], &val),
				      "no %s", keys[i]);
	KUNIT_EXPECT_TRUE(test, json_object_object_get_ex(run, "ratio_hard", &val) && !val);
	KUNIT_EXPECT_EQ(test, json_object_get_int(json_object_object_get(run, "hint_faults")),
			11);
	KUNIT_EXPECT_TRUE(test, json_object_get_double(json_object_object_get(run, "elapsed_s"))
			  == 25);
	KUNIT_EXPECT_TRUE(test, json_object_object_get_ex(run, "ratio_thp", &val) && !val);
	run = json_object_array_get_idx(runs, 1);
	KUNIT_EXPECT_STREQ(test, json_object_get_string(json_object_object_get(run, "thp")),
			   "always");
	KUNIT_EXPECT_TRUE(test, json_object_get_double(json_object_object_get(run, "ratio_thp"))
			  == 0.5);
	KUNIT_EXPECT_EQ(test, json_object_get_int(json_object_object_get(run, "thp_migrated")), 3);
	KUNIT_EXPECT_EQ(test, json_object_get_int(json_object_object_get(run, "thp_split")), 4);
	json_object_put(top);
	free(text);
	free_result(&r[0]);
	free_result(&r[1]);
}

static void compare_json(FILE *out, const struct bench_result *r, unsigned int nr)
{
	json_write(out, r, nr, true);
}

static void print_compare(FILE *out, const struct bench_result *r, unsigned int nr)
{
	struct bench_summary sum[8];

	compare_print(out, 4, sum, compare_summarize(r, nr, sum));
}

/* Two policies of 3 seeds each, taking turns as they run. */
static void make_compared(struct kunit *test, struct bench_result *r)
{
	static const double none[] = { 30, 36, 33 }, fault[] = { 11, 22, 12 };

	for (unsigned int i = 0; i < 3; i++) {
		make_result(test, &r[2 * i], POLICY_NONE, none[i]);
		make_result(test, &r[2 * i + 1], POLICY_AUTONUMA_FAULT, fault[i]);
		r[2 * i + 1].tasks_moved = i;
		r[2 * i + 1].tasks_swapped = 3;
	}
}

static void seeds_are_summed_up_by_mean_deviation_and_median(struct kunit *test)
{
	struct bench_summary sum[6];
	struct bench_result r[6];

	make_compared(test, r);
	KUNIT_ASSERT_EQ(test, compare_summarize(r, 6, sum), 2);
	KUNIT_EXPECT_EQ(test, sum[0].policy, POLICY_NONE);
	KUNIT_EXPECT_EQ(test, sum[0].runs, 3);
	KUNIT_EXPECT_TRUE(test, sum[0].mean == 33 && sum[0].stddev == 3 && sum[0].median == 33);
	KUNIT_EXPECT_TRUE(test, sum[0].ratio_none == 1 && sum[0].ratio_hard < 0);
	KUNIT_EXPECT_EQ(test, sum[1].policy, POLICY_AUTONUMA_FAULT);
	KUNIT_EXPECT_TRUE(test, sum[1].mean == 15 && sum[1].median == 12);
	/* Squares of 4, 7 and 3, over 2. */
	KUNIT_EXPECT_TRUE(test, sum[1].stddev > 6.082 && sum[1].stddev < 6.083);
	KUNIT_EXPECT_TRUE(test, sum[1].ratio_none == 12.0 / 33);
	KUNIT_EXPECT_TRUE(test, sum[1].tasks_moved == 4);
	KUNIT_ASSERT_EQ(test, compare_summarize(r, 1, sum), 1);
	KUNIT_EXPECT_TRUE(test, sum[0].stddev == 0);
	for (unsigned int i = 0; i < 6; i++)
		free_result(&r[i]);
}

static void the_comparison_says_how_it_was_calibrated(struct kunit *test)
{
	struct json_object *top, *all, *val;
	struct bench_result r[6];
	char *text;

	make_compared(test, r);
	text = printed(print_compare, r, 6);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "# calibration: the published machine of 4 nodes"),
				  "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "autonuma-fault never     3      15.00 s     6.08 s      12.00 s     0.364         -     2.750         4.0\n"),
				  "%s", text);
	free(text);
	text = printed(compare_json, r, 6);
	top = json_tokener_parse(text);
	KUNIT_ASSERT_NOT_NULL(test, top);
	KUNIT_ASSERT_TRUE(test, json_object_object_get_ex(top, "runs", &val));
	KUNIT_EXPECT_EQ(test, json_object_array_length(val), 6);
	KUNIT_ASSERT_TRUE(test, json_object_object_get_ex(top, "calibration", &val));
	KUNIT_ASSERT_TRUE(test, json_object_object_get_ex(top, "compare", &all));
	KUNIT_ASSERT_EQ(test, json_object_array_length(all), 2);
	all = json_object_array_get_idx(all, 1);
	KUNIT_EXPECT_STREQ(test, json_object_get_string(json_object_object_get(all, "policy")),
			   "autonuma-fault");
	KUNIT_EXPECT_TRUE(test, json_object_get_double(json_object_object_get(all, "mean_s")) == 15);
	KUNIT_EXPECT_TRUE(test, json_object_object_get_ex(all, "ratio_hard", &val) && !val);
	json_object_put(top);
	free(text);
	for (unsigned int i = 0; i < 6; i++)
		free_result(&r[i]);
}

static void print_convergence(FILE *out, const struct bench_result *r, unsigned int nr)
{
	convergence_print(out, &r->convergence);
}

static void convergence_has_a_row_for_each_process_and_their_mean(struct kunit *test)
{
	u64 pages[3] = { 10, 75, 15 }, none[3] = { };
	struct bench_result r = { };
	double *share;
	char *text;

	KUNIT_EXPECT_TRUE(test, main_node_share(pages, 3) == 0.75);
	KUNIT_EXPECT_TRUE(test, main_node_share(none, 3) == 0);
	KUNIT_ASSERT_EQ(test, convergence_init(&r.convergence, 2), 0);
	text = printed(print_convergence, &r, 1);
	KUNIT_EXPECT_STREQ(test, text, "");
	free(text);
	for (unsigned int i = 0; i < 2; i++) {
		share = convergence_next(&r.convergence);
		share[0] = 0.75 + 0.2 * i;
		share[1] = 0.25;
	}
	text = printed(print_convergence, &r, 1);
	KUNIT_EXPECT_STREQ(test, text, "\nMemory on the main node after\n"
			   "                           10 s    20 s\n"
			   "process 1                75.0 %  95.0 %\n"
			   "process 2                25.0 %  25.0 %\n"
			   "mean                     50.0 %  60.0 %\n");
	free(text);
	while ((share = convergence_next(&r.convergence)))
		share[0] = 1;
	KUNIT_EXPECT_EQ(test, r.convergence.nr, MAX_CONVERGENCE);
	convergence_free(&r.convergence);
}

static void quiet_is_the_longest_time_without_a_move(struct kunit *test)
{
	struct bench_samples s;

	KUNIT_ASSERT_EQ(test, samples_init(&s, 1, 1), 0);
	KUNIT_EXPECT_TRUE(test, samples_quiet(&s) == 0);
	add_sample(&s, 1, 0, 0, 0, 0);
	add_sample(&s, 4, 0, 0, 0, 0);
	KUNIT_EXPECT_TRUE(test, samples_quiet(&s) == 4);
	s.sample[1].moves = 7;
	KUNIT_EXPECT_TRUE(test, samples_quiet(&s) == 1);
	add_sample(&s, 10, 0, 0, 0, 0);
	s.sample[2].moves = 7;
	KUNIT_EXPECT_TRUE(test, samples_quiet(&s) == 6);
	add_sample(&s, 12, 0, 0, 0, 0);
	s.sample[3].moves = 8;
	KUNIT_EXPECT_TRUE(test, samples_quiet(&s) == 6);
	samples_free(&s);
}

static void print_run(FILE *out, const struct bench_result *r, unsigned int nr)
{
	report_run(out, r, true);
}

static void the_memory_table_is_that_of_numastat(struct kunit *test)
{
	struct bench_result r;
	char *text;

	make_result(test, &r, POLICY_AUTONUMA, 25);
	text = printed(print_run, &r, 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "Per-node process memory usage (in MBs)\n"
		"PID                              Node 0          Node 1           Total\n"
		"----------------------- --------------- --------------- ---------------\n"
		"42 (numa02)                      256.00          768.00         1024.00\n"
		"----------------------- --------------- --------------- ---------------\n"
		"Total                            256.00          768.00         1024.00\n"));
	free(text);
	free_result(&r);
}

static void the_difference_to_hard_is_accounted_for(struct kunit *test)
{
	struct bench_result r[2];
	char *text;

	make_result(test, &r[0], POLICY_HARD, 10);
	make_result(test, &r[1], POLICY_AUTONUMA, 14);
	/* A fifth of the work in the first 5 s, which hard does in 2: 3 s late at home. */
	add_sample(&r[0].samples, 1, 100, 100, 100, 0);
	add_sample(&r[0].samples, 10, 1000, 1000, 100, 0);
	add_sample(&r[1].samples, 5, 0, 200, 100, 1);
	add_sample(&r[1].samples, 14, 800, 1000, 100, 1);
	text = printed(report_difference, r, 2);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "4.00 s more than hard: 3.00 s until memory was home at 5.00 s"),
				  "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "1.00 s since then; without the start 1.10 x hard"),
				  "%s", text);
	free(text);
	free_result(&r[0]);
	free_result(&r[1]);
}

static void the_plot_has_a_line_per_node_and_a_panel_per_run(struct kunit *test)
{
	struct bench_result r[2];
	char *text, *at;
	unsigned int plots = 0, ends = 0;

	make_result(test, &r[0], POLICY_NONE, 10);
	make_result(test, &r[1], POLICY_AUTONUMA, 14);
	add_sample(&r[0].samples, 5, 0, 0, 0, 0);
	add_sample(&r[1].samples, 5, 0, 0, 0, 0);
	text = printed(plot_script, r, 2);
	for (at = text; (at = strstr(at, "\nplot")); at++)
		plots++;
	for (at = text; (at = strstr(at, "\ne\n")); at++)
		ends++;
	KUNIT_EXPECT_EQ(test, plots, 2);
	KUNIT_EXPECT_EQ(test, ends, 4);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\n5.000 50.00 51.00\n"));
	free(text);
	free_result(&r[0]);
	free_result(&r[1]);
}

static struct kunit_case results_cases[] = {
	KUNIT_CASE(the_local_share_is_that_of_the_last_tenth),
	KUNIT_CASE(memory_is_home_only_once_it_stays_there),
	KUNIT_CASE(what_moves_after_the_first_thread_ended_is_not_held_against_it),
	KUNIT_CASE(the_period_is_the_longest_that_was_reached),
	KUNIT_CASE(samples_thin_out_and_keep_the_whole_time),
	KUNIT_CASE(ratios_are_to_the_median_of_hard),
	KUNIT_CASE(huge_pages_are_compared_with_the_same_policy_without_them),
	KUNIT_CASE(the_table_shows_huge_pages_where_they_were_run),
	KUNIT_CASE(json_has_the_agreed_keys_and_what_is_of_huge_pages),
	KUNIT_CASE(seeds_are_summed_up_by_mean_deviation_and_median),
	KUNIT_CASE(the_comparison_says_how_it_was_calibrated),
	KUNIT_CASE(convergence_has_a_row_for_each_process_and_their_mean),
	KUNIT_CASE(quiet_is_the_longest_time_without_a_move),
	KUNIT_CASE(the_memory_table_is_that_of_numastat),
	KUNIT_CASE(the_difference_to_hard_is_accounted_for),
	KUNIT_CASE(the_plot_has_a_line_per_node_and_a_panel_per_run),
	{}
};

static struct kunit_suite results_suite = {
	.name = "bench_results",
	.test_cases = results_cases,
};
kunit_test_suite(results_suite);
kunit_machine_free(results_suite);

// SPDX-License-Identifier: GPL-2.0
/* Command lines: completed with defaults, or refused with one line; layouts that follow. */
#include <stdlib.h>
#include <string.h>

#include <kunit/test.h>

#include "../../bench/autonuma-bench/layout.h"

#define MAX_ARGS 16

/* Parse @line, split at blanks. */
static int parse(struct bench_options *opts, const char *line, struct bench_why *why)
{
	char *copy = strdup(line), *next = copy, *word, *argv[MAX_ARGS + 1] = { "bench" };
	int argc = 1, ret;

	while (argc < MAX_ARGS && (word = strsep(&next, " ")))
		if (*word)
			argv[argc++] = word;
	argv[argc] = NULL;
	ret = options_parse(opts, argc, argv, why);
	/* What options keep of the text is only names of files; not used after this. */
	opts->plot = NULL;
	opts->trace = NULL;
	free(copy);
	return ret;
}

static void defaults_are_complete(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why;

	KUNIT_ASSERT_EQ_MSG(test, parse(&o, "", &why), 0, "%s", why.text);
	KUNIT_EXPECT_EQ(test, o.nr_workloads, 1);
	KUNIT_EXPECT_PTR_EQ(test, o.workloads[0], &workload_numa02);
	KUNIT_EXPECT_EQ(test, o.nr_policies, NR_POLICIES);
	KUNIT_EXPECT_EQ(test, o.topo.nr_nodes, 2);
	KUNIT_EXPECT_EQ(test, o.topo.nr_cpus, 16);
	KUNIT_EXPECT_EQ(test, o.topo.threads_per_core, 2);
	KUNIT_EXPECT_EQ(test, o.topo.node_bytes[1], 8ULL << 30);
	KUNIT_EXPECT_EQ(test, o.topo.distance[1], 20);
	options_free(&o);
}

static void several_workloads_and_policies_keep_their_order_and_come_once(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, parse(&o, "numa01_thread_alloc numa02 numa02 -p hard,none,hard",
				    &why), 0);
	KUNIT_EXPECT_EQ(test, o.nr_workloads, 2);
	KUNIT_EXPECT_PTR_EQ(test, o.workloads[0], &workload_thread_alloc);
	KUNIT_EXPECT_PTR_EQ(test, o.workloads[1], &workload_numa02);
	KUNIT_EXPECT_EQ(test, o.nr_policies, 2);
	KUNIT_EXPECT_EQ(test, o.policies[0], POLICY_HARD);
	KUNIT_EXPECT_EQ(test, o.policies[1], POLICY_NONE);
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "all", &why), 0);
	KUNIT_EXPECT_EQ(test, o.nr_workloads, 4);
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "losing numa02 forks", &why), 0);
	KUNIT_ASSERT_GE(test, o.nr_workloads, 5);
	for (unsigned int i = 0; i < o.nr_workloads - 1; i++)
		KUNIT_EXPECT_TRUE(test, o.workloads[i]->losing);
	KUNIT_EXPECT_PTR_EQ(test, o.workloads[o.nr_workloads - 1], &workload_numa02);
	options_free(&o);
}

static void matrices_decide_the_number_of_nodes(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, parse(&o, "-d 10,20,30;20,10,20;30,20,10", &why), 0);
	KUNIT_EXPECT_EQ(test, o.topo.nr_nodes, 3);
	KUNIT_EXPECT_EQ(test, o.topo.nr_cpus, 24);
	KUNIT_EXPECT_EQ(test, o.topo.distance[2], 30);
	options_free(&o);
}

static void bad_command_lines_are_refused_with_one_line(struct kunit *test)
{
	static const struct { const char *line, *reason; } bad[] = {
		{ "numa03", "unknown workload \"numa03\"" },
		{ "-p some", "unknown policy \"some\"" },
		{ "-p none,,hard", "unknown policy \"\"" },
		{ "--nodes 0", "--nodes: 0 is out of range" },
		{ "--nodes 1025", "--nodes: 1025 is out of range" },
		{ "--nodes 2x", "after the number" },
		{ "--nodes -1", "not a number" },
		{ "--nodes 18446744073709551617", "out of range" },
		{ "--cpus 0", "--cpus: 0 is out of range" },
		{ "--cpus 8193", "--cpus: 8193 is out of range, 1 to 8192" },
		{ "--nodes 1024 --cpus 8193", "out of range" },
		{ "--cpus 7 --smt 2", "whole cores" },
		{ "--smt 0", "--smt: 0" },
		{ "--memory 0", "--memory: 0" },
		{ "--memory 1X", "--memory" },
		{ "--memory 512M", "does not fit" },
		{ "--memory 6G numa01", "does not fit" },
		{ "--memory 2G numa01 -p none", "node 0, which has 2 GiB" },
		{ "--distances 10,20", "square" },
		{ "--distances 10,20;20,12", "itself" },
		{ "--distances 10,9;9,10", "--distances: distance from node 0 to node 1 is 9" },
		{ "--distances 10,20;20,10 --nodes 3", "do not fit" },
		{ "--distances 10,20;20,10 --bandwidths 9", "do not fit" },
		{ "--bandwidths 10,-5;5,10", "--bandwidths" },
		{ "--numactl /nonexistent/file", "cannot read" },
		{ "--numactl / ", "cannot read" },
		{ "--numactl - --nodes 2", "already" },
		{ "--scale 0", "--scale" },
		{ "--scale 65", "--scale" },
		{ "--scale 1z", "--scale" },
		{ "--scale 0.00001", "fewer than" },
		{ "--sim-scale 0", "--sim-scale" },
		{ "--sim-scale 65536 --cpus 64", "fewer than" },
		{ "--thp sometimes", "--thp: \"sometimes\" is not never, always or both" },
		{ "--thp madvise", "--thp" },
		{ "--thp", "needs an argument" },
		{ "--thp=", "--thp" },
		{ "--thp always --sim-scale 32", "a huge page would be one of 64 MiB" },
		{ "--sim-scale 2 --thp both", "with --scale instead" },
		{ "--thp always --scale 0.015625", "slice of 1 MiB is smaller than a huge page" },
		{ "--fragment", "needs --thp" },
		{ "--fragment --thp never", "needs --thp" },
		{ "--fragment=1 --thp always", "takes no argument" },
		{ "--seed x", "--seed" },
		{ "--seed 18446744073709551615", "--seed" },
		{ "--runs 0", "--runs" },
		{ "--runs 101", "--runs" },
		{ "--set", "needs an argument" },
		{ "--set scan", "KNOB=VALUE" },
		{ "--set =1", "KNOB=VALUE" },
		{ "--set scan=", "KNOB=VALUE" },
		{ "--set ../enabled=1", "unknown knob" },
		{ "--set scan_pmd=12345678901234567890123456789012345", "too long" },
		{ "--plot /nonexistent/dir/x.svg", "cannot write" },
		{ "--plot /", "cannot write" },
		{ "--plot /dev/null/x.svg", "cannot write" },
		{ "--trace /nonexistent/dir/x.json", "--trace: cannot write" },
		{ "--trace /", "--trace: cannot write" },
		{ "--trace-buffer 0", "--trace-buffer: 0 is out of range" },
		{ "--colour", "\"--colour\"" },
		{ "--json=yes", "takes no argument" },
		{ "-x", "\"-x\"" },
		{ "--cpus 1 numa01", "needs a CPU for each" },
		{ "--processes 0 numa01", "--processes: 0 is out of range" },
		{ "--processes 257 numa01", "--processes: 257 is out of range" },
		{ "--processes -1", "not a number" },
		{ "--processes 3x", "after the number" },
		{ "--processes", "needs an argument" },
		{ "--processes 9 --cpus 8 numa01", "a CPU for each of its 9 processes" },
		{ "--processes 2 forks", "--processes: forks has as many" },
		{ "--processes 8 --memory 4G numa01", "puts 6 GiB on node 0" },
		{ "--compare=yes", "takes no argument" },
		{ "--compare --runs 0", "--runs" },
		{ "--memory 1G --nodes 1 --cpus 8 faults", "puts 2 GiB on node 0" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		struct bench_options o;
		struct bench_why why = { };

		KUNIT_EXPECT_EQ_MSG(test, parse(&o, bad[i].line, &why), -1, "accepted: %s",
				    bad[i].line);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.text, bad[i].reason),
					  "%s: \"%s\" lacks \"%s\"", bad[i].line, why.text,
					  bad[i].reason);
		options_free(&o);
	}
}

static void reasons_are_one_line_whatever_was_typed(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why = { };

	KUNIT_EXPECT_EQ(test, parse(&o, "two\nlines\033[31m", &why), -1);
	KUNIT_EXPECT_NULL(test, strchr(why.text, '\n'));
	KUNIT_EXPECT_NULL(test, strchr(why.text, '\033'));
	options_free(&o);
}

static void layout_of(struct kunit *test, const char *line, struct bench_options *o,
		      struct bench_layout *l)
{
	struct bench_why why = { };

	KUNIT_ASSERT_EQ_MSG(test, parse(o, line, &why), 0, "%s", why.text);
	KUNIT_ASSERT_EQ(test, layout_init(l, o, o->workloads[0]), 0);
}

/* Parts must follow each other and cover all pages. */
static void expect_whole(struct kunit *test, const struct bench_process_layout *p)
{
	u64 next = 0;

	for (unsigned int i = 0; i < p->nr_parts; i++) {
		KUNIT_EXPECT_EQ(test, p->part[i].first, next);
		next += p->part[i].nr;
	}
	KUNIT_EXPECT_EQ(test, next, p->pages);
}

static void numa02_has_a_thread_and_a_slice_on_every_cpu(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;

	layout_of(test, "numa02 --nodes 3 --cpus 6", &o, &l);
	KUNIT_EXPECT_EQ(test, l.nr_processes, 1);
	KUNIT_ASSERT_EQ(test, l.process[0].nr_threads, 6);
	KUNIT_EXPECT_EQ(test, l.process[0].nr_parts, 6);
	KUNIT_EXPECT_EQ(test, l.process[0].pages * l.sim_scale, (1ULL << 30) / 4096);
	for (unsigned int i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, l.process[0].cpu[i], i);
		KUNIT_EXPECT_EQ(test, l.process[0].part[i].node, i / 2);
	}
	expect_whole(test, &l.process[0]);
	layout_free(&l);
	options_free(&o);
}

static void a_slice_begins_where_a_page_table_does(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;
	u64 end = 0;

	layout_of(test, "numa02 --nodes 2 --cpus 4 --sim-scale 300", &o, &l);
	for (unsigned int i = 0; i < 4; i++) {
		const struct bench_part *part = &l.process[0].part[i];

		KUNIT_EXPECT_EQ(test, part->at % 512, 0);
		KUNIT_EXPECT_GE(test, part->at, end);
		KUNIT_EXPECT_LT(test, part->at, end + 512);
		KUNIT_EXPECT_EQ(test, part->span, layout_offset(&l.process[0], part->nr - 1) + 1);
		end = part->at + part->span;
	}
	KUNIT_EXPECT_EQ(test, l.process[0].span, end);
	layout_free(&l);
	options_free(&o);
}

static void ranges_have_the_pages_of_2_mib_but_not_less_than_16(struct kunit *test)
{
	struct bench_process_layout p;

	KUNIT_EXPECT_EQ(test, layout_per_table(1), 512);
	KUNIT_EXPECT_EQ(test, layout_per_table(16), 32);
	KUNIT_EXPECT_EQ(test, layout_per_table(128), 16);
	KUNIT_EXPECT_EQ(test, layout_ranges(1), 1);
	KUNIT_EXPECT_EQ(test, layout_ranges(32), 1);
	KUNIT_EXPECT_EQ(test, layout_ranges(128), 4);
	p.per_table = 32;
	KUNIT_EXPECT_EQ(test, layout_offset(&p, 31), 31);
	KUNIT_EXPECT_EQ(test, layout_offset(&p, 32), 512);
	KUNIT_EXPECT_EQ(test, layout_offset(&p, 65), 1025);
}

static void huge_pages_are_off_unless_asked_for(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, parse(&o, "", &why), 0);
	KUNIT_EXPECT_EQ(test, o.nr_thp, 1);
	KUNIT_EXPECT_EQ(test, o.thp[0], THP_NEVER);
	KUNIT_EXPECT_FALSE(test, options_huge(&o));
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "--thp both --thp always", &why), 0);
	KUNIT_EXPECT_EQ(test, o.nr_thp, 1);
	KUNIT_EXPECT_EQ(test, o.thp[0], THP_ALWAYS);
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "--thp both", &why), 0);
	KUNIT_ASSERT_EQ(test, o.nr_thp, 2);
	KUNIT_EXPECT_EQ(test, o.thp[0], THP_NEVER);
	KUNIT_EXPECT_EQ(test, o.thp[1], THP_ALWAYS);
	options_free(&o);
}

static void pages_have_their_real_size_where_huge_pages_are_run(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, parse(&o, "--thp never", &why), 0);
	KUNIT_EXPECT_GT(test, options_sim_scale(&o, &workload_numa02), 1);
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "--thp always", &why), 0);
	KUNIT_EXPECT_EQ(test, options_sim_scale(&o, &workload_numa02), 1);
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "--thp both --sim-scale 1", &why), 0);
	KUNIT_EXPECT_EQ(test, options_sim_scale(&o, &workload_numa02), 1);
	options_free(&o);
}

static void slices_follow_each_other_where_huge_pages_are_run(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;
	u64 end = 0;

	/* A sixth of 1 GiB is no multiple of a huge page. */
	layout_of(test, "numa02 --nodes 2 --cpus 6 --thp both", &o, &l);
	for (unsigned int i = 0; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, l.process[0].part[i].at, end);
		KUNIT_EXPECT_NE(test, l.process[0].part[i].nr % 512, 0);
		end += l.process[0].part[i].nr;
	}
	KUNIT_EXPECT_EQ(test, l.process[0].span, l.process[0].pages);
	expect_whole(test, &l.process[0]);
	layout_free(&l);
	options_free(&o);
}

static void contents_of_pages_must_fit_the_host(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why = { };

	if (host_memory() >= 700ULL << 30)
		kunit_skip(test, "this host has room for everything");
	KUNIT_EXPECT_EQ(test, parse(&o, "numa01 --thp always --scale 64", &why), -1);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.text, "may take 768 GiB of this host's"),
				  "%s", why.text);
	options_free(&o);
	KUNIT_EXPECT_EQ(test, parse(&o, "numa01 --scale 64", &why), 0);
	options_free(&o);
}

static void numa02_smt_uses_one_cpu_of_each_core(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;

	layout_of(test, "numa02_SMT --nodes 2 --cpus 8 --smt 2", &o, &l);
	KUNIT_ASSERT_EQ(test, l.process[0].nr_threads, 4);
	for (unsigned int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, l.process[0].cpu[i], 2 * i);
	layout_free(&l);
	options_free(&o);
}

static void numa01_runs_one_process_on_each_half_of_the_machine(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;

	layout_of(test, "numa01 --nodes 4 --cpus 8", &o, &l);
	KUNIT_EXPECT_EQ(test, l.nr_processes, 2);
	for (unsigned int p = 0; p < 2; p++) {
		KUNIT_ASSERT_EQ(test, l.process[p].nr_threads, 4);
		KUNIT_EXPECT_EQ(test, l.process[p].cpu[0], 4 * p);
		KUNIT_ASSERT_EQ(test, l.process[p].nr_parts, 2);
		KUNIT_EXPECT_EQ(test, l.process[p].part[0].node, 2 * p);
		KUNIT_EXPECT_EQ(test, l.process[p].part[1].node, 2 * p + 1);
		KUNIT_EXPECT_EQ(test, l.process[p].pages * l.sim_scale, (3ULL << 30) / 4096);
		expect_whole(test, &l.process[p]);
	}
	layout_free(&l);
	options_free(&o);
}

static void policies_need_memory_where_they_put_it(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why = { };
	u64 need[2];

	KUNIT_ASSERT_EQ(test, parse(&o, "numa01_THREAD_ALLOC --nodes 2 --cpus 4", &why), 0);
	KUNIT_ASSERT_EQ(test, policy_need(&o, o.workloads[0], POLICY_NONE, need), 0);
	KUNIT_EXPECT_EQ(test, need[0], 6ULL << 30);
	KUNIT_EXPECT_EQ(test, need[1], 0);
	KUNIT_ASSERT_EQ(test, policy_need(&o, o.workloads[0], POLICY_HARD, need), 0);
	KUNIT_EXPECT_EQ(test, need[0], 3ULL << 30);
	KUNIT_EXPECT_EQ(test, need[1], 3ULL << 30);
	options_free(&o);
}

static void comparing_is_all_policies_over_five_seeds(struct kunit *test)
{
	struct bench_options o;
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, parse(&o, "", &why), 0);
	KUNIT_EXPECT_FALSE(test, o.compare);
	KUNIT_EXPECT_EQ(test, o.runs, 1);
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "--compare", &why), 0);
	KUNIT_EXPECT_TRUE(test, o.compare);
	KUNIT_EXPECT_EQ(test, o.runs, 5);
	KUNIT_EXPECT_EQ(test, o.nr_policies, 5);
	KUNIT_EXPECT_EQ(test, o.policies[2], POLICY_AUTONUMA_FAULT);
	options_free(&o);
	KUNIT_ASSERT_EQ(test, parse(&o, "--compare --runs 2 -p hard,autonuma-fault", &why), 0);
	KUNIT_EXPECT_EQ(test, o.runs, 2);
	KUNIT_ASSERT_EQ(test, o.nr_policies, 2);
	KUNIT_EXPECT_EQ(test, o.policies[1], POLICY_AUTONUMA_FAULT);
	options_free(&o);
}

static void many_processes_share_cpus_and_memory_and_start_on_one_node(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;
	u64 need[4];

	layout_of(test, "numa01 --nodes 4 --cpus 16 --processes 8", &o, &l);
	KUNIT_ASSERT_EQ(test, l.nr_processes, 8);
	for (unsigned int p = 0; p < 8; p++) {
		KUNIT_ASSERT_EQ(test, l.process[p].nr_threads, 2);
		KUNIT_EXPECT_EQ(test, l.process[p].nr_parts, 1);
		KUNIT_EXPECT_EQ(test, l.process[p].part[0].node, p / 2);
		KUNIT_EXPECT_EQ(test, l.process[p].pages * l.sim_scale, (768ULL << 20) / 4096);
	}
	KUNIT_ASSERT_EQ(test, policy_need(&o, o.workloads[0], POLICY_AUTONUMA_FAULT, need), 0);
	KUNIT_EXPECT_EQ(test, need[0], 6ULL << 30);
	KUNIT_EXPECT_EQ(test, need[1], 0);
	layout_free(&l);
	options_free(&o);
}

static void overcommit_has_two_threads_on_each_cpu_and_memory_everywhere(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;
	u64 need[2];

	layout_of(test, "overcommit --nodes 2 --cpus 4", &o, &l);
	KUNIT_EXPECT_EQ(test, l.nr_processes, 1);
	KUNIT_ASSERT_EQ(test, l.process[0].nr_threads, 8);
	for (unsigned int i = 0; i < 8; i++)
		KUNIT_EXPECT_EQ(test, l.process[0].cpu[i], i / 2);
	KUNIT_ASSERT_EQ(test, policy_need(&o, o.workloads[0], POLICY_NONE, need), 0);
	KUNIT_EXPECT_EQ(test, need[0], 512ULL << 20);
	KUNIT_EXPECT_EQ(test, need[1], 512ULL << 20);
	layout_free(&l);
	options_free(&o);
}

static void losing_programs_have_processes_by_the_cpus_and_rounds_by_the_scale(struct kunit *test)
{
	struct bench_options o;
	struct bench_layout l;

	layout_of(test, "faults --nodes 2 --cpus 6 --scale 0.01", &o, &l);
	KUNIT_EXPECT_EQ(test, l.nr_processes, 6);
	KUNIT_EXPECT_EQ(test, l.process[5].nr_threads, 1);
	KUNIT_EXPECT_EQ(test, l.process[5].cpu[0], 5);
	KUNIT_EXPECT_EQ(test, options_process_bytes(&o, &workload_faults), 256ULL << 20);
	KUNIT_EXPECT_EQ(test, o.topo.node_bytes[0], 8ULL << 30);
	layout_free(&l);
	options_free(&o);
	layout_of(test, "messages --nodes 1 --cpus 3 --smt 1", &o, &l);
	KUNIT_EXPECT_EQ(test, l.nr_processes, 1);
	layout_free(&l);
	options_free(&o);
	layout_of(test, "messages --nodes 2 --cpus 16", &o, &l);
	KUNIT_EXPECT_EQ(test, l.nr_processes, 4);
	layout_free(&l);
	options_free(&o);
}

static struct kunit_case options_cases[] = {
	KUNIT_CASE(defaults_are_complete),
	KUNIT_CASE(several_workloads_and_policies_keep_their_order_and_come_once),
	KUNIT_CASE(matrices_decide_the_number_of_nodes),
	KUNIT_CASE(bad_command_lines_are_refused_with_one_line),
	KUNIT_CASE(reasons_are_one_line_whatever_was_typed),
	KUNIT_CASE(numa02_has_a_thread_and_a_slice_on_every_cpu),
	KUNIT_CASE(a_slice_begins_where_a_page_table_does),
	KUNIT_CASE(ranges_have_the_pages_of_2_mib_but_not_less_than_16),
	KUNIT_CASE(huge_pages_are_off_unless_asked_for),
	KUNIT_CASE(pages_have_their_real_size_where_huge_pages_are_run),
	KUNIT_CASE(slices_follow_each_other_where_huge_pages_are_run),
	KUNIT_CASE(contents_of_pages_must_fit_the_host),
	KUNIT_CASE(numa02_smt_uses_one_cpu_of_each_core),
	KUNIT_CASE(numa01_runs_one_process_on_each_half_of_the_machine),
	KUNIT_CASE(policies_need_memory_where_they_put_it),
	KUNIT_CASE(comparing_is_all_policies_over_five_seeds),
	KUNIT_CASE(many_processes_share_cpus_and_memory_and_start_on_one_node),
	KUNIT_CASE(overcommit_has_two_threads_on_each_cpu_and_memory_everywhere),
	KUNIT_CASE(losing_programs_have_processes_by_the_cpus_and_rounds_by_the_scale),
	{}
};

static struct kunit_suite options_suite = {
	.name = "bench_options",
	.test_cases = options_cases,
};
kunit_test_suite(options_suite);
kunit_machine_free(options_suite);

// SPDX-License-Identifier: GPL-2.0
/* Numbers, matrices and numactl -H texts: read right, or refused with the reason. */
#include <stdlib.h>
#include <string.h>

#include <kunit/test.h>

#include "../../bench/autonuma-bench/topology.h"

/* Two nodes, four CPUs, as numactl prints them. */
static const char two_nodes[] =
	"available: 2 nodes (0-1)\n"
	"node 0 cpus: 0 2\n"
	"node 0 size: 1000 MB\n"
	"node 0 free: 900 MB\n"
	"node 1 cpus: 1 3\n"
	"node 1 size: 2000 MB\n"
	"node 1 free: 1 MB\n"
	"node distances:\n"
	"node   0   1 \n"
	"  0:  10  21 \n"
	"  1:  31  10 \n";

/* Nodes 0 and 8, CPUs with gaps, rows and columns in another order. */
static const char with_gaps[] =
	"available: 3 nodes (0,3,8)\n"
	"node 0 cpus: 0 8\n"
	"node 0 size: 10 MB\n"
	"node 3 cpus:\n"
	"node 3 size: 30 MB\n"
	"node 8 cpus: 16 4\n"
	"node 8 size: 0 MB\n"
	"node distances:\n"
	"node   8   0   3 \n"
	"  3:  38  30  10\n"
	"  8:  10  80  83\n"
	"  0:  18  10  13\n";

static void numactl_text_gives_nodes_cpus_memory_and_distances(struct kunit *test)
{
	struct bench_topology t = { };
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, topology_parse_numactl(two_nodes, &t, &why), 0);
	KUNIT_EXPECT_EQ(test, t.nr_nodes, 2);
	KUNIT_EXPECT_EQ(test, t.nr_cpus, 4);
	KUNIT_EXPECT_EQ(test, t.cpu_node[0], 0);
	KUNIT_EXPECT_EQ(test, t.cpu_node[1], 1);
	KUNIT_EXPECT_EQ(test, t.cpu_node[2], 0);
	KUNIT_EXPECT_EQ(test, t.cpu_node[3], 1);
	KUNIT_EXPECT_EQ(test, t.node_bytes[0], 1000ULL << 20);
	KUNIT_EXPECT_EQ(test, t.node_bytes[1], 2000ULL << 20);
	KUNIT_EXPECT_EQ(test, t.distance[1], 21);
	KUNIT_EXPECT_EQ(test, t.distance[2], 31);
	topology_free(&t);
}

static void gaps_in_node_and_cpu_numbers_are_closed_up(struct kunit *test)
{
	struct bench_topology t = { };
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, topology_parse_numactl(with_gaps, &t, &why), 0);
	KUNIT_EXPECT_EQ(test, t.nr_nodes, 3);
	KUNIT_EXPECT_EQ(test, t.nr_cpus, 4);
	/* CPUs 0 4 8 16 become 0 1 2 3 */
	KUNIT_EXPECT_EQ(test, t.cpu_node[0], 0);
	KUNIT_EXPECT_EQ(test, t.cpu_node[1], 2);
	KUNIT_EXPECT_EQ(test, t.cpu_node[2], 0);
	KUNIT_EXPECT_EQ(test, t.cpu_node[3], 2);
	KUNIT_EXPECT_EQ(test, t.node_bytes[1], 30ULL << 20);
	KUNIT_EXPECT_EQ(test, t.node_bytes[2], 0);
	/* Row 0 is "0: 18 10 13" under the columns 8 0 3. */
	KUNIT_EXPECT_EQ(test, t.distance[0], 10);
	KUNIT_EXPECT_EQ(test, t.distance[1], 13);
	KUNIT_EXPECT_EQ(test, t.distance[2], 18);
	KUNIT_EXPECT_EQ(test, t.distance[3], 30);
	KUNIT_EXPECT_EQ(test, t.distance[5], 38);
	KUNIT_EXPECT_EQ(test, t.distance[6], 80);
	KUNIT_EXPECT_EQ(test, t.distance[7], 83);
	topology_free(&t);
}

static void missing_distances_get_the_default(struct kunit *test)
{
	struct bench_topology t = { .threads_per_core = 1 };
	struct bench_why why;

	KUNIT_ASSERT_EQ(test, topology_parse_numactl("available: 2 nodes (0-1)\r\n"
						     "node 0 cpus: 0\r\n"
						     "node 0 size: 5 MB\r\n"
						     "node 1 cpus: 1\r\n"
						     "node 1 size: 6 MB\r\n"
						     "No distance information available.\r\n",
						     &t, &why), 0);
	KUNIT_EXPECT_NULL(test, t.distance);
	topology_complete(&t, 0);
	KUNIT_EXPECT_EQ(test, t.distance[0], 10);
	KUNIT_EXPECT_EQ(test, t.distance[1], 20);
	KUNIT_EXPECT_EQ(test, t.node_bytes[1], 6ULL << 20);
	topology_free(&t);
}

#define NODE(n) "node " #n " cpus: " #n "\nnode " #n " size: 5 MB\n"
#define TWO "available: 2 nodes (0-1)\n" NODE(0) NODE(1)

static void malformed_numactl_texts_are_refused_with_the_reason(struct kunit *test)
{
	static const struct { const char *text, *reason; } bad[] = {
		{ "", "no line" },
		{ "hello\n", "line 1" },
		{ NODE(0), "first" },
		{ "available: 0 nodes ()\n", "out of range" },
		{ "available: 9999 nodes (0-9998)\n", "out of range" },
		{ "available: -1 nodes\n", "out of range" },
		{ "available: 2 sheep\n", "nodes" },
		{ "available: 1 nodes (0)\navailable: 1 nodes (0)\n", "second" },
		{ "available: 2 nodes (0-1)\n" NODE(0), "1 described" },
		{ "available: 1 nodes (0)\n" NODE(0) NODE(1), "2 described" },
		{ "available: 1 nodes (0)\nnode 0 cpus: 0\n", "no size" },
		{ "available: 1 nodes (0)\nnode 0 cpus: 0 x\n", "line 2" },
		{ "available: 1 nodes (0)\nnode 0 cpus: 0 0\n", "twice" },
		{ "available: 1 nodes (0)\nnode 0 cpus: 0,1\n", "CPU" },
		{ "available: 1 nodes (0)\nnode 0 cpus: 99999999999999999999\n", "CPU" },
		{ "available: 1 nodes (0)\nnode 0 size: 5 MB\n", "no node has CPUs" },
		{ "available: 1 nodes (0)\nnode 0 size: 5 GB\n", "MB" },
		{ "available: 1 nodes (0)\nnode 0 size: -5 MB\n", "MB" },
		{ "available: 1 nodes (0)\nnode 0 colour: blue\n", "line 2" },
		{ "available: 1 nodes (0)\nnode 0 size: 5 MB\nnode 0 size: 5 MB\n", "second" },
		{ "available: 1 nodes (0)\nnode zero cpus: 0\n", "node number" },
		{ TWO "node distances:\n", "0 rows" },
		{ TWO "node distances:\nnode 0\n", "header" },
		{ TWO "node distances:\nnode 0 1 2\n", "header" },
		{ TWO "node distances:\nnode 0 7\n", "header" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 20\n", "1 rows" },
		{ TWO "node distances:\nnode 0 1\n 0: 10\n", "too few" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 20 30\n", "too many" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 20\n 0: 10 20\n", "second" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 20\n 2: 10 20\n", "row" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 20\n 1: 20 11\n", "itself" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 9\n 1: 20 10\n", "9" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 255\n 1: 20 10\n", "255" },
		{ TWO "node distances:\nnode 0 1\n 0: 10 20\n 1: 20 10\nmore\n", "row" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		struct bench_topology t = { };
		struct bench_why why = { };

		KUNIT_EXPECT_EQ_MSG(test, topology_parse_numactl(bad[i].text, &t, &why), -1,
				    "accepted: %s", bad[i].text);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why.text, bad[i].reason),
					  "\"%s\" lacks \"%s\"", why.text, bad[i].reason);
		KUNIT_EXPECT_NULL(test, t.cpu_node);
		KUNIT_EXPECT_NULL(test, strchr(why.text, '\n'));
	}
}

static void every_prefix_of_a_text_is_read_or_refused_without_harm(struct kunit *test)
{
	char *text = strdup(with_gaps);
	unsigned int accepted = 0;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (size_t len = strlen(text); len > 0; len--) {
		struct bench_topology t = { };
		struct bench_why why;

		text[len] = 0;
		if (topology_parse_numactl(text, &t, &why))
			continue;
		accepted++;
		topology_free(&t);
	}
	/*
	 * Whole; without its last newline; with the last distance shortened to 1, which
	 * is refused only if it is a diagonal one; and from the last node line up to the
	 * heading of the distances, where a text without distances is complete.
	 */
	KUNIT_EXPECT_GE(test, accepted, 3);
	KUNIT_EXPECT_LE(test, accepted, 8);
	free(text);
}

static void distances_may_be_asymmetric(struct kunit *test)
{
	struct bench_why why;
	unsigned int n;
	u8 *d = distances_parse("10,20;254,10", &n, &why);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_EQ(test, d[1], 20);
	KUNIT_EXPECT_EQ(test, d[2], 254);
	free(d);
}

static void malformed_distances_are_refused(struct kunit *test)
{
	static const char *const bad[] = {
		"", " ", ";", ";;", "10,20", "10;20", "10,20;20", "10,20;20,10;30,30",
		"10,,20;20,10", ",10,20;20,10", "10,20,;20,10", "10,20;;20,10",
		"11,20;20,10", "10,10;20,10", "10,9;20,10", "10,0;20,10", "10,255;20,10",
		"10,-20;20,10", "10,20.5;20,10", "10,2x;20,10", "10,0x20;20,10", "ten",
		"10,nan;20,10", "10,inf;20,10", "10,1e99;20,10", "10,99999999999999999999;20,10",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		struct bench_why why = { };
		unsigned int n;

		KUNIT_EXPECT_NULL_MSG(test, distances_parse(bad[i], &n, &why),
				      "accepted: \"%s\"", bad[i]);
		KUNIT_EXPECT_NE(test, why.text[0], 0);
	}
}

static void bandwidths_take_fractions_and_refuse_nothing_at_all(struct kunit *test)
{
	struct bench_why why;
	unsigned int n;
	double *b = bandwidths_parse("10.5 2.5\n2 10", &n, &why);

	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_TRUE(test, b[0] == 10.5 && b[1] == 2.5 && b[2] == 2 && b[3] == 10);
	free(b);
	KUNIT_EXPECT_NULL(test, bandwidths_parse("10,0;5,10", &n, &why));
	KUNIT_EXPECT_NULL(test, bandwidths_parse("10,-1;5,10", &n, &why));
	KUNIT_EXPECT_NULL(test, bandwidths_parse("10,1e7;5,10", &n, &why));
}

static void numbers_are_taken_whole_or_refused(struct kunit *test)
{
	static const char *const bad[] = {
		"", " 1", "+1", "-1", "1 ", "1x", "0x1", "1.0", "0", "65",
		"18446744073709551616", "99999999999999999999999",
	};
	struct bench_why why;
	u64 val = 7;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, number_parse("n", bad[i], 1, 64, &val, &why), -1,
				    "accepted: \"%s\"", bad[i]);
	KUNIT_EXPECT_EQ(test, val, 7);
	KUNIT_EXPECT_EQ(test, number_parse("n", "64", 1, 64, &val, &why), 0);
	KUNIT_EXPECT_EQ(test, val, 64);
}

static void sizes_know_their_suffixes(struct kunit *test)
{
	static const char *const bad[] = {
		"", "G", "1GG", "1Gi", "1 G", "-1G", "0", "0G", "1.5G", "1Q",
		"2000T", "99999999999999999999",
	};
	struct bench_why why;
	u64 val = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, bytes_parse("m", bad[i], &val, &why), -1,
				    "accepted: \"%s\"", bad[i]);
	KUNIT_EXPECT_EQ(test, bytes_parse("m", "3", &val, &why), 0);
	KUNIT_EXPECT_EQ(test, val, 3);
	KUNIT_EXPECT_EQ(test, bytes_parse("m", "3k", &val, &why), 0);
	KUNIT_EXPECT_EQ(test, val, 3072);
	KUNIT_EXPECT_EQ(test, bytes_parse("m", "2GiB", &val, &why), 0);
	KUNIT_EXPECT_EQ(test, val, 2ULL << 30);
	KUNIT_EXPECT_EQ(test, bytes_parse("m", "1TB", &val, &why), 0);
	KUNIT_EXPECT_EQ(test, val, 1ULL << 40);
}

static void the_far_node_is_far_and_used_once(struct kunit *test)
{
	/* A line of four nodes: 0 - 1 - 2 - 3 */
	struct bench_topology t = { .nr_nodes = 4, .nr_cpus = 4, .threads_per_core = 1 };
	unsigned int far[5], n, used = 0;
	struct bench_why why;

	t.distance = distances_parse("10,20,30,40;20,10,20,30;30,20,10,20;40,30,20,10", &n,
				     &why);
	topology_complete(&t, 1 << 20);
	topology_far(&t, far);
	KUNIT_EXPECT_EQ(test, far[0], 3);
	for (unsigned int i = 0; i < 4; i++) {
		KUNIT_EXPECT_NE(test, far[i], i);
		used |= 1 << far[i];
	}
	KUNIT_EXPECT_EQ(test, used, 15);
	topology_free(&t);
	/* Odd numbers have no pairs, and still nobody stays at home. */
	for (unsigned int nodes = 2; nodes <= 5; nodes++) {
		t = (struct bench_topology){ .nr_nodes = nodes, .nr_cpus = nodes,
					     .threads_per_core = 1 };
		topology_complete(&t, 1 << 20);
		topology_far(&t, far);
		used = 0;
		for (unsigned int i = 0; i < nodes; i++) {
			KUNIT_EXPECT_NE(test, far[i], i);
			used |= 1 << far[i];
		}
		KUNIT_EXPECT_EQ(test, used, (1 << nodes) - 1);
		topology_free(&t);
	}
}

static void a_node_without_memory_uses_its_nearest_neighbour(struct kunit *test)
{
	struct bench_topology t = { .nr_nodes = 3, .nr_cpus = 3, .threads_per_core = 1 };
	struct bench_why why;
	unsigned int n;

	t.distance = distances_parse("10,30,20;30,10,20;20,20,10", &n, &why);
	topology_complete(&t, 1 << 20);
	t.node_bytes[0] = 0;
	KUNIT_EXPECT_EQ(test, topology_nearest(&t, 0), 2);
	KUNIT_EXPECT_EQ(test, topology_nearest(&t, 1), 1);
	KUNIT_EXPECT_EQ(test, topology_first_node(&t), 1);
	topology_free(&t);
}

static struct kunit_case topology_cases[] = {
	KUNIT_CASE(numactl_text_gives_nodes_cpus_memory_and_distances),
	KUNIT_CASE(gaps_in_node_and_cpu_numbers_are_closed_up),
	KUNIT_CASE(missing_distances_get_the_default),
	KUNIT_CASE(malformed_numactl_texts_are_refused_with_the_reason),
	KUNIT_CASE(every_prefix_of_a_text_is_read_or_refused_without_harm),
	KUNIT_CASE(distances_may_be_asymmetric),
	KUNIT_CASE(malformed_distances_are_refused),
	KUNIT_CASE(bandwidths_take_fractions_and_refuse_nothing_at_all),
	KUNIT_CASE(numbers_are_taken_whole_or_refused),
	KUNIT_CASE(sizes_know_their_suffixes),
	KUNIT_CASE(the_far_node_is_far_and_used_once),
	KUNIT_CASE(a_node_without_memory_uses_its_nearest_neighbour),
	{}
};

static struct kunit_suite topology_suite = {
	.name = "bench_topology",
	.test_cases = topology_cases,
};
kunit_test_suite(topology_suite);
kunit_machine_free(topology_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * Bitmaps and their searches, against one bool per bit. No machine.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/prandom.h>

#define NBITS 200

struct model {
	DECLARE_BITMAP(map, NBITS);
	bool bits[NBITS];
};

static void fill(struct model *m, struct rnd_state *rnd, unsigned int one_in)
{
	bitmap_zero(m->map, NBITS);
	for (int i = 0; i < NBITS; i++) {
		m->bits[i] = prandom_u32_state(rnd) % one_in == 0;
		if (m->bits[i])
			__set_bit(i, m->map);
	}
}

static int model_next(const struct model *m, int from, bool value)
{
	while (from < NBITS && m->bits[from] != value)
		from++;
	return min(from, NBITS);
}

static void searches_find_what_a_linear_search_finds(struct kunit *test)
{
	struct rnd_state rnd;
	struct model a, b;

	prandom_seed_state(&rnd, 1);
	for (int round = 0; round < 50; round++) {
		fill(&a, &rnd, 1 + round);
		fill(&b, &rnd, 3);
		for (int i = 0; i <= NBITS; i++) {
			int and = i, andnot = i, or = i;

			while (and < NBITS && !(a.bits[and] && b.bits[and]))
				and++;
			while (andnot < NBITS && !(a.bits[andnot] && !b.bits[andnot]))
				andnot++;
			while (or < NBITS && !(a.bits[or] || b.bits[or]))
				or++;
			KUNIT_EXPECT_EQ(test, find_next_bit(a.map, NBITS, i), model_next(&a, i, true));
			KUNIT_EXPECT_EQ(test, find_next_zero_bit(a.map, NBITS, i),
					model_next(&a, i, false));
			KUNIT_EXPECT_EQ(test, find_next_and_bit(a.map, b.map, NBITS, i), and);
			KUNIT_EXPECT_EQ(test, find_next_andnot_bit(a.map, b.map, NBITS, i), andnot);
			KUNIT_EXPECT_EQ(test, find_next_or_bit(a.map, b.map, NBITS, i), or);
		}
	}
}

static void bits_beyond_the_size_are_not_found(struct kunit *test)
{
	DECLARE_BITMAP(map, 128) = { 0, 1UL << 10 };

	KUNIT_EXPECT_EQ(test, find_first_bit(map, 128), 74);
	KUNIT_EXPECT_EQ(test, find_first_bit(map, 74), 74);
	KUNIT_EXPECT_EQ(test, find_last_bit(map, 74), 74);
	KUNIT_EXPECT_EQ(test, find_last_bit(map, 75), 74);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(map, 74));
	KUNIT_EXPECT_EQ(test, bitmap_weight(map, 74), 0);
	KUNIT_EXPECT_EQ(test, bitmap_weight(map, 75), 1);
}

static void set_operations_match_one_bool_per_bit(struct kunit *test)
{
	DECLARE_BITMAP(out, NBITS);
	struct rnd_state rnd;
	struct model a, b;
	int weight = 0;

	prandom_seed_state(&rnd, 2);
	fill(&a, &rnd, 2);
	fill(&b, &rnd, 2);
	bitmap_and(out, a.map, b.map, NBITS);
	for (int i = 0; i < NBITS; i++)
		KUNIT_EXPECT_EQ(test, test_bit(i, out), a.bits[i] && b.bits[i]);
	bitmap_or(out, a.map, b.map, NBITS);
	for (int i = 0; i < NBITS; i++)
		KUNIT_EXPECT_EQ(test, test_bit(i, out), a.bits[i] || b.bits[i]);
	bitmap_xor(out, a.map, b.map, NBITS);
	for (int i = 0; i < NBITS; i++)
		KUNIT_EXPECT_EQ(test, test_bit(i, out), a.bits[i] != b.bits[i]);
	bitmap_andnot(out, a.map, b.map, NBITS);
	for (int i = 0; i < NBITS; i++)
		KUNIT_EXPECT_EQ(test, test_bit(i, out), a.bits[i] && !b.bits[i]);
	KUNIT_EXPECT_TRUE(test, bitmap_subset(out, a.map, NBITS));
	KUNIT_EXPECT_FALSE(test, bitmap_intersects(out, b.map, NBITS));
	for (int i = 0; i < NBITS; i++)
		weight += a.bits[i];
	KUNIT_EXPECT_EQ(test, bitmap_weight(a.map, NBITS), weight);
}

static void walks_that_wrap_visit_each_bit_once(struct kunit *test)
{
	struct rnd_state rnd;
	struct model a;
	int bit, seen[NBITS] = {};

	prandom_seed_state(&rnd, 3);
	fill(&a, &rnd, 4);
	for_each_set_bit_wrap(bit, a.map, NBITS, 77)
		seen[bit]++;
	for (int i = 0; i < NBITS; i++)
		KUNIT_EXPECT_EQ(test, seen[i], a.bits[i]);
}

static void lists_are_printed_and_parsed(struct kunit *test)
{
	DECLARE_BITMAP(map, NBITS);
	char text[64];

	KUNIT_EXPECT_EQ(test, bitmap_parselist("0-3,7 , 190-199\n", map, NBITS), 0);
	snprintf(text, sizeof(text), "%*pbl|", NBITS, map);
	KUNIT_EXPECT_STREQ(test, text, "0-3,7,190-199|");
	snprintf(text, sizeof(text), "%*pb", 36, map);
	KUNIT_EXPECT_STREQ(test, text, "0,0000008f");
	KUNIT_EXPECT_EQ(test, bitmap_parselist("200", map, NBITS), -ERANGE);
	KUNIT_EXPECT_EQ(test, bitmap_parselist("5-2", map, NBITS), -EINVAL);
	KUNIT_EXPECT_EQ(test, bitmap_parselist("3-", map, NBITS), -EINVAL);
	KUNIT_EXPECT_EQ(test, bitmap_parselist("x", map, NBITS), -EINVAL);
	KUNIT_EXPECT_EQ(test, bitmap_parselist("4294967294", map, NBITS), -ERANGE);
	KUNIT_EXPECT_EQ(test, bitmap_parselist("4294967295", map, NBITS), -EINVAL);
	KUNIT_EXPECT_EQ(test, bitmap_parselist("4294967296", map, NBITS), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, bitmap_parselist("", map, NBITS), 0);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(map, NBITS));
}

static void zero_areas_are_aligned_and_large_enough(struct kunit *test)
{
	DECLARE_BITMAP(map, NBITS);

	bitmap_zero(map, NBITS);
	bitmap_set(map, 3, 10);
	KUNIT_EXPECT_EQ(test, bitmap_find_next_zero_area(map, NBITS, 0, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, bitmap_find_next_zero_area(map, NBITS, 0, 4, 0), 13);
	KUNIT_EXPECT_EQ(test, bitmap_find_next_zero_area(map, NBITS, 0, 4, 7), 16);
	KUNIT_EXPECT_GT(test, bitmap_find_next_zero_area(map, NBITS, 0, NBITS, 0), NBITS);
}

static struct kunit_case bitmap_cases[] = {
	KUNIT_CASE(searches_find_what_a_linear_search_finds),
	KUNIT_CASE(bits_beyond_the_size_are_not_found),
	KUNIT_CASE(set_operations_match_one_bool_per_bit),
	KUNIT_CASE(walks_that_wrap_visit_each_bit_once),
	KUNIT_CASE(lists_are_printed_and_parsed),
	KUNIT_CASE(zero_areas_are_aligned_and_large_enough),
	{}
};

static struct kunit_suite bitmap_suite = {
	.name = "bitmap",
	.test_cases = bitmap_cases,
};
kunit_test_suite(bitmap_suite);
kunit_machine_free(bitmap_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * What knobs of sysfs rely on: which text is a number, and what is said about the rest.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>

#define UNTOUCHED	77

struct text {
	const char *s;
	unsigned int base;
	int err;
	unsigned int value;
};

static const struct text texts[] = {
	{ "0", 10, 0, 0 }, { "7\n", 10, 0, 7 }, { "+7", 10, 0, 7 }, { "007", 10, 0, 7 },
	{ "4294967295", 10, 0, UINT_MAX },
	{ "4294967296", 10, -ERANGE }, { "18446744073709551616", 10, -ERANGE },
	{ "", 10, -EINVAL }, { "\n", 10, -EINVAL }, { "-", 10, -EINVAL }, { "+", 10, -EINVAL },
	{ "-0", 10, -EINVAL }, { "-1", 10, -EINVAL }, { "++1", 10, -EINVAL },
	{ " 1", 10, -EINVAL }, { "1 ", 10, -EINVAL }, { "1\n\n", 10, -EINVAL },
	{ "1\n1", 10, -EINVAL }, { "1.0", 10, -EINVAL }, { "1e1", 10, -EINVAL },
	{ "4294967296x", 10, -EINVAL }, { "0x", 16, -EINVAL }, { "0x10", 10, -EINVAL },
	{ "0x10", 0, 0, 16 }, { "0X1f", 0, 0, 31 }, { "1F", 16, 0, 31 }, { "0x1F", 16, 0, 31 },
	{ "010", 0, 0, 8 }, { "08", 0, -EINVAL }, { "10", 2, 0, 2 }, { "12", 2, -EINVAL },
};

static void texts_are_numbers_or_refused(struct kunit *test)
{
	unsigned int i, value;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		value = UNTOUCHED;
		KUNIT_EXPECT_EQ_MSG(test, kstrtouint(texts[i].s, texts[i].base, &value),
				    texts[i].err, "'%s' base %u", texts[i].s, texts[i].base);
		KUNIT_EXPECT_EQ_MSG(test, value, texts[i].err ? UNTOUCHED : texts[i].value,
				    "'%s' base %u", texts[i].s, texts[i].base);
	}
}

static void signed_numbers_may_be_negative(struct kunit *test)
{
	long l = UNTOUCHED;
	int i = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, kstrtoint("-2147483648", 10, &i), 0);
	KUNIT_EXPECT_EQ(test, i, INT_MIN);
	KUNIT_EXPECT_EQ(test, kstrtoint("2147483648", 10, &i), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtoint("-2147483649", 10, &i), -ERANGE);
	KUNIT_EXPECT_EQ(test, i, INT_MIN);
	KUNIT_EXPECT_EQ(test, kstrtoint("-0x10", 16, &i), 0);
	KUNIT_EXPECT_EQ(test, i, -16);
	KUNIT_EXPECT_EQ(test, kstrtoint("--1", 10, &i), -EINVAL);
	KUNIT_EXPECT_EQ(test, kstrtol("-9223372036854775808", 10, &l), 0);
	KUNIT_EXPECT_EQ(test, l, LONG_MIN);
	KUNIT_EXPECT_EQ(test, kstrtol("9223372036854775808", 10, &l), -ERANGE);
}

static void small_types_refuse_large_numbers(struct kunit *test)
{
	u8 b = UNTOUCHED;
	u16 h = UNTOUCHED;

	KUNIT_EXPECT_EQ(test, kstrtou8("256", 10, &b), -ERANGE);
	KUNIT_EXPECT_EQ(test, b, UNTOUCHED);
	KUNIT_EXPECT_EQ(test, kstrtou8("255", 10, &b), 0);
	KUNIT_EXPECT_EQ(test, b, 255);
	KUNIT_EXPECT_EQ(test, kstrtou16("65536", 10, &h), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtou16("65535", 10, &h), 0);
	KUNIT_EXPECT_EQ(test, h, 65535);
}

static void truth_is_told_by_the_first_letters(struct kunit *test)
{
	static const char * const yes[] = { "1", "y", "Y", "t", "T", "on", "On", "yes", "true" };
	static const char * const no[] = { "0", "n", "N", "f", "F", "off", "oF", "no", "false" };
	static const char * const neither[] = { "", "2", "o", "ox", "-1", " 1", "\n" };
	unsigned int i;
	bool b;

	for (i = 0; i < ARRAY_SIZE(yes); i++) {
		b = false;
		KUNIT_EXPECT_EQ_MSG(test, kstrtobool(yes[i], &b), 0, "%s", yes[i]);
		KUNIT_EXPECT_TRUE_MSG(test, b, "%s", yes[i]);
	}
	for (i = 0; i < ARRAY_SIZE(no); i++) {
		b = true;
		KUNIT_EXPECT_EQ_MSG(test, kstrtobool(no[i], &b), 0, "%s", no[i]);
		KUNIT_EXPECT_FALSE_MSG(test, b, "%s", no[i]);
	}
	for (i = 0; i < ARRAY_SIZE(neither); i++)
		KUNIT_EXPECT_EQ_MSG(test, kstrtobool(neither[i], &b), -EINVAL, "%s", neither[i]);
	KUNIT_EXPECT_EQ(test, kstrtobool(NULL, &b), -EINVAL);
}

static struct kunit_case kstrtox_cases[] = {
	KUNIT_CASE(texts_are_numbers_or_refused),
	KUNIT_CASE(signed_numbers_may_be_negative),
	KUNIT_CASE(small_types_refuse_large_numbers),
	KUNIT_CASE(truth_is_told_by_the_first_letters),
	{}
};

static struct kunit_suite kstrtox_suite = {
	.name = "conformance_kstrtox",
	.test_cases = kstrtox_cases,
};
kunit_test_suite(kstrtox_suite);

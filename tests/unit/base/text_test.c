// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers, strings and formats. No machine.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/sort.h>
#include <linux/string_choices.h>

struct number {
	const char *text;
	unsigned int base;
	int ret;
	unsigned long long value;
};

static const struct number numbers[] = {
	{ "0", 0, 0, 0 },
	{ "42", 0, 0, 42 },
	{ "42\n", 0, 0, 42 },
	{ "+42", 0, 0, 42 },
	{ "0x2a", 0, 0, 42 },
	{ "0X2A", 16, 0, 42 },
	{ "2a", 16, 0, 42 },
	{ "052", 0, 0, 42 },
	{ "052", 10, 0, 52 },
	{ "18446744073709551615", 0, 0, ~0ULL },
	{ "18446744073709551616", 0, -ERANGE },
	{ "99999999999999999999999", 10, -ERANGE },
	{ "", 0, -EINVAL },
	{ "\n", 0, -EINVAL },
	{ "+", 0, -EINVAL },
	{ "-1", 0, -EINVAL },
	{ "+-1", 0, -EINVAL },
	{ " 1", 0, -EINVAL },
	{ "1 ", 0, -EINVAL },
	{ "1\n\n", 0, -EINVAL },
	{ "0x", 0, -EINVAL },
	{ "0x", 16, -EINVAL },
	{ "08", 0, -EINVAL },
	{ "12abc", 10, -EINVAL },
	{ "1k", 0, -EINVAL },
	{ "0b1", 0, -EINVAL },
};

static void number_desc(const struct number *n, char *desc)
{
	char quoted[64];

	strscpy(quoted, n->text);
	strreplace(quoted, '\n', 'n');
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "'%s' base %u", quoted, n->base);
}
KUNIT_ARRAY_PARAM(number, numbers, number_desc);

static void kstrtoull_reads_like_the_kernel(struct kunit *test)
{
	const struct number *n = test->param_value;
	unsigned long long value = 0x1234;

	KUNIT_EXPECT_EQ(test, kstrtoull(n->text, n->base, &value), n->ret);
	KUNIT_EXPECT_EQ(test, value, n->ret ? 0x1234 : n->value);
}

static void narrower_types_refuse_what_does_not_fit(struct kunit *test)
{
	unsigned int u;
	long l;
	int i;
	u8 b;
	s8 s;

	KUNIT_EXPECT_EQ(test, kstrtouint("4294967295", 0, &u), 0);
	KUNIT_EXPECT_EQ(test, u, UINT_MAX);
	KUNIT_EXPECT_EQ(test, kstrtouint("4294967296", 0, &u), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtoint("-2147483648", 0, &i), 0);
	KUNIT_EXPECT_EQ(test, i, INT_MIN);
	KUNIT_EXPECT_EQ(test, kstrtoint("2147483648", 0, &i), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtol("-9223372036854775808", 0, &l), 0);
	KUNIT_EXPECT_EQ(test, l, LONG_MIN);
	KUNIT_EXPECT_EQ(test, kstrtol("-9223372036854775809", 0, &l), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtou8("255", 0, &b), 0);
	KUNIT_EXPECT_EQ(test, kstrtou8("256", 0, &b), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtos8("-128", 0, &s), 0);
	KUNIT_EXPECT_EQ(test, kstrtos8("128", 0, &s), -ERANGE);
	KUNIT_EXPECT_EQ(test, kstrtoint("--1", 0, &i), -EINVAL);
}

static void truth_values_are_known_by_their_first_letters(struct kunit *test)
{
	static const char *const yes[] = { "y", "Y", "1", "on", "ON", "true", "yes\n" };
	static const char *const no[] = { "n", "N", "0", "off", "oF", "false", "no\n" };
	static const char *const bad[] = { "", "2", "o", "ox", "x", "\n", "enabled" };
	bool v;

	for (int i = 0; i < ARRAY_SIZE(yes); i++) {
		v = false;
		KUNIT_EXPECT_EQ_MSG(test, kstrtobool(yes[i], &v), 0, "%s", yes[i]);
		KUNIT_EXPECT_TRUE(test, v);
	}
	for (int i = 0; i < ARRAY_SIZE(no); i++) {
		v = true;
		KUNIT_EXPECT_EQ_MSG(test, kstrtobool(no[i], &v), 0, "%s", no[i]);
		KUNIT_EXPECT_FALSE(test, v);
	}
	for (int i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, kstrtobool(bad[i], &v), -EINVAL, "'%s'", bad[i]);
}

static void memparse_knows_units(struct kunit *test)
{
	char *end;

	KUNIT_EXPECT_EQ(test, memparse("64M,", &end), 64ULL << 20);
	KUNIT_EXPECT_STREQ(test, end, ",");
	KUNIT_EXPECT_EQ(test, memparse("0x10k", NULL), 0x10 << 10);
	KUNIT_EXPECT_EQ(test, memparse("3", NULL), 3);
}

static void strscpy_always_ends_the_copy(struct kunit *test)
{
	char buf[4] = "xxx";

	KUNIT_EXPECT_EQ(test, strscpy(buf, "abc"), 3);
	KUNIT_EXPECT_STREQ(test, buf, "abc");
	memset(buf, 'x', sizeof(buf));
	KUNIT_EXPECT_EQ(test, strscpy(buf, "abcd"), -E2BIG);
	KUNIT_EXPECT_STREQ(test, buf, "abc");
	KUNIT_EXPECT_EQ(test, strscpy(buf, "a", 0), -E2BIG);
	KUNIT_EXPECT_EQ(test, strscpy_pad(buf, "z"), 1);
	KUNIT_EXPECT_MEMEQ(test, buf, "z\0\0", 4);
}

static void strings_are_trimmed_and_compared_like_sysfs_does(struct kunit *test)
{
	static const char *const words[] = { "never", "always", NULL };
	char text[] = " \t a b \n";

	KUNIT_EXPECT_STREQ(test, strim(text), "a b");
	KUNIT_EXPECT_TRUE(test, sysfs_streq("on\n", "on"));
	KUNIT_EXPECT_TRUE(test, sysfs_streq("on", "on\n"));
	KUNIT_EXPECT_FALSE(test, sysfs_streq("on\n\n", "on"));
	KUNIT_EXPECT_FALSE(test, sysfs_streq("o", "on"));
	KUNIT_EXPECT_EQ(test, sysfs_match_string(words, "always\n"), 1);
	KUNIT_EXPECT_EQ(test, sysfs_match_string(words, "maybe"), -EINVAL);
	KUNIT_EXPECT_STREQ(test, kbasename("a/b/c.c"), "c.c");
	KUNIT_EXPECT_STREQ(test, kbasename("c.c"), "c.c");
	KUNIT_EXPECT_EQ(test, str_has_prefix("scan_sleep", "scan_"), 5);
}

static void memchr_inv_finds_the_first_other_byte(struct kunit *test)
{
	u8 buf[100];

	memset(buf, 0x6b, sizeof(buf));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf, 0x6b, sizeof(buf)));
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(buf, 0, sizeof(buf)), &buf[0]);
	for (int i = 0; i < sizeof(buf); i++) {
		buf[i] = 1;
		KUNIT_EXPECT_PTR_EQ(test, memchr_inv(buf, 0x6b, sizeof(buf)), &buf[i]);
		buf[i] = 0x6b;
	}
}

static void formats_are_the_kernels(struct kunit *test)
{
	char buf[128];

	KUNIT_EXPECT_EQ(test, snprintf(buf, 4, "%d", 123456), 6);
	KUNIT_EXPECT_STREQ(test, buf, "123");
	KUNIT_EXPECT_EQ(test, scnprintf(buf, 4, "%d", 123456), 3);
	KUNIT_EXPECT_EQ(test, scnprintf(buf, 0, "%d", 1), 0);
	snprintf(buf, sizeof(buf), "%-5s|%5s|%.2s|%*d|%-*d|", "ab", "cd", "efgh", 4, 7, 3, 8);
	KUNIT_EXPECT_STREQ(test, buf, "ab   |   cd|ef|   7|8  |");
	snprintf(buf, sizeof(buf), "%#x %08lx %llu %hhd %zu %c%%", 255, 0xabcUL, ~0ULL, (s8)-1,
		 sizeof(int), 'z');
	KUNIT_EXPECT_STREQ(test, buf, "0xff 00000abc 18446744073709551615 -1 4 z%");
	snprintf(buf, sizeof(buf), "%pe %pe", ERR_PTR(-ENOMEM), ERR_PTR(-ENOENT));
	KUNIT_EXPECT_STREQ(test, buf, "-ENOMEM -ENOENT");
	snprintf(buf, sizeof(buf), "%ps", kstrtoull);
	KUNIT_EXPECT_STREQ(test, buf, "kstrtoull");
	snprintf(buf, sizeof(buf), "%px", (void *)0x12ab);
	KUNIT_EXPECT_STREQ(test, buf, "00000000000012ab");
}

static int cmp_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void sort_sorts(struct kunit *test)
{
	int a[100];

	for (int n = 0; n < ARRAY_SIZE(a); n++) {
		for (int i = 0; i < n; i++)
			a[i] = i * 37 % 23;
		sort(a, n, sizeof(a[0]), cmp_int, NULL);
		for (int i = 1; i < n; i++)
			KUNIT_EXPECT_LE(test, a[i - 1], a[i]);
	}
}

static void int_sqrt_rounds_down(struct kunit *test)
{
	for (unsigned long i = 0; i < 1000; i++) {
		KUNIT_EXPECT_EQ(test, int_sqrt(i * i), i);
		KUNIT_EXPECT_EQ(test, int_sqrt(i * i + 2 * i), i);
	}
	KUNIT_EXPECT_EQ(test, int_sqrt(ULONG_MAX), 0xffffffff);
}

static struct kunit_case text_cases[] = {
	KUNIT_CASE_PARAM(kstrtoull_reads_like_the_kernel, number_gen_params),
	KUNIT_CASE(narrower_types_refuse_what_does_not_fit),
	KUNIT_CASE(truth_values_are_known_by_their_first_letters),
	KUNIT_CASE(memparse_knows_units),
	KUNIT_CASE(strscpy_always_ends_the_copy),
	KUNIT_CASE(strings_are_trimmed_and_compared_like_sysfs_does),
	KUNIT_CASE(memchr_inv_finds_the_first_other_byte),
	KUNIT_CASE(formats_are_the_kernels),
	KUNIT_CASE(sort_sorts),
	KUNIT_CASE(int_sqrt_rounds_down),
	{}
};

static struct kunit_suite text_suite = {
	.name = "text",
	.test_cases = text_cases,
};
kunit_test_suite(text_suite);
kunit_machine_free(text_suite);

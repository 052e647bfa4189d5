/* SPDX-License-Identifier: GPL-2.0 */
/* same: KUNIT_EXPECT_*() go on after a failure, KUNIT_ASSERT_*() end the case. Included by kunit/test.h. */
#ifndef _KUNIT_ASSERTIONS_H
#define _KUNIT_ASSERTIONS_H

#define KUNIT_EXPECT_TRUE(test, cond) \
	KUNIT_EXPECT_TRUE_MSG(test, cond, "%s", "")
#define KUNIT_EXPECT_TRUE_MSG(test, cond, fmt, ...) \
	__KUNIT_UNARY(test, false, cond, true, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_FALSE(test, cond) \
	KUNIT_EXPECT_FALSE_MSG(test, cond, "%s", "")
#define KUNIT_EXPECT_FALSE_MSG(test, cond, fmt, ...) \
	__KUNIT_UNARY(test, false, cond, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_EQ(test, l, r) \
	KUNIT_EXPECT_EQ_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_EQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, false, l, ==, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NE(test, l, r) \
	KUNIT_EXPECT_NE_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_NE_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, false, l, !=, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_LT(test, l, r) \
	KUNIT_EXPECT_LT_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_LT_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, false, l, <, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_LE(test, l, r) \
	KUNIT_EXPECT_LE_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_LE_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, false, l, <=, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_GT(test, l, r) \
	KUNIT_EXPECT_GT_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_GT_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, false, l, >, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_GE(test, l, r) \
	KUNIT_EXPECT_GE_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_GE_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, false, l, >=, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(test, l, r) \
	KUNIT_EXPECT_PTR_EQ_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_PTR_EQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_PTR(test, false, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE(test, l, r) \
	KUNIT_EXPECT_PTR_NE_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_PTR_NE_MSG(test, l, r, fmt, ...) \
	__KUNIT_PTR(test, false, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NULL(test, ptr) \
	KUNIT_EXPECT_NULL_MSG(test, ptr, "%s", "")
#define KUNIT_EXPECT_NULL_MSG(test, ptr, fmt, ...) \
	__KUNIT_PTR(test, false, ptr, ==, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL(test, ptr) \
	KUNIT_EXPECT_NOT_NULL_MSG(test, ptr, "%s", "")
#define KUNIT_EXPECT_NOT_NULL_MSG(test, ptr, fmt, ...) \
	__KUNIT_PTR(test, false, ptr, !=, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_STREQ(test, l, r) \
	KUNIT_EXPECT_STREQ_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_STREQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_STR(test, false, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_STRNEQ(test, l, r) \
	KUNIT_EXPECT_STRNEQ_MSG(test, l, r, "%s", "")
#define KUNIT_EXPECT_STRNEQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_STR(test, false, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMEQ(test, l, r, size) \
	KUNIT_EXPECT_MEMEQ_MSG(test, l, r, size, "%s", "")
#define KUNIT_EXPECT_MEMEQ_MSG(test, l, r, size, fmt, ...) \
	__KUNIT_MEM(test, false, l, ==, r, size, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMNEQ(test, l, r, size) \
	KUNIT_EXPECT_MEMNEQ_MSG(test, l, r, size, "%s", "")
#define KUNIT_EXPECT_MEMNEQ_MSG(test, l, r, size, fmt, ...) \
	__KUNIT_MEM(test, false, l, !=, r, size, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(test, ptr) \
	KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(test, ptr, "%s", "")
#define KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(test, ptr, fmt, ...) \
	__KUNIT_NOT_ERR(test, false, ptr, fmt, ##__VA_ARGS__)

#define KUNIT_ASSERT_TRUE(test, cond) \
	KUNIT_ASSERT_TRUE_MSG(test, cond, "%s", "")
#define KUNIT_ASSERT_TRUE_MSG(test, cond, fmt, ...) \
	__KUNIT_UNARY(test, true, cond, true, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_FALSE(test, cond) \
	KUNIT_ASSERT_FALSE_MSG(test, cond, "%s", "")
#define KUNIT_ASSERT_FALSE_MSG(test, cond, fmt, ...) \
	__KUNIT_UNARY(test, true, cond, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_EQ(test, l, r) \
	KUNIT_ASSERT_EQ_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_EQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, true, l, ==, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NE(test, l, r) \
	KUNIT_ASSERT_NE_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_NE_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, true, l, !=, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_LT(test, l, r) \
	KUNIT_ASSERT_LT_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_LT_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, true, l, <, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_LE(test, l, r) \
	KUNIT_ASSERT_LE_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_LE_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, true, l, <=, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_GT(test, l, r) \
	KUNIT_ASSERT_GT_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_GT_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, true, l, >, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_GE(test, l, r) \
	KUNIT_ASSERT_GE_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_GE_MSG(test, l, r, fmt, ...) \
	__KUNIT_BINARY(test, true, l, >=, r, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_EQ(test, l, r) \
	KUNIT_ASSERT_PTR_EQ_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_PTR_EQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_PTR(test, true, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_NE(test, l, r) \
	KUNIT_ASSERT_PTR_NE_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_PTR_NE_MSG(test, l, r, fmt, ...) \
	__KUNIT_PTR(test, true, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NULL(test, ptr) \
	KUNIT_ASSERT_NULL_MSG(test, ptr, "%s", "")
#define KUNIT_ASSERT_NULL_MSG(test, ptr, fmt, ...) \
	__KUNIT_PTR(test, true, ptr, ==, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL(test, ptr) \
	KUNIT_ASSERT_NOT_NULL_MSG(test, ptr, "%s", "")
#define KUNIT_ASSERT_NOT_NULL_MSG(test, ptr, fmt, ...) \
	__KUNIT_PTR(test, true, ptr, !=, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_STREQ(test, l, r) \
	KUNIT_ASSERT_STREQ_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_STREQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_STR(test, true, l, ==, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_STRNEQ(test, l, r) \
	KUNIT_ASSERT_STRNEQ_MSG(test, l, r, "%s", "")
#define KUNIT_ASSERT_STRNEQ_MSG(test, l, r, fmt, ...) \
	__KUNIT_STR(test, true, l, !=, r, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMEQ(test, l, r, size) \
	KUNIT_ASSERT_MEMEQ_MSG(test, l, r, size, "%s", "")
#define KUNIT_ASSERT_MEMEQ_MSG(test, l, r, size, fmt, ...) \
	__KUNIT_MEM(test, true, l, ==, r, size, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMNEQ(test, l, r, size) \
	KUNIT_ASSERT_MEMNEQ_MSG(test, l, r, size, "%s", "")
#define KUNIT_ASSERT_MEMNEQ_MSG(test, l, r, size, fmt, ...) \
	__KUNIT_MEM(test, true, l, !=, r, size, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ptr) \
	KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, ptr, "%s", "")
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, ptr, fmt, ...) \
	__KUNIT_NOT_ERR(test, true, ptr, fmt, ##__VA_ARGS__)

#endif /* _KUNIT_ASSERTIONS_H */

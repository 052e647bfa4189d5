/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KUnit.
 *
 * same: suites, cases, parameters, expectations, assertions, managed memory and actions
 * are spelled and behave as in Linux 6.12; see Documentation/dev-tools/kunit there.
 * model: suites run from main() of a test program, on top of cmocka.  For each case the
 * runner boots a machine (by default 4 nodes with 2 CPUs and 64 MiB each), runs init, the
 * case and exit in a kthread, and shuts the machine down, which looks for leaks.
 *
 * Not in the kernel:
 *	kunit_machine_config(suite, config)	boot this machine instead
 *	kunit_machine_free(suite)		no machine: the case runs on main()'s
 *						thread and may use only what needs no task
 *
 * Options of a test program: --list, --filter GLOB (suite.case), -v, --seed N.
 */
#ifndef _KUNIT_TEST_H
#define _KUNIT_TEST_H

#include <linux/array_size.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/types.h>
#include <machine/machine.h>

struct kunit;
struct task_struct;

enum kunit_status {
	KUNIT_SUCCESS,
	KUNIT_FAILURE,
	KUNIT_SKIPPED,
};

enum kunit_speed {
	KUNIT_SPEED_UNSET,
	KUNIT_SPEED_VERY_SLOW,
	KUNIT_SPEED_SLOW,
	KUNIT_SPEED_NORMAL,
};

/*
 * Of this shim only. Under ASan, TSan and valgrind, which are some three, ten and fifty times
 * slower, and in a search, which repeats it, a case that tries many things tries @few of them only.
 */
bool kunit_is_slow(void);
#define kunit_amount(all, few)	(kunit_is_slow() ? (few) : (all))

struct kunit_attributes {
	enum kunit_speed speed;
};

#define KUNIT_PARAM_DESC_SIZE 128
#define KUNIT_STATUS_COMMENT_SIZE 256

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
	struct kunit_attributes attr;
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_attributes attr;
};

/* The case that runs. @priv is the suite's; the rest is the runner's. */
struct kunit {
	void *priv;
	const char *name;
	const void *param_value;
	int param_index;
	char param_desc[KUNIT_PARAM_DESC_SIZE];
	enum kunit_status status;
	char status_comment[KUNIT_STATUS_COMMENT_SIZE];
	struct list_head resources;
	struct task_struct *task;	/* runs the case; NULL without a machine */
	void *abort_context;		/* a jmp_buf */
};

#define KUNIT_CASE(test_name) \
	{ .run_case = test_name, .name = #test_name }
#define KUNIT_CASE_ATTR(test_name, attributes) \
	{ .run_case = test_name, .name = #test_name, .attr = attributes }
#define KUNIT_CASE_SLOW(test_name) \
	{ .run_case = test_name, .name = #test_name, .attr.speed = KUNIT_SPEED_SLOW }
#define KUNIT_CASE_PARAM(test_name, gen_params) \
	{ .run_case = test_name, .name = #test_name, .generate_params = gen_params }
#define KUNIT_CASE_PARAM_ATTR(test_name, gen_params, attributes) \
	{ .run_case = test_name, .name = #test_name, .generate_params = gen_params, \
	  .attr = attributes }

/* Generator over an array; get_desc(param, desc) names each. */
#define KUNIT_ARRAY_PARAM(name, array, get_desc)				\
	static const void *name##_gen_params(const void *prev, char *desc)	\
	{									\
		typeof((array)[0]) *__next = prev ?				\
			((typeof(__next))prev) + 1 : (array);			\
		void (*__desc)(typeof(__next), char *) = get_desc;		\
										\
		if (__next - (array) >= ARRAY_SIZE(array))			\
			return NULL;						\
		if (__desc)							\
			__desc(__next, desc);					\
		return __next;							\
	}
/* The member @desc_member names each. */
#define KUNIT_ARRAY_PARAM_DESC(name, array, desc_member)			\
	static const void *name##_gen_params(const void *prev, char *desc)	\
	{									\
		typeof((array)[0]) *__next = prev ?				\
			((typeof(__next))prev) + 1 : (array);			\
										\
		if (__next - (array) >= ARRAY_SIZE(array))			\
			return NULL;						\
		strscpy(desc, __next->desc_member, KUNIT_PARAM_DESC_SIZE);	\
		return __next;							\
	}

#define __kunit_suite_entry(suite, id)						\
	static struct kunit_suite *__PASTE(__kunit_suite_, id)			\
	__used __no_reorder __section("kunit_suites") = &(suite)
#define kunit_test_suite(suite) __kunit_suite_entry(suite, __COUNTER__)
#define __kunit_each_0()
#define __kunit_each_1(s) kunit_test_suite(*(s))
#define __kunit_each_2(s, ...) kunit_test_suite(*(s)); __kunit_each_1(__VA_ARGS__)
#define __kunit_each_3(s, ...) kunit_test_suite(*(s)); __kunit_each_2(__VA_ARGS__)
#define __kunit_each_4(s, ...) kunit_test_suite(*(s)); __kunit_each_3(__VA_ARGS__)
#define __kunit_each_5(s, ...) kunit_test_suite(*(s)); __kunit_each_4(__VA_ARGS__)
#define __kunit_each_6(s, ...) kunit_test_suite(*(s)); __kunit_each_5(__VA_ARGS__)
#define __kunit_nr(_1, _2, _3, _4, _5, _6, n, ...) n
/* Up to six pointers to suites. */
#define kunit_test_suites(...)							\
	__PASTE(__kunit_each_, __kunit_nr(__VA_ARGS__, 6, 5, 4, 3, 2, 1))(__VA_ARGS__)

/* Which machine a suite runs on; NULL: none. One entry of section "kunit_machines". */
struct kunit_machine {
	struct kunit_suite *suite;
	const struct machine_config *config;
};
#define __kunit_machine(s, c, id)						\
	static const struct kunit_machine __PASTE(__kunit_machine_, id)		\
	__used __no_reorder __section("kunit_machines") __aligned(8) = { .suite = &(s), .config = (c) }
#define kunit_machine_config(suite, config) __kunit_machine(suite, &(config), __COUNTER__)
#define kunit_machine_free(suite) __kunit_machine(suite, NULL, __COUNTER__)

#ifndef VISIBLE_IF_KUNIT
#define VISIBLE_IF_KUNIT
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#endif

/* Memory that is freed when the case ends; NULL when there is none. */
void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp);
void *kunit_kcalloc(struct kunit *test, size_t n, size_t size, gfp_t gfp);
static inline void *kunit_kmalloc(struct kunit *test, size_t size, gfp_t gfp)
{
	return kunit_kmalloc_array(test, 1, size, gfp);
}

static inline void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp)
{
	return kunit_kcalloc(test, 1, size, gfp);
}
void kunit_kfree(struct kunit *test, const void *ptr);

/* Actions run last in, first out when the case ends, before its exit function's return. */
typedef void (kunit_action_t)(void *ctx);
int __must_check kunit_add_action(struct kunit *test, kunit_action_t *action, void *ctx);
int __must_check kunit_add_action_or_reset(struct kunit *test, kunit_action_t *action, void *ctx);
void kunit_remove_action(struct kunit *test, kunit_action_t *action, void *ctx);
void kunit_release_action(struct kunit *test, kunit_action_t *action, void *ctx);
#define KUNIT_DEFINE_ACTION_WRAPPER(wrapper, orig, arg_type) \
	static void wrapper(void *in) { arg_type arg = (arg_type)in; orig(arg); }

__printf(2, 3) void kunit_info_line(struct kunit *test, const char *fmt, ...);
__printf(2, 3) void kunit_err_line(struct kunit *test, const char *fmt, ...);
#define kunit_info(test, fmt, ...)	kunit_info_line(test, fmt, ##__VA_ARGS__)
#define kunit_warn(test, fmt, ...)	kunit_err_line(test, fmt, ##__VA_ARGS__)
#define kunit_err(test, fmt, ...)	kunit_err_line(test, fmt, ##__VA_ARGS__)
#define kunit_log(lvl, test, fmt, ...)	kunit_info_line(test, fmt, ##__VA_ARGS__)

/* Ends the case; only from the case's own task. */
__noreturn void __kunit_abort(struct kunit *test);
__printf(2, 3) void kunit_mark_skipped(struct kunit *test, const char *fmt, ...);
#define kunit_skip(test, fmt, ...) do {						\
	kunit_mark_skipped(test, fmt, ##__VA_ARGS__);				\
	__kunit_abort(test);							\
} while (0)

#define kunit_suite_init_failed_comment "suite_init failed"

__printf(6, 7) __cold
void __kunit_fail(struct kunit *test, bool assertion, const char *file, int line,
		  const char *what, const char *fmt, ...);

/* The values of a failed comparison, as text. */
__cold void __kunit_fail_binary(struct kunit *test, bool assertion, const char *file, int line,
				const char *what, const char *left, long long lv,
				const char *right, long long rv, bool pointers,
				const char *msg);
__cold void __kunit_fail_str(struct kunit *test, bool assertion, const char *file, int line,
			     const char *what, const char *l, const char *r);
__cold void __kunit_fail_mem(struct kunit *test, bool assertion, const char *file, int line,
			     const char *what, const void *l, const void *r, size_t size);

/* The caller's message, when there is one. */
__printf(2, 3) __cold void __kunit_comment(struct kunit *test, const char *fmt, ...);
#define __KUNIT_COMMENT(test, fmt, ...) __kunit_comment(test, fmt, ##__VA_ARGS__)

#define __KUNIT_FINISH(test, assertion) do { if (assertion) __kunit_abort(test); } while (0)

#define KUNIT_SUCCEED(test) do { } while (0)
#define KUNIT_FAIL(test, fmt, ...) \
	__kunit_fail(test, false, __FILE__, __LINE__, "", fmt, ##__VA_ARGS__)
#define KUNIT_FAIL_AND_ABORT(test, fmt, ...) do {				\
	__kunit_fail(test, true, __FILE__, __LINE__, "", fmt, ##__VA_ARGS__);	\
	__kunit_abort(test);							\
} while (0)

#define __KUNIT_UNARY(test, assertion, cond, want, fmt, ...) do {		\
	if (unlikely((!!(cond)) != (want))) {					\
		__kunit_fail(test, assertion, __FILE__, __LINE__, #cond,	\
			     "is %s", (want) ? "false" : "true");		\
		__KUNIT_COMMENT(test, fmt, ##__VA_ARGS__);			\
		__KUNIT_FINISH(test, assertion);				\
	}									\
} while (0)

/* Each operand is evaluated once. */
#define __KUNIT_BINARY(test, assertion, l, op, r, ptrs, fmt, ...) do {		\
	const typeof(l) __kb_l = (l);						\
	const typeof(r) __kb_r = (r);						\
	if (unlikely(!(__kb_l op __kb_r))) {					\
		__kunit_fail_binary(test, assertion, __FILE__, __LINE__,	\
				    #l " " #op " " #r, #l, (long long)__kb_l,	\
				    #r, (long long)__kb_r, ptrs, NULL);		\
		__KUNIT_COMMENT(test, fmt, ##__VA_ARGS__);			\
		__KUNIT_FINISH(test, assertion);				\
	}									\
} while (0)

#define __KUNIT_PTR(test, assertion, l, op, r, fmt, ...) do {			\
	unsigned long __kp_l = (unsigned long)(l);				\
	unsigned long __kp_r = (unsigned long)(r);				\
	if (unlikely(!(__kp_l op __kp_r))) {					\
		__kunit_fail_binary(test, assertion, __FILE__, __LINE__,	\
				    #l " " #op " " #r, #l, __kp_l,		\
				    #r, __kp_r, true, NULL);		\
		__KUNIT_COMMENT(test, fmt, ##__VA_ARGS__);			\
		__KUNIT_FINISH(test, assertion);				\
	}									\
} while (0)

#define __KUNIT_STR(test, assertion, l, op, r, fmt, ...) do {			\
	const char *__ks_l = (l);						\
	const char *__ks_r = (r);						\
	if (unlikely(!__ks_l || !__ks_r || !(strcmp(__ks_l, __ks_r) op 0))) {	\
		__kunit_fail_str(test, assertion, __FILE__, __LINE__,		\
				 #l " " #op " " #r, __ks_l, __ks_r);		\
		__KUNIT_COMMENT(test, fmt, ##__VA_ARGS__);			\
		__KUNIT_FINISH(test, assertion);				\
	}									\
} while (0)

#define __KUNIT_MEM(test, assertion, l, op, r, size, fmt, ...) do {		\
	const void *__km_l = (l);						\
	const void *__km_r = (r);						\
	const size_t __km_n = (size);						\
	if (unlikely(!__km_l || !__km_r || !(memcmp(__km_l, __km_r, __km_n) op 0))) { \
		__kunit_fail_mem(test, assertion, __FILE__, __LINE__,		\
				 #l " " #op " " #r, __km_l, __km_r, __km_n);	\
		__KUNIT_COMMENT(test, fmt, ##__VA_ARGS__);			\
		__KUNIT_FINISH(test, assertion);				\
	}									\
} while (0)

#define __KUNIT_NOT_ERR(test, assertion, ptr, fmt, ...) do {			\
	const void *__ke_p = (ptr);						\
	if (unlikely(IS_ERR_OR_NULL(__ke_p))) {					\
		__kunit_fail(test, assertion, __FILE__, __LINE__, #ptr,		\
			     __ke_p ? "is error %ld" : "is NULL (%ld)", (long)__ke_p); \
		__KUNIT_COMMENT(test, fmt, ##__VA_ARGS__);			\
		__KUNIT_FINISH(test, assertion);				\
	}									\
} while (0)

#include <kunit/assertions.h>

#endif /* _KUNIT_TEST_H */

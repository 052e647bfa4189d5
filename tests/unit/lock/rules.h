/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of rules of locking: each a function that breaks or keeps one, and what is reported. */
#ifndef _TESTS_LOCK_RULES_H
#define _TESTS_LOCK_RULES_H

#include <exec/symbols.h>
#include <linux/mutex.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>

#include "crew.h"

struct locks {
	spinlock_t a, b, c;
	spinlock_t twin[2];
	struct mutex m, n;
	struct mutex mtwin[2];
	rwlock_t rw;
	seqcount_t seq;
	seqcount_mutex_t mseq;
	struct lockdep_map map;
	struct lock_class_key key;
	int index;
};

static struct locks *new_locks(struct kunit *test)
{
	struct locks *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, l);
	spin_lock_init(&l->a);
	spin_lock_init(&l->b);
	spin_lock_init(&l->c);
	mutex_init(&l->m);
	mutex_init(&l->n);
	for (i = 0; i < 2; i++) {
		spin_lock_init(&l->twin[i]);
		mutex_init(&l->mtwin[i]);
	}
	rwlock_init(&l->rw);
	seqcount_init(&l->seq);
	seqcount_mutex_init(&l->mseq, &l->m);
	lockdep_register_key(&l->key);
	lockdep_init_map(&l->map, "map", &l->key, 0);
	return l;
}

static void exit_locks(struct locks *l)
{
	lockdep_unregister_key(&l->key);
}

/* The order of two, and no more. */
static noinline void __maybe_unused take_two(spinlock_t *first, spinlock_t *second)
{
	spin_lock(first);
	spin_lock(second);
	spin_unlock(second);
	spin_unlock(first);
}

struct rule {
	const char *name;
	void (*fn)(struct locks *l);
	enum violation_kind want;
};

#define RULE(fn, want)	{ #fn, fn, VIOLATION_##want }

struct attempt {
	void (*fn)(struct locks *l);
	struct locks *l;
};

static void attempt(void *arg)
{
	struct attempt *a = arg;

	a->fn(a->l);
}

/* What is reported first of what @fn does with @l; the report goes to @text. */
static enum violation_kind catch_rule(void (*fn)(struct locks *l), struct locks *l, char *text,
				      size_t size)
{
	struct attempt a = { fn, l };

	return violation_catch(attempt, &a, text, size);
}

/* Run one rule on new locks and compare what was reported. */
static void expect_rule(struct kunit *test, const struct rule *r)
{
	struct locks *l = new_locks(test);
	char text[200] = "";
	enum violation_kind got = catch_rule(r->fn, l, text, sizeof(text));

	KUNIT_EXPECT_EQ_MSG(test, got, r->want, "%s, not %s: %s", violation_name(got),
			    violation_name(r->want), text);
	exit_locks(l);
}

/* The case of a suite that expects each rule of its table. */
#define CHECK_RULES(table)								\
	KUNIT_ARRAY_PARAM_DESC(rules, table, name);					\
	static void broken_rules_are_reported_and_kept_ones_are_not(struct kunit *test)	\
	{										\
		expect_rule(test, test->param_value);					\
	}

/* Run @fn on new locks; the report has all of the @parts, one behind the other. */
static void __maybe_unused expect_in_report(struct kunit *test, void (*fn)(struct locks *l),
					    enum violation_kind kind,
					    const char *const *parts)
{
	const char *text;

	exec_keep_reports(true);
	KUNIT_EXPECT_EQ(test, catch_rule(fn, new_locks(test), NULL, 0), kind);
	text = exec_kept_report();
	for (; *parts; parts++) {
		const char *at = strstr(text, *parts);

		KUNIT_EXPECT_TRUE_MSG(test, at, "no '%s' behind:\n%s", *parts, text);
		text = at ?: text;
	}
	exec_keep_reports(false);
}
#define EXPECT_IN_REPORT(test, fn, kind, ...)						\
	expect_in_report(test, fn, VIOLATION_##kind, (const char *const[]){ __VA_ARGS__, NULL })

#endif /* _TESTS_LOCK_RULES_H */

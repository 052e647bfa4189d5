/* SPDX-License-Identifier: GPL-2.0 */
/* A rule is broken, and the report says which. */
#ifndef _TESTS_UNIT_CAUGHT_H
#define _TESTS_UNIT_CAUGHT_H

#include <kunit/test.h>
#include <linux/string.h>
#include <machine/violation.h>

/* @fn(@arg) breaks the rule @kind; the first line of the report has @part in it. */
static inline void expect_caught(struct kunit *test, void (*fn)(void *arg), void *arg,
				 enum violation_kind kind, const char *part)
{
	char text[400] = "";

	KUNIT_EXPECT_EQ_MSG(test, violation_catch(fn, arg, text, sizeof(text)), kind, "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, part), "no '%s' in: %s", part, text);
}

#endif /* _TESTS_UNIT_CAUGHT_H */

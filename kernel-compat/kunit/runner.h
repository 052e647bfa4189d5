/* SPDX-License-Identifier: GPL-2.0 */
/* What the KUnit runner's files share. */
#ifndef _KUNIT_RUNNER_H
#define _KUNIT_RUNNER_H

#include <kunit/test.h>
#include <linux/types.h>

struct kunit;

/**
 * struct exploration - a case to run under many schedules
 * @name:	suite.case
 * @strategy:	as on the command line
 * @schedules:	how many
 * @seed:	of the first one; the next one's is one more
 * @once:	runs the case once; @why receives the comment of a skipped one
 * @arg:	its first argument
 */
struct exploration {
	const char *name;
	const char *strategy;
	u64 schedules;
	u64 seed;
	enum kunit_status (*once)(void *arg, u64 seed, char *why);
	void *arg;
};
enum kunit_status kunit_explore(const struct exploration *e, char *why);

/* inject.c: --inject RULE and --fail-every-site[=KINDS]; bad ones end the process. */
void kunit_inject_add(const char *program, const char *text);
void kunit_inject_every(const char *program, const char *text);
bool kunit_injects_every(void);
void kunit_inject_begin(void);
void kunit_inject_end(bool failed);
void kunit_inject_told(void);
enum kunit_status kunit_fail_every(const char *name, enum kunit_status (*once)(void *arg),
				   void *arg);

extern bool kunit_verbose;		/* -v */

void kunit_cleanup(struct kunit *test);

#endif /* _KUNIT_RUNNER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* What the KUnit runner's files share. */
#ifndef _KUNIT_RUNNER_H
#define _KUNIT_RUNNER_H

#include <kunit/test.h>
#include <linux/types.h>
#include <machine/replay.h>

struct kunit;

/**
 * struct exploration - a case to run under many schedules
 * @name:	suite.case
 * @strategy:	as on the command line; or "portfolio": several, in turns
 * @schedules:	how many at most; 0: what the strategy is for: one, or all there are
 * @seed:	of the first one; the next one's is one more, but in a search
 * @verify:	run each twice and see that it is the same
 * @shrink:	look for the fewest switches that fail
 * @once:	runs the case once; @why receives the comment of a skipped one
 * @arg:	its first argument
 */
struct exploration {
	const char *name;
	const char *strategy;
	u64 schedules;
	u64 seed;
	bool verify;
	bool shrink;
	enum kunit_status (*once)(void *arg, u64 seed, char *why);
	void *arg;
};
#define KUNIT_PORTFOLIO	"portfolio"
enum kunit_status kunit_explore(const struct exploration *e, char *why);

/* inject.c: --inject RULE and --fail-every-site[=KINDS]; bad ones end the process. */
void kunit_inject_add(const char *program, const char *text);
void kunit_inject_every(const char *program, const char *text);
const char *kunit_conditions(void);	/* the options above, with a blank before each */
void kunit_interrupts(const char *program, const char *text);	/* --interrupts */
/* --inject-log: all places that are reached, printed at the end of the program. */
void kunit_inject_log(void);
bool kunit_injects_every(void);
void kunit_inject_begin(void);
void kunit_inject_end(bool failed);
void kunit_inject_told(void);
enum kunit_status kunit_fail_every(const char *name, enum kunit_status (*once)(void *arg),
				   void *arg);

/* explore_report.c: after a failure */

/**
 * struct progress - where the process that runs the schedules is; shared with its parent
 * @seed:	of the schedule that runs, or ran last
 * @done:	schedules that came to their end
 * @steps:	in all of these
 * @hash:	of all of these
 * @guarantee:	of the last one
 * @strategy:	what it takes to repeat it
 * @search:	it is one of an exhaustive search: @record is what it takes
 * @verdict:	of that search
 * @why:	comment of a skipped case
 * @history:	its last switches, when it is repeated
 * @record:	the schedule that is to be repeated or shrunk
 */
struct progress {
	u64 seed;
	u64 done;
	u64 steps;
	u64 hash;
	double guarantee;
	bool search;
	char strategy[16384];
	char verdict[128];
	char why[KUNIT_STATUS_COMMENT_SIZE];
	struct replay_history history;
	struct replay_record record;
};

/* How to repeat the schedule that failed, what it did last, and a shorter one. */
void kunit_report_schedule(const struct exploration *e, struct progress *p);
/* Call @fn in a process of its own; false: that could not be had. */
bool kunit_in_child(void (*fn)(const struct exploration *e, struct progress *p),
		    const struct exploration *e, struct progress *p, int *status);

/* The end of such a process, and of any that runs cases: what gcov counted is written down. */
void __noreturn kunit_child_exit(int status);

extern bool kunit_verbose;		/* -v */

void kunit_cleanup(struct kunit *test);

#endif /* _KUNIT_RUNNER_H */

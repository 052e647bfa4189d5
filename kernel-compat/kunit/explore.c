// SPDX-License-Identifier: GPL-2.0
/*
 * Running a case under many schedules, for --engine replay.
 *
 * The schedules of a case run in a process of their own, which may end in any way; what
 * is needed to repeat the one it was at is in memory shared with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kunit/test.h>
#include <machine/machine.h>
#include <machine/replay.h>
#include <exec/statics.h>

#include "runner.h"

#define EXIT_SKIPPED	77
#define WORTH_A_SNAPSHOT 20	/* schedules; fewer boot each time, as a user sees it */

/* None finds everything: each has its turn. */
static const char *const portfolio[] = {
	"walk", "random", "urw", "pct:2", "urw", "random", "pct:3", "walk", "urw", "pct:4",
};

/* In a build for coverage only. */
extern void __gcov_dump(void) __weak;

void kunit_child_exit(int status)
{
	if (__gcov_dump)
		__gcov_dump();
	_exit(status);
}

bool kunit_in_child(void (*fn)(const struct exploration *e, struct progress *p),
		    const struct exploration *e, struct progress *p, int *status)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		fn(e, p);
		kunit_child_exit(EXIT_SUCCESS);
	}
	return pid > 0 && waitpid(pid, status, 0) == pid;
}

static void end_unless_well(enum kunit_status status)
{
	fflush(NULL);
	if (status == KUNIT_FAILURE)
		kunit_child_exit(EXIT_FAILURE);
	if (status == KUNIT_SKIPPED)
		kunit_child_exit(EXIT_SKIPPED);
}

static void run_schedule(const struct exploration *e, struct progress *p)
{
	replay_verify(e->verify ? REPLAY_VERIFY_FIRST : REPLAY_VERIFY_DONE);
	replay_seed(p->seed);
	exec_statics_of_tests();
	end_unless_well(e->once(e->arg, p->seed, p->why));
	p->done++;
	p->steps += replay_trace().steps;
	p->hash = p->hash * 31 + replay_trace().hash;
	p->guarantee = strcmp(e->strategy, KUNIT_PORTFOLIO) ? replay_guarantee() : 0;
	replay_verdict(p->verdict, sizeof(p->verdict));
}

/* A search begins where the last replay_begin() is. */
static void run_probe(const struct exploration *e, struct progress *p)
{
	replay_probe(true);
	p->seed = e->seed;
	replay_seed(p->seed);
	exec_statics_of_tests();
	end_unless_well(e->once(e->arg, p->seed, p->why));
	replay_probe(false);
}

/* A search would take another schedule now: this one is repeated by its decisions. */
static void run_again(const struct exploration *e, struct progress *p)
{
	static const struct replay_record none;

	replay_verify(REPLAY_VERIFY_AGAIN);
	replay_follow(&none);
	replay_seed(p->seed);
	exec_statics_of_tests();
	end_unless_well(e->once(e->arg, p->seed, p->why));
	replay_follow(NULL);
}

static void run_schedules(const struct exploration *e, struct progress *p)
{
	bool many = !strcmp(e->strategy, KUNIT_PORTFOLIO);
	u64 most = e->schedules;

	p->search = replay_verdict(p->verdict, sizeof(p->verdict));
	if (!most)
		most = p->search ? ~0ULL : 1;
	replay_name_to(p->strategy, sizeof(p->strategy));
	machine_snapshots(most >= WORTH_A_SNAPSHOT);
	if (p->search) {
		run_probe(e, p);
		replay_keep(&p->record);
	}
	for (u64 i = 0; i < most && replay_more(); i++) {
		if (many)
			replay_use(portfolio[i % ARRAY_SIZE(portfolio)]);
		p->seed = e->seed + (replay_fixed() ? 0 : i);
		run_schedule(e, p);
		if (e->verify)
			run_again(e, p);
	}
}

/* What was done, in one line. */
static void print_summary(const struct exploration *e, const struct progress *p)
{
	printf("    # %s: %llu schedules%s, %llu steps, trace %016llx", e->name,
	       (unsigned long long)p->done, e->verify ? ", each the same twice" : "",
	       (unsigned long long)p->steps, (unsigned long long)p->hash);
	if (p->guarantee > 0)
		printf(", each finds a bug of its depth with probability >= 1/(n*k^(d-1)) = %.2g",
		       p->guarantee);
	if (p->search)
		printf("; %s", p->verdict);
	printf("\n");
}

enum kunit_status kunit_explore(const struct exploration *e, char *why)
{
	struct progress *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum kunit_status result = KUNIT_FAILURE;
	int status = -1;

	if (p == MAP_FAILED)
		return KUNIT_FAILURE;
	strscpy(p->strategy, e->strategy, sizeof(p->strategy));
	if (kunit_in_child(run_schedules, e, p, &status) && WIFEXITED(status)) {
		if (!WEXITSTATUS(status))
			result = KUNIT_SUCCESS;
		else if (WEXITSTATUS(status) == EXIT_SKIPPED)
			result = KUNIT_SKIPPED;
	}
	strscpy(why, p->why, KUNIT_STATUS_COMMENT_SIZE);
	print_summary(e, p);
	if (result == KUNIT_FAILURE) {
		if (WIFEXITED(status) && WEXITSTATUS(status) == REPLAY_EXIT_DEVIATES)
			printf("    # the schedule with seed %llu is not the same when repeated\n",
			       (unsigned long long)p->seed);
		else
			kunit_report_schedule(e, p);
	}
	munmap(p, sizeof(*p));
	return result;
}

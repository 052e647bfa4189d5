// SPDX-License-Identifier: GPL-2.0
/*
 * Running a case under many schedules, for --engine replay.
 *
 * The schedules of a case run in a process of their own, which may end in any way; what
 * is needed to repeat the one it was at is in memory shared with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kunit/test.h>
#include <machine/replay.h>

#include "runner.h"

#define EXIT_SKIPPED	77

/* Where the child is. */
struct progress {
	u64 seed;		/* of the schedule that runs, or ran last */
	u64 done;		/* schedules that came to their end */
	u64 steps;		/* in all of these */
	u64 hash;		/* of all of these */
	double guarantee;
	char strategy[64];
	char why[KUNIT_STATUS_COMMENT_SIZE];
};

static void run_schedules(const struct exploration *e, struct progress *p)
{
	for (u64 i = 0; i < e->schedules; i++) {
		enum kunit_status status;

		p->seed = e->seed + i;
		replay_seed(p->seed);
		status = e->once(e->arg, p->seed, p->why);
		strscpy(p->strategy, replay_strategy(), sizeof(p->strategy));
		fflush(NULL);
		if (status == KUNIT_FAILURE)
			_exit(EXIT_FAILURE);
		if (status == KUNIT_SKIPPED)
			_exit(EXIT_SKIPPED);
		p->done++;
		p->steps += replay_trace().steps;
		p->hash = p->hash * 31 + replay_trace().hash;
		p->guarantee = replay_guarantee();
	}
	_exit(EXIT_SUCCESS);
}

/* What was done, in one line. */
static void print_summary(const struct exploration *e, const struct progress *p)
{
	printf("    # %s: %llu schedules, %llu steps, trace %016llx", e->name,
	       (unsigned long long)p->done, (unsigned long long)p->steps,
	       (unsigned long long)p->hash);
	if (p->guarantee > 0)
		printf(", each finds a bug of its depth with probability >= %.2g", p->guarantee);
	printf("\n");
}

enum kunit_status kunit_explore(const struct exploration *e, char *why)
{
	struct progress *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum kunit_status result = KUNIT_FAILURE;
	int status = -1;
	pid_t pid;

	if (p == MAP_FAILED)
		return KUNIT_FAILURE;
	strscpy(p->strategy, e->strategy, sizeof(p->strategy));
	fflush(NULL);
	pid = fork();
	if (!pid)
		run_schedules(e, p);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status)) {
		if (!WEXITSTATUS(status))
			result = KUNIT_SUCCESS;
		else if (WEXITSTATUS(status) == EXIT_SKIPPED)
			result = KUNIT_SKIPPED;
	}
	strscpy(why, p->why, KUNIT_STATUS_COMMENT_SIZE);
	print_summary(e, p);
	if (result == KUNIT_FAILURE)
		printf("    # REPLAY: --engine replay --strategy %s --seed %llu --filter '%s'\n",
		       p->strategy, (unsigned long long)p->seed, e->name);
	munmap(p, sizeof(*p));
	return result;
}

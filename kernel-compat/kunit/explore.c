// SPDX-License-Identifier: GPL-2.0
/*
 * Running a case under many schedules, for --engine replay.
 *
 * The schedules of a case run in a process of their own, which may end in any way; what
 * is needed to repeat the one it was at is in memory shared with it.
 */
#include <fcntl.h>
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
	char strategy[2048];
	char why[KUNIT_STATUS_COMMENT_SIZE];
	struct replay_record record;	/* the schedule that is to be repeated or shrunk */
};

/* Repetitions of one failure for the sake of a shorter schedule. */
#define SHRINK_RUNS	2000
/* A schedule of more switches than that is not printed as a list. */
#define SHOWN_SWITCHES	64

/* In a process of its own; whether it ended well. */
static bool in_child(void (*fn)(const struct exploration *e, struct progress *p),
		     const struct exploration *e, struct progress *p, int *status)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		fn(e, p);
		_exit(EXIT_SUCCESS);
	}
	return pid > 0 && waitpid(pid, status, 0) == pid;
}

/* It was written down, and shrunk then. */
static bool is_list(const char *strategy)
{
	return !strncmp(strategy, "list:", 5);
}

static void run_schedules(const struct exploration *e, struct progress *p)
{
	for (u64 i = 0; i < e->schedules; i++) {
		enum kunit_status status;

		p->seed = e->seed + i;
		replay_seed(p->seed);
		status = e->once(e->arg, p->seed, p->why);
		if (!is_list(p->strategy))
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

/* Silently: it has been told already how it fails. */
static void run_quietly(const struct exploration *e, struct progress *p)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	replay_seed(p->seed);
	if (e->once(e->arg, p->seed, p->why) == KUNIT_FAILURE)
		_exit(EXIT_FAILURE);
}

static void record_quietly(const struct exploration *e, struct progress *p)
{
	replay_keep(&p->record);
	run_quietly(e, p);
}

static void follow_quietly(const struct exploration *e, struct progress *p)
{
	replay_follow(&p->record);
	run_quietly(e, p);
}

static bool still_fails(const struct exploration *e, struct progress *p)
{
	int status = -1;

	return in_child(follow_quietly, e, p, &status) && status;
}

/* Without @nr switches from @from on. Returns whether it fails as well; else undoes it. */
static bool try_without(const struct exploration *e, struct progress *p, unsigned int from,
			unsigned int nr)
{
	struct replay_record *r = &p->record;
	struct replay_switch *left_out = malloc(nr * sizeof(*left_out));
	unsigned int behind = r->nr - from - nr;
	bool fails;

	if (!left_out)
		return false;
	memcpy(left_out, r->at + from, nr * sizeof(*left_out));
	memmove(r->at + from, r->at + from + nr, behind * sizeof(*left_out));
	r->nr -= nr;
	fails = still_fails(e, p);
	if (!fails) {
		memmove(r->at + from + nr, r->at + from, behind * sizeof(*left_out));
		memcpy(r->at + from, left_out, nr * sizeof(*left_out));
		r->nr += nr;
	}
	free(left_out);
	return fails;
}

/*
 * The fewest switches that still fail, or nearly: leave out large pieces, then smaller ones,
 * as delta debugging does (Zeller and Hildebrandt, 2002). False: it cannot be repeated.
 */
static bool shrink(const struct exploration *e, struct progress *p)
{
	struct replay_record *r = &p->record;
	unsigned int piece, from, before, runs = 0;
	int status = 0;

	if (!in_child(record_quietly, e, p, &status) || !status || !still_fails(e, p))
		return false;
	for (piece = r->nr; piece; piece = r->nr < before ? piece : piece / 2) {
		before = r->nr;
		for (from = 0; from + piece <= r->nr && runs < SHRINK_RUNS; runs++)
			if (!try_without(e, p, from, piece))
				from += piece;
	}
	return true;
}

/* How to repeat it; shorter, if the schedule can be written down. */
static void print_replay(const struct exploration *e, struct progress *p)
{
	printf("    # REPLAY: --engine replay --strategy %s --seed %llu --filter '%s'\n",
	       p->strategy, (unsigned long long)p->seed, e->name);
	if (is_list(p->strategy) || !shrink(e, p) || p->record.nr > SHOWN_SWITCHES)
		return;
	printf("    # SHRUNK to %u switches: --engine replay --strategy list:", p->record.nr);
	for (unsigned int i = 0; i < p->record.nr; i++)
		printf("%s%llu.%u", i ? "," : "", (unsigned long long)p->record.at[i].step,
		       p->record.at[i].id);
	printf(" --seed %llu --filter '%s'\n", (unsigned long long)p->seed, e->name);
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
	if (in_child(run_schedules, e, p, &status) && WIFEXITED(status)) {
		if (!WEXITSTATUS(status))
			result = KUNIT_SUCCESS;
		else if (WEXITSTATUS(status) == EXIT_SKIPPED)
			result = KUNIT_SKIPPED;
	}
	strscpy(why, p->why, KUNIT_STATUS_COMMENT_SIZE);
	print_summary(e, p);
	if (result == KUNIT_FAILURE)
		print_replay(e, p);
	munmap(p, sizeof(*p));
	return result;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A schedule that failed: how to repeat it, what it did last, and a shorter one that fails
 * as well. Each repetition runs in a process of its own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kunit/test.h>
#include <machine/replay.h>
#include <exec/symbols.h>

#include "runner.h"

/* Repetitions of one failure for the sake of a shorter schedule. */
#define SHRINK_RUNS	2000
/* A schedule of more switches than that is not printed as a list. */
#define SHOWN_SWITCHES	64
/* Functions that are printed of a call chain. */
#define SHOWN_CALLS	4

/* It was written down, and shrunk then. */
static bool is_list(const char *strategy)
{
	return !strncmp(strategy, "list:", 5);
}

/* Silently: it has been told already how it fails. */
static void run_quietly(const struct exploration *e, struct progress *p)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	replay_seed(p->seed);
	if (e->once(e->arg, p->seed, p->why) == KUNIT_FAILURE)
		kunit_child_exit(EXIT_FAILURE);
}

static void record_quietly(const struct exploration *e, struct progress *p)
{
	if (!replay_use(p->strategy))
		return;
	replay_keep(&p->record);
	replay_history_to(&p->history);
	run_quietly(e, p);
}

static void follow_quietly(const struct exploration *e, struct progress *p)
{
	replay_keep(NULL);
	replay_follow(&p->record);
	replay_history_to(&p->history);
	run_quietly(e, p);
}

static bool still_fails(const struct exploration *e, struct progress *p)
{
	int status = -1;

	return kunit_in_child(follow_quietly, e, p, &status) && status;
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
 * Leave out switches as long as it still fails: large pieces, then smaller ones, as delta
 * debugging does (Zeller and Hildebrandt, 2002). At the end none can be left out.
 */
static void shrink(const struct exploration *e, struct progress *p)
{
	struct replay_record *r = &p->record;
	unsigned int piece, from, before, runs = 0;

	for (piece = r->nr; piece; piece = r->nr < before ? piece : piece / 2) {
		before = r->nr;
		for (from = 0; from + piece <= r->nr && runs < SHRINK_RUNS; runs++)
			if (!try_without(e, p, from, piece))
				from += piece;
	}
}

/* A search has no interrupts as choices, unless asked for; "list" has. */
static void print_list(const struct progress *p)
{
	const struct replay_record *r = &p->record;

	printf("list:");
	if (r->from > 1)
		printf("%u:", r->from);
	for (unsigned int i = 0; i < r->nr; i++)
		printf("%s%llu.%u", i ? "," : "", (unsigned long long)r->at[i].step, r->at[i].id);
	if (p->search && !strstr(kunit_conditions(), " --interrupts "))
		printf(" --interrupts none");
}

/* The engine's own functions, above the place that is of interest. */
static bool is_internal(const char *symbol)
{
	static const char *const internal[] = {
		"stack_save", "keep_history", "replay_", "decide", "rest", "ctx_main", "exec_spin",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(internal); i++)
		if (!strncmp(symbol, internal[i], strlen(internal[i])))
			return true;
	return false;
}

/* "spin_lock+0x12 < add_locked+0x30 < …": callees first. */
static void print_calls(const struct replay_step *s)
{
	unsigned int shown = 0;
	char symbol[256];

	for (unsigned int i = 0; i < ARRAY_SIZE(s->stack) && s->stack[i]; i++) {
		exec_symbolize(s->stack[i], symbol, sizeof(symbol));
		if ((!shown && is_internal(symbol)) || shown == SHOWN_CALLS)
			continue;
		printf("%s%s", shown++ ? " < " : "", symbol);
	}
}

/* One line per switch: who gave way to whom, where and why. */
static void print_history(const struct progress *p)
{
	const struct replay_history *h = &p->history;
	u64 first = h->nr > REPLAY_HISTORY ? h->nr - REPLAY_HISTORY : 0;

	printf("    # LAST SWITCHES, %llu of %llu:\n", (unsigned long long)(h->nr - first),
	       (unsigned long long)h->nr);
	for (u64 n = first; n < h->nr; n++) {
		const struct replay_step *s = &h->at[n % REPLAY_HISTORY];

		printf("    #   step %llu: %s (%u) -> %u, %s: ", (unsigned long long)s->step,
		       s->name, s->from, s->to, replay_point_name(s->kind));
		print_calls(s);
		printf("\n");
	}
}

static void print_command(const struct exploration *e, const struct progress *p)
{
	if (strcmp(replay_memory(), "sc"))
		printf(" --memory %s", replay_memory());
	printf(" --seed %llu --filter '%s'\n", (unsigned long long)p->seed, e->name);
}

static void print_shrunk(const struct exploration *e, const struct progress *p)
{
	printf("    # SHRUNK to %u switches: --engine replay%s --strategy ",
	       p->record.nr, kunit_conditions());
	print_list(p);
	print_command(e, p);
}

void kunit_report_schedule(const struct exploration *e, struct progress *p)
{
	bool listed = is_list(p->strategy) || !e->shrink;
	int status = 0;

	printf("    # REPLAY: --engine replay%s --strategy ", kunit_conditions());
	if (p->search)
		print_list(p);
	else
		printf("%s", p->strategy);
	print_command(e, p);
	if (!p->search && (!kunit_in_child(record_quietly, e, p, &status) || !status)) {
		printf("    # it did not fail when it was repeated: not all of it follows from the seed\n");
		return;
	}
	if (!listed && still_fails(e, p)) {
		shrink(e, p);
		/* For the history of what is left. */
		still_fails(e, p);
	}
	print_history(p);
	if (!listed && p->record.nr <= SHOWN_SWITCHES)
		print_shrunk(e, p);
}

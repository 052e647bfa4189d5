// SPDX-License-Identifier: GPL-2.0
/*
 * The runner's options --inject, --inject-log, --fail-every-site and --interrupts.
 *
 * Each run of --fail-every-site is a process of its own, because it may end in any way; the
 * places are in memory shared with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kunit/test.h>
#include <machine/inject.h>
#include <machine/replay.h>

#include "runner.h"

static struct inject_rule rules[INJECT_MAX_RULES];
static unsigned int nr_rules;
static unsigned int every_kinds;		/* --fail-every-site of these; 0: not */
static struct inject_places *places;		/* of the case; NULL: not --fail-every-site */

static char conditions[1024];

const char *kunit_conditions(void)
{
	return conditions;
}

static void add_condition(const char *option, const char *text)
{
	size_t len = strlen(conditions);

	snprintf(conditions + len, sizeof(conditions) - len, " --%s %s", option, text);
}

void kunit_inject_add(const char *program, const char *text)
{
	char why[200];

	if (nr_rules == INJECT_MAX_RULES)
		snprintf(why, sizeof(why), "there are %d rules already", INJECT_MAX_RULES);
	else if (!inject_parse(text, &rules[nr_rules], why, sizeof(why))) {
		nr_rules++;
		add_condition("inject", text);
		return;
	}
	fprintf(stderr, "%s: --inject %s: %s\n", program, text, why);
	exit(2);
}

/* "" or "=KIND,KIND" behind the option's name. */
void kunit_inject_every(const char *program, const char *text)
{
	struct inject_rule rule;
	char why[200], word[100];

	every_kinds = INJECT_DENIED;
	if (!*text)
		return;
	snprintf(word, sizeof(word), "%s:nth=1", text + 1);
	if (strchr(text, ':') || inject_parse(word, &rule, why, sizeof(why))) {
		fprintf(stderr, "%s: --fail-every-site%s: %s\n", program, text,
			strchr(text, ':') ? "only kinds can be chosen" : why);
		exit(2);
	}
	every_kinds = rule.sites;
}

void kunit_interrupts(const char *program, const char *text)
{
	static const struct {
		const char *name;
		u32 kinds;
	} words[] = {
		{ "rcu", REPLAY_ASYNC_RCU }, { "softirq", REPLAY_ASYNC_SOFTIRQ },
		{ "timer", REPLAY_ASYNC_TIMER }, { "all", REPLAY_ASYNC_ALL }, { "none", 0 },
	};
	const char *word = text;
	u32 kinds = 0;

	for (;;) {
		size_t len = strcspn(word, ",");
		int i;

		for (i = 0; i < ARRAY_SIZE(words); i++)
			if (strlen(words[i].name) == len && !memcmp(words[i].name, word, len))
				break;
		if (i == ARRAY_SIZE(words)) {
			fprintf(stderr, "%s: --interrupts %s: '%.*s' is none of rcu, softirq, timer, all, none\n",
				program, text, (int)len, word);
			exit(2);
		}
		kinds |= words[i].kinds;
		if (!word[len])
			break;
		word += len + 1;
	}
	replay_async(kinds);
	add_condition("interrupts", text);
}

/* Where its code is in the executable's file, without that one's first address. */
static unsigned long in_file(const struct inject_place *p)
{
	extern const char __executable_start[];

	return p->ip - (unsigned long)__executable_start;
}

static struct inject_places *logged;

static void print_log_of_places(void)
{
	for (unsigned int i = 0; i < logged->nr; i++) {
		const struct inject_place *p = &logged->at[i];

		printf("# LOGGED %s %s %s %#lx: reached %lu, failed %lu\n",
		       inject_site_name(p->kind), p->func, *p->via ? p->via : "-", in_file(p),
		       p->reached, p->denied);
	}
}

void kunit_inject_log(void)
{
	if (logged)
		return;
	logged = mmap(NULL, sizeof(*logged), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (logged == MAP_FAILED)
		abort();
	logged->kinds = (1U << INJECT_NR) - 1;
	inject_log_places(logged);
	atexit(print_log_of_places);
}

bool kunit_injects_every(void)
{
	return every_kinds;
}

/* A machine has booted, and its case begins. */
void kunit_inject_begin(void)
{
	unsigned int i;

	for (i = 0; i < nr_rules; i++)
		inject_set(rules[i]);
	if (places)
		inject_note_places(places);
}

/*
 * The case has ended, its machine is still there. With --fail-every-site, what a case that
 * failed left over is not the fault of what is tested: no check at power off.
 */
void kunit_inject_end(bool failed)
{
	if (nr_rules)
		inject_clear_all();
	if (places)
		inject_note_places(NULL);
	if (failed && places) {
		fflush(NULL);
		kunit_child_exit(EXIT_FAILURE);
	}
}

/* An expectation is not met. What the case does after that proves nothing. */
void kunit_inject_told(void)
{
	if (places && places->failed)
		kunit_inject_end(true);
}

/* What became of a place, or of a run. */
enum outcome {
	NOT_FAILED, SURVIVED, TOLD, CRASHED, NR_OUTCOMES
};

/* One run in a process of its own, with its output in @log. */
static enum outcome run_child(enum kunit_status (*once)(void *arg), void *arg, FILE *log)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		alarm(200);
		dup2(fileno(log), STDOUT_FILENO);
		dup2(fileno(log), STDERR_FILENO);
		if (once(arg) == KUNIT_FAILURE)
			kunit_child_exit(EXIT_FAILURE);
		kunit_child_exit(EXIT_SUCCESS);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return CRASHED;
	if (!WEXITSTATUS(status))
		return SURVIVED;
	return WEXITSTATUS(status) == EXIT_FAILURE ? TOLD : CRASHED;
}

static void print_log(FILE *log)
{
	char line[500];

	rewind(log);
	while (fgets(line, sizeof(line), log))
		printf("    #   | %s", line);
}

/* Fail place @i once; its new state. */
static enum outcome fail_place(int i, const char *name, enum kunit_status (*once)(void *arg),
			       void *arg)
{
	FILE *log = tmpfile();
	struct inject_place *p;
	enum outcome o;

	if (!log)
		return CRASHED;
	places->fail = i;
	places->failed = false;
	o = run_child(once, arg, log);
	p = i < 0 ? NULL : &places->at[i];
	if (o == CRASHED && p) {
		printf("    # %s does not survive: --inject %s:site=%s+%#lx:nth=1 --filter '%s'\n",
		       name, inject_site_name(p->kind), p->func, p->offset, name);
		print_log(log);
	}
	fclose(log);
	return p && !places->failed && o != CRASHED ? NOT_FAILED : o;
}

/**
 * kunit_fail_every() - run a case once per place that can fail in it
 * @name:	suite.case
 * @once:	runs it, in a process of its own
 * @arg:	its argument
 *
 * A case that notices, because an expectation is not met, is none that failed; one that
 * ends otherwise is.
 */
enum kunit_status kunit_fail_every(const char *name, enum kunit_status (*once)(void *arg),
				   void *arg)
{
	static const char *const words[] = { "not reached again", "survived", "told", "CRASHED" };
	unsigned int nr[NR_OUTCOMES] = {}, i;
	enum outcome whole;

	places = mmap(NULL, sizeof(*places), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (places == MAP_FAILED)
		return KUNIT_FAILURE;
	places->kinds = every_kinds;
	whole = fail_place(-1, name, once, arg);
	for (i = 0; whole == SURVIVED && i < places->nr; i++) {
		struct inject_place *p = &places->at[i];

		p->state = fail_place(i, name, once, arg);
		nr[p->state]++;
		if (kunit_verbose)
			printf("    # PLACE %s %s+%#lx %s: %s, %#lx\n",
			       inject_site_name(p->kind), p->func, p->offset,
			       *p->via ? p->via : "-", words[p->state], in_file(p));
	}
	if (whole == SURVIVED)
		printf("    # %s: %u places can fail: %u survived, %u told, %u not reached again, %u crashed\n",
		       name, places->nr, nr[SURVIVED], nr[TOLD], nr[NOT_FAILED], nr[CRASHED]);
	else
		printf("    # %s: fails without any failure injected\n", name);
	munmap(places, sizeof(*places));
	places = NULL;
	return whole == SURVIVED && !nr[CRASHED] ? KUNIT_SUCCESS : KUNIT_FAILURE;
}

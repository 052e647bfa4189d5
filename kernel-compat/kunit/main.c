// SPDX-License-Identifier: GPL-2.0
/*
 * The KUnit runner: main() of every test program.
 *
 * Each case, and each parameter of a case, is one cmocka test; each suite is one cmocka
 * group.  Cases run in a kthread of a machine that is booted for them.
 */
#include <fnmatch.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include <valgrind/valgrind.h>

#include <engine/engine.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/debug_locks.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <machine/log.h>
#include <machine/machine.h>
#include <machine/replay.h>

#include "runner.h"

extern struct kunit_suite *__start_kunit_suites[], *__stop_kunit_suites[];
extern const struct kunit_machine __start_kunit_machines[] __attribute__((weak));
extern const struct kunit_machine __stop_kunit_machines[] __attribute__((weak));

bool kunit_verbose;

static u64 seed = 1;
static const char *filter;
static const char *strategy;		/* of --engine replay; NULL: the engine of threads */
static u64 schedules;			/* 0: as many as the strategy is for */
static bool verify;
static bool shrink = true;
static bool fail_fast;
static unsigned int nr_passed, nr_failed, nr_skipped;

bool kunit_is_slow(void)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
	return true;
#else
	return RUNNING_ON_VALGRIND || replay_in_use();
#endif
}

/* cmocka takes these signals for itself; a case runs with what was there before. */
static const int signals[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS };
static struct sigaction original[ARRAY_SIZE(signals)];

/* One cmocka test. */
struct run {
	struct kunit_suite *suite;
	struct kunit_case *test_case;
	const void *param;
	int param_index;
	char param_desc[KUNIT_PARAM_DESC_SIZE];
	char name[400];
	struct kunit test;
	struct completion done;
};

static const struct machine_config default_machine = {
	.nr_nodes = 4,
	.nr_cpus = 8,
	.bytes_per_node = 64ULL << 20,
};

/* The suite's machine; NULL when it wants none. */
static const struct machine_config *suite_machine(const struct kunit_suite *suite)
{
	const struct kunit_machine *m;

	for (m = __start_kunit_machines; m != __stop_kunit_machines; m++)
		if (m->suite == suite)
			return m->config;
	return &default_machine;
}

/* Call fn; false when it was ended by an assertion or by kunit_skip(). */
static bool run_step(struct kunit *test, void (*fn)(struct kunit *test))
{
	jmp_buf here;
	bool ended;

	test->abort_context = &here;
	ended = setjmp(here);
	if (!ended)
		fn(test);
	test->abort_context = NULL;
	return !ended;
}

static void run_init(struct kunit *test)
{
	struct run *run = container_of(test, struct run, test);
	int ret = run->suite->init(test);

	if (ret)
		KUNIT_FAIL_AND_ABORT(test, "init returned %d", ret);
}

static void run_exit(struct kunit *test)
{
	container_of(test, struct run, test)->suite->exit(test);
}

/* init, the case, exit, then everything it registered. */
static void run_case(struct run *run)
{
	struct kunit *test = &run->test;

	if (!run->suite->init || run_step(test, run_init))
		run_step(test, run->test_case->run_case);
	if (run->suite->exit)
		run_step(test, run_exit);
	kunit_cleanup(test);
}

static int case_thread(void *arg)
{
	struct run *run = arg;

	run->test.task = current;
	run_case(run);
	run->test.task = NULL;
	complete(&run->done);
	return 0;
}

static void run_on_machine(struct run *run, const struct machine_config *wanted)
{
	struct machine_config config = *wanted;
	struct task_struct *task;
	int ret;

	if (!config.seed)
		config.seed = seed;
	ret = machine_boot(&config);
	if (ret) {
		KUNIT_FAIL(&run->test, "machine_boot() returned %d", ret);
		return;
	}
	init_completion(&run->done);
	kunit_inject_begin();
	replay_begin();
	task = kthread_run(case_thread, run, "kunit");
	if (IS_ERR(task))
		KUNIT_FAIL(&run->test, "kthread_run() returned %ld", PTR_ERR(task));
	else
		wait_for_completion(&run->done);
	replay_end();
	kunit_inject_end(run->test.status == KUNIT_FAILURE);
	machine_shutdown();
}

/* The case from the beginning, on a machine of its own. */
static void run_once(struct run *run)
{
	const struct machine_config *config = suite_machine(run->suite);
	struct kunit *test = &run->test;

	*test = (struct kunit){
		.name = run->name,
		.param_value = run->param,
		.param_index = run->param_index,
	};
	strscpy(test->param_desc, run->param_desc, sizeof(test->param_desc));
	INIT_LIST_HEAD(&test->resources);
	if (config) {
		run_on_machine(run, config);
	} else {
		kunit_inject_begin();
		run_case(run);
		kunit_inject_end(test->status == KUNIT_FAILURE);
	}
}

static enum kunit_status run_schedule(void *arg, u64 schedule, char *why)
{
	struct run *run = arg;

	seed = schedule;
	run_once(run);
	strscpy(why, run->test.status_comment, KUNIT_STATUS_COMMENT_SIZE);
	return run->test.status;
}

static enum kunit_status run_alone(void *arg)
{
	struct run *run = arg;

	replay_seed(seed);
	run_once(run);
	return run->test.status;
}

static void fail_every(struct run *run)
{
	char name[700];

	snprintf(name, sizeof(name), "%s.%s", run->suite->name, run->name);
	run->test.status = kunit_fail_every(name, run_alone, run);
}

static void explore(struct run *run)
{
	char name[700];
	struct exploration e = {
		.name = name, .strategy = strategy, .schedules = schedules, .seed = seed,
		.verify = verify, .shrink = shrink, .once = run_schedule, .arg = run,
	};

	snprintf(name, sizeof(name), "%s.%s", run->suite->name, run->name);
	run->test.status = kunit_explore(&e, run->test.status_comment);
}

/* The body of every cmocka test. */
static void cmocka_body(void **state)
{
	struct run *run = *state;
	struct kunit *test = &run->test;
	const struct machine_config *config = suite_machine(run->suite);
	int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &original[i], NULL);
	if (kunit_verbose)
		printf("# case %s\n", run->name);
	if (kunit_injects_every())
		fail_every(run);
	else if (strategy && config)
		explore(run);
	else
		run_once(run);

	if (test->status == KUNIT_SKIPPED) {
		nr_skipped++;
		printf("    # %s: SKIP %s\n", run->name, test->status_comment);
		skip();
	}
	if (test->status == KUNIT_FAILURE) {
		nr_failed++;
		if (fail_fast) {
			printf("not ok - %s.%s\n", run->suite->name, run->name);
			fflush(NULL);
			/* Tasks of the machine may still run. */
			_exit(1);
		}
		fail_msg("seed %llu; repeat with --filter '%s.%s' --seed %llu",
			 (unsigned long long)seed, run->suite->name, run->name,
			 (unsigned long long)seed);
	}
	nr_passed++;
}

static bool wanted(const struct kunit_suite *suite, const char *name)
{
	char full[700];

	if (!filter)
		return true;
	snprintf(full, sizeof(full), "%s.%s", suite->name, name);
	return !fnmatch(filter, full, 0) || !fnmatch(filter, suite->name, 0);
}

/* Append one cmocka test to the array of @n. */
static struct run **add_run(struct run **runs, size_t *n, struct kunit_suite *suite,
			    struct kunit_case *c, const void *param, int index, const char *desc)
{
	struct run *run = calloc(1, sizeof(*run));

	run->suite = suite;
	run->test_case = c;
	run->param = param;
	run->param_index = index;
	if (c->generate_params) {
		strscpy(run->param_desc, desc, sizeof(run->param_desc));
		if (*desc)
			snprintf(run->name, sizeof(run->name), "%s/%s", c->name, desc);
		else
			snprintf(run->name, sizeof(run->name), "%s/param-%d", c->name, index);
	} else {
		strscpy(run->name, c->name, sizeof(run->name));
	}
	if (!wanted(suite, run->name)) {
		free(run);
		return runs;
	}
	runs = realloc(runs, (*n + 1) * sizeof(*runs));
	runs[(*n)++] = run;
	return runs;
}

/* All cases of a suite that the filter lets through, parameters unrolled. */
static struct run **collect(struct kunit_suite *suite, size_t *n)
{
	struct run **runs = NULL;
	struct kunit_case *c;

	*n = 0;
	for (c = suite->test_cases; c->run_case; c++) {
		char desc[KUNIT_PARAM_DESC_SIZE] = "";
		const void *param;
		int index = 0;

		if (!c->generate_params) {
			runs = add_run(runs, n, suite, c, NULL, 0, "");
			continue;
		}
		for (param = c->generate_params(NULL, desc); param;
		     param = c->generate_params(param, desc)) {
			runs = add_run(runs, n, suite, c, param, index++, desc);
			desc[0] = 0;
		}
	}
	return runs;
}

/* Returns the number of failed tests. */
static int run_suite(struct kunit_suite *suite, struct run **runs, size_t n)
{
	struct CMUnitTest *tests = calloc(n, sizeof(*tests));
	int ret;
	size_t i;

	for (i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){
			.name = runs[i]->name,
			.test_func = cmocka_body,
			.initial_state = runs[i],
		};
	printf("# suite %s\n", suite->name);
	fflush(stdout);
	if (suite->suite_init && suite->suite_init(suite)) {
		printf("not ok - %s: suite_init failed\n", suite->name);
		nr_failed += n;
		ret = n;
	} else {
		ret = _cmocka_run_group_tests(suite->name, tests, n, NULL, NULL);
	}
	if (suite->suite_exit)
		suite->suite_exit(suite);
	free(tests);
	return ret;
}

static void usage(FILE *to, const char *name)
{
	fprintf(to,
		"usage: %s [--list] [--filter GLOB] [--seed N] [-v]\n"
		"       [--engine threads|replay [--strategy NAME] [--schedules N] [--verify]\n"
		"        [--memory M] [--max-steps N]] [--watchdog S]\n"
		"  --list         print the cases, one per line\n"
		"  --filter GLOB  run the cases whose suite or suite.case matches\n"
		"  --seed N       start of the machine's stream of choices (1)\n"
		"  --engine NAME  threads (what the host makes of them), or replay: all on\n"
		"                 one thread, in an order that a strategy and the seed say\n"
		"  --strategy S   %s;\n"
		"                 portfolio (default with --schedules): several in turns\n"
		"  --schedules N  runs of each case, with seeds from --seed on (1; all there\n"
		"                 are with dfs and dpor, which search them all)\n"
		"  --no-shrink    no search for the fewest switches that fail as well\n"
		"  --fail-fast    end with the first case that fails\n"
		"  --memory M     sc (default), tso or weak: when others see a store, and how\n"
		"                 early a load may be\n"
		"  --max-steps N  a schedule, or the end of its machine, that takes more is a\n"
		"                 livelock (30 million)\n"
		"  --watchdog S   engine threads: after S seconds print who waits for whom, and\n"
		"                 end (110; 0: never)\n"
		"  --verify       run each schedule twice and compare step by step\n"
		"  --interrupts KINDS  what else happens when the strategy wills: rcu (grace\n"
		"                 periods end), softirq, timer (they expire while others run),\n"
		"                 all or none (rcu,softirq); for --engine replay\n"
		"  --inject RULE  KIND[:GFP][:nth=N|rate=R|bytes=HEX][:site=FUNC][:times=N]: let\n"
		"                 calls fail, or trylocks, or wake up for nothing; README\n"
		"  --inject-log              say at the end which places could fail, and which did\n"
		"  --fail-every-site[=KINDS]  run each case once per place that can fail, with\n"
		"                 that failing once; -v lists them\n"
		"  -v             print the kernel log and what cases report\n",
		name, replay_strategies());
}

/* Ends the process when there is no such engine or strategy. */
static void choose_engine(const char *program, const char *engine, const char *name,
			  const char *memory)
{
	bool replay = !strcmp(engine, "replay");

	if (replay && !name)
		name = schedules ? KUNIT_PORTFOLIO : "walk";
	if (!replay && strcmp(engine, "threads"))
		fprintf(stderr, "%s: no engine '%s': threads or replay\n", program, engine);
	else if (!replay && (name || schedules || verify || memory))
		fprintf(stderr, "%s: --strategy, --schedules, --verify and --memory are for --engine replay\n",
			program);
	else if (replay && exec_engine != &exec_engine_threads)
		fprintf(stderr, "%s: its cases run on the engine %s only\n", program,
			exec_engine->name);
	else if (replay && !replay_use(strcmp(name, KUNIT_PORTFOLIO) ? name : "walk"))
		fprintf(stderr, "%s: no strategy '%s': %s or portfolio\n", program, name,
			replay_strategies());
	else if (memory && !replay_memory_use(memory))
		fprintf(stderr, "%s: no memory model '%s': sc, tso or weak\n", program, memory);
	else {
		strategy = replay ? name : NULL;
		return;
	}
	exit(2);
}

/* On the engine of threads nobody counts steps: what hangs is told by the clock. */
static unsigned int watchdog = 110;	/* below the time that ctest gives */

static void bark(int sig)
{
	fprintf(stderr, "watchdog: no end after %u s; who waits for whom:\n", watchdog);
	lock_print_waits(stderr);
	abort();
}

static void start_watchdog(void)
{
	if (strategy || RUNNING_ON_VALGRIND || !watchdog)
		return;
	signal(SIGALRM, bark);
	alarm(watchdog);
}

/* Returns whether to list only; ends the process on bad options. */
static bool parse_options(int argc, char **argv)
{
	unsigned long long n;
	const char *engine = "threads", *name = NULL, *memory = NULL;
	bool list = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--list")) {
			list = true;
		} else if (!strcmp(argv[i], "-v")) {
			kunit_verbose = true;
			log_console_level = 8;
		} else if (!strcmp(argv[i], "--filter") && i + 1 < argc) {
			filter = argv[++i];
		} else if (!strcmp(argv[i], "--seed") && i + 1 < argc &&
			   !kstrtoull(argv[i + 1], 0, &n)) {
			seed = n;
			i++;
		} else if (!strcmp(argv[i], "--engine") && i + 1 < argc) {
			engine = argv[++i];
		} else if (!strcmp(argv[i], "--strategy") && i + 1 < argc) {
			name = argv[++i];
		} else if (!strcmp(argv[i], "--memory") && i + 1 < argc) {
			memory = argv[++i];
		} else if (!strcmp(argv[i], "--schedules") && i + 1 < argc &&
			   !kstrtoull(argv[i + 1], 0, &n) && n) {
			schedules = n;
			i++;
		} else if (!strcmp(argv[i], "--watchdog") && i + 1 < argc &&
			   !kstrtoull(argv[i + 1], 0, &n) && n <= UINT_MAX) {
			watchdog = n;
			i++;
		} else if (!strcmp(argv[i], "--max-steps") && i + 1 < argc &&
			   !kstrtoull(argv[i + 1], 0, &n) && n) {
			replay_limit(n);
			i++;
		} else if (!strcmp(argv[i], "--interrupts") && i + 1 < argc) {
			kunit_interrupts(argv[0], argv[++i]);
		} else if (!strcmp(argv[i], "--inject") && i + 1 < argc) {
			kunit_inject_add(argv[0], argv[++i]);
		} else if (!strcmp(argv[i], "--inject-log")) {
			kunit_inject_log();
		} else if (!strncmp(argv[i], "--fail-every-site", 17) &&
			   (!argv[i][17] || argv[i][17] == '=')) {
			kunit_inject_every(argv[0], argv[i] + 17);
		} else if (!strcmp(argv[i], "--verify")) {
			verify = true;
		} else if (!strcmp(argv[i], "--no-shrink")) {
			shrink = false;
		} else if (!strcmp(argv[i], "--fail-fast")) {
			fail_fast = true;
		} else if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			usage(stdout, argv[0]);
			exit(0);
		} else {
			usage(stderr, argv[0]);
			exit(2);
		}
	}
	choose_engine(argv[0], engine, name, memory);
	start_watchdog();
	return list;
}

int main(int argc, char **argv)
{
	bool list = parse_options(argc, argv);
	struct kunit_suite **s;
	size_t total = 0, n, i;
	int failed = 0;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], NULL, &original[i]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (s = __start_kunit_suites; s != __stop_kunit_suites; s++) {
		struct run **runs = collect(*s, &n);

		total += n;
		if (list)
			for (i = 0; i < n; i++)
				printf("%s.%s\n", (*s)->name, runs[i]->name);
		else if (n)
			failed += run_suite(*s, runs, n);
		for (i = 0; i < n; i++)
			free(runs[i]);
		free(runs);
	}
	if (list)
		return 0;
	if (!total) {
		fprintf(stderr, "%s: no case matches\n", argv[0]);
		return 2;
	}
	printf("# %s: %u passed, %u failed, %u skipped\n", kbasename(argv[0]),
	       nr_passed, nr_failed, nr_skipped);
	return failed || nr_failed;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * bench-replay [--json FILE]: decision points, boots and whole schedules per second on the
 * engine "replay", on the engine of threads and with threads that hand over to each other.
 *
 * All in CPU time of this process, so that other programs on the host do not count; sleeping
 * costs threads nothing then. Each figure is the median of several rounds.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/time64.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/replay.h>
#include <engine/engine.h>
#include <rcu/engine.h>

#include "../bench-core/core.h"
#include "bench.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOWER	10		/* fewer repetitions */
#define BUILD	"ASan"
#else
#define SLOWER	1
#define BUILD	"plain"
#endif

#define TASKS		4
#define POINTS		25	/* of each task in a small schedule */

static struct json_object *results;
static u64 seed;

static void __noreturn fail(const char *what)
{
	fprintf(stderr, "bench-replay: %s\n", what);
	exit(1);
}

static void result(const char *name, double *per_second, double aim)
{
	double value = median(per_second, ROUNDS);
	struct json_object *o = json_object_new_object();

	printf("%-52s %14.0f /s", name, value);
	if (aim)
		printf("   (aim: %.0f, %s)", aim, value >= aim ? "met" : "missed");
	printf("\n");
	fflush(stdout);
	json_object_object_add(o, "name", json_object_new_string(name));
	json_object_object_add(o, "build", json_object_new_string(BUILD));
	json_object_object_add(o, "per_second", json_object_new_double(value));
	json_object_array_add(results, o);
}

/* @fn does @n of something and returns how many; a first time does not count. */
static void measure(const char *name, unsigned long (*fn)(unsigned long n), unsigned long n,
		    double aim)
{
	double per_second[ROUNDS];

	n = n / SLOWER ?: 1;
	for (int i = -1; i < ROUNDS; i++) {
		double start = host_ns();
		unsigned long did = fn(n);

		if (i >= 0)
			per_second[i] = did / (host_ns() - start) * 1e9;
	}
	result(name, per_second, aim);
}

static void use_replay(const char *strategy)
{
	if (!replay_use(strategy))
		fail("no such strategy");
}

static void use_threads(void)
{
	exec_engine = &exec_engine_threads;
	rcu_engine = &rcu_engine_urcu;
}

/* The engine alone: contexts that do nothing but come to points. */
static unsigned long points_each;
static u32 left;

static void pass_points(void *arg)
{
	for (unsigned long i = 0; i < points_each; i++)
		exec_point(EXEC_POINT_MARKED, &seed);
	if (!__atomic_sub_fetch(&left, 1, __ATOMIC_ACQ_REL))
		exec_engine->wake(&left, 1);
}

static bool nothing_to_do(void)
{
	return false;
}

static void engine_schedule(void)
{
	static const struct exec_upcalls upcalls = { .idle = nothing_to_do, .deadlock = abort };
	struct exec_ctx *ctx[TASKS];
	u32 n;

	left = TASKS;
	replay_seed(++seed);
	exec_engine->boot(&upcalls, seed);
	for (int i = 0; i < TASKS; i++)
		ctx[i] = exec_engine->start(pass_points, NULL, "bench");
	replay_begin();
	while ((n = __atomic_load_n(&left, __ATOMIC_ACQUIRE)))
		exec_engine->wait(&left, n);
	replay_end();
	for (int i = 0; i < TASKS; i++)
		exec_engine->join(ctx[i]);
	exec_engine->halt();
}

static unsigned long engine_points(unsigned long n)
{
	points_each = n / TASKS;
	engine_schedule();
	return points_each * TASKS;
}

static unsigned long engine_schedules(unsigned long n)
{
	points_each = POINTS;
	for (unsigned long i = 0; i < n; i++)
		engine_schedule();
	return n;
}

static unsigned long handoff_points(unsigned long n)
{
	return handoff_schedule(TASKS, n / TASKS, ++seed);
}

static unsigned long handoff_schedules(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		handoff_schedule(TASKS, POINTS, ++seed);
	return n;
}

static void boot(unsigned int nodes, unsigned int cpus, const char *cmdline)
{
	struct machine_config config = {
		.nr_nodes = nodes, .nr_cpus = cpus, .bytes_per_node = 16ULL << 20,
		.seed = ++seed, .cmdline = cmdline,
	};

	replay_seed(seed);
	if (machine_boot(&config))
		fail("the machine does not boot");
}

static unsigned long boots(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		boot(1, 2, "noautonuma");
		machine_shutdown();
	}
	return n;
}

/* A small test: tasks that count under a lock. */
static DEFINE_SPINLOCK(count_lock);
static unsigned long counted;
static struct completion counted_all[2];

static int count_main(void *which)
{
	for (int i = 0; i < POINTS / 3; i++) {
		spin_lock(&count_lock);
		counted++;
		spin_unlock(&count_lock);
	}
	complete(&counted_all[(long)which]);
	return 0;
}

static void small_test(void)
{
	boot(1, 2, "noautonuma");
	counted = 0;
	replay_begin();
	for (long i = 0; i < 2; i++) {
		struct task_struct *p;

		init_completion(&counted_all[i]);
		p = kthread_create(count_main, (void *)i, "count/%ld", i);
		if (IS_ERR(p))
			fail("no task");
		kthread_bind(p, i);
		wake_up_process(p);
	}
	for (int i = 0; i < 2; i++)
		wait_for_completion(&counted_all[i]);
	replay_end();
	if (counted != 2 * (POINTS / 3))
		fail("a count was lost");
	machine_shutdown();
}

static unsigned long small_tests(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		small_test();
	return n;
}

/* The core at work: two threads on two nodes that use each other's pages. */
#define PAGES	128UL
static unsigned long area;

static int use_pages(void *arg)
{
	for (int i = 0; i < 60; i++) {
		user_touch_range(area, PAGES * PAGE_SIZE, i & 1, 1, NULL);
		user_compute(200 * NSEC_PER_MSEC);
	}
	return 0;
}

static int program_main(void *arg)
{
	long tid;

	area = sys_mmap(0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			NULL, 0);
	user_touch_range(area, PAGES * PAGE_SIZE, true, 1, NULL);
	tid = sys_clone_thread(use_pages, NULL, 2);
	use_pages(NULL);
	return sys_wait4(tid);
}

static unsigned long core_points(unsigned long n)
{
	unsigned long steps = 0;

	while (steps < n) {
		struct task_struct *p;

		boot(2, 4, NULL);
		replay_begin();
		p = program_start_on(0, "bench", program_main, NULL);
		if (!p || program_wait(p))
			fail("the program fails");
		replay_end();
		steps += replay_trace().steps;
		machine_shutdown();
	}
	return steps;
}

static void measure_all(void)
{
	use_replay("random");
	measure("decision points, engine replay alone (random)", engine_points, 2000000,
		SLOWER == 1 ? 20e6 : 0);
	use_replay("walk");
	measure("decision points, engine replay alone (walk)", engine_points, 2000000, 0);
	measure("decision points, pthreads that hand over", handoff_points, 20000, 0);
	measure("decision points in the core at work (walk)", core_points, 400000, 2e6);
	use_replay("random");
	measure("decision points in the core at work (random)", core_points, 400000, 0);
	measure("schedules of 4 x 25 points, engine replay alone", engine_schedules, 20000, 0);
	measure("schedules of 4 x 25 points, pthreads that hand over", handoff_schedules, 200, 0);
	measure("boots of a small machine, engine replay", boots, 500, 0);
	measure("small test with boot and shutdown, engine replay", small_tests, 500, 0);
	machine_snapshots(true);
	measure("machines from a snapshot, engine replay", boots, 500, 0);
	measure("small test from a snapshot, engine replay", small_tests, 500,
		SLOWER == 1 ? 1e4 : 0);
	machine_snapshots(false);
	use_threads();
	measure("boots of a small machine, engine of threads", boots, 100, 0);
	measure("small test with boot and shutdown, engine of threads", small_tests, 100, 0);
}

int main(int argc, char **argv)
{
	const char *json = NULL;
	int ret = 0;

	if (argc == 3 && !strcmp(argv[1], "--json")) {
		json = argv[2];
	} else if (argc > 1) {
		fprintf(stderr, "usage: bench-replay [--json FILE]\n");
		return 2;
	}
	results = json_object_new_array();
	printf("Engine replay, %s build, per second of CPU time:\n", BUILD);
	measure_all();
	if (json && json_object_to_file_ext(json, results, JSON_C_TO_STRING_PRETTY)) {
		fprintf(stderr, "bench-replay: cannot write %s\n", json);
		ret = 1;
	}
	json_object_put(results);
	return ret;
}

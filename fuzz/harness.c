// SPDX-License-Identifier: GPL-2.0
/* One input, one machine. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/sched.h>
#include <machine/program.h>
#include <machine/replay.h>

#include "harness.h"

static const u8 *choices;
static size_t nr_choices;
static u64 hash;
static bool snapshots = true;

void __noreturn fuzz_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("fuzz: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

/* Is a variable set? Asked once, as @known, -1 at first, says. */
static bool is_set(const char *variable, int *known)
{
	if (*known < 0)
		*known = !!getenv(variable);
	return *known;
}

bool fuzz_verbose(void)
{
	static int verbose = -1;

	return is_set("FUZZ_VERBOSE", &verbose);
}

/*
 * For a corpus that is as small as reaches all code: pairs of accesses, of which there are
 * thousands, are forgotten.
 */
static void forget_pairs(void)
{
	static int forget = -1;

	if (is_set("FUZZ_CODE_ONLY", &forget))
		memset(replay_alias_counters, 0, sizeof(replay_alias_counters));
}

void fuzz_schedule(const u8 *data, size_t size)
{
	choices = data;
	nr_choices = size;
}

/* Who decides about the next machine; nothing of the one before is left. */
static void prepare(void)
{
	if (!replay_use(choices ? "bytes" : "list:"))
		fuzz_fail("the engine replay has no strategy 'bytes' or 'list'");
	replay_bytes(choices, nr_choices);
	replay_async(choices ? REPLAY_ASYNC_DEFAULT : 0);
	replay_seed(1);
	choices = NULL;
	nr_choices = 0;
}

void fuzz_snapshots(bool on)
{
	snapshots = on;
}

static int run_on(const struct machine_config *config, bool again, int (*fn)(void *arg),
		  void *arg)
{
	struct task_struct *program;
	char why[160];
	int ret;

	prepare();
	machine_snapshots(again && snapshots);
	ret = machine_boot(config);
	if (ret) {
		if (!machine_config_check(config, why, sizeof(why)))
			snprintf(why, sizeof(why), "error %d", ret);
		fuzz_fail("the machine does not boot: %s", why);
	}
	replay_begin();
	program = program_start("fuzz", fn, arg);
	if (!program)
		fuzz_fail("the program does not start");
	ret = program_wait(program);
	replay_end();
	hash ^= replay_trace().hash;
	machine_shutdown();
	forget_pairs();
	return ret;
}

int fuzz_machine(const struct machine_config *config, int (*fn)(void *arg), void *arg)
{
	return run_on(config, true, fn, arg);
}

int fuzz_new_machine(const struct machine_config *config, int (*fn)(void *arg), void *arg)
{
	return run_on(config, false, fn, arg);
}

void fuzz_check(void)
{
	machine_quiesce();
	machine_check();
}

u64 fuzz_trace_hash(void)
{
	u64 ret = hash;

	hash = 0;
	return ret;
}

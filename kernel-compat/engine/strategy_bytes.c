// SPDX-License-Identifier: GPL-2.0
/*
 * Answers from a sequence of bytes, for fuzzers.
 *
 * One byte per question: 0 leaves things as they would be without a strategy, any other one
 * says which task goes on. When there are no more bytes, all answers are 0.
 *
 * A fuzzer that sees only which code ran is blind to schedules, since each runs the same
 * code. So it is told of another coverage: which two accesses, of different tasks, to the
 * same object followed each other (alias coverage).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <machine/replay.h>
#include <engine/strategy.h>

#define MAX_BYTES	(1UL << 24)	/* of a file */
#define OBJECTS		1024		/* remembered, few enough for a cache; a power of two */

extern const char __executable_start[] __attribute__((weak));

/* libFuzzer takes what is in this section for coverage of the last run. */
u8 replay_alias_counters[REPLAY_ALIAS_COUNTERS]
	__attribute__((section("__libfuzzer_extra_counters")));

static struct {
	const u8 *data;
	size_t size, next;
	const char *file;		/* that @data comes from */
	bool used;			/* for a schedule */
} bytes;

/* Who accessed an object last, and where from. */
static struct access {
	u32 object, site;		/* of their addresses what tells them apart */
	unsigned int id;
} last[OBJECTS];

void replay_bytes(const u8 *data, size_t size)
{
	bytes.data = data;
	bytes.size = size;
	bytes.file = NULL;
	bytes.used = false;
}

/* A file's name, or nothing: then replay_bytes() gives the bytes. */
static bool bytes_configure(const char *text)
{
	static u8 *contents;
	FILE *f;

	if (!text)
		return true;
	f = fopen(text, "rb");
	if (!f)
		return false;
	contents = realloc(contents, MAX_BYTES);
	if (!contents)
		abort();
	replay_bytes(contents, fread(contents, 1, MAX_BYTES, f));
	fclose(f);
	bytes.file = text;
	return true;
}

static void bytes_describe(char *buf, size_t size)
{
	if (bytes.file)
		snprintf(buf, size, ":%s", bytes.file);
}

static void bytes_begin(u64 step)
{
	bytes.next = 0;
	memset(last, 0, sizeof(last));
}

static unsigned long mixed(unsigned long a, unsigned long b)
{
	return (a * 0x9e3779b97f4a7c15UL + b) * 0xff51afd7ed558ccdUL;
}

/* @t is about to do what it stands at. */
static void count_access(const struct strategy_task *t)
{
	u32 object = (unsigned long)t->object >> 3;
	u32 site = t->site - (unsigned long)__executable_start;
	struct access *a;
	u8 *counter;

	if (!object || t->kind == STRATEGY_WAITED)
		return;
	a = &last[mixed(object, 0) >> 54];
	if (a->object == object && a->id != t->id) {
		counter = &replay_alias_counters[mixed(a->site, site) >> 50];
		if (*counter < 255)
			++*counter;
	}
	*a = (struct access){ .object = object, .site = site, .id = t->id };
}
_Static_assert(OBJECTS == 1 << (64 - 54), "bits of a hash");
_Static_assert(REPLAY_ALIAS_COUNTERS == 1 << (64 - 50), "bits of a hash");

static unsigned int bytes_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			       bool must_leave, u64 step)
{
	unsigned int i = strategy_default(can_run, nr, now, must_leave);

	if (nr > 1 && bytes.next < bytes.size) {
		u8 b = bytes.data[bytes.next++];

		if (b)
			i = (b - 1) % nr;
		if (must_leave && (int)i == now)
			i = (i + 1) % nr;
	}
	count_access(can_run[i]);
	return i;
}

/* What the machine draws comes from the bytes too, as many as it takes. */
static u64 bytes_choose(u64 n)
{
	u64 val = 0;

	for (u64 most = n - 1; most && bytes.next < bytes.size; most >>= 8)
		val = val << 8 | bytes.data[bytes.next++];
	return val % n;
}

static void bytes_end(struct strategy_task *const *tasks, unsigned int nr)
{
	bytes.used = true;
}

static bool bytes_more(void)
{
	return !bytes.used;
}

const struct strategy strategy_bytes = {
	.name = "bytes", .usage = ":FILE", .configure = bytes_configure,
	.describe = bytes_describe, .begin = bytes_begin, .pick = bytes_pick,
	.alone = count_access, .choose = bytes_choose, .end = bytes_end, .more = bytes_more,
	.every = true, .fixed = true,
};

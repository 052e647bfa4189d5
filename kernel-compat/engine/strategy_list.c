// SPDX-License-Identifier: GPL-2.0
/* The strategy "list": what was recorded, or written down. */
#include <stdio.h>
#include <stdlib.h>

#include <linux/kernel.h>
#include <machine/replay.h>
#include <engine/strategy.h>

static struct {
	const struct replay_record *record;
	unsigned int next;		/* switch to come */
} list;

void strategy_follow(const struct replay_record *r)
{
	list.record = r;
}

unsigned int strategy_list_from(void)
{
	return list.record->from;
}

static void list_begin(u64 step)
{
	list.next = 0;
}

static unsigned int list_pick(struct strategy_task *const *can_run, unsigned int nr, int now,
			      bool must_leave, u64 step)
{
	const struct replay_record *r = list.record;

	while (list.next < r->nr && r->at[list.next].step < step)
		list.next++;
	if (list.next < r->nr && r->at[list.next].step == step) {
		for (unsigned int i = 0; i < nr; i++)
			if (can_run[i]->id == r->at[list.next].id)
				return i;
	}
	return strategy_default(can_run, nr, now, must_leave);
}

/* "[FROM:]STEP.ID,STEP.ID…", by ascending steps; nothing for no switch. */
static bool list_configure(const char *text)
{
	static struct replay_record written;
	char *end;

	if (!text)
		return false;
	written.from = strtoul(text, &end, 10);
	if (end != text && *end == ':')
		text = end + 1;
	else
		written.from = 0;
	for (written.nr = 0; *text; text = end + (*end == ',')) {
		struct replay_switch *s = &written.at[written.nr];

		if (written.nr == REPLAY_MAX_SWITCHES)
			return false;
		s->step = strtoull(text, &end, 10);
		if (end == text || *end != '.')
			return false;
		text = end + 1;
		s->id = strtoul(text, &end, 10);
		if (end == text || (*end && (*end != ',' || !end[1])))
			return false;
		if (written.nr && s[-1].step >= s->step)
			return false;
		written.nr++;
	}
	list.record = &written;
	return true;
}

static void list_describe(char *buf, size_t size)
{
	const struct replay_record *r = list.record;
	size_t length = snprintf(buf, size, ":");

	if (r->from > 1)
		length += snprintf(buf + length, size - length, "%u:", r->from);
	for (unsigned int i = 0; i < r->nr && length < size; i++)
		length += snprintf(buf + length, size - length, "%s%llu.%u", i ? "," : "",
				   (unsigned long long)r->at[i].step, r->at[i].id);
}

const struct strategy strategy_list = {
	.name = "list", .usage = ":[N:]SWITCHES", .configure = list_configure,
	.describe = list_describe, .begin = list_begin, .pick = list_pick, .fixed = true,
};

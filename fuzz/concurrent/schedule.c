// SPDX-License-Identifier: GPL-2.0
/* Schedules of fuzz_concurrent: what they say, and mutations of them. */
#include <linux/minmax.h>
#include <linux/string.h>

#include "ops_mutate.h"
#include "concurrent/schedule.h"

struct pair {
	u8 gap;			/* see gap_of() */
	u8 who;
};

/* Near by one, farther away in steps: up to 63, 1080, 9152 decisions. */
static size_t gap_of(u8 gap)
{
	if (gap < 64)
		return gap;
	if (gap < 192)
		return 64 + (gap - 64) * 8;
	return 1088 + (gap - 192) * 128;
}

size_t schedule_expand(const u8 *pairs, size_t size, u8 *bytes, size_t room)
{
	const struct pair *p = (const struct pair *)pairs, *end = p + size / sizeof(*p);
	size_t nr = 0;

	for (; p < end && nr + gap_of(p->gap) < room; p++) {
		memset(bytes + nr, 0, gap_of(p->gap));
		nr += gap_of(p->gap);
		bytes[nr++] = p->who;
	}
	return nr;
}

/* A switch to one of few tasks, soon or somewhere. */
static struct pair new_pair(u64 *state)
{
	return (struct pair){
		.gap = ops_draw(state, 2) ? ops_draw(state, 16) : ops_draw(state, 256),
		.who = 1 + ops_draw(state, 4),
	};
}

/* Room for @nr pairs at @i, of @old. */
static void make_room(struct pair *p, size_t old, size_t i, size_t nr)
{
	memmove(&p[i + nr], &p[i], (old - i) * sizeof(*p));
}

size_t schedule_mutate(u8 *pairs, size_t size, size_t max, unsigned int seed)
{
	struct pair *p = (struct pair *)pairs;
	size_t nr = size / sizeof(*p), room = max / sizeof(*p), i, more;
	u64 state = seed;

	i = ops_draw(&state, nr + 1);
	switch (ops_draw(&state, 8)) {
	case 0 ... 2:	/* one more, or some close to each other */
		more = ops_draw(&state, 2) ? 1 : 1 + ops_draw(&state, 6);
		if (nr + more > room)
			break;
		make_room(p, nr, i, more);
		nr += more;
		for (; more--; i++) {
			p[i] = new_pair(&state);
			if (more)
				p[i].gap %= 16;
		}
		return nr * sizeof(*p);
	case 3:
		if (i == nr)
			break;
		memmove(&p[i], &p[i + 1], (nr - i - 1) * sizeof(*p));
		return (nr - 1) * sizeof(*p);
	case 4:		/* sooner or later, and all that follows with it */
		if (i < nr)
			p[i].gap += ops_draw(&state, 17) - 8;
		return nr * sizeof(*p);
	case 5:		/* sooner or later, and what follows where it was */
		if (i + 1 < nr && p[i].gap < 48 && p[i + 1].gap < 64) {
			more = ops_draw(&state, min(p[i + 1].gap, (u8)15) + 1);
			p[i].gap += more;
			p[i + 1].gap -= more;
		}
		return nr * sizeof(*p);
	case 6:
		if (i < nr)
			p[i].who = ops_draw(&state, 5);
		return nr * sizeof(*p);
	}
	if (i < nr)
		p[i] = new_pair(&state);
	return nr * sizeof(*p);
}

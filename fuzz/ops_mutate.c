// SPDX-License-Identifier: GPL-2.0
/*
 * Mutations of sequences of operations: insert, delete, swap, repeat, or change one byte.
 *
 * New operations are what leads somewhere: segments that the others use, mappings that can be
 * written, the whole of a huge page.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "ops_mutate.h"
#include "space.h"

/* splitmix64 */
u32 ops_draw(u64 *state, u32 below)
{
	u64 z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

static struct op new_op(u64 *state, const struct op *like)
{
	static const u8 often[] = {
		OP_READ, OP_WRITE, OP_WRITE, OP_MMAP, OP_MPROTECT, OP_MADVISE, OP_HINT, OP_MOVE,
		OP_HOLD, OP_FORK, OP_SPLIT_PMD, OP_SPLIT,
	};
	struct op op = {
		.code = ops_draw(state, 2) ? often[ops_draw(state, sizeof(often))] : ops_draw(state, NR_OPS),
		.who = ops_draw(state, 256), .where = ops_draw(state, 256), .size = ops_draw(state, 256),
	};

	if (ops_draw(state, 4))
		op.who &= ~3 | ops_draw(state, 4);
	if (like && ops_draw(state, 2))
		op.where = like->where;
	if (op.code == OP_MMAP && ops_draw(state, 4)) {
		/* private anonymous, readable and writable */
		op.who = 2 << 3 | (op.who & 3);
		op.where &= 0x3f;
	}
	if (ops_draw(state, 3))
		op.size |= 0x80;
	return op;
}

size_t ops_mutate(u8 *data, size_t header, size_t size, size_t max, unsigned int seed)
{
	struct op *ops = (struct op *)(data + header), op;
	size_t nr = (size - header) / sizeof(op), room = (max - header) / sizeof(op), i, k;
	u64 state = seed;

	if (!nr) {
		ops[0] = new_op(&state, NULL);
		return 1;
	}
	i = ops_draw(&state, nr);
	k = ops_draw(&state, nr);
	switch (ops_draw(&state, 12)) {
	case 0 ... 3:	/* insert; repeat one from elsewhere now and then */
		if (nr >= room)
			break;
		op = ops_draw(&state, 4) ? new_op(&state, &ops[k]) : ops[k];
		memmove(&ops[i + 1], &ops[i], (nr - i) * sizeof(op));
		ops[i] = op;
		return nr + 1;
	case 4: case 5:
		if (nr == 1)
			break;
		memmove(&ops[i], &ops[i + 1], (nr - i - 1) * sizeof(op));
		return nr - 1;
	case 6:
		swap(ops[i], ops[k]);
		return nr;
	case 7:
		ops[i] = new_op(&state, &ops[k]);
		return nr;
	case 8:		/* at the end */
		if (nr >= room)
			break;
		ops[nr] = new_op(&state, &ops[k]);
		return nr + 1;
	case 9:
		data[ops_draw(&state, header)] = ops_draw(&state, 256);
		return nr;
	}
	((u8 *)&ops[i])[ops_draw(&state, sizeof(op))] ^= 1 << ops_draw(&state, 8);
	return nr;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedules as inputs have them: pairs of bytes, of which the first says how many decisions go
 * as they would without, the second who goes on at the next one (machine/replay.h).
 *
 * An input takes tens of thousands of decisions, of which a few matter. With a byte for each,
 * no input was long enough to say anything about what comes after the beginning.
 */
#ifndef _FUZZ_SCHEDULE_H
#define _FUZZ_SCHEDULE_H

#include <linux/types.h>

/**
 * schedule_expand() - a byte per decision
 * @pairs:	as the input has it
 * @size:	of that; a byte too many says nothing
 * @bytes:	what replay_bytes() wants
 * @room:	for so many; decisions that come later are those without a schedule
 *
 * Return: how many there are.
 */
size_t schedule_expand(const u8 *pairs, size_t size, u8 *bytes, size_t room);

/**
 * schedule_mutate() - change a schedule
 * @pairs:	the schedule
 * @size:	of it
 * @max:	how large it may become
 * @seed:	all choices follow from it
 *
 * Return: its size now, of whole pairs.
 */
size_t schedule_mutate(u8 *pairs, size_t size, size_t max, unsigned int seed);

#endif /* _FUZZ_SCHEDULE_H */

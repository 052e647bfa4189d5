/* SPDX-License-Identifier: GPL-2.0 */
/* Mutations of sequences of operations, space.h, that leave each whole. */
#ifndef _FUZZ_OPS_MUTATE_H
#define _FUZZ_OPS_MUTATE_H

#include <linux/types.h>

/**
 * ops_mutate() - change an input
 * @data:	@header bytes, of which each may take any value, then operations
 * @header:	how many
 * @size:	of all; at least @header
 * @max:	how large it may become; room for one operation at least
 * @seed:	all choices follow from it
 *
 * Return: how many operations there are now; bytes behind the last one are gone.
 */
size_t ops_mutate(u8 *data, size_t header, size_t size, size_t max, unsigned int seed);

/* A number below @below; the next ones follow from *@state. */
u32 ops_draw(u64 *state, u32 below);

#endif /* _FUZZ_OPS_MUTATE_H */

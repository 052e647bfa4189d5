/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of operations share. */
#ifndef _FUZZ_SPACE_OPS_H
#define _FUZZ_SPACE_OPS_H

#include "space.h"

unsigned long addr_of(struct space *s, unsigned int seg);
/* Of the actor's word in its first page. */
unsigned long word_of(struct actor *a, unsigned int seg);
unsigned long bytes_of(unsigned int from, unsigned int to);
/*
 * What the actor's word in a segment must be, where @is was found. The model knows one word of each
 * page; of files that several actors use regular ones are never written, and each finds there what
 * the file began with. What others may be writing can be anything: @is.
 */
u64 contents_of(struct actor *a, const struct model_segment *s, u64 is);
/* First segment of an operation: the actor's own, or a common one. */
unsigned int segment(struct actor *a, const struct op *op);
/* Segments [*from, *to) of an operation. */
void range(struct actor *a, const struct op *op, unsigned int *from, unsigned int *to);
/* … that changes mappings or takes pages away: the actor's own. */
void own_range(struct actor *a, const struct op *op, unsigned int *from, unsigned int *to);
/* Failures were asked for, and this is one that they cause. */
bool excused(struct actor *a, long err);
/* Abort with a message unless @ok. */
__printf(4, 5) void expect(struct actor *a, const struct op *op, bool ok, const char *fmt, ...);

/* space_kernel.c */
void op_hint(struct actor *a, const struct op *op);
void op_scan(void);
void op_move(struct actor *a, const struct op *op);
void op_mbind(struct actor *a, const struct op *op);
void op_daemon(struct actor *a, const struct op *op);
void op_split(struct actor *a, const struct op *op);
void op_split_pmd(struct actor *a, const struct op *op);
void op_hold(struct actor *a, const struct op *op);
void op_old(struct actor *a, const struct op *op);

#endif /* _FUZZ_SPACE_OPS_H */

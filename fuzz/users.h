/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that keep the core busy while a target does something else to the machine: their
 * memory begins on one node, and threads on others use it.
 */
#ifndef _FUZZ_USERS_H
#define _FUZZ_USERS_H

#include <linux/types.h>

#define FUZZ_MAX_USERS	4

/* Before the first of a machine. */
void fuzz_users_begin(void);
/*
 * Start one whose memory begins where @cpu is and is used from @other too; an offline CPU
 * stands for any. Nothing where there is no memory for it, or FUZZ_MAX_USERS are there.
 */
void fuzz_users_start(unsigned int cpu, unsigned int other);
/* Let all come to their end. Each has found in its memory what it had written. */
void fuzz_users_end(void);

#endif /* _FUZZ_USERS_H */

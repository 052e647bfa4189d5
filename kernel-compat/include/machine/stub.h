/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions that are replaced while the machine runs, below <kunit/static_stub.h>, and for
 * programs that are no KUnit test. own: not a kernel header.
 */
#ifndef _MACHINE_STUB_H
#define _MACHINE_STUB_H

/**
 * stub_set() - let a function be another one from now on
 * @real:		a function that begins with KUNIT_STATIC_STUB_REDIRECT()
 * @replacement:	a function of the same type; NULL: the function is itself again
 *
 * For all tasks. A task that is in @real stays there.
 * Context: any, one caller at a time. No more than STUB_MAX functions are ever replaced.
 */
void stub_set(void *real, void *replacement);

/* Functions that can be replaced by one program. */
#define STUB_MAX	8

/* How many are; stub_find() needs not be asked when none is. */
extern int stub_nr;

/* What replaces @real, or NULL. */
void *stub_find(void *real);

#endif /* _MACHINE_STUB_H */

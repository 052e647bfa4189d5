/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Static data of the core and of tests, as it was in the beginning.
 *
 * A kernel boots once in its life, a process here boots many machines; and a schedule that is
 * to be repeated must find what the first one found.
 */
#ifndef _EXEC_STATICS_H
#define _EXEC_STATICS_H

#include <stdbool.h>

/*
 * Of mm/ and sched/, which keep nothing while no machine runs: the first call remembers it,
 * the others restore it.
 */
void exec_statics_of_core(void);
/* The same for the files that the program's tests are in. */
void exec_statics_of_tests(void);
/*
 * And as boot has left it, initcalls of a test for instance: remembers it if @take, else
 * restores it. Only where exec_statics_of_tests() is called before each machine boots.
 */
void exec_statics_of_booted_tests(bool take);

#endif /* _EXEC_STATICS_H */

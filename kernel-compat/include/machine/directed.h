/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holding a task in the middle of what it does. own: not a kernel header.
 *
 *	the task under test		the other one
 *
 *	directed_hold(current, n)
 *	...				if (directed_await()) {
 *	nth decision point: held		do what shall happen in between
 *						directed_release()
 *	... goes on			}
 *	directed_done()
 *
 * One task at a time. What the other one does in between may block on what the held one
 * has: then the held one goes on by itself, as soon as nothing else can run.
 */
#ifndef _MACHINE_DIRECTED_H
#define _MACHINE_DIRECTED_H

#include <linux/types.h>

struct task_struct;

/* Let this program's machines run on the engine "directed". Before the first boot. */
void directed_use(void);

/*
 * From now on count the decision points of @task, the caller or one that sleeps, and
 * hold it at the @nth (1 is the next; 0: only count).
 */
void directed_hold(struct task_struct *task, unsigned long nth);
/* Stop counting; wakes who waits in directed_await(). Returns the points passed. */
unsigned long directed_done(void);

/*
 * Wait until the task is held (true) or is done (false). A held one is let go after 15 s
 * of virtual time, by a timer of the machine's last CPU, which must be idle.
 */
bool directed_await(void);
/* Let the held task go on, if it has not already. */
void directed_release(void);

#endif /* _MACHINE_DIRECTED_H */

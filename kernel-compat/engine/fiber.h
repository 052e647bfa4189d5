/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fibers: stacks that one host thread switches between. x86-64 only.
 *
 * ASan, TSan and valgrind are told of every stack and every switch. To TSan a fiber is a
 * thread, and a switch orders nothing.
 */
#ifndef _ENGINE_FIBER_H
#define _ENGINE_FIBER_H

#include <stdbool.h>
#include <stddef.h>

struct fiber {
	void *sp;		/* while it does not run */
	void *stack;		/* lowest address; the host's for the first one */
	size_t size;
	void *fake_stack;	/* ASan's */
	void *tsan;
	unsigned int valgrind_id;
};

/* Make @f stand for the calling host thread, on the stack it has. */
void fiber_adopt(struct fiber *f);
/*
 * Prepare @f to run @entry, which never returns, at the first switch to it. False: no
 * memory.
 */
bool fiber_create(struct fiber *f, void (*entry)(void));
/* Those that were created, in the order of their creation; none of them runs. */
void fiber_for_each(void (*fn)(struct fiber *f, void *arg), void *arg);
/* Leave @from, which runs, for @to; returns when somebody switches back. */
void fiber_switch(struct fiber *from, struct fiber *to);

#endif /* _ENGINE_FIBER_H */

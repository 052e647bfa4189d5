/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Violations: what the simulated machine reports when code under test breaks a
 * rule of the kernel. own: not a kernel header; only the shim and tests include it.
 */
#ifndef _MACHINE_VIOLATION_H
#define _MACHINE_VIOLATION_H

#include <stdarg.h>

#include <linux/compiler.h>
#include <linux/types.h>

enum violation_kind {
	VIOLATION_NONE,
	VIOLATION_BUG,			/* BUG(), BUG_ON(), VM_BUG_ON*(), panic() */
	VIOLATION_WARN,			/* WARN*(), VM_WARN*() */
	VIOLATION_LOCK_RECURSION,	/* the task already holds the lock */
	VIOLATION_LOCK_OWNER,		/* released by a task that does not hold it */
	VIOLATION_LOCK_UNHELD,		/* released, or asserted, but not held */
	VIOLATION_LOCK_ORDER,		/* taken in an order that can deadlock */
	VIOLATION_LOCK_DESTROYED,	/* used after destruction or never initialised */
	VIOLATION_LOCK_LEAKED,		/* task exit or return to user with a lock held */
	VIOLATION_LOCK_FREED,		/* memory that contains a held lock was freed */
	VIOLATION_LOCK_CONTEXT,		/* a lock that may sleep inside one that may not */
	VIOLATION_ATOMIC_SLEEP,		/* sleeping while atomic or in an RCU reader */
	VIOLATION_IRQ_STATE,		/* interrupt or bottom-half state does not fit */
	VIOLATION_PREEMPT,		/* preempt count unbalanced */
	VIOLATION_RCU,			/* RCU dereference outside a reader, bad nesting */
	VIOLATION_PTL,			/* page table written without its lock */
	VIOLATION_MMAP_LOCK,		/* mmap_lock not held as required */
	VIOLATION_TLB,			/* page freed or reused while a TLB can reach it */
	VIOLATION_PAGE,			/* struct page state, refcount, mapcount, double free */
	VIOLATION_SLAB,			/* slab overrun, double free, wrong cache */
	VIOLATION_LEAK,			/* something is left at shutdown */
	VIOLATION_ACCOUNT,		/* a counter does not add up */
	VIOLATION_REFCOUNT,		/* refcount_t under- or overflow, use after zero */
	VIOLATION_TIMER,		/* armed timer freed, or timer misused */
	VIOLATION_DEADLOCK,		/* nothing can run any more */
	VIOLATION_DATA_RACE,		/* two accesses at once, one plain, one a store */
	VIOLATION_NR
};

/**
 * violation() - report a broken rule
 * @kind:	which rule
 * @fmt:	what happened, one line without newline, naming the object
 *
 * Prints task, virtual CPU, context (preempt count, interrupt state), held locks
 * and the caller's stack.  If the running task expects this kind (see
 * violation_catch()), records it and ends what the task was doing there; it does
 * not return then.  Otherwise the process ends with abort(), so that sanitizers
 * and test runners see a failure.
 *
 * Context: any.
 */
__printf(2, 3) __cold
void violation(enum violation_kind kind, const char *fmt, ...);

/**
 * violation_with_stack() - violation() that names a second place
 * @stack:	return addresses saved with stack_save(), for example of the place
 *		that took the lock; zero-terminated unless @nr are used
 * @nr:		how many
 * @title:	what the second stack is, for example "lock taken at"
 */
__printf(5, 6) __cold
void violation_with_stack(enum violation_kind kind, const unsigned long *stack,
			  unsigned int nr, const char *title, const char *fmt, ...);

/**
 * struct violation_stack - one more place that a report names
 * @title:	what it is
 * @ips:	return addresses, zero-terminated unless @nr are used
 * @nr:		how many
 */
struct violation_stack {
	const char *title;
	const unsigned long *ips;
	unsigned int nr;
};

/* violation() that names further places: how a lock order came to be known. */
__printf(4, 5) __cold
void violation_with_stacks(enum violation_kind kind, const struct violation_stack *stacks,
			   unsigned int nr, const char *fmt, ...);
/* The same for those who have a va_list. */
__printf(4, 0) __cold
void vviolation(enum violation_kind kind, const struct violation_stack *stacks, unsigned int nr,
		const char *fmt, va_list ap);

/**
 * violation_catch() - run something that must break a rule
 * @fn:		what to run, in a kthread of its own; may sleep
 * @arg:	its argument
 * @text:	where to store the first line of the report, or NULL
 * @size:	room at @text in bytes
 *
 * The violation unwinds the kthread at once.  Locks and preempt counts it still
 * held are forgotten by force, so only objects private to @fn may be locked.
 *
 * Return: the kind of the first violation, or VIOLATION_NONE if there was none.
 * Context: process context.
 */
enum violation_kind violation_catch(void (*fn)(void *arg), void *arg,
				    char *text, size_t size);

const char *violation_name(enum violation_kind kind);

#define STACK_DEPTH 12
/* Save up to @nr return addresses of the caller, nearest first; cheap. */
unsigned int stack_save(unsigned long *ips, unsigned int nr);
/* Print saved addresses with symbols, one line each, to standard error. */
void stack_print(const unsigned long *ips, unsigned int nr);

#endif /* _MACHINE_VIOLATION_H */

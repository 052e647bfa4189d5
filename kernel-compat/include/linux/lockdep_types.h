/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types of the lock checker.
 *
 * same.  model: struct lockdep_map and struct lock_class_key are opaque, as they are to
 * users of the kernel's.  LD_WAIT_CONFIG is always a value of its own, and taken for
 * LD_WAIT_SPIN unless raw lock nesting is checked (see linux/lockdep.h).
 */
#ifndef _LINUX_LOCKDEP_TYPES_H
#define _LINUX_LOCKDEP_TYPES_H

#include <linux/types.h>

#define MAX_LOCKDEP_SUBCLASSES	8UL

enum lockdep_wait_type {
	LD_WAIT_INV = 0,	/* not checked */
	LD_WAIT_FREE,		/* waits for nothing: RCU */
	LD_WAIT_SPIN,		/* spins: raw_spinlock_t */
	LD_WAIT_CONFIG,		/* sleeps on PREEMPT_RT, else spins: spinlock_t */
	LD_WAIT_SLEEP,		/* sleeps: mutex */
	LD_WAIT_MAX,
};

enum lockdep_lock_type {
	LD_LOCK_NORMAL = 0,
	LD_LOCK_PERCPU,
	LD_LOCK_WAIT_OVERRIDE,
	LD_LOCK_MAX,
};

/* One address per subclass; the address is the identity of the class. */
struct lockdep_subclass_key {
	char __one_byte;
} __attribute__((__packed__));

struct lock_class_key {
	struct lockdep_subclass_key	subkeys[MAX_LOCKDEP_SUBCLASSES];
};

extern struct lock_class_key __lockdep_no_validate__;
extern struct lock_class_key __lockdep_no_track__;

/* Part of every lock: which class it belongs to. */
struct lockdep_map {
	struct lock_class_key	*key;	/* NULL in a static lock: its own address is the key */
	const char		*name;
	u64			cache;	/* boot generation << 16 | class of .subclass */
	u8			kind;	/* enum lock_kind */
	u8			subclass; /* default subclass, lockdep_set_subclass() */
	/* For bare maps; a lock's follow from its kind. enum lockdep_wait_type. */
	u8			wait_outer; /* what it needs around it; 0: .wait_inner */
	u8			wait_inner; /* what may be waited for inside */
	u8			lock_type; /* enum lockdep_lock_type */
};

struct pin_cookie { unsigned int val; };
#define NIL_COOKIE (struct pin_cookie){ .val = 0U, }

#endif /* _LINUX_LOCKDEP_TYPES_H */

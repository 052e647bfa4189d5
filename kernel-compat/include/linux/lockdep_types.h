/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Types of the lock checker.
 *
 * model: struct lockdep_map and struct lock_class_key are opaque, as they are to
 * users of the kernel's; wait types are accepted by the initialisers and unused.
 */
#ifndef _LINUX_LOCKDEP_TYPES_H
#define _LINUX_LOCKDEP_TYPES_H

#include <linux/types.h>

#define MAX_LOCKDEP_SUBCLASSES	8UL

enum lockdep_wait_type {
	LD_WAIT_INV = 0,
	LD_WAIT_FREE,
	LD_WAIT_SPIN,
	LD_WAIT_CONFIG = LD_WAIT_SPIN,
	LD_WAIT_SLEEP,
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
};

struct pin_cookie { unsigned int val; };
#define NIL_COOKIE (struct pin_cookie){ .val = 0U, }

#endif /* _LINUX_LOCKDEP_TYPES_H */

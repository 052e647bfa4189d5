/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting semaphores.  same; waiters are served first in, first out.  They have no
 * owner, so nothing about holders is checked, as in the kernel.
 */
#ifndef _LINUX_SEMAPHORE_H
#define _LINUX_SEMAPHORE_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct semaphore {
	raw_spinlock_t		lock;
	unsigned int		count;
	struct list_head	wait_list;
};

#define __SEMAPHORE_INITIALIZER(name, n)					\
	{ .lock = __RAW_SPIN_LOCK_INITIALIZER((name).lock), .count = (n),	\
	  .wait_list = { &(name).wait_list, &(name).wait_list } }
#define DEFINE_SEMAPHORE(_name, _n)						\
	struct semaphore _name = __SEMAPHORE_INITIALIZER(_name, _n)

void __sema_init(struct semaphore *sem, int val, struct lock_class_key *key);
#define sema_init(sem, val)							\
do {										\
	static struct lock_class_key __key;					\
	__sema_init((sem), (val), &__key);					\
} while (0)

void down(struct semaphore *sem);
int __must_check down_interruptible(struct semaphore *sem);	/* 0 or -EINTR */
int __must_check down_killable(struct semaphore *sem);		/* 0 or -EINTR */
int __must_check down_trylock(struct semaphore *sem);		/* 0 when taken, else 1 */
int __must_check down_timeout(struct semaphore *sem, long timeout); /* 0 or -ETIME */
void up(struct semaphore *sem);

#endif /* _LINUX_SEMAPHORE_H */

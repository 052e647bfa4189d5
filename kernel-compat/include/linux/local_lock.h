/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Locks of per-CPU data: they disable preemption (or interrupts) and say why.
 *
 * same as !PREEMPT_RT; recursion and foreign release are checked.
 */
#ifndef _LINUX_LOCAL_LOCK_H
#define _LINUX_LOCAL_LOCK_H

#include <linux/cleanup.h>
#include <linux/lockdep.h>
#include <linux/percpu-defs.h>

struct task_struct;

typedef struct {
	u32			magic;
	struct task_struct	*owner;
	struct lockdep_map	dep_map;
} local_lock_t;

#define LOCAL_LOCK_MAGIC	0x10ca110c
#define INIT_LOCAL_LOCK(lockname)						\
	{ .magic = LOCAL_LOCK_MAGIC,						\
	  .dep_map = { .name = #lockname, .kind = LOCK_KIND_LOCAL } }

void __lock_local_init(local_lock_t *lock, const char *name, struct lock_class_key *key);
#define local_lock_init(lock)							\
do {										\
	static struct lock_class_key __key;					\
	__lock_local_init((lock), #lock, &__key);				\
} while (0)

/* The steps of the macros below: the per-CPU address is taken once the CPU is sure. */
void __lock_local_disable(void);
void __lock_local_irq_disable(void);
unsigned long __lock_local_irq_save(void);
void __lock_local_acquire(local_lock_t *lock);
void __lock_local_release(local_lock_t *lock);
void __lock_local_enable(void);
void __lock_local_irq_enable(void);
void __lock_local_irq_restore(unsigned long flags);

#define local_lock(lock)							\
	do { __lock_local_disable(); __lock_local_acquire(this_cpu_ptr(lock)); } while (0)
#define local_lock_irq(lock)							\
	do { __lock_local_irq_disable(); __lock_local_acquire(this_cpu_ptr(lock)); } while (0)
#define local_lock_irqsave(lock, flags)						\
do {										\
	(flags) = __lock_local_irq_save();					\
	__lock_local_acquire(this_cpu_ptr(lock));				\
} while (0)
#define local_unlock(lock)							\
	do { __lock_local_release(this_cpu_ptr(lock)); __lock_local_enable(); } while (0)
#define local_unlock_irq(lock)							\
	do { __lock_local_release(this_cpu_ptr(lock)); __lock_local_irq_enable(); } while (0)
#define local_unlock_irqrestore(lock, flags)					\
do {										\
	__lock_local_release(this_cpu_ptr(lock));				\
	__lock_local_irq_restore(flags);					\
} while (0)

DEFINE_GUARD(local_lock, local_lock_t *, local_lock(_T), local_unlock(_T))
DEFINE_GUARD(local_lock_irq, local_lock_t *, local_lock_irq(_T), local_unlock_irq(_T))

#endif /* _LINUX_LOCAL_LOCK_H */

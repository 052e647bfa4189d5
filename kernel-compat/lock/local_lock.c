// SPDX-License-Identifier: GPL-2.0
/*
 * Local locks: nothing excludes but the CPU itself, so all there is to do is check.
 */
#include <linux/local_lock.h>

#include "internal.h"

void __lock_local_init(local_lock_t *lock, const char *name, struct lock_class_key *key)
{
	lock->owner = NULL;
	lock_init_map(&lock->dep_map, name, key, LOCK_KIND_LOCAL);
	lock->magic = LOCAL_LOCK_MAGIC;
}

void __lock_local_disable(void)
{
	preempt_disable();
}

void __lock_local_irq_disable(void)
{
	local_irq_disable();
}

unsigned long __lock_local_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}

void __lock_local_acquire(local_lock_t *lock)
{
	if (unlikely(lock->magic != LOCAL_LOCK_MAGIC))
		lock_report_magic(lock, lock->magic, &lock->dep_map, "local lock");
	lock_enter(lock, &lock->dep_map, LOCK_HOW(LOCK_KIND_LOCAL, 0, 0), NULL);
	exec_point(EXEC_POINT_LOCK, lock);
	lock->owner = current;
}

void __lock_local_release(local_lock_t *lock)
{
	if (unlikely(lock->magic != LOCAL_LOCK_MAGIC))
		lock_report_magic(lock, lock->magic, &lock->dep_map, "local lock");
	lock_leave(lock, &lock->dep_map, LOCK_HOW(LOCK_KIND_LOCAL, 0, 0), lock->owner,
		   lock->owner != NULL);
	lock->owner = NULL;
	exec_point(EXEC_POINT_UNLOCK, lock);
}

void __lock_local_enable(void)
{
	preempt_enable();
}

void __lock_local_irq_enable(void)
{
	local_irq_enable();
}

void __lock_local_irq_restore(unsigned long flags)
{
	local_irq_restore(flags);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock of an address space's VMA tree.
 *
 * same: every function.  The asserts are VIOLATION_MMAP_LOCK here.
 * Left out: per-VMA locks (as with CONFIG_PER_VMA_LOCK=n).
 */
#ifndef _LINUX_MMAP_LOCK_H
#define _LINUX_MMAP_LOCK_H

#include <linux/lockdep.h>
#include <linux/mm_types.h>
#include <linux/rwsem.h>

/* VIOLATION_MMAP_LOCK unless the running task holds mm's mmap_lock (for writing). */
void mmap_lock_assert(const struct mm_struct *mm, bool write);

static inline void mmap_assert_locked(const struct mm_struct *mm)
{
	mmap_lock_assert(mm, false);
}

static inline void mmap_assert_write_locked(const struct mm_struct *mm)
{
	mmap_lock_assert(mm, true);
}

static inline void mmap_init_lock(struct mm_struct *mm)
{
	init_rwsem(&mm->mmap_lock);
}

static inline void mmap_write_lock(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
}

static inline void mmap_write_lock_nested(struct mm_struct *mm, int subclass)
{
	down_write_nested(&mm->mmap_lock, subclass);
}

static inline int __must_check mmap_write_lock_killable(struct mm_struct *mm)
{
	return down_write_killable(&mm->mmap_lock);
}

static inline void mmap_write_unlock(struct mm_struct *mm)
{
	up_write(&mm->mmap_lock);
}

static inline void mmap_write_downgrade(struct mm_struct *mm)
{
	downgrade_write(&mm->mmap_lock);
}

static inline void mmap_read_lock(struct mm_struct *mm)
{
	down_read(&mm->mmap_lock);
}

static inline int __must_check mmap_read_lock_killable(struct mm_struct *mm)
{
	return down_read_killable(&mm->mmap_lock);
}

static inline bool __must_check mmap_read_trylock(struct mm_struct *mm)
{
	return down_read_trylock(&mm->mmap_lock) != 0;
}

static inline void mmap_read_unlock(struct mm_struct *mm)
{
	up_read(&mm->mmap_lock);
}

static inline int mmap_lock_is_contended(struct mm_struct *mm)
{
	return rwsem_is_contended(&mm->mmap_lock);
}

#endif /* _LINUX_MMAP_LOCK_H */

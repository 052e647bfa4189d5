/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Life of an address space.
 *
 * same: reference rules (mm_count, mm_users), get_task_mm(), lazy TLB references.
 * model: no oom reaper, no vfork, no core dumps.  The last mmdrop() may free the mm
 * at once; it is checked for left-over RSS, page tables and VMAs then.
 */
#ifndef _LINUX_SCHED_MM_H
#define _LINUX_SCHED_MM_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/mm_types.h>
#include <linux/sched.h>

#define PF_MEMALLOC_NOIO	0x00080000
#define PF_MEMALLOC_NOFS	0x00040000

/* A new, empty address space, mm_users and mm_count 1; NULL when out of memory. */
struct mm_struct *mm_alloc(void);
void __mmdrop(struct mm_struct *mm);

static inline void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
}

static inline void mmdrop(struct mm_struct *mm)
{
	/* Full barrier: all accesses before it are done before the mm is freed. */
	if (unlikely(atomic_dec_and_test(&mm->mm_count)))
		__mmdrop(mm);
}

/* Safe where sleeping locks are not: the freeing is left to RCU. */
void mmdrop_sched(struct mm_struct *mm);
static inline void mmgrab_lazy_tlb(struct mm_struct *mm) { mmgrab(mm); }
static inline void mmdrop_lazy_tlb(struct mm_struct *mm) { mmdrop(mm); }
static inline void mmdrop_lazy_tlb_sched(struct mm_struct *mm) { mmdrop_sched(mm); }

static inline void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
}

static inline bool mmget_not_zero(struct mm_struct *mm)
{
	return atomic_inc_not_zero(&mm->mm_users);
}

/* Context: may sleep; the last one unmaps everything. */
void mmput(struct mm_struct *mm);
/* Same, but the work is done by a workqueue. Context: atomic is fine. */
void mmput_async(struct mm_struct *mm);
/* mm of @task with a reference, NULL for kernel threads and exiting tasks. */
struct mm_struct *get_task_mm(struct task_struct *task);
/* Whose mm this is, for exit; see kernel/fork.c. */
void exit_mm_release(struct task_struct *tsk, struct mm_struct *mm);
void exec_mm_release(struct task_struct *tsk, struct mm_struct *mm);
void mm_update_next_owner(struct mm_struct *mm);

/* What copy_process(), do_exit() and execve() do about the address space. */
int copy_mm(unsigned long clone_flags, struct task_struct *tsk);
void exit_mm(void);
int exec_mmap(struct mm_struct *mm);
void mm_release(struct task_struct *tsk, struct mm_struct *mm);

static inline gfp_t current_gfp_context(gfp_t flags)
{
	unsigned int pflags = READ_ONCE(current->flags);

	if (pflags & PF_MEMALLOC_NOIO)
		flags &= ~(__GFP_IO | __GFP_FS);
	if (pflags & PF_MEMALLOC_NOFS)
		flags &= ~__GFP_FS;
	if (pflags & PF_MEMALLOC_PIN)
		flags &= ~__GFP_MOVABLE;
	return flags;
}

static inline unsigned int memalloc_flags_save(unsigned int flags)
{
	unsigned int oldflags = ~current->flags & flags;

	WRITE_ONCE(current->flags, current->flags | flags);
	return oldflags;
}

static inline void memalloc_flags_restore(unsigned int flags)
{
	WRITE_ONCE(current->flags, current->flags & ~flags);
}
/* Around reclaim, and where it may come to be: lockdep sees what is waited for inside. */
void fs_reclaim_acquire(gfp_t gfp_mask);
void fs_reclaim_release(gfp_t gfp_mask);
/* An allocation could be made here. Context: as @gfp_mask says. */
static inline void might_alloc(gfp_t gfp_mask)
{
	fs_reclaim_acquire(gfp_mask);
	fs_reclaim_release(gfp_mask);
	might_sleep_if(gfpflags_allow_blocking(gfp_mask));
}
#define memalloc_nofs_save()	memalloc_flags_save(PF_MEMALLOC_NOFS)
#define memalloc_nofs_restore(flags) memalloc_flags_restore(flags)
#define memalloc_noio_save()	memalloc_flags_save(PF_MEMALLOC_NOIO)
#define memalloc_noio_restore(flags) memalloc_flags_restore(flags)
#define memalloc_pin_save()		memalloc_flags_save(PF_MEMALLOC_PIN)
#define memalloc_pin_restore(flags)	memalloc_flags_restore(flags)
#define memalloc_noreclaim_save()	memalloc_flags_save(PF_MEMALLOC)
#define memalloc_noreclaim_restore(flags) memalloc_flags_restore(flags)

#endif /* _LINUX_SCHED_MM_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Life of an address space: fork, exec, exit, and the references between them.
 *
 * mm_users counts who uses the address space, mm_count who uses the struct; all users
 * together hold one mm_count.  When the last user goes everything is unmapped; when
 * the last reference goes the struct is checked for what may not be left, and freed.
 */
#include <linux/mm.h>
#include <linux/autonuma.h>
#include <linux/mempolicy.h>
#include <linux/mmu_notifier.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>
#include <asm/mmu_context.h>
#include <machine/machine.h>
#include <machine/program.h>
#include <machine/violation.h>
#include "mm_life.h"
#include "vma.h"

/* Its mmlist is the head of all others'. */
struct mm_struct init_mm;

static struct kmem_cache *mm_cachep;
static DEFINE_SPINLOCK(all_mms_lock);
static atomic64_t last_context_id;

static const char *const rss_names[NR_MM_COUNTERS] = {
	[MM_FILEPAGES] = "MM_FILEPAGES", [MM_ANONPAGES] = "MM_ANONPAGES",
	[MM_SWAPENTS] = "MM_SWAPENTS", [MM_SHMEMPAGES] = "MM_SHMEMPAGES",
};

int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
	mm->context_id = atomic64_inc_return(&last_context_id);
	return 0;
}

/* Everything but the reverse maps and VMAs, which begin empty. */
static struct mm_struct *mm_init(struct mm_struct *mm, struct task_struct *p)
{
	memset(mm, 0, sizeof(*mm));
	mm->mm_rb = RB_ROOT;
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	seqcount_init(&mm->write_protect_seq);
	mmap_init_lock(mm);
	spin_lock_init(&mm->page_table_lock);
	INIT_LIST_HEAD(&mm->mmlist);
	mmu_notifier_subscriptions_init(mm);
	init_tlb_flush_pending(mm);
	mm->task_size = TASK_SIZE;
	mm->mmap_base = PAGE_ALIGN_DOWN(TASK_SIZE - (128UL << 20));
	mm->flags = current->mm ? READ_ONCE(current->mm->flags) & MMF_INIT_MASK : 0;
	RCU_INIT_POINTER(mm->owner, p);
	init_new_context(p, mm);
	autonuma_mm_init(mm);
	mm->pgd = pgd_alloc(mm);
	if (!mm->pgd) {
		kmem_cache_free(mm_cachep, mm);
		return NULL;
	}
	spin_lock_irq(&all_mms_lock);
	list_add_tail(&mm->mmlist, &init_mm.mmlist);
	spin_unlock_irq(&all_mms_lock);
	return mm;
}

static struct mm_struct *mm_alloc_for(struct task_struct *p)
{
	struct mm_struct *mm = kmem_cache_alloc(mm_cachep, GFP_KERNEL);

	return mm ? mm_init(mm, p) : NULL;
}

struct mm_struct *mm_alloc(void)
{
	return mm_alloc_for(current);
}

void for_each_mm(void (*fn)(struct mm_struct *mm, void *arg), void *arg)
{
	struct mm_struct *mm;

	/* At a quiet point nobody adds or removes one. */
	list_for_each_entry(mm, &init_mm.mmlist, mmlist)
		fn(mm, arg);
}

/* What must be gone when the last reference goes. */
static void check_mm(struct mm_struct *mm)
{
	int i;

	for (i = 0; i < NR_MM_COUNTERS; i++) {
		long n = atomic_long_read(&mm->rss_stat[i]);

		if (n)
			violation(VIOLATION_ACCOUNT, "mm %p is freed with %s = %ld", mm,
				  rss_names[i], n);
	}
	if (mm_pgtables_bytes(mm))
		violation(VIOLATION_ACCOUNT, "mm %p is freed with %lu bytes of page tables", mm,
			  mm_pgtables_bytes(mm));
	if (!RB_EMPTY_ROOT(&mm->mm_rb) || mm->map_count)
		violation(VIOLATION_ACCOUNT, "mm %p is freed with %d VMAs", mm, mm->map_count);
	if (mm_tlb_flush_pending(mm))
		violation(VIOLATION_ACCOUNT, "mm %p is freed with a TLB flush pending", mm);
	if (mm->total_vm)
		violation(VIOLATION_ACCOUNT, "mm %p is freed with total_vm = %lu", mm,
			  mm->total_vm);
}

/* The last reference may go in a callback of RCU, so in softirq context. */
void __mmdrop(struct mm_struct *mm)
{
	unsigned long flags;

	BUG_ON(mm == &init_mm);
	WARN_ON(mm == current->mm);
	destroy_context(mm);
	pgd_free(mm, mm->pgd);
	mmu_notifier_subscriptions_destroy(mm);
	check_mm(mm);
	spin_lock_irqsave(&all_mms_lock, flags);
	list_del(&mm->mmlist);
	spin_unlock_irqrestore(&all_mms_lock, flags);
	kmem_cache_free(mm_cachep, mm);
}

static void __mmdrop_delayed(struct rcu_head *head)
{
	__mmdrop(container_of(head, struct mm_struct, delayed_drop));
}

void mmdrop_sched(struct mm_struct *mm)
{
	if (atomic_dec_and_test(&mm->mm_count))
		call_rcu(&mm->delayed_drop, __mmdrop_delayed);
}

static void __mmput(struct mm_struct *mm)
{
	VM_BUG_ON(atomic_read(&mm->mm_users));
	autonuma_mm_exit(mm);
	khugepaged_exit(mm);
	exit_mmap(mm);
	mm_put_huge_zero_folio(mm);
	mmdrop(mm);
}

void mmput(struct mm_struct *mm)
{
	might_sleep();
	if (atomic_dec_and_test(&mm->mm_users))
		__mmput(mm);
}

static void mmput_async_fn(struct work_struct *work)
{
	__mmput(container_of(work, struct mm_struct, async_put_work));
}

void mmput_async(struct mm_struct *mm)
{
	if (atomic_dec_and_test(&mm->mm_users)) {
		INIT_WORK(&mm->async_put_work, mmput_async_fn);
		schedule_work(&mm->async_put_work);
	}
}

struct mm_struct *get_task_mm(struct task_struct *task)
{
	struct mm_struct *mm;

	if (READ_ONCE(task->flags) & PF_KTHREAD)
		return NULL;
	task_lock(task);
	mm = task->mm;
	if (mm)
		mmget(mm);
	task_unlock(task);
	return mm;
}

/* The owner leaves: one of its threads that still uses the mm takes over. */
void mm_update_next_owner(struct mm_struct *mm)
{
	struct task_struct *t, *heir = NULL;

	if (rcu_access_pointer(mm->owner) != current)
		return;
	rcu_read_lock();
	if (atomic_read(&mm->mm_users) > 1) {
		for_each_thread(current, t) {
			if (t != current && READ_ONCE(t->mm) == mm) {
				heir = t;
				break;
			}
		}
	}
	rcu_assign_pointer(mm->owner, heir);
	rcu_read_unlock();
}

void exit_mm_release(struct task_struct *tsk, struct mm_struct *mm) { }
void exec_mm_release(struct task_struct *tsk, struct mm_struct *mm) { }

/* do_exit(): leave the address space, keep the struct until the CPU loads another. */
void exit_mm(void)
{
	struct mm_struct *mm = current->mm;

	exit_mm_release(current, mm);
	if (!mm)
		return;
	mmap_read_lock(mm);
	mmgrab_lazy_tlb(mm);
	BUG_ON(mm != current->active_mm);
	task_lock(current);
	local_irq_disable();
	WRITE_ONCE(current->mm, NULL);
	enter_lazy_tlb(mm, current);
	local_irq_enable();
	task_unlock(current);
	mmap_read_unlock(mm);
	mm_update_next_owner(mm);
	mmput(mm);
}

/* One VMA of the parent for the child. */
static int dup_vma(struct mm_struct *mm, struct vm_area_struct *mpnt)
{
	struct vm_area_struct *vma = vm_area_dup(mpnt);
	int err = -ENOMEM;

	if (!vma)
		return -ENOMEM;
	vma->vm_policy = NULL;
	err = vma_dup_policy(mpnt, vma);
	if (err)
		goto free;
	vma->vm_mm = mm;
	if (vma->vm_flags & VM_WIPEONFORK) {
		vma->anon_vma = NULL;
	} else {
		vma->anon_vma = NULL;
		err = anon_vma_fork(vma, mpnt);
		if (err)
			goto put_policy;
	}
	vm_flags_init(vma, vma->vm_flags & ~VM_LOCKED_MASK);
	if (vma->vm_file)
		get_file(vma->vm_file);
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
	vma_link(mm, vma);
	mm->total_vm += vma_pages(vma);
	if (vma->vm_flags & VM_WIPEONFORK)
		return 0;
	return copy_page_range(vma, mpnt);

put_policy:
	mpol_put(vma->vm_policy);
free:
	vm_area_free(vma);
	return err;
}

static int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct rb_node *node;
	int err = 0;

	if (mmap_write_lock_killable(oldmm))
		return -EINTR;
	mmap_write_lock_nested(mm, SINGLE_DEPTH_NESTING);
	mm->data_vm = oldmm->data_vm;
	mm->exec_vm = oldmm->exec_vm;
	mm->stack_vm = oldmm->stack_vm;
	mm->def_flags = 0;
	for (node = rb_first(&oldmm->mm_rb); node && !err; node = rb_next(node)) {
		struct vm_area_struct *mpnt = vma_of_rb(node);

		if (mpnt->vm_flags & VM_DONTCOPY)
			continue;
		if (fatal_signal_pending(current))
			err = -EINTR;
		else
			err = dup_vma(mm, mpnt);
	}
	if (!err)
		khugepaged_fork(mm, oldmm);
	mmap_write_unlock(mm);
	/* The parent must not write to what is shared now. */
	flush_tlb_mm(oldmm);
	mmap_write_unlock(oldmm);
	return err;
}

static struct mm_struct *dup_mm(struct task_struct *tsk, struct mm_struct *oldmm)
{
	struct mm_struct *mm = mm_alloc_for(tsk);
	int err;

	if (!mm)
		return ERR_PTR(-ENOMEM);
	err = dup_mmap(mm, oldmm);
	if (err) {
		RCU_INIT_POINTER(mm->owner, NULL);
		mmput(mm);
		return ERR_PTR(err);
	}
	return mm;
}

int copy_mm(unsigned long clone_flags, struct task_struct *tsk)
{
	struct mm_struct *mm = current->mm;

	tsk->mm = NULL;
	tsk->active_mm = NULL;
	if (!mm)
		return 0;
	if (clone_flags & CLONE_VM) {
		mmget(mm);
	} else {
		mm = dup_mm(tsk, mm);
		if (IS_ERR(mm))
			return PTR_ERR(mm);
	}
	tsk->mm = mm;
	tsk->active_mm = mm;
	return 0;
}

int program_new_mm(struct task_struct *p)
{
	struct mm_struct *mm = mm_alloc_for(p);

	if (!mm)
		return -ENOMEM;
	p->mm = mm;
	p->active_mm = mm;
	return 0;
}

void program_drop_mm(struct task_struct *p)
{
	struct mm_struct *mm = p->mm;

	p->mm = NULL;
	p->active_mm = NULL;
	if (!mm)
		return;
	if (rcu_access_pointer(mm->owner) == p)
		RCU_INIT_POINTER(mm->owner, NULL);
	mmput(mm);
}

/* execve(): run in @mm from here on; the old address space loses a user. */
int exec_mmap(struct mm_struct *mm)
{
	struct task_struct *tsk = current;
	struct mm_struct *old_mm = tsk->mm, *active_mm;

	exec_mm_release(tsk, old_mm);
	if (old_mm && mmap_read_lock_killable(old_mm))
		return -EINTR;
	task_lock(tsk);
	local_irq_disable();
	active_mm = tsk->active_mm;
	tsk->active_mm = mm;
	WRITE_ONCE(tsk->mm, mm);
	activate_mm(active_mm, mm);
	local_irq_enable();
	task_unlock(tsk);
	if (old_mm) {
		mmap_read_unlock(old_mm);
		BUG_ON(active_mm != old_mm);
		mm_update_next_owner(old_mm);
		mmput(old_mm);
		return 0;
	}
	mmdrop_lazy_tlb(active_mm);
	return 0;
}

/* model: a program with other threads is refused instead of killing them. */
long sys_execve(const char *comm, program_fn fn, void *arg)
{
	struct mm_struct *mm;
	int err;

	if (!current->mm)
		return -EINVAL;
	if (atomic_read(&current->signal->live) > 1)
		return -EBUSY;
	sched_exec();
	mm = mm_alloc();
	if (!mm)
		return -ENOMEM;
	err = exec_mmap(mm);
	if (err) {
		mmput(mm);
		exec_return_to_user();
		return err;
	}
	WRITE_ONCE(current->flags, current->flags & ~PF_FORKNOEXEC);
	autonuma_task_exec(current);
	set_task_comm(current, comm);
	exec_return_to_user();
	exec_restart_program(fn, arg);
}

/*
 * What exec/ calls when a CPU borrows an address space: in the middle of a switch, where
 * no context may be held, so this is mmgrab_lazy_tlb() without a decision point.
 */
void exec_mmgrab(struct mm_struct *mm)
{
	__atomic_fetch_add(&mm->mm_count.counter, 1, __ATOMIC_RELAXED);
}

void exec_mmdrop(struct mm_struct *mm)
{
	mmdrop_lazy_tlb_sched(mm);
}

struct mm_struct *exec_init_mm(void)
{
	return &init_mm;
}

static int mm_life_boot(const struct machine_config *cfg)
{
	memset(&init_mm, 0, sizeof(init_mm));
	atomic_set(&init_mm.mm_users, 2);
	atomic_set(&init_mm.mm_count, 1);
	mmap_init_lock(&init_mm);
	spin_lock_init(&init_mm.page_table_lock);
	spin_lock_init(&all_mms_lock);
	INIT_LIST_HEAD(&init_mm.mmlist);
	atomic64_set(&last_context_id, 0);
	mm_cachep = KMEM_CACHE(mm_struct, 0);
	return mm_cachep ? 0 : -ENOMEM;
}

static void mm_life_halt(void)
{
	if (!list_empty(&init_mm.mmlist))
		violation(VIOLATION_LEAK, "mm %p was never dropped",
			  list_first_entry(&init_mm.mmlist, struct mm_struct, mmlist));
	kmem_cache_destroy(mm_cachep);
	mm_cachep = NULL;
}
MACHINE_SUBSYS(mm_life, MACHINE_ORDER_VM, mm_life_boot, NULL, mm_life_halt);

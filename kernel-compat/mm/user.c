// SPDX-License-Identifier: GPL-2.0
/*
 * How simulated programs reach memory, and the page-fault entry.
 *
 * An access translates through the running CPU's TLB and touches the page's contents
 * while it holds the TLB's lock, so it is over when a flush of that translation
 * returns.  Words are accessed with relaxed atomics: on x86 a plain access, and no
 * data race however wrong the program is.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <machine/program.h>
#include <machine/violation.h>
#include "tlb.h"

/* Only whether registers were given matters: the fault is counted for current. */
#define FAULT_REGS	((struct pt_regs *)current)

/* A correct kernel resolves an access in a handful of faults. */
#define MAX_FAULTS	1000000

static bool access_error(bool write, struct vm_area_struct *vma)
{
	if (write)
		return !(vma->vm_flags & VM_WRITE);
	return !(vma->vm_flags & (VM_READ | VM_EXEC | VM_WRITE));
}

/*
 * do_user_addr_fault() - the page fault of a user access
 *
 * Return: 0 to try the access again, -EFAULT where a kernel would send SIGSEGV,
 * SIGBUS or (out of memory) SIGKILL.
 * Context: user mode of current; no lock held.
 */
static int do_user_addr_fault(unsigned long address, bool write)
{
	struct mm_struct *mm = current->mm;
	unsigned int flags = FAULT_FLAG_DEFAULT | FAULT_FLAG_USER;
	struct vm_area_struct *vma;
	vm_fault_t fault;

	if (write)
		flags |= FAULT_FLAG_WRITE;
retry:
	if (mmap_read_lock_killable(mm))
		return -EFAULT;
	vma = vma_lookup(mm, address);
	if (!vma || access_error(write, vma)) {
		mmap_read_unlock(mm);
		return -EFAULT;
	}
	fault = handle_mm_fault(vma, address, flags, FAULT_REGS);
	if (fault & VM_FAULT_COMPLETED)
		return 0;
	if (unlikely(fault & VM_FAULT_RETRY)) {
		if (fatal_signal_pending(current))
			return -EFAULT;
		flags |= FAULT_FLAG_TRIED;
		goto retry;
	}
	mmap_read_unlock(mm);
	return fault & VM_FAULT_ERROR ? -EFAULT : 0;
}

/*
 * Translate @addr of the running program; the TLB stays locked on success.
 * 0 or -EFAULT.
 */
static int user_access_begin_at(unsigned long addr, enum tlb_access access,
				struct tlb **tlbp, unsigned long *pfn)
{
	unsigned int faults = 0;

	if (unlikely(!current->mm || current->exec.preempt_count))
		violation(VIOLATION_ATOMIC_SLEEP, "user access by %s outside user mode",
			  current->comm);
	for (;;) {
		struct tlb *tlb = tlb_enter();
		int err;

		if (likely(tlb_translate(tlb, addr, access, pfn))) {
			*tlbp = tlb;
			return 0;
		}
		tlb_leave(tlb);
		err = do_user_addr_fault(addr, access == TLB_STORE);
		exec_return_to_user();
		if (err)
			return err;
		if (++faults == MAX_FAULTS)
			violation(VIOLATION_BUG, "%s access to %#lx still faults after %u faults",
				  access == TLB_STORE ? "write" : "read", addr, faults);
	}
}

static u64 *user_word(unsigned long pfn, unsigned long addr)
{
	return (u64 *)((char *)page_address(pfn_to_page(pfn)) + offset_in_page(addr));
}

/* The way back to user mode, where a pending preemption happens. */
static void user_access_done(void)
{
	if (unlikely(READ_ONCE(current->exec.attention)))
		exec_return_to_user();
}

int user_read64(unsigned long addr, u64 *val)
{
	unsigned long pfn;
	struct tlb *tlb;
	int err;

	if (addr & 7)
		return -EFAULT;
	err = user_access_begin_at(addr, TLB_READ, &tlb, &pfn);
	if (err)
		return err;
	*val = __atomic_load_n(user_word(pfn, addr), __ATOMIC_RELAXED);
	tlb_leave(tlb);
	user_access_done();
	return 0;
}

int user_write64(unsigned long addr, u64 val)
{
	unsigned long pfn;
	struct tlb *tlb;
	int err;

	if (addr & 7)
		return -EFAULT;
	err = user_access_begin_at(addr, TLB_STORE, &tlb, &pfn);
	if (err)
		return err;
	__atomic_store_n(user_word(pfn, addr), val, __ATOMIC_RELAXED);
	tlb_leave(tlb);
	user_access_done();
	return 0;
}

int user_cmpxchg64(unsigned long addr, u64 old, u64 new, u64 *prev)
{
	unsigned long pfn;
	struct tlb *tlb;
	int err;

	if (addr & 7)
		return -EFAULT;
	err = user_access_begin_at(addr, TLB_STORE, &tlb, &pfn);
	if (err)
		return err;
	__atomic_compare_exchange_n(user_word(pfn, addr), &old, new, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	tlb_leave(tlb);
	if (prev)
		*prev = old;
	user_access_done();
	return 0;
}

/* Pages touched under one hold of the TLB's lock. */
#define TOUCH_BATCH	32

int user_touch_range(unsigned long addr, unsigned long len, bool write, u64 tag,
		     u64 *pages_of_node)
{
	enum tlb_access access = write ? TLB_STORE : TLB_READ;
	unsigned long page = addr & PAGE_MASK, end = addr + len, pfn;

	while (page < end) {
		struct tlb *tlb;
		unsigned int n = 0;
		int err = user_access_begin_at(page, access, &tlb, &pfn);

		if (err)
			return err;
		do {
			if (write)
				__atomic_store_n(user_word(pfn, page), page ^ tag,
						 __ATOMIC_RELAXED);
			else
				(void)__atomic_load_n(user_word(pfn, page),
						      __ATOMIC_RELAXED);
			if (pages_of_node)
				pages_of_node[pfn_to_nid(pfn)]++;
			page += PAGE_SIZE;
		} while (page < end && ++n < TOUCH_BATCH &&
			 tlb_translate(tlb, page, access, &pfn));
		tlb_leave(tlb);
		user_access_done();
	}
	return 0;
}

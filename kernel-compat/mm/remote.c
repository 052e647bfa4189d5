// SPDX-License-Identifier: GPL-2.0
/*
 * Access to another process's memory, as by ptrace.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <machine/program.h>

/*
 * Copy between a page and a buffer. The program may use the page meanwhile, word by
 * word: whole words are copied as such.
 */
static void copy_words(void *dst, const void *src, int len)
{
	while (len >= 8 && !(((unsigned long)dst | (unsigned long)src) & 7)) {
		WRITE_ONCE(*(u64 *)dst, READ_ONCE(*(const u64 *)src));
		dst += 8;
		src += 8;
		len -= 8;
	}
	for (; len; len--)
		WRITE_ONCE(*(u8 *)dst++, READ_ONCE(*(const u8 *)src++));
}

static void access_page(struct page *page, int offset, void *buf, int bytes, bool write)
{
	void *maddr = (char *)page_address(page) + offset;

	if (write) {
		copy_words(maddr, buf, bytes);
		set_page_dirty_lock(page);
	} else {
		copy_words(buf, maddr, bytes);
	}
	put_page(page);
}

int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf, int len,
		     unsigned int gup_flags)
{
	bool write = gup_flags & FOLL_WRITE;
	void *old_buf = buf;

	if (mmap_read_lock_killable(mm))
		return 0;
	while (len) {
		int offset = addr & (PAGE_SIZE - 1);
		int bytes = min_t(int, len, PAGE_SIZE - offset);
		struct page *page;

		if (get_user_pages_remote(mm, addr, 1, gup_flags, &page, NULL) != 1)
			break;
		access_page(page, offset, buf, bytes, write);
		len -= bytes;
		buf += bytes;
		addr += bytes;
	}
	mmap_read_unlock(mm);
	return buf - old_buf;
}

int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf, int len,
		      unsigned int gup_flags)
{
	struct mm_struct *mm = get_task_mm(tsk);
	int ret;

	if (!mm)
		return 0;
	ret = access_remote_vm(mm, addr, buf, len, gup_flags);
	mmput(mm);
	return ret;
}

int remote_read64(struct task_struct *p, unsigned long addr, u64 *val)
{
	int n = access_process_vm(p, addr, val, sizeof(*val), FOLL_FORCE);

	return n == sizeof(*val) ? 0 : -EFAULT;
}

int remote_write64(struct task_struct *p, unsigned long addr, u64 val)
{
	int n = access_process_vm(p, addr, &val, sizeof(val), FOLL_FORCE | FOLL_WRITE);

	return n == sizeof(val) ? 0 : -EFAULT;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simulated programs: processes and threads of the simulated machine's user
 * space.  A program is a C function that runs in a task of its own; it reaches
 * its memory only through the user_*() functions here, which go through the
 * virtual CPU's software TLB and fault like hardware, and reaches the kernel only
 * through the sys_*() functions. own: not a kernel header.
 *
 * sys_*() return what the system call returns: a value or -Exxx.  Flags are the
 * kernel's (PROT_*, MAP_*, MADV_*, MPOL_*, CLONE_*).
 */
#ifndef _MACHINE_PROGRAM_H
#define _MACHINE_PROGRAM_H

#include <linux/types.h>
#include <linux/cpumask.h>
#include <linux/nodemask.h>

struct task_struct;
struct file;

typedef int (*program_fn)(void *arg);	/* return value is the exit status */

/* A new process with an empty address space, child of init; runnable on return.
 * Holds a reference on the task for the caller, dropped by program_wait(). NULL when
 * out of memory. */
struct task_struct *program_start(const char *comm, program_fn fn, void *arg);
/* Same, first running on @cpu and bound to it until it sets its own affinity. */
struct task_struct *program_start_on(unsigned int cpu, const char *comm,
				     program_fn fn, void *arg);
/* Wait for its exit and reap it; returns the exit status. */
int program_wait(struct task_struct *p);

/* System calls of the running program. */
long sys_fork(program_fn child, void *arg);	/* pid; child runs child(arg) on a COW copy */
long sys_clone_thread(program_fn fn, void *arg, int cpu); /* tid; cpu -1: inherit affinity */
long sys_execve(const char *comm, program_fn fn, void *arg); /* only returns on error */
void sys_exit(int status) __attribute__((noreturn));
long sys_wait4(long pid);			/* exit status of child, or thread (join); -ECHILD */
long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot,
	      unsigned long flags, struct file *file, unsigned long pgoff);
long sys_munmap(unsigned long addr, unsigned long len);
long sys_mprotect(unsigned long addr, unsigned long len, unsigned long prot);
long sys_madvise(unsigned long addr, unsigned long len, int advice);
long sys_mremap(unsigned long old, unsigned long old_len, unsigned long new_len,
		unsigned long flags, unsigned long new_addr);
long sys_mbind(unsigned long addr, unsigned long len, int mode,
	       const nodemask_t *nodes, unsigned int flags);
long sys_set_mempolicy(int mode, const nodemask_t *nodes);
long sys_move_pages(unsigned long addr, unsigned long len, int nid); /* pages moved */
long sys_sched_setaffinity(long tid, const struct cpumask *mask);
long sys_clear_refs_soft_dirty(void);
/* memfd-like shared memory; a reference the caller drops with file_put(). */
struct file *shmem_file_create(const char *name, u64 bytes);
/* Regular file whose page cache is filled by reading: contents are file_pattern(). */
struct file *regular_file_create(const char *name, u64 bytes);
void file_put(struct file *file);

/*
 * Memory accesses of the running program; 0 or -EFAULT (would be SIGSEGV or SIGBUS).
 * Words are naturally aligned; accesses are single-copy atomic, like x86's.
 */
int user_read64(unsigned long addr, u64 *val);
int user_write64(unsigned long addr, u64 val);
int user_cmpxchg64(unsigned long addr, u64 old, u64 new, u64 *prev);
/*
 * Touch one word of every page of [addr, addr + len), reading or writing (a write
 * stores the page's address ^ @tag), and count touched pages by node.
 * @pages_of_node: nr_node_ids entries added to, or NULL.
 */
int user_touch_range(unsigned long addr, unsigned long len, bool write, u64 tag,
		     u64 *pages_of_node);
/* Spend @ns of virtual CPU time computing; others may run meanwhile, and the task may
 * be preempted. Counts as user time. */
void user_compute(u64 ns);

/* Access through another process (ptrace): FOLL_FORCE|FOLL_REMOTE semantics. */
int remote_read64(struct task_struct *p, unsigned long addr, u64 *val);
int remote_write64(struct task_struct *p, unsigned long addr, u64 val);

/* Node of the page mapped at @addr of @mm's address space; -1 if none. */
struct mm_struct;
int mm_page_node(struct mm_struct *mm, unsigned long addr);
/* Resident pages of @mm by node; nr_node_ids entries written. */
void mm_pages_by_node(struct mm_struct *mm, u64 *pages);

#endif /* _MACHINE_PROGRAM_H */

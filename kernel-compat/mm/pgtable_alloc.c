// SPDX-License-Identifier: GPL-2.0
/*
 * Page-table pages: where they come from, how they are counted, how they go.
 *
 * A table is 4096 bytes of the host's heap, aligned to its size, with its struct
 * ptdesc right behind, so an entry's address gives the table and the table gives its
 * lock.  Address sanitizers and valgrind see every table as an object of its own; a
 * walker that comes too late reads freed memory.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/fault-inject.h>
#include <linux/vmstat.h>
#include <engine/memory_model.h>
#include <exec/hooks.h>
#include <exec/host_memory.h>
#include <machine/machine.h>
#include <machine/violation.h>

#define TABLE_POISON	0x6b

/* Tables in existence, for the leak check. */
static atomic_long_t nr_tables;

static const char *const level_names[] = { "PTE", "PMD", "PUD", "PGD" };

struct ptdesc *pagetable_alloc(struct mm_struct *mm, enum pgtable_level level)
{
	struct ptdesc *pt;
	void *table;

	might_sleep();
	if (should_fail_alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO, 0))
		return NULL;
	table = host_aligned(PAGE_SIZE, PAGE_SIZE + sizeof(struct ptdesc));
	if (!table)
		return NULL;
	memset(table, 0, PAGE_SIZE + sizeof(struct ptdesc));
	memory_object(table, PAGE_SIZE + sizeof(struct ptdesc));
	pt = virt_to_ptdesc(table);
	spin_lock_init(&pt->ptl);
	pt->pt_mm = mm;
	pt->level = level;
	pt->magic = PTDESC_MAGIC;
	pt->nid = numa_node_id();
	mod_node_page_state(NODE_DATA(pt->nid), NR_PAGETABLE, 1);
	atomic_long_inc(&nr_tables);
	return pt;
}

void pagetable_free(struct ptdesc *pt)
{
	void *table = ptdesc_address(pt);

	if (pt->magic != PTDESC_MAGIC)
		violation(VIOLATION_PAGE, "page table %p freed twice or never allocated", table);
	if (spin_is_locked(&pt->ptl))
		violation(VIOLATION_LOCK_FREED, "%s table %p freed with its lock held",
			  level_names[pt->level], table);
	if (pt->pmd_huge_pte)
		violation(VIOLATION_PAGE, "%s table %p freed with deposited tables",
			  level_names[pt->level], table);
	pt->magic = 0;
	mod_node_page_state(NODE_DATA(pt->nid), NR_PAGETABLE, -1);
	atomic_long_dec(&nr_tables);
	memory_forget(table, PAGE_SIZE + sizeof(struct ptdesc));
	memset(table, TABLE_POISON, PAGE_SIZE);
	host_free(table);
}

static void pagetable_free_rcu_cb(struct rcu_head *head)
{
	pagetable_free(container_of(head, struct ptdesc, pt_rcu_head));
}

void pagetable_free_rcu(struct ptdesc *pt)
{
	call_rcu(&pt->pt_rcu_head, pagetable_free_rcu_cb);
}

void pte_free_defer(struct mm_struct *mm, pgtable_t pgtable)
{
	pagetable_free_rcu(pgtable);
}

pgd_t *pgd_alloc(struct mm_struct *mm)
{
	struct ptdesc *pt = pagetable_alloc(mm, PGTABLE_LEVEL_PGD);

	return pt ? ptdesc_address(pt) : NULL;
}

void pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	pagetable_free(virt_to_ptdesc(pgd));
}

/* Put an upper table under its parent unless another task was faster. */
int __pud_alloc(struct mm_struct *mm, p4d_t *p4d, unsigned long address)
{
	pud_t *new = pud_alloc_one(mm, address);

	if (!new)
		return -ENOMEM;
	spin_lock(&mm->page_table_lock);
	if (!p4d_present(p4dp_get(p4d))) {
		mm_inc_nr_puds(mm);
		p4d_populate(mm, p4d, new);
		new = NULL;
	}
	spin_unlock(&mm->page_table_lock);
	if (new)
		pud_free(mm, new);
	return 0;
}

int __pmd_alloc(struct mm_struct *mm, pud_t *pud, unsigned long address)
{
	pmd_t *new = pmd_alloc_one(mm, address);
	spinlock_t *ptl;

	if (!new)
		return -ENOMEM;
	ptl = pud_lock(mm, pud);
	if (!pud_present(pudp_get(pud))) {
		mm_inc_nr_pmds(mm);
		pud_populate(mm, pud, new);
		new = NULL;
	}
	spin_unlock(ptl);
	if (new)
		pmd_free(mm, new);
	return 0;
}

void pmd_install(struct mm_struct *mm, pmd_t *pmd, pgtable_t *pte)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	if (likely(pmd_none(pmdp_get(pmd)))) {
		mm_inc_nr_ptes(mm);
		pmd_populate(mm, pmd, *pte);
		*pte = NULL;
	}
	spin_unlock(ptl);
}

int __pte_alloc(struct mm_struct *mm, pmd_t *pmd)
{
	pgtable_t new = pte_alloc_one(mm);

	if (!new)
		return -ENOMEM;
	pmd_install(mm, pmd, &new);
	if (new)
		pte_free(mm, new);
	return 0;
}

unsigned long exec_page_tables(void)
{
	return atomic_long_read(&nr_tables);
}

static void pgtable_halt(void)
{
	long left = atomic_long_xchg(&nr_tables, 0);

	if (left)
		violation(VIOLATION_LEAK, "%ld page-table pages were never freed", left);
}
MACHINE_SUBSYS(pgtable, MACHINE_ORDER_VM, NULL, NULL, pgtable_halt);

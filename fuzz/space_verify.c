// SPDX-License-Identifier: GPL-2.0
/*
 * The beginning and the end of an address space under test: files, what is still in progress,
 * and the comparison of all entries with the model.
 */
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/swapops.h>
#include <machine/program.h>

#include "harness.h"
#include "space_ops.h"

void space_open(struct space *s)
{
	u64 words[MODEL_FILES][MODEL_FILE_PAGES] = {};
	unsigned long bytes = MODEL_FILE_PAGES * PAGE_SIZE;

	s->base = 16 * HPAGE_PMD_SIZE;
	s->file[MODEL_SHMEM] = shmem_file_create("shmem", bytes);
	s->file[MODEL_REGULAR] = regular_file_create("regular", bytes);
	s->file[MODEL_READ_ONLY] = regular_file_create("read-only", bytes);
	s->file[MODEL_READ_ONLY]->f_mode &= ~FMODE_WRITE;
	for (int f = MODEL_REGULAR; f < MODEL_FILES; f++)
		for (int i = 0; i < MODEL_FILE_PAGES; i++)
			words[f][i] = file_pattern(s->file[f], (i * PAGE_SIZE + 8) / 8);
	model_init(&s->model, words);
	memset(s->pin, 0, sizeof(s->pin));
	memset(s->hold, 0, sizeof(s->hold));
	s->words = 0;
	s->marked = 0;
	s->untracked = false;
}

void space_settle(struct space *s)
{
	for (int i = 0; i < SPACE_HOLDS; i++)
		if (s->hold[i].used) {
			wait_for_completion(&s->hold[i].done);
			s->hold[i].used = false;
		}
}

void space_close(struct space *s)
{
	space_settle(s);
	for (int i = 0; i < SPACE_PINS; i++)
		if (s->pin[i].page)
			unpin_user_page(s->pin[i].page);
	for (int i = 0; i < MODEL_FILES; i++)
		file_put(s->file[i]);
}

/* What an entry says, small or huge. */
struct entry {
	struct page *page;		/* NULL: there is none */
	bool present, hinted, dirty, soft, write, zero;
	u64 contents;
	bool folio_dirty;
};

static struct page *migrating(swp_entry_t entry)
{
	return is_migration_entry(entry) ? pfn_to_page(swp_offset_pfn(entry)) : NULL;
}

static struct entry entry_of_pmd(pmd_t pmd, unsigned int page)
{
	struct entry e = {};

	if (!pmd_present(pmd)) {
		e.page = migrating(pmd_to_swp_entry(pmd)) + page;
		e.dirty = is_migration_entry_dirty(pmd_to_swp_entry(pmd));
		e.soft = pmd_swp_soft_dirty(pmd);
		return e;
	}
	return (struct entry){
		.page = pmd_page(pmd) + page, .present = true, .hinted = pmd_protnone(pmd),
		.dirty = pmd_dirty(pmd), .soft = pmd_soft_dirty(pmd), .write = pmd_write(pmd),
		.zero = is_huge_zero_pmd(pmd),
	};
}

static struct entry entry_of_pte(pte_t pte)
{
	struct entry e = {};

	if (pte_none(pte))
		return e;
	if (!pte_present(pte)) {
		e.page = migrating(pte_to_swp_entry(pte));
		e.dirty = is_migration_entry_dirty(pte_to_swp_entry(pte));
		e.soft = pte_swp_soft_dirty(pte);
		return e;
	}
	return (struct entry){
		.page = pte_page(pte), .present = true, .hinted = pte_protnone(pte),
		.dirty = pte_dirty(pte), .soft = pte_soft_dirty(pte), .write = pte_write(pte),
		.zero = is_zero_pfn(pte_pfn(pte)),
	};
}

/* Its page is there as long as the entry's lock is held; others may move it then. */
static struct entry look(struct entry e, unsigned int word)
{
	if (e.page) {
		e.contents = READ_ONCE(*(u64 *)((char *)page_address(e.page) + word));
		e.folio_dirty = folio_test_dirty(page_folio(e.page));
	}
	return e;
}

/* mmap_lock is held; @word is the offset of the word to look at. */
static struct entry entry_at(struct mm_struct *mm, unsigned long addr, unsigned int word)
{
	pmd_t *pmd = mm_find_pmd(mm, addr), val;
	struct entry e = {};
	spinlock_t *ptl;
	pte_t *pte;

	if (!pmd)
		return e;
	do {
		ptl = pmd_lock(mm, pmd);
		val = pmdp_get(pmd);
		if (is_swap_pmd(val) || pmd_trans_huge(val))
			e = look(entry_of_pmd(val, (addr & ~HPAGE_PMD_MASK) >> PAGE_SHIFT), word);
		spin_unlock(ptl);
		if (e.page || pmd_none(val))
			return e;
		/* none where it has become huge meanwhile */
		pte = pte_offset_map_lock(mm, pmd, addr, &ptl);
	} while (!pte);
	e = look(entry_of_pte(ptep_get(pte)), word);
	pte_unmap_unlock(pte, ptl);
	return e;
}

static void wrong(struct actor *a, unsigned int seg, const char *what)
{
	fuzz_fail("process %td, segment %u (page %u): %s", a->p - a->s->model.proc, seg,
		  model_page[seg], what);
}

/* The entry of a segment's first page against the model. */
static void verify_entry(struct actor *a, unsigned int seg, const struct entry *e,
			 struct vm_area_struct *vma)
{
	struct model_segment *s = &a->p->seg[seg];
	u64 is, should;

	if (s->kind == MODEL_HOLE) {
		if (e->page || vma)
			wrong(a, seg, "something is mapped in a hole");
		return;
	}
	if (!vma || (vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) != s->prot)
		wrong(a, seg, "the mapping has another protection");
	if (!e->page) {
		if (s->own)
			wrong(a, seg, "a page was lost");
		return;
	}
	is = e->contents;
	should = contents_of(a, s, is);
	if (is != should)
		fuzz_fail("process %td, segment %u (page %u): holds %#llx, not %#llx",
			  a->p - a->s->model.proc, seg, model_page[seg],
			  (unsigned long long)is, (unsigned long long)should);
	if (e->present && e->write && (!(s->prot & PROT_WRITE) || e->zero))
		wrong(a, seg, "the entry lets writes through");
	if (s->dirty_entry && !e->dirty)
		wrong(a, seg, "the entry does not know that it was written");
	/* Nothing is lost with a page of zeroes that a split has replaced by the zero page. */
	if (s->dirty && !e->dirty && !e->folio_dirty && !e->zero)
		wrong(a, seg, "nobody knows that it was written");
	if (a->crowded)
		return;
	if (s->soft && !a->s->untracked && !e->soft && !(vma->vm_flags & VM_SOFTDIRTY))
		wrong(a, seg, "written since clear_refs and not soft-dirty");
	if (s->writable && e->present && !e->hinted && !e->write)
		wrong(a, seg, "the entry has lost write permission");
}

static void verify_range(struct actor *a, unsigned int from, unsigned int to)
{
	struct mm_struct *mm = current->mm;

	for (unsigned int seg = from; seg < to; seg++) {
		unsigned long addr = addr_of(a->s, seg);
		struct entry e = entry_at(mm, addr, a->word);

		verify_entry(a, seg, &e, vma_lookup(mm, addr));
	}
}

void space_verify(struct actor *a)
{
	struct mm_struct *mm = current->mm;

	if (a->crowded) {
		mmap_read_lock(mm);
	} else {
		/* A pass has counted what it has marked when it gives up its lock. */
		mmap_write_lock(mm);
		space_note_pass(a->s);
		mmap_write_downgrade(mm);
	}
	verify_range(a, 0, a->common);
	verify_range(a, a->first, a->end);
	mmap_read_unlock(mm);
}

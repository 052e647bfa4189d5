// SPDX-License-Identifier: GPL-2.0
/*
 * Folios of the page cache of a file: dirty, mapped by several, run as a program.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/migrate.h>
#include <linux/mm_inline.h>
#include <linux/page_ref.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "memory.h"

#define SECOND	(BASE + PMD_SIZE)	/* where a file is mapped once more */

static int read_nothing(struct file *file, struct folio *folio)
{
	clear_highpage(folio_page(folio, 0));
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}

static const struct address_space_operations moves_dirty = {
	.read_folio = read_nothing,
	.dirty_folio = filemap_dirty_folio,
	.migrate_folio = filemap_migrate_folio,
};

/* As many file systems: what is dirty would have to be written first. */
static const struct address_space_operations moves_clean = {
	.read_folio = read_nothing,
	.dirty_folio = filemap_dirty_folio,
};

static const struct file_operations fops = {
	.mmap = generic_file_mmap,
};

static void map_file(struct kunit *test, struct file *file, unsigned long addr, unsigned long prot)
{
	KUNIT_ASSERT_EQ(test, addr, vm_mmap(file, addr, PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, 0));
}

/* A file of one page at BASE, which is its only user, read once. */
static struct folio *map_cache(struct kunit *test, struct mm_struct *mm,
			       const struct address_space_operations *aops)
{
	struct file *file = anon_inode_create_getfile("[cache]", &fops, NULL, O_RDWR, NULL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	file->f_mapping->a_ops = aops;
	i_size_write(file_inode(file), PAGE_SIZE);
	map_file(test, file, BASE, RW);
	fput(file);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 0ULL);
	return mapped_at(test, mm, BASE);
}

static struct file *file_of(struct kunit *test, struct mm_struct *mm)
{
	struct file *file;

	mmap_read_lock(mm);
	file = vma_at(test, mm, BASE)->vm_file;
	mmap_read_unlock(mm);
	return file;
}

static struct folio *target(struct folio *src, unsigned long private)
{
	return __folio_alloc_node(GFP_HIGHUSER_MOVABLE | __GFP_THISNODE, 0, private);
}

/* Move @folio to another node; what migrate_pages() says. */
static int move(struct kunit *test, struct folio *folio, enum migrate_mode mode)
{
	LIST_HEAD(list);
	int ret;

	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, isolate_folio_to_list(folio, &list));
	ret = migrate_pages(&list, target, NULL, another_node(folio_nid(folio)), mode,
			    MR_SYSCALL, NULL);
	KUNIT_EXPECT_EQ(test, list_empty(&list), !ret);
	putback_movable_pages(&list);
	return ret;
}

/* Read is clean; the first write of all makes it dirty, and its entry says so, too. */
MEMORY_CASE(a_page_of_a_file_is_dirty_once_it_is_written)
{
	struct folio *folio = map_cache(test, mm, &moves_dirty);

	KUNIT_EXPECT_TRUE(test, folio_is_file_lru(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_anon(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_swapbacked(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_FALSE(test, pte_write(pte_at(test, mm, BASE)));
	KUNIT_EXPECT_PTR_EQ(test, folio_mapping(folio), file_of(test, mm)->f_mapping);
	/* Isolated it would count one more: of the mapping, of the cache. */
	lru_add_drain_all();
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	poke(test, mm, BASE, 5);
	KUNIT_EXPECT_PTR_EQ(test, mapped_at(test, mm, BASE), folio);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(test, mm, BASE)));
	KUNIT_EXPECT_TRUE(test, pte_dirty(pte_at(test, mm, BASE)));
}

/* Dirty stays dirty, at its index of the cache, for all who map it. */
MEMORY_CASE(a_dirty_page_moves_with_what_was_written)
{
	struct folio *folio = map_cache(test, mm, &moves_dirty), *found;
	struct file *file = file_of(test, mm);
	enum migrate_mode mode;
	int nid;

	map_file(test, file, SECOND, PROT_READ);
	for (mode = MIGRATE_ASYNC; mode <= MIGRATE_SYNC; mode++) {
		poke(test, mm, BASE, 5 + mode);
		KUNIT_EXPECT_EQ(test, peek(test, mm, SECOND), 5ULL + mode);
		nid = another_node(folio_nid(folio));
		KUNIT_EXPECT_EQ(test, move(test, folio, mode), 0);
		folio = mapped_at(test, mm, BASE);
		KUNIT_EXPECT_EQ(test, folio_nid(folio), nid);
		KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
		KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
		KUNIT_EXPECT_PTR_EQ(test, mapped_at(test, mm, SECOND), folio);
		found = filemap_get_folio(file->f_mapping, 0);
		KUNIT_EXPECT_PTR_EQ(test, found, folio);
		if (!IS_ERR(found))
			folio_put(found);
		KUNIT_EXPECT_TRUE(test, pte_write(pte_at(test, mm, BASE)));
		KUNIT_EXPECT_FALSE(test, pte_write(pte_at(test, mm, SECOND)));
	}
}

/* Without a method to move them, clean ones move and dirty ones stay. */
MEMORY_CASE(who_must_be_written_first_stays)
{
	struct folio *folio = map_cache(test, mm, &moves_clean);

	KUNIT_EXPECT_EQ(test, move(test, folio, MIGRATE_ASYNC), 0);
	folio = mapped_at(test, mm, BASE);
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	poke(test, mm, BASE, 5);
	KUNIT_EXPECT_EQ(test, move(test, folio, MIGRATE_ASYNC), 1);
	KUNIT_EXPECT_EQ(test, move(test, folio, MIGRATE_SYNC_LIGHT), 1);
	KUNIT_EXPECT_PTR_EQ(test, mapped_at(test, mm, BASE), folio);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, pte_write(pte_at(test, mm, BASE)));
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 5ULL);
}

/* Take @folio from its list and put it back on the one that is right for it now. */
static void put_back_anew(struct kunit *test, struct folio *folio)
{
	LIST_HEAD(list);

	lru_add_drain_all();
	KUNIT_ASSERT_TRUE(test, isolate_folio_to_list(folio, &list));
	putback_movable_pages(&list);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
}

/* Of a file that must stay in memory: not to be reclaimed, yet it moves, and stays so. */
MEMORY_CASE(an_unevictable_page_moves_and_stays_unevictable)
{
	struct folio *folio = map_cache(test, mm, &moves_dirty);
	struct address_space *mapping = file_of(test, mm)->f_mapping;

	folio_mark_accessed(folio);
	put_back_anew(test, folio);
	KUNIT_EXPECT_FALSE(test, folio_test_unevictable(folio));
	mapping_set_unevictable(mapping);
	KUNIT_EXPECT_FALSE(test, folio_test_unevictable(folio));
	put_back_anew(test, folio);
	KUNIT_EXPECT_TRUE(test, folio_test_unevictable(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_active(folio));
	KUNIT_EXPECT_EQ(test, folio_lru_list(folio), LRU_UNEVICTABLE);

	KUNIT_EXPECT_EQ(test, move(test, folio, MIGRATE_ASYNC), 0);
	folio = mapped_at(test, mm, BASE);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_unevictable(folio));
	mapping_clear_unevictable(mapping);
	put_back_anew(test, folio);
	KUNIT_EXPECT_FALSE(test, folio_test_unevictable(folio));
	KUNIT_EXPECT_EQ(test, folio_lru_list(folio), LRU_INACTIVE_FILE);
}

/* What migrate_misplaced_folio_prepare() says to the folio at @addr; it is put back again. */
static int prepare(struct kunit *test, struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	struct folio_walk fw;
	struct folio *folio;
	LIST_HEAD(list);
	int ret;

	lru_add_drain_all();
	mmap_read_lock(mm);
	vma = vma_at(test, mm, addr);
	folio = folio_walk_start(&fw, vma, addr, 0);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	ret = migrate_misplaced_folio_prepare(folio, vma, another_node(folio_nid(folio)));
	folio_walk_end(&fw, vma);
	mmap_read_unlock(mm);
	KUNIT_EXPECT_EQ(test, folio_test_lru(folio), !!ret);
	if (!ret) {
		list_add(&folio->lru, &list);
		putback_movable_pages(&list);
	}
	return ret;
}

/* Misplaced ones are left alone when dirty, and when several run them as a program. */
MEMORY_CASE(a_misplaced_page_of_a_file_moves_unless_dirty_or_a_library)
{
	struct folio *folio = map_cache(test, mm, &moves_dirty);

	KUNIT_EXPECT_EQ(test, prepare(test, mm, BASE), 0);
	map_file(test, file_of(test, mm), SECOND, PROT_READ | PROT_EXEC);
	KUNIT_EXPECT_EQ(test, do_madvise(mm, BASE, PAGE_SIZE, MADV_DONTNEED), 0);
	KUNIT_EXPECT_EQ(test, peek(test, mm, SECOND), 0ULL);
	/* Who runs it alone; then beside another, who does not. */
	KUNIT_EXPECT_EQ(test, prepare(test, mm, SECOND), 0);
	KUNIT_EXPECT_EQ(test, peek(test, mm, BASE), 0ULL);
	KUNIT_EXPECT_EQ(test, prepare(test, mm, SECOND), -EACCES);
	KUNIT_EXPECT_EQ(test, prepare(test, mm, BASE), 0);
	poke(test, mm, BASE, 5);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_EQ(test, prepare(test, mm, BASE), -EAGAIN);
	KUNIT_EXPECT_EQ(test, prepare(test, mm, SECOND), -EACCES);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(a_page_of_a_file_is_dirty_once_it_is_written),
	KUNIT_CASE(a_dirty_page_moves_with_what_was_written),
	KUNIT_CASE(who_must_be_written_first_stays),
	KUNIT_CASE(an_unevictable_page_moves_and_stays_unevictable),
	KUNIT_CASE(a_misplaced_page_of_a_file_moves_unless_dirty_or_a_library),
	{}
};

static struct kunit_suite cache_suite = {
	.name = "conformance_cache",
	.test_cases = cache_cases,
};
kunit_test_suite(cache_suite);

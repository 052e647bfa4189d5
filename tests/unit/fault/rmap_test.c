// SPDX-License-Identifier: GPL-2.0
/* The reverse map of anonymous and file folios. */
#include "fault_test.h"
#include <linux/completion.h>

static struct kunit *the_test;
static unsigned long area;
static struct completion go_on;
static struct folio *probe;

static int rmap_init(struct kunit *test)
{
	the_test = test;
	init_completion(&go_on);
	return 0;
}

struct found {
	int vmas;
	int mapped;
};

static bool count_one(struct folio *folio, struct vm_area_struct *vma,
		      unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, PVMW_SYNC);
	struct found *found = arg;

	found->vmas++;
	while (page_vma_mapped_walk(&pvmw))
		found->mapped++;
	return true;
}

static struct found walk(struct folio *folio)
{
	struct found found = { 0 };
	struct rmap_walk_control rwc = { .rmap_one = count_one, .arg = &found };

	folio_get(folio);
	folio_lock(folio);
	rmap_walk(folio, &rwc);
	folio_unlock(folio);
	folio_put(folio);
	return found;
}

/* A chain of forks, each the child of the one before; the last looks at the page. */
static int generation(void *arg)
{
	long left = (long)arg, ret;
	struct found found;

	if (left) {
		ret = sys_wait4(sys_fork(generation, (void *)(left - 1)));
		/* children are gone: this one and its ancestors are left */
		KUNIT_EXPECT_EQ(the_test, walk(probe).mapped, 6 - (int)left);
		return ret;
	}
	found = walk(probe);
	KUNIT_EXPECT_EQ(the_test, found.mapped, 6);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(probe), 6);
	/* writing takes this process out, and its new page knows only itself */
	user_write64(area, 7);
	KUNIT_EXPECT_EQ(the_test, walk(probe).mapped, 5);
	found = walk(peek_folio(area));
	KUNIT_EXPECT_EQ(the_test, found.mapped, 1);
	KUNIT_EXPECT_EQ(the_test, found.vmas, 1);
	return 0;
}

static int prog_generations(void *arg)
{
	area = map_anon(1);
	user_write64(area, 1);
	probe = peek_folio(area);
	KUNIT_EXPECT_EQ(the_test, walk(probe).mapped, 1);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(sys_fork(generation, (void *)4L)), 0L);
	KUNIT_EXPECT_EQ(the_test, walk(probe).mapped, 1);
	return 0;
}

static void a_walk_finds_every_descendant_that_maps_the_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_generations), 0);
}

static int nothing(void *arg)
{
	return 0;
}

static unsigned long chain_length(struct vm_area_struct *vma)
{
	return list_count_nodes(&vma->anon_vma_chain);
}

/* Forks a child that forks a child …, every parent exiting at once. */
static int relay(void *arg)
{
	long left = (long)arg;

	/* the parent is gone when init has taken over */
	while (READ_ONCE(current->real_parent)->pid != 1)
		schedule_timeout_uninterruptible(1);
	user_write64(area, left);
	KUNIT_EXPECT_LE(the_test, chain_length(vma_at(area)), 4UL);
	if (!left)
		complete(&go_on);
	else
		sys_fork(relay, (void *)(left - 1));
	return 0;
}

static int prog_relay(void *arg)
{
	area = map_anon(1);
	user_write64(area, 1);
	sys_wait4(sys_fork(nothing, NULL));
	KUNIT_EXPECT_EQ(the_test, chain_length(vma_at(area)), 1UL);
	sys_fork(relay, (void *)20L);
	return 0;
}

static void fork_and_exit_do_not_grow_the_chains_without_bound(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_relay), 0);
	wait_for_completion(&go_on);
}

static void fork_once(void *arg)
{
	long pid = sys_fork(nothing, NULL);

	if (pid > 0)
		sys_wait4(pid);
}

static int prog_fork_oom(void *arg)
{
	unsigned long second;

	area = map_anon(2);
	user_write64(area, 1);
	second = map_anon(1);
	user_write64(second, 2);
	sys_mprotect(area, PAGE_SIZE, PROT_READ);	/* two VMAs, one anon_vma */
	KUNIT_EXPECT_GT(the_test, inject_each(fork_once, NULL, 1 << INJECT_SLAB |
					      1 << INJECT_PAGE), 5UL);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(peek_folio(area)), 1);
	KUNIT_EXPECT_EQ(the_test, read_word(area), 1ULL);
	KUNIT_EXPECT_EQ(the_test, user_write64(second, 3), 0);
	return 0;
}

static void every_failed_allocation_of_fork_leaves_the_parent_whole(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_fork_oom), 0);
}

static int prog_addresses(void *arg)
{
	unsigned long other = map_anon(2), vm_flags;
	struct page *page;

	area = map_anon(4);
	user_write64(area + 2 * PAGE_SIZE, 1);
	user_write64(other, 1);
	page = peek_page(area + 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(the_test, page_address_in_vma(page, vma_at(area)),
			area + 2 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(the_test, page_mapped_in_vma(page, vma_at(area)));
	sys_mprotect(area, PAGE_SIZE, PROT_READ);	/* split: offsets stay */
	KUNIT_EXPECT_EQ(the_test, page_address_in_vma(page, vma_at(area)),
			(unsigned long)-EFAULT);
	KUNIT_EXPECT_EQ(the_test, page_address_in_vma(page, vma_at(area + 2 * PAGE_SIZE)),
			area + 2 * PAGE_SIZE);

	KUNIT_EXPECT_EQ(the_test, folio_referenced(page_folio(page), 0, NULL, &vm_flags), 1);
	KUNIT_EXPECT_FALSE(the_test, pte_young(peek_pte(current->mm, area + 2 * PAGE_SIZE)));
	KUNIT_EXPECT_EQ(the_test, folio_referenced(page_folio(page), 0, NULL, &vm_flags), 0);
	return 0;
}

static void addresses_and_young_bits_are_found_through_the_rmap(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_addresses), 0);
}

static int prog_unmap(void *arg)
{
	struct file *file = regular_file_create("f", PAGE_SIZE);
	unsigned long a = sys_mmap(0, PAGE_SIZE, PROT_READ, MAP_SHARED, file, 0);
	unsigned long b = sys_mmap(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, file, 0);
	struct folio *folio;

	read_word(a);
	read_word(b);
	lru_add_drain_all();
	folio = peek_folio(a);
	folio_get(folio);
	folio_lock(folio);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(folio), 2);
	try_to_unmap(folio, 0);
	KUNIT_EXPECT_EQ(the_test, folio_mapcount(folio), 0);
	KUNIT_EXPECT_EQ(the_test, folio_ref_count(folio), 2);
	folio_unlock(folio);
	folio_put(folio);
	KUNIT_EXPECT_EQ(the_test, get_mm_counter(current->mm, MM_FILEPAGES), 0UL);
	KUNIT_EXPECT_TRUE(the_test, pte_none(peek_pte(current->mm, a)));
	KUNIT_EXPECT_EQ(the_test, read_word(b), file_pattern(file, 0));
	KUNIT_EXPECT_PTR_EQ(the_test, peek_folio(b), folio);
	sys_munmap(a, PAGE_SIZE);
	sys_munmap(b, PAGE_SIZE);
	file_put(file);
	return 0;
}

static void a_clean_file_folio_can_be_unmapped_everywhere(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_unmap), 0);
}

static int child_reuses(void *arg)
{
	wait_for_completion(&go_on);
	KUNIT_EXPECT_EQ(the_test, walk(probe).vmas, 2);
	user_write64(area, 3);
	KUNIT_EXPECT_PTR_EQ(the_test, peek_folio(area), probe);
	KUNIT_EXPECT_EQ(the_test, walk(probe).vmas, 1);
	return 0;
}

static int prog_reuse(void *arg)
{
	long pid;

	area = map_anon(1);
	user_write64(area, 1);
	probe = peek_folio(area);
	pid = sys_fork(child_reuses, NULL);
	user_write64(area, 2);		/* leaves the page to the child */
	lru_add_drain_all();
	complete(&go_on);
	KUNIT_EXPECT_EQ(the_test, sys_wait4(pid), 0L);
	return 0;
}

static void a_reused_page_is_looked_for_only_where_it_can_be(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_reuse), 0);
}

/* What the machine check must notice, each undone afterwards. */
static void check_machine(void *arg)
{
	machine_check();
}

static void expect_account(const char *what)
{
	char text[200] = "";
	enum violation_kind kind = violation_catch(check_machine, NULL, text, sizeof(text));

	if (kind != VIOLATION_ACCOUNT)
		KUNIT_FAIL(the_test, "%s went unnoticed (%s %s)", what,
			   violation_name(kind), text);
}

static int prog_check(void *arg)
{
	struct page *page;

	area = map_anon(1);
	user_write64(area, 1);
	lru_add_drain_all();
	page = peek_page(area);

	atomic_inc(&page->_mapcount);
	expect_account("a mapcount too high");
	atomic_dec(&page->_mapcount);

	ClearPageAnonExclusive(page);
	expect_account("a writable page that is not exclusive");
	SetPageAnonExclusive(page);

	page->index++;
	expect_account("a wrong index");
	page->index--;

	folio_lock(page_folio(page));
	expect_account("a locked folio");
	folio_unlock(page_folio(page));
	return 0;
}

/* @folio is mapped, in no list, and free as far as its count says. */
static void expect_free_noticed(struct folio *folio)
{
	char text[200] = "";
	int refs;

	KUNIT_EXPECT_TRUE(the_test, folio_isolate_lru(folio));
	refs = folio_ref_count(folio);
	folio_set_count(folio, 0);
	folio_unqueue_deferred_split(folio);
	KUNIT_EXPECT_EQ(the_test, violation_catch(check_machine, NULL, text, sizeof(text)),
			VIOLATION_ACCOUNT);
	if (!strstr(text, "mapped 1 times and free"))
		KUNIT_FAIL(the_test, "something else is wrong: %s", text);
	folio_set_count(folio, refs);
	folio_putback_lru(folio);
}

static int prog_check_free(void *arg)
{
	unsigned long huge = sys_mmap(0, HPAGE_PMD_SIZE, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	pmd_t *pmd;

	area = map_anon(1);
	user_write64(area, 1);
	KUNIT_EXPECT_EQ(the_test, sys_madvise(huge, HPAGE_PMD_SIZE, MADV_HUGEPAGE), 0L);
	user_write64(huge, 1);
	lru_add_drain_all();
	expect_free_noticed(peek_folio(area));
	pmd = pmd_off(current->mm, huge);
	KUNIT_EXPECT_TRUE(the_test, pmd_trans_huge(*pmd));
	if (pmd_trans_huge(*pmd))
		expect_free_noticed(page_folio(pmd_page(*pmd)));
	return 0;
}

static void the_machine_check_notices_what_is_mapped_and_free(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_check_free), 0);
}

static void the_machine_check_notices_what_does_not_add_up(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, run_program(test, prog_check), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_walk_finds_every_descendant_that_maps_the_page),
	KUNIT_CASE(fork_and_exit_do_not_grow_the_chains_without_bound),
	KUNIT_CASE(every_failed_allocation_of_fork_leaves_the_parent_whole),
	KUNIT_CASE(addresses_and_young_bits_are_found_through_the_rmap),
	KUNIT_CASE(a_clean_file_folio_can_be_unmapped_everywhere),
	KUNIT_CASE(a_reused_page_is_looked_for_only_where_it_can_be),
	KUNIT_CASE(the_machine_check_notices_what_does_not_add_up),
	KUNIT_CASE(the_machine_check_notices_what_is_mapped_and_free),
	{}
};

static struct kunit_suite suite = {
	.name = "fault-rmap",
	.init = rmap_init,
	.test_cases = cases,
};
kunit_test_suite(suite);
kunit_machine_config(suite, quiet_machine);

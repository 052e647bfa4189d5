// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a page survives everything that is done to it: dirty, soft-dirty,
 * young, write permission, exclusive, last CPUPID, contents.
 *
 * Marking, hinting fault, migration, split and collapse in each of their 120 orders, and
 * longer random sequences of these and what else changes entries, from random states. After
 * each step all pages are compared with a model. A sequence is a case, so that a failure
 * names the options that repeat it, and prints the steps that led there; its choices come
 * from --seed and its number.
 */
#include <linux/pagewalk.h>
#include <linux/swap.h>

#include "survive_run.h"

/* How many states each order starts from, and how many random sequences there are. */
#define STATES		kunit_amount(8, 1)
#define RANDOMS		kunit_amount(200, 20)
#define RANDOM_STEPS	16

/* Variants of the five come behind them. */
enum op {
	OP_MARK, OP_FAULT, OP_MIGRATE, OP_SPLIT, OP_COLLAPSE,
	OP_FAULT_ONLY, OP_MIGRATE_FAULT, OP_MOVE_PAGES, OP_SPLIT_PMD,
	OP_FORK, OP_EXIT, OP_READONLY, OP_READWRITE, OP_CLEAR_REFS,
	NR_OPS
};

static const char * const op_names[NR_OPS] = {
	"mark", "fault", "migrate", "split", "collapse",
	"fault_only", "migrate_in_fault", "move_pages", "split_pmd",
	"fork", "exit", "read_only", "read_write", "clear_refs",
};

/* One step; page, node and write as far as the operation has them. */
struct step {
	enum op op;
	unsigned int page;
	int nid;
	bool write;
};

/* Passes over the program's own mm. */
static unsigned long own_passes(void)
{
	struct mm_autonuma *mma = READ_ONCE(current->mm->mm_autonuma);

	return mma ? READ_ONCE(mma->passes) : 0;
}

/* Compute until a pass is complete; there are ten seconds to the next one. */
static void scan_now(struct run *r)
{
	unsigned long until = own_passes() + 1;
	int limit = 30;

	while (own_passes() < until && limit--)
		user_compute(SEC);
	KUNIT_EXPECT_GE(r->test, own_passes(), until);
}

static void mark(struct run *r)
{
	scan_now(r);
	model_mark(&r->m);
}

/* The program reads or writes a page; with a hint on it this is the hinting fault. */
static void touch(struct run *r, unsigned int i, int nid, bool write)
{
	u64 word = ++r->words;
	bool may;
	int err;

	go_to_cpu(r, nid);
	may = model_touch(&r->m, &r->m.page[i], cpupid_from(nid), write, word);
	err = write ? user_write64(page_at(r, i) + 8, word) :
		      user_read64(page_at(r, i) + 8, &word);
	differs(r, i, "error", err, may ? 0 : -EFAULT);
	if (!err)
		differs(r, i, "what is read", word, r->m.page[i].word);
}

/*
 * A fault that no access follows, as for another process or a device: what the entry says is
 * what the fault made of it.
 */
static void fault_only(struct run *r, unsigned int i, int nid)
{
	struct mm_struct *mm = current->mm;

	go_to_cpu(r, nid);
	mmap_read_lock(mm);
	differs(r, i, "fault", handle_mm_fault(vma_lookup(mm, r->addr), page_at(r, i),
					       FAULT_FLAG_REMOTE, NULL) & VM_FAULT_ERROR, 0);
	mmap_read_unlock(mm);
	/* of an entry that is not marked x86 leaves the young bit to the hardware */
	if (r->m.page[i].marked)
		model_hint_fault(&r->m, &r->m.page[i], cpupid_from(nid));
}

/* Call @fn for each folio of the range, once, with its first page. */
static void each_folio(struct run *r, int nid,
		       void (*fn)(struct run *r, unsigned int i, struct folio *folio, int nid))
{
	bool large_seen = false;
	unsigned int i;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		bool large = r->m.page[i].large;

		if (!large || !large_seen)
			fn(r, i, folio_at(page_at(r, i)), nid);
		large_seen |= large;
	}
}

static void sample_as_from(struct run *r, unsigned int i, struct folio *folio, int nid)
{
	folio_xchg_last_cpupid(folio, cpupid_from(nid));
	model_set_cpupid(&r->m, &r->m.page[i], cpupid_from(nid));
}

static void queue_folio(struct run *r, unsigned int i, struct folio *folio, int nid)
{
	if (folio_nid(folio) == nid)
		return;
	differs(r, i, "queued", queue_add(folio_pfn(folio), folio_order(folio), nid, 0),
		AUTONUMA_DROP_NONE);
}

/* Queue every folio, as if two samples wanted it there, and wait for the daemon. */
static void migrate_by_daemon(struct run *r, int nid)
{
	int limit = 100;

	each_folio(r, nid, sample_as_from);
	each_folio(r, nid, queue_folio);
	while (autonuma_queue_promised(nid) && limit--)
		user_compute(MSEC);
	differs(r, 0, "promised", autonuma_queue_promised(nid), 0);
	model_move_all(&r->m, nid);
}

static void migrate_in_fault(struct run *r, unsigned int i, int nid)
{
	each_folio(r, nid, sample_as_from);
	mark(r);
	touch(r, i, nid, false);
}

static void move_pages(struct run *r, int nid)
{
	KUNIT_EXPECT_GE(r->test, sys_move_pages(r->addr, HPAGE_PMD_SIZE, nid), 0);
	model_move_all(&r->m, nid);
}

static void split(struct run *r, unsigned int i, struct folio *folio, int nid)
{
	if (!folio_test_large(folio))
		return;
	folio_get(folio);
	folio_lock(folio);
	differs(r, i, "split error", split_folio(folio), 0);
	folio_unlock(folio);
	folio_put(folio);
}

static void collapse(struct run *r)
{
	long err = sys_madvise(r->addr, HPAGE_PMD_SIZE, MADV_COLLAPSE);

	differs(r, 0, "collapse error", err, model_collapse(&r->m) ? 0 : -EINVAL);
}

/* The page at @i of the running program, whatever maps it; NULL for none. */
static struct page *peek_page(struct run *r, unsigned int i)
{
	pmd_t pmd = pmd_at(current->mm, r->addr);
	pte_t pte;

	if (pmd_present(pmd) && pmd_trans_huge(pmd))
		return pmd_page(pmd) + i;
	pte = pte_at(current->mm, page_at(r, i));
	return pte_present(pte) ? pte_page(pte) : NULL;
}

/*
 * The parent's writes since fork() must not be seen here. A touch could be a hinting fault,
 * which samples the folio for this process; so it only looks.
 */
static int child_main(void *arg)
{
	struct run *r = arg;
	unsigned int i;

	wait_for_completion(&r->leave);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		struct page *page = peek_page(r, i);

		r->damaged += !page || word_of(page) != r->inherited[i];
	}
	return 0;
}

static void fork_child(struct run *r)
{
	unsigned int i;

	if (r->child)
		return;
	for (i = 0; i < HPAGE_PMD_NR; i++)
		r->inherited[i] = r->m.page[i].word;
	init_completion(&r->leave);
	r->child = sys_fork(child_main, r);
	KUNIT_EXPECT_GT(r->test, r->child, 0);
	model_fork(&r->m);
}

static void end_child(struct run *r)
{
	if (!r->child)
		return;
	complete(&r->leave);
	KUNIT_EXPECT_EQ(r->test, sys_wait4(r->child), 0);
	r->child = 0;
	differs(r, 0, "number of pages the child lost", r->damaged, 0);
	model_child_exits(&r->m);
}

static void protect(struct run *r, bool writable)
{
	KUNIT_EXPECT_EQ(r->test, sys_mprotect(r->addr, HPAGE_PMD_SIZE,
					      writable ? RW : PROT_READ), 0);
	model_protect(&r->m, writable);
}

static void clear_refs(struct run *r)
{
	KUNIT_EXPECT_EQ(r->test, sys_clear_refs_soft_dirty(), 0);
	model_clear_refs(&r->m);
}

/* Do one step, in words, in the machine and in the model, and compare. */
static void do_step(struct run *r, const struct step *s)
{
	say(r, " %s", op_names[s->op]);
	/* references of batches are in the way of everything that wants to be alone */
	lru_add_drain_all();
	switch (s->op) {
	case OP_MARK:		mark(r); break;
	case OP_FAULT:
		say(r, "(%u,%c,node%d)", s->page, s->write ? 'w' : 'r', s->nid);
		touch(r, s->page, s->nid, s->write);
		break;
	case OP_FAULT_ONLY:
		say(r, "(%u,node%d)", s->page, s->nid);
		fault_only(r, s->page, s->nid);
		break;
	case OP_MIGRATE:
		say(r, "(node%d)", s->nid);
		migrate_by_daemon(r, s->nid);
		break;
	case OP_MIGRATE_FAULT:
		say(r, "(%u,node%d)", s->page, s->nid);
		migrate_in_fault(r, s->page, s->nid);
		break;
	case OP_MOVE_PAGES:
		say(r, "(node%d)", s->nid);
		move_pages(r, s->nid);
		break;
	case OP_SPLIT:
		each_folio(r, 0, split);
		model_split_folio(&r->m);
		break;
	case OP_SPLIT_PMD:
		split_pmd_at(r->addr);
		model_split_pmd(&r->m);
		break;
	case OP_COLLAPSE:	collapse(r); break;
	case OP_FORK:		fork_child(r); break;
	case OP_EXIT:		end_child(r); break;
	case OP_READONLY:	protect(r, false); break;
	case OP_READWRITE:	protect(r, true); break;
	case OP_CLEAR_REFS:	clear_refs(r); break;
	default:		break;
	}
	compare(r);
}

/* Few pages, so that steps meet each other. */
static unsigned int draw_page(struct run *r)
{
	static const unsigned int pages[] = { 0, 1, 2, 3, 200, 201, 510, 511 };

	return pages[draw(r, ARRAY_SIZE(pages))];
}

/* Choose a variant of one of the five, and what it works on. */
static struct step draw_step(struct run *r, enum op op)
{
	static const enum op migrate[] = { OP_MIGRATE, OP_MIGRATE_FAULT, OP_MOVE_PAGES };
	static const enum op faults[] = { OP_FAULT, OP_FAULT_ONLY };
	static const enum op splits[] = { OP_SPLIT, OP_SPLIT_PMD };

	if (op == OP_MIGRATE)
		op = migrate[draw(r, ARRAY_SIZE(migrate))];
	else if (op == OP_FAULT)
		op = faults[draw(r, ARRAY_SIZE(faults))];
	else if (op == OP_SPLIT)
		op = splits[draw(r, ARRAY_SIZE(splits))];
	return (struct step) {
		.op = op, .page = draw_page(r), .nid = draw(r, 2), .write = draw(r, 2),
	};
}

/* Bits of a state; those of a huge page are drawn once. */
static void draw_bits(struct run *r, struct page_state *p)
{
	p->dirty = draw(r, 2);
	p->soft = draw(r, 2);
	p->young = draw(r, 2);
	p->write = model_may_write(&r->m, p) && draw(r, 4);
}

static u64 entry_bits(u64 val, const struct page_state *p)
{
	pte_t pte = pte_mkold(pte_mkclean(pte_wrprotect(__pte(val))));

	if (p->dirty)
		pte = pte_mkdirty(pte);
	pte = pte_clear_soft_dirty(pte);
	if (p->soft)
		pte = pte_mksoft_dirty(pte);
	if (p->young)
		pte = pte_mkyoung(pte);
	return pte_val(pte);
}

/* Give all entries the bits of the model. */
static void set_entries(struct run *r)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct page_state *p;
	struct folio_walk fw;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, r->addr);
	for_each_state(p, &r->m) {
		unsigned long addr = page_at(r, p - r->m.page);

		if (!folio_walk_start(&fw, vma, addr, 0)) {
			differs(r, p - r->m.page, "present", false, true);
			break;
		}
		if (fw.level == FW_LEVEL_PMD) {
			pmd_t pmd = __pmd(entry_bits(pmd_val(pmdp_get(fw.pmdp)), p));

			pmdp_invalidate(vma, r->addr, fw.pmdp);
			set_pmd_at(mm, r->addr, fw.pmdp, p->write ? pmd_mkwrite(pmd, vma) : pmd);
		} else {
			pte_t pte = ptep_modify_prot_start(vma, addr, fw.ptep);
			pte_t new = __pte(entry_bits(pte_val(pte), p));

			ptep_modify_prot_commit(vma, addr, fw.ptep, pte,
						p->write ? pte_mkwrite(new, vma) : new);
		}
		folio_walk_end(&fw, vma);
		if (r->m.huge)
			break;
	}
	flush_tlb_range(vma, r->addr, r->addr + HPAGE_PMD_SIZE);
	mmap_read_unlock(mm);
}

/* Aligned memory with contents on node 0, mapped huge or not, all of it just written. */
static void map_range(struct run *r)
{
	struct page_state *p;

	/* "never" keeps khugepaged away afterwards, and not MADV_COLLAPSE */
	KUNIT_EXPECT_GE(r->test, set_policy("enabled", r->m.huge ? "always" : "never"), 0);
	go_to_cpu(r, 0);
	r->addr = sys_mmap(0, HPAGE_PMD_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	KUNIT_EXPECT_EQ(r->test, r->addr & ~HPAGE_PMD_MASK, 0);
	r->m.writable = true;
	for_each_state(p, &r->m) {
		*p = (struct page_state) {
			.dirty = true, .soft = true, .young = true, .write = true, .excl = true,
			.large = r->m.huge, .cpupid = CPUPID_UNSET, .word = ++r->words,
		};
		KUNIT_EXPECT_EQ(r->test, user_write64(page_at(r, p - r->m.page) + 8, p->word), 0);
	}
	KUNIT_EXPECT_GE(r->test, set_policy("enabled", "never"), 0);
	lru_add_drain_all();
}

/* A random state. */
static void begin(struct run *r)
{
	unsigned int share = draw(r, 3);
	struct page_state *p;

	*r->text = 0;
	r->m.huge = draw(r, 2);
	r->m.tracked = false;
	scan_now(r);
	map_range(r);
	say(r, " %s", r->m.huge ? "huge" : "small");
	compare(r);
	if (draw(r, 2)) {
		say(r, " tracked");
		clear_refs(r);
	}
	if (share) {
		say(r, share == 1 ? " shared" : " was_shared");
		fork_child(r);
		while (draw(r, 3)) {
			unsigned int i = draw_page(r);

			say(r, " copied(%u)", i);
			touch(r, i, 0, true);
		}
		if (share == 2)
			end_child(r);
	}
	if (!draw(r, 3)) {
		say(r, " read_only");
		protect(r, false);
	}
	for_each_state(p, &r->m) {
		if (!r->m.huge || p == r->m.page)
			draw_bits(r, p);
		else
			*p = (struct page_state) {
				.dirty = p[-1].dirty, .soft = p[-1].soft, .young = p[-1].young,
				.write = p[-1].write, .excl = p->excl, .large = p->large,
				.shared = p->shared, .cpupid = p->cpupid, .nid = p->nid,
				.word = p->word,
			};
	}
	p = r->m.page;
	if (r->m.huge)
		say(r, "%s%s%s%s", p->dirty ? " dirty" : "", p->soft ? " soft" : "",
		    p->young ? " young" : "", p->write ? " write" : "");
	say(r, ":");
	set_entries(r);
	compare(r);
}

static void end(struct run *r)
{
	check_now();
	end_child(r);
	if (!r->failed)
		compare(r);
	KUNIT_EXPECT_EQ(r->test, sys_munmap(r->addr, HPAGE_PMD_SIZE), 0);
}

/* The five in the order @nth of all. */
static void nth_order(unsigned int nth, enum op *order)
{
	bool used[5] = { false };
	unsigned int i, k, fact = 24;

	for (i = 0; i < 5; i++) {
		unsigned int skip = nth / fact % (5 - i);

		for (k = 0; used[k] || skip; k++)
			skip -= !used[k];
		used[k] = true;
		order[i] = k;
		fact /= max(4 - i, 1U);
	}
}

static const void *next_permutation(const void *prev, char *desc)
{
	unsigned long nth = (unsigned long)prev;
	enum op order[5];

	if (nth == 120)
		return NULL;
	nth_order(nth, order);
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s,%s,%s,%s,%s", op_names[order[0]],
		 op_names[order[1]], op_names[order[2]], op_names[order[3]],
		 op_names[order[4]]);
	return (void *)(nth + 1);
}

static const void *next_random(const void *prev, char *desc)
{
	unsigned long nth = (unsigned long)prev;

	if (nth == RANDOMS)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lu", nth);
	return (void *)(nth + 1);
}

static struct run the_run;

static struct run *new_run(struct prog *p, u64 kind)
{
	the_run = (struct run) {
		.test = p->test,
		.rng = machine_config()->seed * 1000003 + kind * 1009 +
		       (unsigned long)p->test->param_value,
	};
	return &the_run;
}

/* One order from several states. */
static void goes_through_order(struct prog *prog)
{
	unsigned long nth = (unsigned long)prog->test->param_value - 1;
	struct run *r = new_run(prog, 1);
	unsigned int state, i;
	enum op order[5];

	nth_order(nth, order);
	for (state = 0; state < STATES && !r->failed; state++) {
		begin(r);
		for (i = 0; i < 5 && !r->failed; i++) {
			struct step s = draw_step(r, order[i]);

			do_step(r, &s);
		}
		end(r);
	}
}

/* One random sequence. */
static void goes_through_random(struct prog *prog)
{
	struct run *r = new_run(prog, 2);
	unsigned int i;

	begin(r);
	for (i = 0; i < RANDOM_STEPS && !r->failed; i++) {
		/* touches are what most of the rules are about */
		struct step s = draw_step(r, draw(r, 3) ? draw(r, NR_OPS) : OP_FAULT);

		do_step(r, &s);
	}
	end(r);
}

static void what_is_known_survives_in_every_order(struct kunit *test)
{
	run_prog(test, 0, goes_through_order, NULL);
}

static void what_is_known_survives_random_sequences(struct kunit *test)
{
	run_prog(test, 0, goes_through_random, NULL);
}

static struct kunit_case survive_cases[] = {
	KUNIT_CASE_PARAM(what_is_known_survives_in_every_order, next_permutation),
	KUNIT_CASE_PARAM(what_is_known_survives_random_sequences, next_random),
	{}
};

/* Pages move when the sequence says so: in faults, or when it queues them. */
static int only_when_told(struct kunit *test)
{
	kunit_info(test, "seed %llu", (unsigned long long)machine_config()->seed);
	set_knob(test, "migrate_async", "0");
	set_knob(test, "migrate_allow_first_fault", "0");
	set_knob(test, "migrate_sleep_millisecs", "1");
	return 0;
}

static const struct machine_config survive_config = {
	.nr_nodes = 2, .nr_cpus = 4, .bytes_per_node = 128 << 20,
};

static struct kunit_suite survive_suite = {
	.name = "autonuma-survive",
	.init = only_when_told,
	.test_cases = survive_cases,
};
kunit_machine_config(survive_suite, survive_config);
kunit_test_suite(survive_suite);

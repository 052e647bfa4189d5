// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on address spaces.
 *
 * Every request is one that a program can make. What it returns, and what programs read
 * afterwards, is what the model says; operations of the kernel on its own behalf change
 * nothing that a program can see.
 */
#include <linux/huge_mm.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/swap.h>
#include <linux/topology.h>
#include <machine/inject.h>
#include <machine/program.h>
#include <machine/stub.h>
#include <stdio.h>

#include "../mm/autonuma.h"
#include "harness.h"
#include "space_ops.h"

static const char * const op_names[NR_OPS] = {
	"read", "write", "mmap", "munmap", "mprotect", "madvise",
	"hint", "scan", "move_pages", "daemon", "mbind", "split", "split_pmd", "hold", "old",
	"clear_refs", "drain", "rest",
	"fork", "exit", "remote_read", "remote_write", "pin", "unpin", "dma",
	"inject", "check",
};

unsigned long addr_of(struct space *s, unsigned int seg)
{
	return s->base + model_page[seg] * PAGE_SIZE;
}

unsigned long word_of(struct actor *a, unsigned int seg)
{
	return addr_of(a->s, seg) + a->word;
}

u64 contents_of(struct actor *a, const struct model_segment *s, u64 is)
{
	if (!a->crowded || s->own || s->kind == MODEL_ANON || s->kind == MODEL_HOLE)
		return model_word(&a->s->model, s);
	if (s->object == MODEL_REGULAR || s->object == MODEL_READ_ONLY)
		return file_pattern(a->s->file[s->object], (s->index * PAGE_SIZE + a->word) / 8);
	return is;
}

void space_print(const struct op *op)
{
	fprintf(stderr, "%-12s process %u, node %u, segment %u, bytes %02x %02x %02x\n",
		op_names[op->code % NR_OPS], op->who & 3, op->who >> 2 & 1, op->where & 31,
		op->who, op->where, op->size);
}

void expect(struct actor *a, const struct op *op, bool ok, const char *fmt, ...)
{
	char text[200];
	va_list args;

	if (likely(ok))
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fuzz_fail("%s by %s in process %td: %s", op ? op_names[op->code % NR_OPS] : "afterwards",
		  current->comm, a->p - a->s->model.proc, text);
}

unsigned int segment(struct actor *a, const struct op *op)
{
	unsigned int seg = (op->where & 31) % (a->common + a->end - a->first);

	return seg < a->common ? seg : a->first + seg - a->common;
}

/* From @start on, as far as segments [first, end) go. */
static void range_within(unsigned int first, unsigned int end, unsigned int start, u8 size,
			 unsigned int *from, unsigned int *to)
{
	unsigned int huge = model_page[start] / HPAGE_PMD_NR, last = huge + !!(size & 0x40);

	*to = min(start + 1 + (size & 7), end);
	if (size & 0x80) {
		while (start > first && model_page[start - 1] / HPAGE_PMD_NR >= huge)
			start--;
		for (*to = start + 1; *to < end && model_page[*to] / HPAGE_PMD_NR <= last; ++*to)
			;
	}
	*from = start;
}

void range(struct actor *a, const struct op *op, unsigned int *from, unsigned int *to)
{
	unsigned int start = segment(a, op);

	if (start < a->common)
		range_within(0, a->common, start, op->size, from, to);
	else
		range_within(a->first, a->end, start, op->size, from, to);
}

void own_range(struct actor *a, const struct op *op, unsigned int *from, unsigned int *to)
{
	unsigned int start = a->first + (op->where & 31) % (a->end - a->first);

	range_within(a->first, a->end, start, op->size, from, to);
}

unsigned long bytes_of(unsigned int from, unsigned int to)
{
	return (model_page[to] - model_page[from]) * PAGE_SIZE;
}

bool excused(struct actor *a, long err)
{
	return a->inject >= 0 && err < 0;
}

/* No model can foresee half of a change: these are not made to fail. */
void no_failure(struct actor *a)
{
	if (a->inject < 0)
		return;
	inject_clear(a->inject);
	a->inject = -1;
}

static void go_to_node(const struct op *op)
{
	unsigned int cpu = op->who & 4 ? nr_cpu_ids - 1 : 0;

	if (raw_smp_processor_id() != cpu)
		sys_sched_setaffinity(0, cpumask_of(cpu));
}

static void op_read(struct actor *a, const struct op *op)
{
	unsigned int seg = segment(a, op);
	struct model_segment *s = &a->p->seg[seg];
	u64 should, is = 0;
	int err;

	go_to_node(op);
	err = user_read64(word_of(a, seg), &is);
	if (excused(a, err))
		return;
	expect(a, op, err == (model_may_read(&a->s->model, s) ? 0 : -EFAULT),
	       "segment %u: error %d", seg, err);
	should = err ? 0 : contents_of(a, s, is);
	expect(a, op, err || is == should, "segment %u holds %#llx, not %#llx", seg,
	       (unsigned long long)is, (unsigned long long)should);
}

static void op_write(struct actor *a, const struct op *op)
{
	unsigned int seg = segment(a, op);
	struct model_segment *s = &a->p->seg[seg];
	bool may = model_may_write(&a->s->model, s);
	u64 word = ++a->s->words;
	int err;

	go_to_node(op);
	err = user_write64(word_of(a, seg), word);
	if (excused(a, err))
		return;
	expect(a, op, err == (may ? 0 : -EFAULT), "segment %u: error %d", seg, err);
	if (!err)
		model_write(&a->s->model, s, word, true);
}

static const unsigned int prots[] = {
	PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_WRITE,
};

/* No device writes to what programs see of [from, to) any more. */
static void detach(struct actor *a, unsigned int from, unsigned int to)
{
	for (int i = 0; i < SPACE_PINS; i++) {
		struct space_pin *pin = &a->s->pin[i];

		if (pin->proc == a->p && pin->seg >= from && pin->seg < to)
			pin->proc = NULL;
	}
}

/*
 * who: bits 3, 4 the protection, 5 to 7 the kind; where: bit 5 MAP_POPULATE, bit 6
 * MAP_FIXED_NOREPLACE, bit 7 two pages into the object.
 */
static void op_mmap(struct actor *a, const struct op *op)
{
	static const struct model_map kinds[] = {
		{ .kind = MODEL_ANON }, { .kind = MODEL_ANON },
		{ .kind = MODEL_SHARED, .object = MODEL_OBJECTS },
		{ .kind = MODEL_PRIVATE, .object = MODEL_SHMEM },
		{ .kind = MODEL_SHARED, .object = MODEL_SHMEM },
		{ .kind = MODEL_PRIVATE, .object = MODEL_REGULAR },
		{ .kind = MODEL_SHARED, .object = MODEL_REGULAR },
		{ .kind = MODEL_SHARED, .object = MODEL_READ_ONLY },
	};
	struct model_map map = kinds[op->who >> 5];
	unsigned long flags = MAP_FIXED, pgoff = 0;
	struct file *file = NULL;
	unsigned int from, to;
	long ret;
	int err;

	own_range(a, op, &from, &to);
	/* one that has room for everybody's is found by its number */
	if (map.object == MODEL_OBJECTS && a->s->model.nr_objects == MODEL_OBJECTS)
		map.kind = MODEL_ANON;
	/* what others have privately is not written */
	if (a->crowded && map.kind == MODEL_SHARED && map.object == MODEL_REGULAR)
		map.object = MODEL_READ_ONLY;
	map.prot = prots[op->who >> 3 & 3];
	map.keep = op->where & 0x40;
	/* when the copy is made, others may be writing */
	map.populate = op->where & 0x20 && !a->crowded;
	if (map.kind == MODEL_ANON || map.object == MODEL_OBJECTS) {
		flags |= MAP_ANONYMOUS;
	} else {
		file = a->s->file[map.object];
		map.index = pgoff = op->where & 0x80 ? 2 : 0;
	}
	flags |= map.kind == MODEL_SHARED ? MAP_SHARED : MAP_PRIVATE;
	flags |= map.keep ? MAP_FIXED_NOREPLACE : 0;
	flags |= op->where & 0x20 ? MAP_POPULATE : 0;

	err = model_mmap(&a->s->model, a->p, from, to, &map);
	ret = sys_mmap(addr_of(a->s, from), bytes_of(from, to), map.prot, flags, file, pgoff);
	expect(a, op, ret == (err ?: (long)addr_of(a->s, from)),
	       "segments %u to %u: returned %ld, not %d", from, to, ret, err);
	if (!err)
		detach(a, from, to);
}

static void op_munmap(struct actor *a, const struct op *op)
{
	unsigned int from, to;
	long ret;

	own_range(a, op, &from, &to);
	ret = sys_munmap(addr_of(a->s, from), bytes_of(from, to));
	expect(a, op, ret == model_munmap(a->p, from, to), "segments %u to %u: returned %ld",
	       from, to, ret);
	detach(a, from, to);
}

static void op_mprotect(struct actor *a, const struct op *op)
{
	unsigned int from, to;
	long ret, err;

	own_range(a, op, &from, &to);
	err = model_mprotect(a->p, from, to, prots[op->who >> 3 & 3]);
	ret = sys_mprotect(addr_of(a->s, from), bytes_of(from, to), prots[op->who >> 3 & 3]);
	expect(a, op, ret == err, "segments %u to %u: returned %ld, not %ld", from, to, ret, err);
}

/* who: bits 3 to 6 the advice. */
static void op_madvise(struct actor *a, const struct op *op)
{
	static const int advices[] = {
		MADV_DONTNEED, MADV_FREE, MADV_COLLAPSE, MADV_COLLAPSE, MADV_HUGEPAGE,
		MADV_NOHUGEPAGE, MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK,
		MADV_SEQUENTIAL, MADV_RANDOM, MADV_NORMAL, MADV_DONTDUMP, MADV_DODUMP,
		MADV_REMOVE,
	};
	int advice = advices[op->who >> 3 & 15];
	unsigned int from, to;
	long ret, err;

	if (advice == MADV_COLLAPSE) {
		range(a, op, &from, &to);
	} else {
		no_failure(a);
		own_range(a, op, &from, &to);
	}
	err = model_madvise(a->p, from, to, advice);
	ret = sys_madvise(addr_of(a->s, from), bytes_of(from, to), advice);
	/* what can be collapsed is no matter of contents and permissions */
	expect(a, op, ret == err || (advice == MADV_COLLAPSE && ret <= 0),
	       "%d, segments %u to %u: returned %ld, not %ld", advice, from, to, ret, err);
	if (advice == MADV_DONTNEED || advice == MADV_FREE)
		for (; from < to; from++)
			if (a->p->seg[from].kind != MODEL_SHARED && !a->p->seg[from].own)
				detach(a, from, from + 1);
}

static void op_remote_read(struct actor *a, const struct op *op)
{
	unsigned int seg = segment(a, op);
	struct model_segment *s = &a->other_p->seg[seg];
	bool may = model_force_read(&a->s->model, s);
	u64 is = 0;
	int err = remote_read64(a->other, word_of(a, seg), &is);

	if (excused(a, err))
		return;
	expect(a, op, err == (may ? 0 : -EFAULT), "segment %u: error %d", seg, err);
	expect(a, op, err || is == contents_of(a, s, is), "segment %u holds %#llx", seg,
	       (unsigned long long)is);
}

static void op_remote_write(struct actor *a, const struct op *op)
{
	unsigned int seg = segment(a, op);
	struct model_segment *s = &a->other_p->seg[seg];
	bool may = model_force_write(&a->s->model, s);
	u64 word = ++a->s->words;
	int err = remote_write64(a->other, word_of(a, seg), word);

	if (excused(a, err))
		return;
	expect(a, op, err == (may ? 0 : -EFAULT), "segment %u: error %d", seg, err);
	if (!err)
		model_write(&a->s->model, s, word, false);
}

/* A page that is pinned for writing is the program's own, and stays where it is. */
static void op_pin(struct actor *a, const struct op *op)
{
	unsigned int seg = segment(a, op), i;
	struct model_segment *s = &a->p->seg[seg];
	struct page *page;
	int ret;

	for (i = 0; i < SPACE_PINS && a->s->pin[i].holder; i++)
		;
	if (i == SPACE_PINS)
		return;
	a->s->pin[i].holder = a;
	ret = pin_user_pages_fast(addr_of(a->s, seg), 1, FOLL_WRITE, &page);
	expect(a, op, excused(a, ret) || ret == (model_may_write(&a->s->model, s) ? 1 : -EFAULT),
	       "segment %u: returned %d", seg, ret);
	if (ret != 1) {
		a->s->pin[i].holder = NULL;
		return;
	}
	a->s->pin[i] = (struct space_pin){
		.holder = a, .page = page, .proc = a->p, .seg = seg,
	};
	if (s->kind == MODEL_SHARED)
		a->s->pin[i].shared = &a->s->model.object[s->object].word[s->index];
	else if (!s->own)
		model_write(&a->s->model, s,
			    contents_of(a, s, *(u64 *)((char *)page_address(page) + a->word)),
			    false);
}

/* One that is pinned; where others are at work, by this actor. */
static struct space_pin *find_pin(struct actor *a, const struct op *op)
{
	struct space_pin *pin = &a->s->pin[op->where % SPACE_PINS];

	return pin->page && (pin->holder == a || !a->crowded) ? pin : NULL;
}

static void op_unpin(struct actor *a, const struct op *op)
{
	struct space_pin *pin = find_pin(a, op);

	if (!pin)
		return;
	unpin_user_pages_dirty_lock(&pin->page, 1, op->who & 8);
	*pin = (struct space_pin){};
}

/* A device writes; programs see it as long as they have the page. */
static void op_dma(struct actor *a, const struct op *op)
{
	struct space_pin *pin = find_pin(a, op);
	u64 word = ++a->s->words;

	if (!pin)
		return;
	WRITE_ONCE(*(u64 *)((char *)page_address(pin->page) + a->word), word);
	if (pin->shared)
		*pin->shared = word;
	else if (pin->proc)
		model_write(&a->s->model, &pin->proc->seg[pin->seg], word, false);
}

/* The next operation may meet a failure: which kind, and how many calls go well before. */
static void op_inject(struct actor *a, const struct op *op)
{
	struct inject_rule rule = {
		.sites = INJECT_DENIED, .nth = 1 + (op->size & 15), .times = 1,
	};

	if (op->where & 7)
		rule.sites = BIT((op->where & 7) - 1) & INJECT_DENIED ?: INJECT_DENIED;
	rule.task = current;
	a->inject = inject_set(rule);
}

static void dispatch(struct actor *a, const struct op *op)
{
	switch (op->code % NR_OPS) {
	case OP_READ:		op_read(a, op); break;
	case OP_WRITE:		op_write(a, op); break;
	case OP_MMAP:		op_mmap(a, op); break;
	case OP_MUNMAP:		op_munmap(a, op); break;
	case OP_MPROTECT:	op_mprotect(a, op); break;
	case OP_MADVISE:	op_madvise(a, op); break;
	case OP_HINT:		op_hint(a, op); break;
	case OP_SCAN:		op_scan(); break;
	case OP_MOVE:		op_move(a, op); break;
	case OP_DAEMON:		op_daemon(a, op); break;
	case OP_MBIND:		op_mbind(a, op); break;
	case OP_SPLIT:		op_split(a, op); break;
	case OP_SPLIT_PMD:	op_split_pmd(a, op); break;
	case OP_HOLD:		op_hold(a, op); break;
	case OP_OLD:		op_old(a, op); break;
	case OP_CLEAR_REFS:
		sys_clear_refs_soft_dirty();
		model_clear_refs(a->p);
		for (int i = 0; i < SPACE_HOLDS; i++)
			a->s->untracked |= a->s->hold[i].used;
		break;
	case OP_DRAIN:		lru_add_drain_all(); break;
	case OP_REST:		user_compute(NSEC_PER_MSEC); break;
	case OP_REMOTE_READ:	op_remote_read(a, op); break;
	case OP_REMOTE_WRITE:	op_remote_write(a, op); break;
	case OP_PIN:		op_pin(a, op); break;
	case OP_UNPIN:		op_unpin(a, op); break;
	case OP_DMA:		op_dma(a, op); break;
	}
}

void space_note_pass(struct space *s)
{
	unsigned long marked = autonuma_counter_read(AUTONUMA_PAGES_MARKED);

	if (marked == s->marked)
		return;
	s->marked = marked;
	for (int i = 0; i < MODEL_PROCS; i++)
		model_hinted(&s->model.proc[i], 0, MODEL_SEGMENTS);
}

void space_do(struct actor *a, const struct op *op)
{
	unsigned int code = op->code % NR_OPS;

	if (code == OP_INJECT) {
		no_failure(a);
		op_inject(a, op);
		return;
	}
	if (code == OP_MMAP || code == OP_MUNMAP || code == OP_MPROTECT || code == OP_CLEAR_REFS)
		no_failure(a);
	dispatch(a, op);
	space_note_pass(a->s);
	no_failure(a);
}

struct run {
	enum space_huge huge;
	u8 options;
	int (*program)(void *arg);
};

static int run_program(void *arg)
{
	const struct run *run = arg;
	unsigned long flags = transparent_hugepage_flags;

	/* Not on the command line: one machine for all inputs, which boots once. */
	flags &= ~(BIT(TRANSPARENT_HUGEPAGE_FLAG) | BIT(TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG));
	if (run->huge == SPACE_HUGE_ALWAYS)
		flags |= BIT(TRANSPARENT_HUGEPAGE_FLAG);
	else if (run->huge == SPACE_HUGE_MADVISE)
		flags |= BIT(TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG);
	WRITE_ONCE(transparent_hugepage_flags, flags);
	WRITE_ONCE(autonuma_knobs.scan_sleep_pass_millisecs, 100);
	WRITE_ONCE(autonuma_knobs.migrate_async, !(run->options & 4));
	WRITE_ONCE(autonuma_knobs.migrate_allow_first_fault, !!(run->options & 8));
	WRITE_ONCE(autonuma_knobs.scan_pmd, !(run->options & 16));
	WRITE_ONCE(autonuma_knobs.working_set, !!(run->options & 32));
	return run->program(NULL);
}

/* Periods between passes stay what they are at first: a pass comes when it is waited for. */
static unsigned int same_period(unsigned int period, const unsigned long *heard)
{
	return period;
}

void space_machine(enum space_huge huge, u8 options, int (*program)(void *arg))
{
	struct machine_config config = {
		.nr_nodes = 2, .nr_cpus = 2, .bytes_per_node = 32 << 20, .seed = 1,
		.cmdline = "transparent_hugepage=always",
	};
	struct run run = { .huge = huge, .options = options, .program = program };

	stub_set(autonuma_judge_period, same_period);
	fuzz_machine(&config, run_program, &run);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of locks × uses of locks: the cases of the kernel's locking selftest.
 *
 * A use is one to three scripts, run one after the other in each order there is, each case
 * from a lockdep that knows nothing.  What a kind of lock makes of it is S (legal, must be
 * silent), F (a mistake, must be reported), n (the shim has no such lock) or nothing.
 *
 * A script is a sequence of letters; a lower-case letter releases what its upper-case one
 * takes, and the name of a lock follows.  Locks A to D are of classes of their own; of a
 * class each are 1 and 2, 3 and 4, 5 and 6.
 *
 *	L	the lock under test		X	the same one, for writing
 *	C	a spinlock, or where that would be a mistake in itself, a mutex
 *	S	spinlock	G raw spinlock	R W	rwlock		M	mutex
 *	K	local lock	N H J  rcu_read_lock(), _bh, _sched	I	init of L
 *	( )	interrupt under test, from begin to end		[ ]	disabled, enabled
 *	< >	hardirq, threaded	! >	not threaded	{ }	disabled, enabled
 *	/ \	softirq						_ -	disabled, enabled
 */
#include <kunit/test.h>
#include <linux/ctype.h>
#include <linux/hardirq.h>
#include <linux/local_lock.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>
#include <machine/violation.h>

static const struct machine_config locking_machine = {
	.nr_nodes = 1,
	.nr_cpus = 2,
	.cmdline = "noautonuma",
};

enum kind { SPIN, WLOCK, RLOCK, MUTEX, WSEM, RSEM, RTMUTEX, NR_KINDS };

static const char * const kind_names[NR_KINDS] = {
	"spin", "wlock", "rlock", "mutex", "wsem", "rsem", "rtmutex",
};

enum { NO_IRQ, HARD_IRQ, SOFT_IRQ };

#define BIT_OF(k)	(1u << VIOLATION_##k)
#define ORDER		(BIT_OF(LOCK_ORDER) | BIT_OF(LOCK_RECURSION))
#define IRQ		BIT_OF(IRQ_STATE)
#define WAIT		(BIT_OF(LOCK_CONTEXT) | BIT_OF(ATOMIC_SLEEP))
#define UNHELD		BIT_OF(LOCK_UNHELD)

/**
 * struct use - a use of locks
 * @text:	what is printed for it
 * @kinds:	expectation by enum kind
 * @script:	up to three parts, or
 * @fn:		what a script cannot say
 * @want:	kinds of violations that may be reported, as a mask
 * @irqs:	once each for hardirq and softirq
 * @queued:	read_lock() is as it is; else all of them may recurse
 */
struct use {
	const char *text;
	const char *kinds;
	const char *script[3];
	void (*fn)(void);
	u32 want;
	bool irqs;
	bool queued;
};

static void nest_unheld(void);
static void nest_held(void);
static void reclaim_nofs(void);
static void reclaim_fs(void);
static void reclaim_saved(void);

/* Two locks, the second inside the first. */
#define IN(x, y)	"L" x "L" y "U" y "U" x

static const struct use uses[] = {
	{ "A-A", "FFSFFFn", { "L1L2" }, .want = ORDER },
	{ "A-B B-A", "FFSFFFn", { IN("A", "B") IN("B", "A") }, .want = ORDER },
	{ "A-B B-C C-A", "FFSFFFn", { IN("A", "B") IN("B", "C") IN("C", "A") }, .want = ORDER },
	{ "A-B C-A B-C", "FFSFFFn", { IN("A", "B") IN("C", "A") IN("B", "C") }, .want = ORDER },
	{ "A-B B-C C-D D-A", "FFSFFFn",
	  { IN("A", "B") IN("B", "C") IN("C", "D") IN("D", "A") }, .want = ORDER },
	{ "A-B C-D B-D D-A", "FFSFFFn",
	  { IN("A", "B") IN("C", "D") IN("B", "D") IN("D", "A") }, .want = ORDER },
	{ "A-B C-D B-C D-A", "FFSFFFn",
	  { IN("A", "B") IN("C", "D") IN("B", "C") IN("D", "A") }, .want = ORDER },
	{ "double unlock", "FFFFFFn", { "LAUAUA" }, .want = UNHELD },
	{ "init of a held lock", "FFFFFFn", { "LAIA" }, .want = BIT_OF(LOCK_FREED) },
	{ "read twice", "  S  F ", { "L1L1" }, .want = ORDER },
	{ "read two of a class", "  S  F ", { "L1L2" }, .want = ORDER },
	{ "read, then write", "  F  F ", { "L1X2" }, .want = ORDER },
	{ "write, then read", "  F  F ", { "X1L2" }, .want = ORDER },
	{ "read A-B, B-write A", "  F  F ", { "L1C3c3U1" "C3X1x1c3" }, .want = ORDER },
	{ "read A-B, B-read A", "  S  F ", { "L1C3c3U1" "C3L1U1c3" }, .want = ORDER },
	{ "write A-B, B-write A", "  F  F ", { "X1C3c3x1" "C3X1x1c3" }, .want = ORDER },
	{ "read A-B, B-read, B-write", "  F    ",
	  { "R1S3s3r1" "S3R1r1s3" "S3W1w1s3" }, .want = ORDER },
	{ "W1-R2 W2-R3 W3-R1", "  F    ",
	  { "W1R3r3w1", "W3R5r5w3", "W5R1r1w5" }, .want = ORDER },
	{ "W1-W2 R2-R3 W3-R1", "  F    ",
	  { "W1W3w3w1", "R3R5r5r3", "W5R1r1w5" }, .want = ORDER },
	{ "W1-W2 R2-R3 R3-W1", "  S    ",
	  { "W1W3w3w1", "R3R5r5r3", "R5W1w1r5" }, .want = ORDER },
	{ "W1-R2 R2-R3 W3-W1", "  S    ",
	  { "W1R3r3w1", "R3R5r5r3", "W5W1w1w5" }, .want = ORDER },
	{ "in irq + irqs on", "FFS    ", { "(LAUA)", "LAUA" }, .want = IRQ, .irqs = true },
	{ "in softirq + hardirqs on", "FFS    ", { "/LAUA\\", "{LA}UA" }, .want = IRQ },
	{ "in irq + irqs enabled under it", "FFS    ",
	  { "(LAUA)", "[LA]UA" }, .want = IRQ, .irqs = true },
	{ "safe A before unsafe B #1", "FFS    ",
	  { IN("A", "B"), "LBUB", "(LAUA)" }, .want = IRQ, .irqs = true },
	{ "safe A before unsafe B #2", "FFS    ",
	  { "[" IN("A", "B") "]", "LBUB", "(LAUA)" }, .want = IRQ, .irqs = true },
	{ "irq lock inversion", "FFS    ",
	  { "[WALBUBwA]", "LBUB", "(RArA)" }, .want = IRQ, .irqs = true },
	{ "irq read recursion #1", " FS    ",
	  { "[WAwA]", "RArA", "(LASBsBUA)" }, .want = IRQ, .irqs = true },
	{ "irq read recursion #2", " FS    ",
	  { "[SBLAUAsB]", "RArA", "(SBsB)" }, .want = IRQ, .irqs = true },
	{ "irq read recursion #3", " FS    ",
	  { "[WBLAUAwB]", "RArA", "(RBrB)" }, .want = IRQ, .irqs = true },
	{ "nest lock that is not held", "F      ", .fn = nest_unheld, .want = UNHELD },
	{ "nest lock that is held", "S      ", .fn = nest_held },
	{ "queued: in irq read A-B, B-read A", "  F    ",
	  { "<RAWBwBrA>" "{WBRArAwB}" }, .want = ORDER, .queued = true },
	{ "queued: in irq B-read A, read A-B", "  S    ",
	  { "<WBRArAwB>" "{RAWBwBrA}" }, .queued = true },
	{ "queued: irq inversion", "  F    ",
	  { "<WBwB>" "{WBRArAwB}" "RArA" }, .want = IRQ, .queued = true },
	{ "NOFS allocation in fs reclaim", "S      ", .fn = reclaim_nofs },
	{ "FS allocation in fs reclaim", "F      ", .fn = reclaim_fs, .want = ORDER },
	{ "the same under memalloc_nofs", "S      ", .fn = reclaim_saved },
	{ "local lock inversion #2", "S      ", { "KAkA" "<SAsA>" "{SAKAkAsA}" }, .queued = true },
	{ "local lock inversion #3A", "S      ",
	  { "KASBsBkA" "<SAsA>" "{SAKAkAsA}" }, .queued = true },
	{ "local lock inversion #3B", "F      ",
	  { "KASBsBkA" "<SAsA>" "{SAKAkAsA}" "{SASBsBsA}" }, .want = IRQ, .queued = true },
	{ "hardirq unsafe, softirq safe", "F      ",
	  { "MA{SCsC}mA" "<SAsA>" "{SASBsBsA}" "{SBSCsCsB}" "/SDsD\\" "_SDsD-" "{SCSDsDsC}" },
	  .want = IRQ, .queued = true },
};

/* What may be taken in what, with PREEMPT_RT in mind; columns of their own. */
static const char * const inner_names[] = { "rcu", "raw", "spin", "mutex" };
static const char * const inner_open[] = { "NB", "GB", "SB", "MB" };
static const char * const inner_close[] = { "nB", "gB", "sB", "mB" };

static const struct {
	const char *text, *kinds, *open, *close;
} outers[] = {
	{ "in a hardirq", "SSSF", "<", ">" },
	{ "in a hardirq, not threaded", "SSFF", "!", ">" },
	{ "in a softirq", "SSSF", "/", "\\" },
	{ "in rcu_read_lock()", "SSSF", "NA", "nA" },
	{ "in rcu_read_lock_bh()", "SSSF", "HA", "hA" },
	{ "in rcu_read_lock_sched()", "SSFF", "JA", "jA" },
	{ "in a raw spinlock", "SSFF", "GA", "gA" },
	{ "in a spinlock", "SSSF", "SA", "sA" },
	{ "in a mutex", "SSSS", "MA", "mA" },
};

/* Cases of ww_mutex but for the two of nest locks, which others can do as well. */
#define WW_CASES	34

#define NAMES	"ABCD123456"
#define NR_NAMES 10

static struct set {
	raw_spinlock_t raw;
	spinlock_t spin;
	rwlock_t rw;
	struct mutex mutex;
	struct rw_semaphore sem;
} sets[NR_NAMES];
static DEFINE_PER_CPU(local_lock_t, a_local_lock);

static unsigned int class_of_name(unsigned int i)
{
	return i < 4 ? i : 4 + (i - 4) / 2;
}

static void init_sets(void)
{
	static struct lock_class_key keys[7][5];
	int cpu;

	for (unsigned int i = 0; i < NR_NAMES; i++) {
		struct set *s = &sets[i];
		struct lock_class_key *k = keys[class_of_name(i)];

		raw_spin_lock_init(&s->raw);
		lockdep_set_class(&s->raw, &k[0]);
		spin_lock_init(&s->spin);
		lockdep_set_class(&s->spin, &k[1]);
		rwlock_init(&s->rw);
		lockdep_set_class(&s->rw, &k[2]);
		mutex_init(&s->mutex);
		lockdep_set_class(&s->mutex, &k[3]);
		init_rwsem(&s->sem);
		lockdep_set_class(&s->sem, &k[4]);
	}
	for_each_possible_cpu(cpu)
		local_lock_init(per_cpu_ptr(&a_local_lock, cpu));
}

static struct set *named(char c)
{
	return &sets[strchr(NAMES, c) - NAMES];
}

static void hardirq_enter(bool threaded)
{
	local_irq_disable();
	irq_enter();
	if (threaded)
		lockdep_hardirq_threaded();
}

static void hardirq_exit(void)
{
	irq_exit();
	local_irq_enable();
}

static void softirq_enter(void)
{
	local_bh_disable();
	preempt_count_add(SOFTIRQ_OFFSET);
}

static void softirq_exit(void)
{
	preempt_count_sub(SOFTIRQ_OFFSET);
	local_bh_enable();
}

/* One case. */
struct trial {
	const struct use *use;
	enum kind kind;
	int irq;
	const char *scripts[3];		/* in the order in which they run */
	char script[64];		/* of an outer and inner one */
	char held[32];			/* letters and names of what is held */
	int nr_held;
};

/* Letters that stand for others, by the kind of lock under test. */
static char resolve(const struct trial *t, char op)
{
	static const char shared[NR_KINDS] = "SWRMPQ", exclusive[NR_KINDS] = "SWWMPP";
	static const char companion[NR_KINDS] = "SSSMMM";
	bool release = islower(op) || op == 'U';

	switch (op == 'U' ? 'L' : toupper(op)) {
	case 'L':
		op = shared[t->kind];
		break;
	case 'X':
		op = exclusive[t->kind];
		break;
	case 'C':
		op = companion[t->kind];
		break;
	}
	return release ? tolower(op) : op;
}

static void init_one(enum kind kind, struct set *s)
{
	if (kind == SPIN)
		spin_lock_init(&s->spin);
	else if (kind == WLOCK || kind == RLOCK)
		rwlock_init(&s->rw);
	else if (kind == MUTEX)
		mutex_init(&s->mutex);
	else
		init_rwsem(&s->sem);
}

static void do_lock(char op, struct set *s)
{
	switch (op) {
	case 'S': spin_lock(&s->spin); break;
	case 's': spin_unlock(&s->spin); break;
	case 'G': raw_spin_lock(&s->raw); break;
	case 'g': raw_spin_unlock(&s->raw); break;
	case 'R': read_lock(&s->rw); break;
	case 'r': read_unlock(&s->rw); break;
	case 'W': write_lock(&s->rw); break;
	case 'w': write_unlock(&s->rw); break;
	case 'M': mutex_lock(&s->mutex); break;
	case 'm': mutex_unlock(&s->mutex); break;
	case 'P': down_write(&s->sem); break;
	case 'p': up_write(&s->sem); break;
	case 'Q': down_read(&s->sem); break;
	case 'q': up_read(&s->sem); break;
	case 'K': local_lock(&a_local_lock); break;
	case 'k': local_unlock(&a_local_lock); break;
	case 'N': rcu_read_lock(); break;
	case 'n': rcu_read_unlock(); break;
	case 'H': rcu_read_lock_bh(); break;
	case 'h': rcu_read_unlock_bh(); break;
	case 'J': rcu_read_lock_sched(); break;
	case 'j': rcu_read_unlock_sched(); break;
	default: BUG();
	}
}

static void do_irq(char op)
{
	switch (op) {
	case '<': hardirq_enter(true); break;
	case '!': hardirq_enter(false); break;
	case '>': hardirq_exit(); break;
	case '{': local_irq_disable(); break;
	case '}': local_irq_enable(); break;
	case '/': softirq_enter(); break;
	case '\\': softirq_exit(); break;
	case '_': local_bh_disable(); break;
	case '-': local_bh_enable(); break;
	default: BUG();
	}
}

static void run_script(struct trial *t, const char *s)
{
	static const char under_test[] = "()[]", hard[] = "<>{}", soft[] = "/\\_-";

	for (; s && *s; s++) {
		const char *irq = strchr(under_test, *s);
		char op;

		if (irq) {
			do_irq((t->irq == HARD_IRQ ? hard : soft)[irq - under_test]);
			continue;
		}
		if (!isalpha(*s)) {
			do_irq(*s);
			continue;
		}
		op = resolve(t, *s++);
		if (op == 'I') {
			init_one(t->kind, named(*s));
			continue;
		}
		do_lock(op, named(*s));
		if (islower(op)) {
			t->nr_held -= 2;
		} else {
			t->held[t->nr_held++] = op;
			t->held[t->nr_held++] = *s;
		}
	}
}

static void run_trial(void *arg)
{
	struct trial *t = arg;

	if (t->use && t->use->fn)
		t->use->fn();
	for (int i = 0; i < 3; i++)
		run_script(t, t->scripts[i]);
	/* What was legal to take is legal to release. */
	for (; t->nr_held > 0; t->nr_held -= 2)
		do_lock(tolower(t->held[t->nr_held - 2]), named(t->held[t->nr_held - 1]));
}

static void nest_unheld(void)
{
	spin_lock_nest_lock(&named('A')->spin, &named('A')->mutex);
	spin_unlock(&named('A')->spin);
}

/* Whoever has 1 may take both of 3 and 4, whatever comes in between. */
static void nest_held(void)
{
	spinlock_t *nest = &named('1')->spin, *a = &named('A')->spin;

	spin_lock(nest);
	spin_lock_nest_lock(&named('3')->spin, nest);
	spin_lock(a);
	spin_lock_nest_lock(&named('4')->spin, nest);
	spin_unlock(a);
	spin_unlock(&named('4')->spin);
	spin_unlock(&named('3')->spin);
	spin_unlock(nest);
}

static void reclaim_nofs(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
	might_alloc(GFP_NOFS);
	fs_reclaim_release(GFP_KERNEL);
}

static void reclaim_fs(void)
{
	fs_reclaim_acquire(GFP_KERNEL);
	might_alloc(GFP_KERNEL);
	fs_reclaim_release(GFP_KERNEL);
}

static void reclaim_saved(void)
{
	unsigned int flags;

	fs_reclaim_acquire(GFP_KERNEL);
	flags = memalloc_nofs_save();
	might_alloc(GFP_KERNEL);
	memalloc_nofs_restore(flags);
	fs_reclaim_release(GFP_KERNEL);
}

struct tally {
	struct kunit *test;
	bool print;
	unsigned int cases, passed, legal, lacking;
};

/* Run one case; @want 0: it is legal. */
static bool passes(struct tally *c, struct trial *t, const char *text, u32 want)
{
	char why[200] = "";
	enum violation_kind kind;

	lockdep_reset();
	init_sets();
	force_read_lock_recursive = !t->use || !t->use->queued;
	kind = violation_catch(run_trial, t, why, sizeof(why));
	c->cases++;
	c->legal += !want;
	if (want ? (want >> kind) & 1 : kind == VIOLATION_NONE) {
		c->passed++;
		return true;
	}
	KUNIT_FAIL(c->test, "%s (%s '%s' '%s' '%s'): %s", text, kind_names[t->kind],
		   t->scripts[0] ?: "", t->scripts[1] ?: "", t->scripts[2] ?: "",
		   kind == VIOLATION_NONE ? "a mistake that nobody noticed" : why);
	return false;
}

static const u8 orders[6][3] = {
	{ 0, 1, 2 }, { 1, 0, 2 }, { 0, 2, 1 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
};

/* One kind of lock: all orders of the scripts. */
static void run_cell(struct tally *c, const struct use *u, enum kind kind, int irq, char *cell)
{
	int n = u->script[2] ? 6 : u->script[1] ? 2 : 1, good = 0;
	char expect = u->kinds[kind];

	strcpy(cell, "");
	if (expect == 'n') {
		c->cases += n;
		c->lacking += n;
		strcpy(cell, "-");
	}
	if (expect != 'S' && expect != 'F')
		return;
	for (int i = 0; i < n; i++) {
		struct trial t = { .use = u, .kind = kind, .irq = irq };

		for (int j = 0; j < 3; j++)
			t.scripts[j] = u->script[orders[i][j]];
		good += passes(c, &t, u->text, expect == 'F' ? u->want : 0);
	}
	sprintf(cell, "%d/%d%s", good, n, expect == 'F' ? "" : " ok");
}

static void run_use(struct tally *c, const struct use *u, int irq)
{
	static const char * const prefix[] = { "", "hard ", "soft " };
	char cells[NR_KINDS][16];

	for (int k = 0; k < NR_KINDS; k++)
		run_cell(c, u, k, irq, cells[k]);
	if (!c->print)
		return;
	printf("%s%*s |", prefix[irq], (int)(37 - strlen(prefix[irq])), u->text);
	for (int k = 0; k < NR_KINDS; k++)
		printf("%7s |", cells[k]);
	printf("\n");
}

/* An outer context, and each inner one in it. */
static void run_outer(struct tally *c, unsigned int outer)
{
	if (c->print)
		printf("%37s |", outers[outer].text);
	for (int i = 0; i < ARRAY_SIZE(inner_names); i++) {
		bool legal = outers[outer].kinds[i] == 'S';
		struct trial t = { .kind = SPIN };
		bool good;

		snprintf(t.script, sizeof(t.script), "%s%s%s%s", outers[outer].open,
			 inner_open[i], inner_close[i], outers[outer].close);
		t.scripts[0] = t.script;
		good = passes(c, &t, outers[outer].text, legal ? 0 : WAIT);
		if (c->print)
			printf("%7s |", good ? legal ? "1/1 ok" : "1/1" : "0/1");
	}
	if (c->print)
		printf("\n");
}

static void print_header(const struct tally *c, const char * const *names, int n)
{
	if (!c->print)
		return;
	printf("\n%37s |", "");
	for (int i = 0; i < n; i++)
		printf("%7s |", names[i]);
	printf("\n");
}

static void run_all(struct tally *c, bool raw_nesting)
{
	lockdep_raw_nesting = raw_nesting;
	if (c->print)
		printf("cases that passed, of all; ok: legal uses, else mistakes\n");
	print_header(c, kind_names, NR_KINDS);
	for (int i = 0; i < ARRAY_SIZE(uses); i++)
		for (int irq = uses[i].irqs ? HARD_IRQ : NO_IRQ;
		     irq <= (uses[i].irqs ? SOFT_IRQ : NO_IRQ); irq++)
			run_use(c, &uses[i], irq);
	c->cases += WW_CASES;
	c->lacking += WW_CASES;
	if (raw_nesting) {
		print_header(c, inner_names, ARRAY_SIZE(inner_names));
		for (int i = 0; i < ARRAY_SIZE(outers); i++)
			run_outer(c, i);
	}
	lockdep_raw_nesting = false;
	force_read_lock_recursive = 0;
	lockdep_reset();
	if (c->print)
		printf("ww_mutex: %d and rtmutex: %d cases of locks that are not offered\n",
		       WW_CASES, c->lacking - WW_CASES);
	printf("locking: %u of %u cases passed, %u of lock kinds not offered\n", c->passed,
	       c->cases, c->lacking);
}

/* With 10 legal uses of ww_mutex, of which one is a nest lock's, that makes the kernel's 119. */
static void each_mistake_is_reported_and_each_legal_use_is_silent(struct kunit *test)
{
	struct tally c = { .test = test };

	run_all(&c, false);
	KUNIT_EXPECT_EQ(test, c.cases, 358);
	KUNIT_EXPECT_EQ(test, c.passed, 358 - 43);
	KUNIT_EXPECT_EQ(test, c.legal, 119 - 9);
}

static void the_same_with_raw_lock_nesting(struct kunit *test)
{
	struct tally c = { .test = test, .print = true };

	run_all(&c, true);
	KUNIT_EXPECT_EQ(test, c.cases, 394);
	KUNIT_EXPECT_EQ(test, c.passed, 394 - 43);
	KUNIT_EXPECT_EQ(test, c.legal, 144 - 9);
}

static struct kunit_case locking_cases[] = {
	KUNIT_CASE(each_mistake_is_reported_and_each_legal_use_is_silent),
	KUNIT_CASE(the_same_with_raw_lock_nesting),
	{}
};

static struct kunit_suite locking_suite = {
	.name = "locking-selftest",
	.test_cases = locking_cases,
};
kunit_machine_config(locking_suite, locking_machine);
kunit_test_suite(locking_suite);

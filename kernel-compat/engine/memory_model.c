// SPDX-License-Identifier: GPL-2.0
/*
 * Weak memory under the engine "replay".
 *
 * Stores. Each context has a buffer of the stores that it alone sees. Memory always shows
 * what the running context sees: its stores are in memory, with what they replaced kept in
 * the buffer, and when another context goes on they are taken back, last one first, and put
 * again when it is its turn. So no load has to look into a buffer, and code that knows nothing
 * of all this reads and writes memory as ever. A store becomes visible to others, and is
 * then committed, when a number that is drawn says so, when a barrier demands it, or when the
 * buffer is full. tso: in the order of the stores. weak: in any order that leaves alone those
 * to the same bytes, those on the two sides of smp_wmb(), and a release behind all before it.
 *
 * Loads. The last stores committed are remembered with their times. A load may return what
 * was there at any time since its context's floor: as if the processor had made it then.
 * The floor is the last full or read barrier, lock taken, or load with acquire; a load comes
 * after the loads that its address may have come from, and after the loads and stores of the
 * same bytes. With tso each load raises the floor, so that only stores are overtaken.
 *
 * So each store happens at the time of its commit, each load at a time between its floor and
 * now, and all orders that the Linux-kernel memory model (LKMM) asks for agree with time.
 * Hence no outcome it forbids appears. Not offered, though allowed: a store that happens
 * before a load that precedes it, and two observers that see stores in different orders.
 *
 * An address is taken to depend on no later load than the first access of the context
 * nearby; what is behind [ ] or a call in the text of a marked access, on all before.
 *
 * Not instrumented by TSan, which sees the accesses themselves where they are made.
 */
#include <string.h>

#include <linux/kernel.h>
#include <machine/replay.h>
#include <engine/every_access.h>
#include <engine/memory_known.h>
#include <engine/memory_model.h>

#define MAX_STORES	16
#define LARGE		64	/* bytes; a larger store is not delayed */
#define MAX_VERSIONS	256	/* a power of two */
#define MAX_LATEST	1024	/* a power of two */

struct store {
	unsigned char *addr;
	u8 size;		/* 1 to 8 */
	bool release, plain;
	bool stack;		/* a frame's, see remember() */
	bool late;		/* takes its time: see LATE */
	u32 epoch;		/* smp_wmb() passed before it */
	u64 old, new;		/* the bytes at @addr without it and with it */
};

/* What a context sees. */
struct view {
	const unsigned char *stack;
	size_t stack_size;
	u64 floor;		/* later loads come after this time */
	u32 epoch;
	unsigned int nr;
	struct store stores[MAX_STORES];
};

/* A store that others saw; the n-th one is in versions[n - 1], and n is its time. */
struct version {
	unsigned char *addr;
	u8 size;
	u64 old, new;
	const struct view *by;
};

bool memory_weak;
void (*memory_watch)(const volatile void *p, size_t size, bool write);
void (*memory_watch_begin)(void);
static enum { SC, TSO, WEAK } model;
static const char *const names[] = { "sc", "tso", "weak" };
static struct view views[MEMORY_MAX_CONTEXTS];
static unsigned int nr_views;
static struct view *self = views;
static unsigned int nr_pending;		/* stores in all buffers */
static struct version versions[MAX_VERSIONS];
static u64 now;				/* versions there were */
/* Times of the last versions of words; words share them. Most loads find no version at all. */
static u64 latest[MAX_LATEST];
static unsigned int patience;		/* points until a commit, on average */
/* Stores of @self that are being made: their new values are in memory since. */
static unsigned int unfinished;
static struct store direct;		/* the same for one that passes the buffer by */

bool replay_memory_use(const char *name)
{
	for (model = WEAK; model > SC; model--)
		if (!strcmp(names[model], name))
			return true;
	return !strcmp(names[SC], name);
}

const char *replay_memory(void) { return names[model]; }
unsigned int memory_self(void) { return self - views; }
unsigned int memory_nr(void) { return nr_views; }

/* Not memcpy() and memset(), which TSan sees. */
static void copy(void *to, const void *from, size_t size)
{
	volatile unsigned char *t = to;
	const volatile unsigned char *f = from;

	while (size--)
		*t++ = *f++;
}

static u64 bytes_at(const unsigned char *addr, size_t size)
{
	u64 val = 0;

	copy(&val, addr, size);
	return val;
}

static bool overlap(const void *a, size_t a_size, const void *b, size_t b_size)
{
	return a_size && (unsigned long)a < (unsigned long)b + b_size &&
	       (unsigned long)b < (unsigned long)a + a_size;
}

static u64 *latest_of(const unsigned char *addr)
{
	return &latest[(unsigned long)addr / sizeof(u64) & (MAX_LATEST - 1)];
}

/*
 * The store of @by was seen by all; before, there was @old. Not on stacks: what was there
 * before may have been another function's.
 */
static void remember(const struct store *s, u64 old, const struct view *by)
{
	if (s->stack || old == s->new)
		return;
	versions[now++ & (MAX_VERSIONS - 1)] = (struct version){
		.addr = s->addr, .size = s->size, .old = old, .new = s->new, .by = by,
	};
	*latest_of(s->addr) = now;
	*latest_of(s->addr + s->size - 1) = now;
}

/* The accesses that were announced have been made. */
static void finish(void)
{
	while (unfinished) {
		struct store *s = &self->stores[self->nr - unfinished--];

		s->new = bytes_at(s->addr, s->size);
	}
	if (direct.addr) {
		direct.new = bytes_at(direct.addr, direct.size);
		remember(&direct, direct.old, self);
		direct.addr = NULL;
	}
}

static void drop(struct view *v, unsigned int i)
{
	v->nr--;
	nr_pending--;
	for (; i < v->nr; i++) {
		v->stores[i] = v->stores[i + 1];
		barrier();
	}
}

/* Memory as others see it. What was overwritten meanwhile has been seen by them. */
static void take_back(struct view *v)
{
	finish();
	for (unsigned int i = v->nr; i-- > 0;) {
		struct store *s = &v->stores[i];

		if (bytes_at(s->addr, s->size) == s->new)
			copy(s->addr, &s->old, s->size);
		else
			drop(v, i);
	}
}

static void put_again(struct view *v)
{
	for (unsigned int i = 0; i < v->nr; i++) {
		struct store *s = &v->stores[i];

		s->old = bytes_at(s->addr, s->size);
		copy(s->addr, &s->new, s->size);
	}
}

/* A store whose new value is in memory is seen by all from now on. */
static void commit(struct view *v, unsigned int i)
{
	remember(&v->stores[i], v->stores[i].old, v);
	drop(v, i);
}

/* So is one that was taken back, with all others. */
static void commit_absent(struct view *v, unsigned int i)
{
	struct store *s = &v->stores[i];

	s->old = bytes_at(s->addr, s->size);
	copy(s->addr, &s->new, s->size);
	commit(v, i);
}

/* May it be the next one of its buffer? */
static bool may_commit(const struct view *v, unsigned int i)
{
	const struct store *s = &v->stores[i];

	if (i && (model == TSO || s->release))
		return false;
	for (unsigned int j = 0; j < i; j++) {
		const struct store *before = &v->stores[j];

		if (before->epoch != s->epoch ||
		    overlap(before->addr, before->size, s->addr, s->size))
			return false;
	}
	return true;
}

static void drain(struct view *v)
{
	finish();
	while (v->nr)
		commit(v, 0);
}

static void drain_all(void)
{
	take_back(self);
	for (struct view *v = views; v < views + nr_views; v++)
		while (v->nr)
			commit_absent(v, 0);
}

/* So many times as long as others; as one of so many stores does. Thus others overtake it. */
#define LATE		16
#define LATE_STORES	4
/* Points until a commit, on average, are drawn anew after so many. */
#define PATIENCE_POINTS	64

/* One store of one context, of those that may be next. */
static void commit_any(void)
{
	u64 n = exec_engine->choose(nr_pending);
	struct view *v = views;
	unsigned int i, may = 0;

	while (n >= v->nr)
		n -= v++->nr;
	for (i = 0; i < v->nr; i++)
		may += may_commit(v, i);
	n = may > 1 ? exec_engine->choose(may) : 0;
	for (i = 0; !may_commit(v, i) || n--; i++)
		;
	if (v->stores[i].late && exec_engine->choose(LATE))
		return;
	if (v == self) {
		commit(v, i);
		return;
	}
	take_back(self);
	commit_absent(v, i);
	put_again(self);
}

bool memory_on_own_stack(const volatile void *p)
{
	return (size_t)((const unsigned char *)p - self->stack) < self->stack_size;
}

static bool is_buffered(const struct view *v, const volatile void *p, size_t size)
{
	for (unsigned int i = 0; i < v->nr; i++)
		if (overlap(v->stores[i].addr, v->stores[i].size, (const void *)p, size))
			return true;
	return false;
}

/* @val, the @size bytes at @p behind the store @e, become those before it. */
static bool undo(const struct version *e, const unsigned char *p, size_t size, u64 *val)
{
	unsigned char *bytes = (unsigned char *)val;
	const unsigned char *old = (void *)&e->old, *new = (void *)&e->new;

	for (unsigned int i = 0; i < e->size; i++) {
		size_t at = e->addr + i - p;

		if (at >= size)
			continue;
		/* Somebody unknown stored there since. */
		if (bytes[at] != new[i])
			return false;
		bytes[at] = old[i];
	}
	return true;
}

#define MAX_CHOICES	8

/* What a load may return, newest first, and since when it was there. */
struct choices {
	unsigned int nr;
	u64 val[MAX_CHOICES];
	u64 since[MAX_CHOICES];
};

/* All that was at @p since @floor, as far as it is known. */
static void find_versions(struct choices *c, const unsigned char *p, size_t size, u64 floor)
{
	u64 val = c->val[0];
	u64 oldest = now > MAX_VERSIONS ? now - MAX_VERSIONS : 0;
	u64 newest = max(*latest_of(p), *latest_of(p + size - 1));

	c->nr = 1;
	c->since[0] = now;
	for (u64 t = newest; t > oldest; t--) {
		const struct version *e = &versions[(t - 1) & (MAX_VERSIONS - 1)];

		if (!overlap(e->addr, e->size, p, size))
			continue;
		if (!undo(e, p, size, &val))
			return;
		c->since[c->nr - 1] = t;
		if (t <= floor || e->by == self || c->nr == MAX_CHOICES)
			return;
		c->val[c->nr] = val;
		/* Until there is more to be known: just before it was replaced. */
		c->since[c->nr++] = t - 1;
	}
}

u64 memory_load(const volatile void *p, u64 val, size_t size, unsigned int how)
{
	struct choices c;
	u64 floor, *word, time;
	unsigned int i = 0;

	finish();
	if (unlikely(memory_watch))
		memory_watch(p, size, false);
	if (model == SC)
		return val;
	if (memory_on_own_stack(p) || is_buffered(self, p, size)) {
		if (how & (MEMORY_ACQUIRE | MEMORY_ADDRESS))
			self->floor = now;
		return val;
	}
	floor = self->floor;
	if (how & MEMORY_INDEXED)
		floor = now;
	else if (!(how & MEMORY_KNOWN))
		floor = max(floor, min(now, memory_near(memory_self(), p, now)));
	word = memory_read_floor(memory_self(), p);
	floor = max(floor, *word);
	c.val[0] = val;
	find_versions(&c, (void *)p, size, floor);
	if (c.nr > 1 && !exec_engine->choose(2))
		i = 1 + exec_engine->choose(c.nr - 1);
	time = max(floor, c.since[i]);
	*word = max(*word, time);
	if (model == TSO || how & (MEMORY_ACQUIRE | MEMORY_ADDRESS))
		self->floor = max(self->floor, time);
	return c.val[i];
}

/* A store that is visible at once must not overtake those it has to come after. */
static void drain_before(const volatile void *p, size_t size, bool release)
{
	bool all = release || model == TSO || is_buffered(self, p, size);

	for (unsigned int i = 0; i < self->nr; i++)
		all |= self->stores[i].epoch != self->epoch;
	if (all)
		drain(self);
}

bool memory_plain_store_waits(const volatile void *p, size_t size)
{
	if (!nr_pending)
		return false;
	for (const struct view *v = views; v < views + nr_views; v++)
		for (unsigned int i = 0; i < v->nr && v != self; i++)
			if (v->stores[i].plain && overlap(v->stores[i].addr, v->stores[i].size,
							  (const void *)p, size))
				return true;
	return false;
}

static void buffer(unsigned char *p, size_t size, bool release, bool plain)
{
	self->stores[self->nr++] = (struct store){
		.addr = p, .size = size, .release = release, .plain = plain,
		.stack = memory_near(memory_self(), p, now) == MEMORY_STACK,
		.epoch = self->epoch,
		.late = model == WEAK && !exec_engine->choose(LATE_STORES),
		.old = bytes_at(p, size),
	};
	nr_pending++;
	unfinished++;
}

static void store(volatile void *p, size_t size, bool release, bool plain)
{
	unsigned char *at = (unsigned char *)p;

	finish();
	if (model == SC)
		return;
	if (memory_on_own_stack(p) || size > LARGE) {
		drain_before(p, size, release);
		return;
	}
	while (self->nr > MAX_STORES - DIV_ROUND_UP(size, sizeof(u64)))
		commit(self, 0);
	for (size_t part; size; at += part, size -= part) {
		part = min(size, sizeof(u64));
		buffer(at, part, release, plain);
	}
}

void memory_store(volatile void *p, size_t size, bool release)
{
	if (unlikely(memory_watch))
		memory_watch(p, size, true);
	store(p, size, release, false);
}

void memory_store_plain(volatile void *p, size_t size) { store(p, size, false, true); }

void memory_rmw(volatile void *p, size_t size, int order)
{
	bool acquire = order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE;

	finish();
	if (unlikely(memory_watch))
		memory_watch(p, size, true);
	if (model == SC)
		return;
	drain_before(p, size, order != __ATOMIC_RELAXED && order != __ATOMIC_ACQUIRE);
	if (acquire)
		self->floor = now;
	*memory_read_floor(memory_self(), p) = now;
	if (memory_on_own_stack(p) || size > sizeof(u64))
		return;
	direct = (struct store){
		.addr = (unsigned char *)p, .size = size,
		.stack = memory_near(memory_self(), p, now) == MEMORY_STACK,
		.old = bytes_at((unsigned char *)p, size),
	};
}

void memory_barrier(enum memory_barrier kind)
{
	finish();
	if (kind == MEMORY_WMB)
		self->epoch++;
	if (kind == MEMORY_MB || kind == MEMORY_RELEASE)
		drain(self);
	/* Later than need be: what loads without a mark read is not known. */
	if (kind == MEMORY_MB || kind == MEMORY_RMB)
		self->floor = now;
}

void memory_barrier_all(void)
{
	if (!memory_weak)
		return;
	drain_all();
	for (struct view *v = views; v < views + nr_views; v++)
		v->floor = now;
}

void memory_object(const void *p, size_t size)
{
	if (model != SC)
		memory_object_born(p, size);
}

void memory_forget(const void *p, size_t size)
{
	if (model != SC)
		memory_object_gone(p);
	if (!memory_weak || !now)
		return;
	finish();
	for (struct view *v = views; v < views + nr_views && nr_pending; v++)
		for (unsigned int i = v->nr; i-- > 0;)
			if (overlap(v->stores[i].addr, v->stores[i].size, p, size))
				drop(v, i);
	for (unsigned int i = 0; i < MAX_VERSIONS; i++)
		if (overlap(versions[i].addr, versions[i].size, p, size))
			versions[i] = (struct version){ };
}

void memory_boot(void)
{
	memory_weak = false;
	nr_views = 0;
	nr_pending = 0;
	unfinished = 0;
	direct.addr = NULL;
	for (unsigned int i = 0; now && i < MAX_VERSIONS; i++)
		versions[i].size = 0;
	for (unsigned int i = 0; now && i < MAX_LATEST; i++)
		latest[i] = 0;
	now = 0;
	if (model != SC)
		memory_known_boot();
}

void memory_born(unsigned int id, const void *stack, size_t size)
{
	struct view *v = &views[id];

	nr_views = max(nr_views, id + 1);
	v->nr = 0;
	v->epoch = 0;
	v->stack = stack;
	v->stack_size = size;
	v->floor = now;
	if (model != SC)
		memory_is_stack(stack, size);
}

void memory_begin(unsigned int id)
{
	if (model == SC && !memory_watch)
		return;
	if (memory_watch_begin)
		memory_watch_begin();
	memory_known_begin();
	self = &views[id];
	patience = 1 << exec_engine->choose(6);
	memory_weak = true;
}

void memory_end(void)
{
	memory_barrier_all();
	memory_weak = false;
}

void memory_switch(unsigned int from, unsigned int to)
{
	take_back(&views[from]);
	self = &views[to];
	put_again(self);
}

/* Who waits in a loop for a store sees it after so many turns, on average. */
#define SPINS_TO_DRAIN	16

/* Stores of code that does without this come before what follows such points. */
#define DRAINING	(BIT(EXEC_POINT_UNLOCK) | BIT(EXEC_POINT_WAKE) | BIT(EXEC_POINT_TIMER) | \
			 BIT(EXEC_POINT_RCU) | BIT(EXEC_POINT_ALLOC) | BIT(EXEC_POINT_TLB))
/* And what follows these is a load that comes before all later ones. */
#define ACQUIRING	(BIT(EXEC_POINT_LOCK) | BIT(EXEC_POINT_SPIN) | BIT(EXEC_POINT_RCU))

void memory_before_point(enum exec_point kind)
{
	finish();
	if (!nr_pending)
		return;
	if (kind == EXEC_POINT_SPIN && !exec_engine->choose(SPINS_TO_DRAIN))
		drain_all();
	else if (BIT(kind) & DRAINING)
		drain(self);
	else if (!exec_engine->choose(PATIENCE_POINTS))
		patience = 1 << exec_engine->choose(6);
	else if (!exec_engine->choose(patience))
		commit_any();
}

void memory_after_point(enum exec_point kind)
{
	if (BIT(kind) & ACQUIRING)
		self->floor = now;
}

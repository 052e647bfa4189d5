// SPDX-License-Identifier: GPL-2.0
/*
 * Which address a context has been near, and since when.
 *
 * Near is what lies in the same 256 bytes of one object: of an allocation, a variable, the
 * array of struct page. Where no object is known, an address is near itself only. The host's
 * addresses, and how far objects are from each other, must not matter, or else a schedule
 * would not be the same in the next process and in the next build. So objects have numbers,
 * one that takes another's place has another number, and what is remembered is found by all
 * of its key or not at all.
 *
 * Not instrumented by TSan: all contexts share these tables. Nor is the host's malloc() used.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include <linux/kernel.h>
#include <engine/memory_known.h>
#include <engine/memory_model.h>
#include <exec/symbols.h>

#define NEARBY_SHIFT	8	/* so many bytes of an object */

struct object {
	unsigned long start, size;
	u32 nr;			/* 0: there is none */
	bool stack;
};

/* By address; they do not overlap. */
struct objects {
	struct object *at;
	unsigned int nr, room;
};

static struct objects allocated, variables;
static u32 last_nr;
/* Found lately, by address. */
#define CACHED	256
static struct object cache[CACHED];

/* When @who came to know @what, an object's part or a word; or not to read it from before. */
struct known {
	u64 what;
	u32 who;
	u32 schedule;		/* of another one than now: free */
	u64 time;
};

/* Open addressing. */
static struct {
	struct known *at;
	unsigned int nr, room;	/* @room: a power of two, or 0 */
	u32 schedule;
} table;

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

/* Index of the first one that ends behind @addr. */
static unsigned int place(const struct objects *o, unsigned long addr)
{
	unsigned int low = 0, high = o->nr;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (o->at[mid].start + o->at[mid].size <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void insert(struct objects *o, unsigned int i, const struct object *new)
{
	if (o->nr == o->room) {
		unsigned int room = o->room ? 2 * o->room : 1024;
		struct object *at = map(room * sizeof(*at));

		for (unsigned int j = 0; j < o->nr; j++) {
			at[j] = o->at[j];
			barrier();
		}
		if (o->room)
			munmap(o->at, o->room * sizeof(*at));
		o->at = at;
		o->room = room;
	}
	for (unsigned int j = o->nr++; j > i; j--) {
		o->at[j] = o->at[j - 1];
		barrier();
	}
	o->at[i] = *new;
}

static void forget_cached(void)
{
	for (unsigned int i = 0; i < CACHED; i++) {
		cache[i].size = 0;
		barrier();
	}
}

static void delete(struct objects *o, unsigned int i)
{
	o->nr--;
	for (; i < o->nr; i++) {
		o->at[i] = o->at[i + 1];
		barrier();
	}
	forget_cached();
}

static void add(struct objects *o, unsigned long start, unsigned long size, bool stack)
{
	struct object new = {
		.start = start, .size = size, .nr = ++last_nr, .stack = stack,
	};
	unsigned int i = place(o, start);

	/* Whoever was there went without a word. */
	while (i < o->nr && o->at[i].start < start + size)
		delete(o, i);
	insert(o, i, &new);
	forget_cached();
}

static void add_variable(const char *name, unsigned long addr, size_t size, void *unused)
{
	add(&variables, addr, size, false);
}

static bool find_in(const struct objects *o, unsigned long addr, struct object *found)
{
	unsigned int i = place(o, addr);

	if (i == o->nr || addr < o->at[i].start)
		return false;
	*found = o->at[i];
	return true;
}

/* The object at @addr; if none is known, its number is 0. */
static const struct object *find(unsigned long addr)
{
	struct object *c = &cache[addr >> 6 & (CACHED - 1)];

	if (addr - c->start >= c->size && !find_in(&allocated, addr, c) &&
	    !find_in(&variables, addr, c))
		*c = (struct object){ .start = addr & ~7UL, .size = 8 };
	return c;
}

static struct known *slot(u32 who, u64 what)
{
	u64 hash = (what ^ (u64)who << 48) * 0x9e3779b97f4a7c15ULL >> 32;

	for (;; hash++) {
		struct known *k = &table.at[hash & (table.room - 1)];

		if (k->schedule != table.schedule || (k->what == what && k->who == who))
			return k;
	}
}

static void grow(void)
{
	struct known *old = table.at;
	unsigned int room = table.room;

	table.room = room ? 2 * room : 4096;
	table.at = map(table.room * sizeof(*table.at));
	for (unsigned int i = 0; i < room; i++)
		if (old[i].schedule == table.schedule)
			*slot(old[i].who, old[i].what) = old[i];
	if (room)
		munmap(old, room * sizeof(*old));
}

/* @time is what a new one begins with. */
static u64 *time_of(u32 who, u64 what, u64 time)
{
	struct known *k;

	if (2 * table.nr >= table.room)
		grow();
	k = slot(who, what);
	if (k->schedule != table.schedule) {
		*k = (struct known){ what, who, table.schedule, time };
		table.nr++;
	}
	return &k->time;
}

/* Kinds of what is known; the rest of the number is a word's, or an object's and a part's. */
#define NEAR_WORD	(1ULL << 62)
#define NEAR_PART	(2ULL << 62)
#define READ_WORD	(3ULL << 62)

u64 memory_near(unsigned int who, const volatile void *p, u64 now)
{
	unsigned long addr = (unsigned long)p;
	const struct object *o = find(addr);
	u64 part = (addr - o->start) >> NEARBY_SHIFT;

	if (o->stack)
		return MEMORY_STACK;
	return *time_of(who, o->nr ? NEAR_PART | (u64)o->nr << 32 | part : NEAR_WORD | addr >> 3,
			now);
}

u64 *memory_read_floor(unsigned int who, const volatile void *p)
{
	return time_of(who, READ_WORD | (unsigned long)p >> 3, 0);
}

void memory_object_born(const void *p, size_t size)
{
	add(&allocated, (unsigned long)p, size, false);
}

void memory_object_gone(const void *p)
{
	unsigned int i = place(&allocated, (unsigned long)p);

	if (i < allocated.nr && allocated.at[i].start == (unsigned long)p)
		delete(&allocated, i);
}

void memory_is_stack(const void *stack, size_t size)
{
	unsigned int i = place(&allocated, (unsigned long)stack);

	if (i == allocated.nr || allocated.at[i].start != (unsigned long)stack)
		add(&allocated, (unsigned long)stack, size, true);
}

void memory_known_begin(void)
{
	table.schedule++;
	table.nr = 0;
}

void memory_known_boot(void)
{
	if (!variables.nr)
		exec_for_each_variable(add_variable, NULL);
	allocated.nr = 0;
	forget_cached();
}

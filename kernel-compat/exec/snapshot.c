// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots of a booted machine: the same bytes as after a boot, for the price of what an
 * execution has written.
 *
 * What a machine consists of lies in few places, and nowhere else:
 *
 *	static data of the shim and of the core, which the link editor lays out between two
 *	marks (statics/), but for variables that are __kept;
 *	what the shim has from the host, in one arena (exec/host_memory.h);
 *	per-CPU memory, the memory map and the contents of memory, by their owners;
 *	the stacks of contexts that wait, from their stack pointers up;
 *	with ASan, what it knows of arena, memory and stacks: bytes of its shadow.
 *
 * The host's allocator and the sanitizers' own data are not touched; nothing of the machine
 * is there. What of the process is not the machine's (seeds, strategies, rules of tests) is
 * linked in front of the first mark or __kept.
 *
 * Most of all that no execution writes. So pages are write-protected when a snapshot is
 * taken; the first write to each, once in the life of the snapshot, ends in a signal handler
 * that makes it writable for good and notes it. To restore means to copy the noted pages.
 * After a few executions there are no faults any more. (A process that is forked for each
 * execution costs a hundred times as much, comparing everything ten times.)
 *
 * Not instrumented by any sanitizer.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <valgrind/valgrind.h>

#include <linux/sched.h>
#include <machine/inject.h>
#include <machine/replay.h>
#include <engine/fiber.h>
#include <engine/replay.h>
#include <exec/hooks.h>
#include <exec/host_memory.h>
#include <exec/sanitizers.h>
#include <exec/snapshot.h>
#include <exec/vcpu.h>

#define HOST_PAGE	4096UL
#define MAX_AREAS	64
#define MAX_STACKS	4096
#define SHADOW_SCALE	3

extern char statics_shim_data[], statics_shim_bss[];
extern char statics_shim_data_end[], statics_shim_bss_end[];
extern char __start_init_data[] __attribute__((weak)), __stop_init_data[] __attribute__((weak));
/* In a build for coverage: counters lie among the statics. */
extern void __gcov_dump(void) __attribute__((weak));

/* Pages that are restored. Within @from, @to of the first and last page if they are shared. */
struct area {
	char *start, *end;		/* whole pages */
	char *from, *to;		/* what is restored of them */
	char *copy;			/* of the pages */
	bool *touched;			/* per page */
	unsigned int *list;		/* the touched ones */
	unsigned int nr;
};

/* What a context that waits had on its stack. */
struct stack {
	struct fiber *fiber;
	char *sp, *top;
	char *copy, *shadow;		/* shadow: as many bytes / 8 */
};

static struct area areas[MAX_AREAS];
static unsigned int nr_areas;
static struct stack *stacks;
static unsigned int nr_stacks;
static struct task_struct *running;	/* who took the snapshot */
static char *arena_end;
static bool held;
static struct sigaction before;		/* who else handles SIGSEGV */

static void *reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes ?: 1, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

#ifdef EXEC_ASAN
void __asan_get_shadow_mapping(size_t *scale, size_t *offset);

static char *shadow_of(const void *p)
{
	static size_t scale, offset;

	if (!offset)
		__asan_get_shadow_mapping(&scale, &offset);
	return (char *)((uintptr_t)p >> SHADOW_SCALE) + offset;
}
#define has_shadow	true
#else
static char *shadow_of(const void *p)
{
	return NULL;
}
#define has_shadow	false
#endif

static struct area *area_of(const char *p)
{
	for (struct area *a = areas; a < areas + nr_areas; a++)
		if (p >= a->start && p < a->end)
			return a;
	return NULL;
}

static void touch(struct area *a, size_t page)
{
	if (a->touched[page])
		return;
	a->touched[page] = true;
	a->list[a->nr++] = page;
}

void snapshot_each_touched(const void *start, void (*fn)(const char *page, void *arg), void *arg)
{
	const struct area *a = area_of(start);

	for (unsigned int i = 0; a && i < a->nr; i++)
		fn(a->start + a->list[i] * HOST_PAGE, arg);
}

/* The first write to a page. Anything else that faults is another's. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	struct area *a = held ? area_of(info->si_addr) : NULL;
	size_t page = a ? ((char *)info->si_addr - a->start) / HOST_PAGE : 0;

	if (a && !a->touched[page]) {
		mprotect(a->start + page * HOST_PAGE, HOST_PAGE, PROT_READ | PROT_WRITE);
		touch(a, page);
	} else if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(sig, info, context);
	} else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
		before.sa_handler(sig);
	} else {
		/* Once more, and the process ends. */
		signal(sig, SIG_DFL);
	}
}

static bool handle_faults(void)
{
	struct sigaction now, ours = {
		.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	if (sigaction(SIGSEGV, NULL, &now))
		return false;
	if (now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_fault)
		return true;
	before = now;
	return !sigaction(SIGSEGV, &ours, NULL);
}

static void add_area(char *from, char *to)
{
	struct area *a = &areas[nr_areas];
	size_t nr;

	if (from >= to)
		return;
	if (nr_areas == MAX_AREAS)
		abort();
	*a = (struct area){ .from = from, .to = to };
	a->start = (char *)((uintptr_t)from & -HOST_PAGE);
	a->end = (char *)(((uintptr_t)to + HOST_PAGE - 1) & -HOST_PAGE);
	nr = (a->end - a->start) / HOST_PAGE;
	a->copy = reserve(a->end - a->start);
	a->touched = reserve(nr);
	a->list = reserve(nr * sizeof(*a->list));
	if (!a->copy || !a->touched || !a->list)
		abort();
	nr_areas++;
}

void snapshot_contents(void *start, size_t bytes)
{
	add_area(start, (char *)start + bytes);
}

void snapshot_poison(void *start, size_t bytes)
{
	if (has_shadow)
		add_area(shadow_of(start), shadow_of((char *)start + bytes));
}

static bool is_zero(const char *page)
{
	const unsigned long *p = (const unsigned long *)page;

	for (size_t i = 0; i < HOST_PAGE / sizeof(*p); i++)
		if (p[i])
			return false;
	return true;
}

/* Copy and protect, but for pages that others share at either end; zero costs no memory. */
static void protect(struct area *a)
{
	size_t nr = (a->end - a->start) / HOST_PAGE;
	char *start = a->start, *end = a->end;

	for (size_t at = 0; at < nr * HOST_PAGE; at += HOST_PAGE)
		if (!is_zero(a->start + at))
			snapshot_copy(a->copy + at, a->start + at, HOST_PAGE);
	if (a->from > start) {
		touch(a, 0);
		start += HOST_PAGE;
	}
	if (a->to < end) {
		touch(a, nr - 1);
		end -= HOST_PAGE;
	}
	if (start < end)
		mprotect(start, end - start, PROT_READ);
}

static void restore_area(const struct area *a)
{
	for (unsigned int i = 0; i < a->nr; i++) {
		char *from = a->start + a->list[i] * HOST_PAGE, *to = from + HOST_PAGE;

		if (from < a->from)
			from = a->from;
		if (to > a->to)
			to = a->to;
		snapshot_copy(from, a->copy + (from - a->start), to - from);
	}
}

static char *top_of(const struct fiber *f)
{
	return (char *)f->stack + f->size;
}

static void save_stack(struct fiber *f, void *unused)
{
	struct stack *s = &stacks[nr_stacks++];
	size_t size;

	/* The shadow of whole words; what lies below the stack pointer is nobody's. */
	*s = (struct stack){ .fiber = f, .sp = (char *)((uintptr_t)f->sp & -16), .top = top_of(f) };
	size = s->top - s->sp;
	s->copy = reserve(size + (size >> SHADOW_SCALE));
	if (!s->copy)
		abort();
	s->shadow = s->copy + size;
	snapshot_copy(s->copy, s->sp, size);
	if (has_shadow)
		snapshot_copy(s->shadow, shadow_of(s->sp), size >> SHADOW_SCALE);
}

/* The frames that are there now will not be left: nothing of them stays poisoned. */
static void clean_stack(struct fiber *f, void *unused)
{
	char *sp = (char *)((uintptr_t)f->sp & -16);

	if (has_shadow)
		snapshot_clear(shadow_of(sp), (top_of(f) - sp) >> SHADOW_SCALE);
}

static void restore_stack(const struct stack *s)
{
	size_t size = s->top - s->sp;

	snapshot_copy(s->sp, s->copy, size);
	if (has_shadow)
		snapshot_copy(shadow_of(s->sp), s->shadow, size >> SHADOW_SCALE);
}

bool snapshot_possible(void)
{
#ifdef EXEC_TSAN
	return false;
#endif
	return replay_in_use() && !strcmp(replay_memory(), "sc") && !RUNNING_ON_VALGRIND &&
	       !__gcov_dump && !__asan_get_current_fake_stack() && !inject_nr_rules;
}

bool snapshot_held(void)
{
	return held;
}

bool snapshot_take(void)
{
	char *start;

	if (replay_has_drawn() || !handle_faults() || !memmap_snapshot_take()) {
		snapshot_drop();
		return false;
	}
	host_arena_extent(&start, &arena_end);
	snapshot_contents(start, arena_end - start);
	snapshot_poison(start, arena_end - start);
	snapshot_contents(statics_shim_data, statics_shim_data_end - statics_shim_data);
	snapshot_contents(statics_shim_bss, statics_shim_bss_end - statics_shim_bss);
	snapshot_contents(__start_init_data, __stop_init_data - __start_init_data);
	exec_percpu_snapshot_areas();
	stacks = reserve(MAX_STACKS * sizeof(*stacks));
	if (!stacks)
		abort();
	fiber_for_each(save_stack, NULL);
	running = exec_current;
	held = true;
	for (unsigned int i = 0; i < nr_areas; i++)
		protect(&areas[i]);
	return true;
}

void snapshot_restore(void)
{
	fiber_for_each(clean_stack, NULL);
	memmap_snapshot_restore();
	host_arena_cut(arena_end);
	for (unsigned int i = 0; i < nr_areas; i++)
		restore_area(&areas[i]);
	for (unsigned int i = 0; i < nr_stacks; i++)
		restore_stack(&stacks[i]);
	exec_current = running;
	replay_draw_anew();
}

void snapshot_drop(void)
{
	held = false;
	for (struct area *a = areas; a < areas + nr_areas; a++) {
		size_t nr = (a->end - a->start) / HOST_PAGE;

		mprotect(a->start, a->end - a->start, PROT_READ | PROT_WRITE);
		munmap(a->copy, a->end - a->start);
		munmap(a->touched, nr);
		munmap(a->list, nr * sizeof(*a->list));
	}
	nr_areas = 0;
	for (struct stack *s = stacks; s < stacks + nr_stacks; s++)
		munmap(s->copy, (s->top - s->sp) + ((s->top - s->sp) >> SHADOW_SCALE));
	if (stacks)
		munmap(stacks, MAX_STACKS * sizeof(*stacks));
	stacks = NULL;
	nr_stacks = 0;
	memmap_snapshot_drop();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The arena: blocks one behind the other, none used twice before the arena is cut back.
 *
 * What is freed stays as it is but is poisoned, so each use after free is seen, and a second
 * free as well. A machine that uses up the arena goes on with the host's malloc(); what it
 * has of that when it is restored is lost.
 *
 * Not instrumented: headers are poisoned.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <exec/host_memory.h>
#include <exec/sanitizers.h>

#define ARENA_BYTES	(256UL << 20)
#define KEPT_BYTES	(4UL << 20)	/* not given back to the host when the arena is cut */
#define ARENA_ALIGN	(32UL << 10)	/* a page of ASan's shadow */
#define RED_BYTES	16UL
#define LIVE		0xa11ca7edU
#define FREED		0xf4eedbeeU

/* In front of each block. */
struct block {
	size_t size;
	uint32_t magic;
	uint32_t unused;
};

static char *arena;	/* NULL: there was no need for one yet */
static char *top;	/* where the next block begins; NULL: closed */
static char *last_top;	/* when it was open */

static char *align_up(char *p, size_t align)
{
	return (char *)(((uintptr_t)p + align - 1) & -align);
}

bool host_arena_open(void)
{
	if (!arena) {
		arena = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (arena == MAP_FAILED)
			arena = NULL;
	}
	if (arena) {
		top = last_top ? last_top : align_up(arena, ARENA_ALIGN);
		host_arena_cut(align_up(arena, ARENA_ALIGN));
	}
	return arena;
}

void host_arena_close(void)
{
	if (top)
		last_top = top;
	top = NULL;
}

void host_arena_extent(char **start, char **end)
{
	*start = align_up(arena, ARENA_ALIGN);
	*end = top = align_up(top, ARENA_ALIGN);
}

void host_arena_cut(char *end)
{
	size_t used = top - end;

	exec_poison(end, used);
	if (used > KEPT_BYTES)
		madvise(end, used, MADV_DONTNEED);
	top = end;
}

static bool in_arena(const void *p)
{
	return arena && (char *)p >= arena && (char *)p < arena + ARENA_BYTES;
}

/* A new block of the arena, its memory as it happens to be; NULL: no room. */
static void *arena_alloc(size_t align, size_t size)
{
	char *p = align_up(top + sizeof(struct block) + RED_BYTES, align < 16 ? 16 : align);
	struct block *b = (struct block *)p - 1;
	char *end = align_up(p + size + RED_BYTES, 16);

	if (size > ARENA_BYTES || end > arena + ARENA_BYTES)
		return NULL;
	exec_unpoison(b, sizeof(*b));
	*b = (struct block){ .size = size, .magic = LIVE };
	exec_poison(top, p - top);
	exec_unpoison(p, size);
	exec_poison(p + size, end - p - size);
	top = end;
	return p;
}

void *host_aligned(size_t align, size_t size)
{
	void *p = top ? arena_alloc(align, size) : NULL;

	if (!p && posix_memalign(&p, align < sizeof(void *) ? sizeof(void *) : align, size))
		p = NULL;
	return p;
}

void *host_alloc(size_t size)
{
	void *p = top ? arena_alloc(16, size) : NULL;

	return p ? p : malloc(size);
}

void *host_zalloc(size_t nr, size_t size)
{
	void *p = top && nr < ARENA_BYTES ? arena_alloc(16, nr * size) : NULL;

	return p ? memset(p, 0, nr * size) : calloc(nr, size);
}

char *host_strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	char *p = host_alloc(size);

	return p ? memcpy(p, s, size) : NULL;
}

void host_free(void *p)
{
	struct block *b = (struct block *)p - 1;

	if (!in_arena(p)) {
		free(p);
		return;
	}
	if (b->magic != LIVE) {
		fprintf(stderr, "host_free(%p): %s\n", p,
			b->magic == FREED ? "is freed twice" : "was never allocated");
		abort();
	}
	b->magic = FREED;
	exec_poison(p, b->size);
}

void *host_resize(void *p, size_t size)
{
	size_t old = in_arena(p) ? ((struct block *)p - 1)->size : 0;
	void *new;

	if (!in_arena(p) && (p || !top))
		return realloc(p, size);
	new = host_alloc(size);
	if (new && p) {
		memcpy(new, p, old < size ? old : size);
		host_free(p);
	}
	return new;
}

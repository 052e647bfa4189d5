/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of the host that belongs to the simulated machine: what a subsystem of the shim
 * allocates and keeps while the machine runs.
 *
 * It comes from the host's malloc(), which sanitizers and valgrind know best. While snapshots
 * are taken (exec/snapshot.h) it comes from an arena, an area of the process that is saved
 * and restored as a whole.
 */
#ifndef _EXEC_HOST_MEMORY_H
#define _EXEC_HOST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* As malloc(), calloc(), aligned_alloc(), realloc(), strdup() and free(). */
void *host_alloc(size_t size);
void *host_zalloc(size_t nr, size_t size);
void *host_aligned(size_t align, size_t size);
void *host_resize(void *p, size_t size);
char *host_strdup(const char *s);
void host_free(void *p);

/*
 * For snapshots. host_arena_open(): allocations come from the arena from now on, which is
 * empty; false: there is none. host_arena_close(): they do not any
 * more; what was allocated stays until it is opened again.
 * host_arena_extent(): what is used of it, both ends multiples of 32 KiB; what is allocated
 * later lies behind. host_arena_cut(): nothing behind @end is allocated any more.
 */
bool host_arena_open(void);
void host_arena_close(void);
void host_arena_extent(char **start, char **end);
void host_arena_cut(char *end);

#endif /* _EXEC_HOST_MEMORY_H */

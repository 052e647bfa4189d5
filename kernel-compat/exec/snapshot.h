/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A booted machine, to be had again without booting: exec/snapshot.c.
 *
 * For exec/machine.c, which decides when; others only say what their memory is.
 */
#ifndef _EXEC_SNAPSHOT_H
#define _EXEC_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * On a static variable of the shim: it is not the machine's and outlives it, as what the
 * command line or a test has set.
 */
#define __kept	__attribute__((section("snapshot_kept")))

/* Can snapshots be taken of machines that boot now? On the engine replay, with some limits. */
bool snapshot_possible(void);
/* Remember the machine, which has just booted. False: no memory, or it has drawn numbers. */
bool snapshot_take(void);
/* A machine is remembered. */
bool snapshot_held(void);
/* The machine as it was when it was remembered, whatever happened since. */
void snapshot_restore(void);
/* Remember nothing any more; the machine stays as it is. */
void snapshot_drop(void);

/*
 * For memory that a subsystem has from the host, told by its *_snapshot_areas(): restore
 * its contents, or what ASan knows of it. Both ends are multiples of 4 KiB, or 32 KiB if
 * the ASan's knowledge is meant. snapshot_each_touched(): calls @fn for each host's page of the
 * memory at @start that may have been written since the machine was remembered.
 */
void snapshot_contents(void *start, size_t bytes);
void snapshot_poison(void *start, size_t bytes);
void snapshot_each_touched(const void *start, void (*fn)(const char *page, void *arg), void *arg);

/* As memcpy() and memset(…, 0), which with a sanitizer are the sanitizer's. */
static inline void snapshot_copy(void *to, const void *from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static inline void snapshot_clear(void *to, size_t size)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(0) : "memory");
}

void exec_percpu_snapshot_areas(void);
/* mm/memmap_snapshot.c: areas; before anything is restored, and when the snapshot is dropped. */
bool memmap_snapshot_take(void);
void memmap_snapshot_restore(void);
void memmap_snapshot_drop(void);

#endif /* _EXEC_SNAPSHOT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU memory: one unit per CPU, each a copy of the section percpu_data and room
 * for dynamic allocations.  Units are mapped lazily; only pages of the template that
 * are not zero are copied, so a unit costs what is used of it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <machine/violation.h>
#include <exec/host_memory.h>
#include <exec/snapshot.h>
#include <exec/vcpu.h>

#define UNIT_PAGE	4096UL
#define NR_CHUNKS_MAX	65536

extern char __start_percpu_data[], __stop_percpu_data[];

/*
 * The template's address through a variable: clang 14 needs minutes to fold the
 * address arithmetic on the linker's symbols.
 */
static char *volatile template_addr = __start_percpu_data;

static unsigned long template_skew(void)
{
	return (unsigned long)template_addr % UNIT_PAGE;
}

/* The section must exist. */
static DEFINE_PER_CPU(int, percpu_anchor) __attribute__((used));

static char *units;			/* unit of CPU 0; congruent to the template mod 4096 */
static unsigned long unit_size, static_size, map_size;
static char *map;
static unsigned int nr_units;
static bool *page_nonzero;		/* per page of the template */

/* Dynamic area: allocations in address order. */
struct chunk {
	unsigned long off, size;	/* from the start of the unit */
	struct chunk *next;
};
static struct chunk *chunks;
static struct xlock chunk_lock;

static unsigned long round_up_to(unsigned long n, unsigned long align)
{
	return (n + align - 1) / align * align;
}

/* Copy @cpu's unit from the template; memory is fresh, so zero pages are there. */
static void copy_template(unsigned int cpu)
{
	char *unit = units + cpu * unit_size;
	unsigned long skew = template_skew();
	unsigned long page, nr = round_up_to(skew + static_size, UNIT_PAGE) / UNIT_PAGE;

	for (page = 0; page < nr; page++) {
		unsigned long from = page ? page * UNIT_PAGE - skew : 0;
		unsigned long to = min_t(unsigned long, (page + 1) * UNIT_PAGE - skew, static_size);

		if (page_nonzero[page])
			memcpy(unit + from, template_addr + from, to - from);
	}
}

/* Nobody writes the template, so one look per process is enough. */
static int look_at_template(void)
{
	unsigned long skew = template_skew(), off;
	const char *tmpl = template_addr;

	if (page_nonzero)
		return 0;
	static_size = __stop_percpu_data - template_addr;
	page_nonzero = calloc((skew + static_size) / UNIT_PAGE + 1, sizeof(*page_nonzero));
	if (!page_nonzero)
		return -ENOMEM;
	for (off = 0; off < static_size; off++)
		if (tmpl[off])
			page_nonzero[(skew + off) / UNIT_PAGE] = true;
	return 0;
}

int exec_percpu_boot(unsigned int nr_cpus)
{
	unsigned long skew = template_skew();
	unsigned int cpu;

	if (look_at_template())
		return -ENOMEM;
	unit_size = round_up_to(static_size + PERCPU_DYNAMIC_BYTES, UNIT_PAGE);
	map_size = unit_size * nr_cpus + UNIT_PAGE;
	map = mmap(NULL, map_size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return -ENOMEM;
	units = map + skew;
	nr_units = nr_cpus;
	for (cpu = 0; cpu < nr_cpus; cpu++)
		copy_template(cpu);
	return 0;
}

void exec_percpu_snapshot_areas(void)
{
	snapshot_contents(map, map_size);
}

void exec_percpu_halt(void)
{
	while (chunks) {
		struct chunk *c = chunks;

		chunks = c->next;
		host_free(c);
	}
	/* A machine that is held comes back. */
	if (!snapshot_held())
		munmap(map, map_size);
	units = NULL;
	nr_units = 0;
}

unsigned long per_cpu_offset(unsigned int cpu)
{
	if (unlikely(cpu >= nr_units))
		violation(VIOLATION_BUG, "per-CPU data of CPU %u, there are %u", cpu, nr_units);
	return (unsigned long)units + cpu * unit_size - (unsigned long)__start_percpu_data;
}

unsigned long exec_this_cpu_offset(void)
{
	return (unsigned long)units + current_exec()->cpu * unit_size -
	       (unsigned long)__start_percpu_data;
}

/* First hole that fits; the caller holds chunk_lock. */
static struct chunk **find_hole(unsigned long size, unsigned long align, unsigned long *off)
{
	unsigned long skew = template_skew();
	struct chunk **link = &chunks;
	unsigned long at = static_size;

	for (;;) {
		unsigned long end = *link ? (*link)->off : unit_size - UNIT_PAGE;

		at = round_up_to(at + skew, align) - skew;
		if (at + size <= end) {
			*off = at;
			return link;
		}
		if (!*link)
			return NULL;
		at = (*link)->off + (*link)->size;
		link = &(*link)->next;
	}
}

void *__alloc_percpu(size_t size, size_t align)
{
	struct chunk *c, **link;
	unsigned int cpu;

	if (!size || align > UNIT_PAGE || (align & (align - 1))) {
		violation(VIOLATION_WARN, "illegal size (%zu) or align (%zu) for percpu allocation",
			  size, align);
		return NULL;
	}
	c = host_alloc(sizeof(*c));
	if (!c)
		return NULL;
	xlock(&chunk_lock);
	link = find_hole(size, align, &c->off);
	if (link) {
		c->size = size;
		c->next = *link;
		*link = c;
	}
	xunlock(&chunk_lock);
	if (!link) {
		host_free(c);
		return NULL;
	}
	for (cpu = 0; cpu < nr_units; cpu++)
		memset(units + cpu * unit_size + c->off, 0, size);
	return template_addr + c->off;
}

void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	return __alloc_percpu(size, align);
}

void free_percpu(void *pdata)
{
	struct chunk **link, *c = NULL;

	if (!pdata)
		return;
	xlock(&chunk_lock);
	for (link = &chunks; *link; link = &(*link)->next)
		if (template_addr + (*link)->off == (char *)pdata) {
			c = *link;
			*link = c->next;
			break;
		}
	xunlock(&chunk_lock);
	if (!c)
		violation(VIOLATION_SLAB, "free_percpu(%p): not allocated", pdata);
	host_free(c);
}

/* Static per-CPU data of any CPU? */
bool is_percpu_address(unsigned long addr)
{
	unsigned long off = addr - (unsigned long)units;

	return off < (unsigned long)nr_units * unit_size && off % unit_size < static_size;
}

unsigned long exec_percpu_chunks(void)
{
	unsigned long nr = 0;

	for (struct chunk *c = chunks; c; c = c->next)
		nr++;
	return nr;
}

void exec_percpu_check_leaks(void)
{
	if (chunks)
		violation(VIOLATION_LEAK, "per-CPU allocation of %lu bytes was not freed",
			  chunks->size);
}

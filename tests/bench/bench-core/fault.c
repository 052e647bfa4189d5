// SPDX-License-Identifier: GPL-2.0
/* Page faults on fresh memory, migration, memory per page. */
#include <stdio.h>

#include <linux/mm.h>
#include <linux/mman.h>
#include <machine/program.h>

#include "core.h"

#define FAULT_PAGES	16384UL
#define MOVE_PAGES	8192UL
#define MEMORY_PAGES	65536UL

static double fault_ns[ROUNDS], move_ns[ROUNDS], copy_ns[ROUNDS];
static double bytes_per_page;

static long map(unsigned long pages)
{
	return sys_mmap(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
}

static int fault_program(void *arg)
{
	/* The first round warms the host's memory up. */
	for (int i = -1; i < ROUNDS; i++) {
		long addr = map(FAULT_PAGES);
		double start = host_ns();

		if (addr < 0 || user_touch_range(addr, FAULT_PAGES * PAGE_SIZE, true, 0, NULL))
			return 1;
		if (i >= 0)
			fault_ns[i] = (host_ns() - start) / FAULT_PAGES;
		if (sys_munmap(addr, FAULT_PAGES * PAGE_SIZE))
			return 1;
	}
	return 0;
}

int measure_faults(void)
{
	if (core_on_machine(2, fault_program, NULL)) {
		fprintf(stderr, "bench-core: page faults could not be measured\n");
		return -1;
	}
	core_add(&(struct core_result){
		.name = "page_faults", .unit = "1/s",
		.value = 1e9 / median(fault_ns, ROUNDS), .against = -1 });
	return 0;
}

/* To the other node and back, in turns with plain copies of as many pages. */
static int move_program(void *arg)
{
	long addr = map(MOVE_PAGES);

	if (addr < 0 || user_touch_range(addr, MOVE_PAGES * PAGE_SIZE, true, 0, NULL))
		return 1;
	for (int i = -1; i < ROUNDS; i++) {
		double start = host_ns(), ns;

		if (sys_move_pages(addr, MOVE_PAGES * PAGE_SIZE, i & 1 ? 1 : 0) != MOVE_PAGES)
			return 1;
		ns = (host_ns() - start) / MOVE_PAGES;
		if (i < 0)
			continue;
		move_ns[i] = ns;
		copy_ns[i] = host_copy_ns(MOVE_PAGES * PAGE_SIZE, PAGE_SIZE) / MOVE_PAGES;
	}
	return 0;
}

int measure_migration(void)
{
	if (core_on_machine(2, move_program, NULL)) {
		fprintf(stderr, "bench-core: migration could not be measured\n");
		return -1;
	}
	core_add(&(struct core_result){
		.name = "pages_migrated", .unit = "1/s",
		.value = 1e9 / median(move_ns, ROUNDS),
		.against = 1e9 / median(copy_ns, ROUNDS),
		.what = "memcpy of the same pages" });
	return 0;
}

static int memory_program(void *arg)
{
	long addr = map(MEMORY_PAGES);
	double before = host_resident();

	if (addr < 0 || user_touch_range(addr, MEMORY_PAGES * PAGE_SIZE, true, 0, NULL))
		return 1;
	bytes_per_page = (host_resident() - before) / MEMORY_PAGES;
	return 0;
}

int measure_memory(void)
{
	if (core_on_machine(2, memory_program, NULL)) {
		fprintf(stderr, "bench-core: memory could not be measured\n");
		return -1;
	}
	core_add(&(struct core_result){
		.name = "memory_per_page", .unit = "bytes", .value = bytes_per_page,
		.against = PAGE_SIZE, .what = "the page's contents" });
	return 0;
}

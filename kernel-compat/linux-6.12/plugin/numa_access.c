// SPDX-License-Identifier: GPL-2.0
/*
 * A TCG plugin that counts which virtual CPU accesses memory of which node: exactly, and with no
 * clock involved. It counts the user-mode accesses of a guest to a window of addresses
 * (tests/bench/bench-kernel/window.h), and at each mark that the guest sets writes all counts
 * into a file:
 *
 *	mark 3
 *	cpu 0 81920 1024
 *	cpu 1 0 82944
 *
 *	instructions 1048576
 *
 * A line for each CPU, a number for each node, and the instructions that the kernel executed, all
 * since the machine was switched on. The last are exact where one CPU runs at a time (-icount).
 *
 * Arguments: out=FILE, nodes=N, node_bytes=N (memory of each node, all alike).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"
#include "../../../tests/bench/bench-kernel/window.h"

#define MAX_CPUS	64
#define MAX_NODES	64
#define PAGE		4096

QEMU_PLUGIN_EXPORT int qemu_plugin_version = 1;

/* Written by one CPU each, read at marks. */
struct counts {
	uint64_t node[MAX_NODES];
} __attribute__((aligned(64)));

static struct counts counts[MAX_CPUS];
static unsigned int nr_cpus, nr_nodes;
static uint64_t node_bytes, kernel_instructions;
static FILE *out;

static void mark(unsigned int number)
{
	flockfile(out);
	fprintf(out, "mark %u\n", number);
	for (unsigned int c = 0; c < nr_cpus; c++) {
		fprintf(out, "cpu %u", c);
		for (unsigned int n = 0; n < nr_nodes; n++)
			fprintf(out, " %llu", (unsigned long long)
				__atomic_load_n(&counts[c].node[n], __ATOMIC_RELAXED));
		fputc('\n', out);
	}
	fprintf(out, "instructions %llu\n", (unsigned long long)kernel_instructions);
	fflush(out);
	funlockfile(out);
}

/*
 * The node of a byte. Each node's memory is a block of its own; blocks follow each other as
 * the nodes do, both in the emulator's numbering of blocks and in the guest's, and what the
 * interface returns is the sum of both.
 */
static unsigned int node_of(const struct qemu_plugin_hwaddr *hw)
{
	uint64_t node = qemu_plugin_hwaddr_phys_addr(hw) / (2 * node_bytes);

	return node < nr_nodes ? node : nr_nodes - 1;
}

static void access_memory(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *data)
{
	struct qemu_plugin_hwaddr *hw;
	uint64_t *count;

	(void)data;
	if (vaddr < WINDOW_BEGIN || vaddr >= WINDOW_END || cpu >= MAX_CPUS)
		return;
	if (vaddr < WINDOW_BEGIN + PAGE) {
		mark((vaddr - WINDOW_BEGIN) / sizeof(uint64_t));
		return;
	}
	hw = qemu_plugin_get_hwaddr(info, vaddr);
	if (!hw || qemu_plugin_hwaddr_is_io(hw))
		return;
	count = &counts[cpu].node[node_of(hw)];
	__atomic_store_n(count, *count + 1, __ATOMIC_RELAXED);
}

/* The upper half is the kernel's: its instructions are counted, those of user mode looked at. */
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	if (qemu_plugin_tb_vaddr(tb) >> 63) {
		qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
							 &kernel_instructions, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), access_memory,
						 QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
					   int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
		else if (!strncmp(argv[i], "nodes=", 6))
			nr_nodes = strtoul(argv[i] + 6, NULL, 10);
		else if (!strncmp(argv[i], "node_bytes=", 11))
			node_bytes = strtoull(argv[i] + 11, NULL, 10);
	}
	nr_cpus = info->system_emulation ? info->system.max_vcpus : 0;
	if (!out || !nr_nodes || nr_nodes > MAX_NODES || !node_bytes || !nr_cpus ||
	    nr_cpus > MAX_CPUS) {
		fprintf(stderr, "numa_access: out=, nodes= and node_bytes= are needed\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Before the objects of the simulated kernel and the core, in the order of linking. */
char statics_shim_data[64] __attribute__((section(".data"))) = { 1 };
char statics_shim_bss[64];

// SPDX-License-Identifier: GPL-2.0
/* Behind the objects of the simulated kernel and the core, in the order of linking. */
char statics_shim_data_end[64] __attribute__((section(".data"))) = { 1 };
char statics_shim_bss_end[64];

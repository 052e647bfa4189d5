// SPDX-License-Identifier: GPL-2.0
/* Before the objects of mm/ and sched/, in the order of linking; see exec/statics.c. */
char statics_core_data[64] __attribute__((section(".data"))) = { 1 };
char statics_core_bss[64];

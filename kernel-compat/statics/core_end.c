// SPDX-License-Identifier: GPL-2.0
/* Behind the objects of mm/ and sched/, in the order of linking; see exec/statics.c. */
char statics_core_data_end[64] __attribute__((section(".data"))) = { 1 };
char statics_core_bss_end[64];

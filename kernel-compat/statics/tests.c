// SPDX-License-Identifier: GPL-2.0
/* Behind the objects of the program's tests, in the order of linking; see exec/statics.c. */
char statics_tests_data[64] __attribute__((section(".data"))) = { 1 };
char statics_tests_bss[64];

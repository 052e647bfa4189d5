/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading the machine's counters as text. own: not a kernel header.
 */
#ifndef _MACHINE_VMSTAT_H
#define _MACHINE_VMSTAT_H

#include <linux/types.h>
#include <linux/vm_event_item.h>

/**
 * vmstat_text() - all counters as /proc/vmstat prints them
 * @buf:	receives "name value\n" lines, terminated
 * @size:	room at @buf in bytes
 *
 * Return: bytes the whole text needs, without the terminator.
 * Context: any.
 */
size_t vmstat_text(char *buf, size_t size);

/* The sum of one event over all CPUs. */
unsigned long vm_event_sum(enum vm_event_item item);

#endif /* _MACHINE_VMSTAT_H */

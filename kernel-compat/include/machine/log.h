/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel log of the simulated machine. own: not a kernel header.
 */
#ifndef _MACHINE_LOG_H
#define _MACHINE_LOG_H

#include <linux/types.h>

/* Lines whose level is below go to standard error, too; default 4: errors and worse. */
extern int log_console_level;

/**
 * log_read() - the newest part of the log
 * @buf:	receives text, ended by a zero byte
 * @size:	room at @buf in bytes
 *
 * The log keeps the last 64 KiB since boot; older lines are lost.
 *
 * Return: bytes stored, without the zero byte.
 */
size_t log_read(char *buf, size_t size);

/* True when the log kept a line that contains @text. */
bool log_contains(const char *text);

#endif /* _MACHINE_LOG_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysfs and debugfs as a simulated administrator (root) sees them. own: not a
 * kernel header.
 *
 * Paths begin with /sys.  Context: a task, may sleep.
 */
#ifndef _MACHINE_SYSFS_H
#define _MACHINE_SYSFS_H

#include <linux/types.h>

/**
 * sysfs_read_file() - open, read once, close
 * @path:	for example "/sys/kernel/mm/autonuma/enabled"
 * @buf:	receives the text, ended by a zero byte
 * @size:	room at @buf in bytes
 *
 * Return: bytes stored without the zero byte; -ENOENT, -EISDIR, -EACCES for a file
 * nobody may read, -EIO for one that has no show(), -E2BIG when @buf is too small, or
 * what show() returned.
 */
ssize_t sysfs_read_file(const char *path, char *buf, size_t size);

/**
 * sysfs_write_file() - open, write once, close
 * @path:	the file
 * @buf:	text; needs no zero byte
 * @len:	its length; only the first page of it is written
 *
 * Return: what store() returned (normally @len); -ENOENT, -EISDIR, -EACCES, -EIO.
 */
ssize_t sysfs_write_file(const char *path, const char *buf, size_t len);

/* The names in a directory, one a line, in order; directories end with a slash. */
ssize_t sysfs_list_dir(const char *path, char *buf, size_t size);

#endif /* _MACHINE_SYSFS_H */

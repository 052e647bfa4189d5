/* SPDX-License-Identifier: GPL-2.0 */
/* What each file below /sys/kernel/mm takes and shows, told apart from the code that does. */
#ifndef _FUZZ_SYSFS_MODEL_H
#define _FUZZ_SYSFS_MODEL_H

#include <linux/types.h>

enum file_kind {
	FILE_NUMBER,		/* a decimal number within bounds */
	FILE_CHOICE,		/* one of some words, the chosen one is shown in [brackets] */
	FILE_COUNTER,		/* one number, nobody can write it */
	FILE_READ_ONLY,		/* anything else that nobody can write */
};

/**
 * struct sysfs_file - a file
 * @path:	below /sys/kernel/mm/
 * @min:	of a number
 * @max:	of a number
 * @words:	of a choice, separated by blanks
 */
struct sysfs_file {
	const char *path;
	enum file_kind kind;
	u64 min, max;
	const char *words;
};

extern const struct sysfs_file sysfs_files[];
extern const unsigned int sysfs_nr_files;

/* The file of this path; -1 if the model knows none. */
int model_find(const char *path);

/**
 * model_accepts() - is this a value that the file must take?
 * @f:		the file
 * @text:	what is written
 * @len:	its length; it may contain zero bytes, and what is behind a page is not seen
 * @shown:	receives what the file shows of it, a number or a word
 * @size:	room at @shown
 */
bool model_accepts(const struct sysfs_file *f, const char *text, size_t len, char *shown,
		   size_t size);

/* The value in what a file of this kind shows; false: it cannot show that. */
bool model_value(const struct sysfs_file *f, const char *text, char *value, size_t size);

#endif /* _FUZZ_SYSFS_MODEL_H */

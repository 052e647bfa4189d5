// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of Linux 6.12 for knobs, without its functions: a number is what kstrtouint() and
 * kstrtoul() with base 10 take, a word what sysfs_streq() finds equal.
 */
#include <stdio.h>
#include <string.h>

#include "model.h"

#define PAGE	4096
#define HOUR	3600000

#define NUMBER(_path, _min, _max) \
	{ .path = (_path), .kind = FILE_NUMBER, .min = (_min), .max = (_max) }
#define CHOICE(_path, _words)	{ .path = (_path), .kind = FILE_CHOICE, .words = (_words) }
#define COUNTER(_path)		{ .path = (_path), .kind = FILE_COUNTER }
#define READ_ONLY(_path)	{ .path = (_path), .kind = FILE_READ_ONLY }
#define SIZE(_kb) \
	CHOICE("transparent_hugepage/hugepages-" #_kb "kB/enabled", "always inherit madvise never")
#define KHUGEPAGED(_name)	"transparent_hugepage/khugepaged/" _name

const struct sysfs_file sysfs_files[] = {
	NUMBER("autonuma/enabled", 0, 1),
	NUMBER("autonuma/debug", 0, 1),
	NUMBER("autonuma/scan_sleep_millisecs", 1, HOUR),
	NUMBER("autonuma/scan_sleep_pass_millisecs", 1, HOUR),
	NUMBER("autonuma/pages_to_scan", 1, INT32_MAX),
	NUMBER("autonuma/scan_pmd", 0, 1),
	NUMBER("autonuma/working_set", 0, 1),
	NUMBER("autonuma/migrate_sleep_millisecs", 1, HOUR),
	NUMBER("autonuma/pages_to_migrate", 1, INT32_MAX),
	NUMBER("autonuma/migrate_async", 0, 1),
	NUMBER("autonuma/migrate_defer", 0, 1),
	NUMBER("autonuma/migrate_allow_first_fault", 0, 1),
	NUMBER("autonuma/load_balance_strict", 0, 1),
	NUMBER("autonuma/balance_interval_millisecs", 1, HOUR),
	NUMBER("autonuma/child_inheritance", 0, 1),
	COUNTER("autonuma/full_scans"),
	COUNTER("autonuma/pages_scanned"),
	COUNTER("autonuma/pages_marked"),
	COUNTER("autonuma/hint_faults"),
	COUNTER("autonuma/hint_faults_local"),
	COUNTER("autonuma/pages_queued"),
	COUNTER("autonuma/pages_cancelled"),
	COUNTER("autonuma/pages_migrated"),
	COUNTER("autonuma/thp_migrated"),
	COUNTER("autonuma/thp_split"),
	COUNTER("autonuma/tasks_moved"),
	COUNTER("autonuma/tasks_swapped"),
	READ_ONLY("autonuma/pages_failed"),
	CHOICE("transparent_hugepage/enabled", "always madvise never"),
	CHOICE("transparent_hugepage/defrag", "always defer defer+madvise madvise never"),
	NUMBER("transparent_hugepage/use_zero_page", 0, 1),
	COUNTER("transparent_hugepage/hpage_pmd_size"),
	NUMBER(KHUGEPAGED("defrag"), 0, 1),
	NUMBER(KHUGEPAGED("max_ptes_none"), 0, 511),
	NUMBER(KHUGEPAGED("max_ptes_swap"), 0, 511),
	NUMBER(KHUGEPAGED("max_ptes_shared"), 0, 511),
	NUMBER(KHUGEPAGED("pages_to_scan"), 1, UINT32_MAX),
	NUMBER(KHUGEPAGED("scan_sleep_millisecs"), 0, UINT32_MAX),
	NUMBER(KHUGEPAGED("alloc_sleep_millisecs"), 0, UINT32_MAX),
	COUNTER(KHUGEPAGED("pages_collapsed")),
	COUNTER(KHUGEPAGED("full_scans")),
	SIZE(16), SIZE(32), SIZE(64), SIZE(128), SIZE(256), SIZE(512), SIZE(1024), SIZE(2048),
};
const unsigned int sysfs_nr_files = sizeof(sysfs_files) / sizeof(sysfs_files[0]);

int model_find(const char *path)
{
	for (unsigned int i = 0; i < sysfs_nr_files; i++)
		if (!strcmp(sysfs_files[i].path, path))
			return i;
	return -1;
}

/* [+]digits[newline], no more than 64 bits. */
static bool read_number(const char *text, size_t len, u64 *value)
{
	size_t i = len && text[0] == '+', first = i;

	if (len && text[len - 1] == '\n')
		len--;
	for (*value = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (u64)(text[i] - '0'), value))
			return false;
	}
	return i > first;
}

/* Word number @n of a list; its length, 0 behind the last one. */
static size_t nth_word(const char *words, unsigned int n, const char **word)
{
	for (;; words += strcspn(words, " "), words += strspn(words, " ")) {
		*word = words;
		if (!n-- || !*words)
			return strcspn(words, " ");
	}
}

static bool is_choice(const char *words, const char *text, size_t len, char *shown, size_t size)
{
	const char *word;
	size_t n;

	if (len && text[len - 1] == '\n')
		len--;
	for (unsigned int i = 0; (n = nth_word(words, i, &word)); i++)
		if (n == len && !memcmp(word, text, n)) {
			snprintf(shown, size, "%.*s", (int)n, word);
			return true;
		}
	return false;
}

bool model_accepts(const struct sysfs_file *f, const char *text, size_t len, char *shown,
		   size_t size)
{
	u64 value;

	len = strnlen(text, len < PAGE ? len : PAGE);
	switch (f->kind) {
	case FILE_NUMBER:
		if (!read_number(text, len, &value) || value < f->min || value > f->max)
			return false;
		snprintf(shown, size, "%llu", (unsigned long long)value);
		return true;
	case FILE_CHOICE:
		return is_choice(f->words, text, len, shown, size);
	default:
		return false;
	}
}

/* All words of the choice in their order, one of them in brackets. */
static bool shown_choice(const char *words, const char *text, char *value, size_t size)
{
	const char *word;
	char expect[128];
	size_t n;

	for (unsigned int i = 0; (n = nth_word(words, i, &word)); i++) {
		snprintf(expect, sizeof(expect), "%.*s[%.*s]%s\n", (int)(word - words), words,
			 (int)n, word, word + n);
		if (!strcmp(expect, text)) {
			snprintf(value, size, "%.*s", (int)n, word);
			return true;
		}
	}
	return false;
}

bool model_value(const struct sysfs_file *f, const char *text, char *value, size_t size)
{
	size_t len = strlen(text);
	u64 n;

	switch (f->kind) {
	case FILE_NUMBER:
	case FILE_COUNTER:
		if (!len || text[0] == '+' || text[len - 1] != '\n' ||
		    !read_number(text, len, &n))
			return false;
		snprintf(value, size, "%.*s", (int)len - 1, text);
		return f->kind == FILE_COUNTER || (n >= f->min && n <= f->max);
	case FILE_CHOICE:
		return shown_choice(f->words, text, value, size);
	default:
		value[0] = 0;
		return len && text[len - 1] == '\n';
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Every file below /sys/kernel/mm, written and read in any order with any bytes while two
 * programs use memory of both nodes.
 *
 * An input is a byte that says how many bytes at its end are the schedule, then operations.
 * What must be accepted and shown says sysfs/model.c; a refused write changes nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/time64.h>
#include <machine/program.h>
#include <machine/sysfs.h>

#include "harness.h"
#include "users.h"
#include "sysfs/model.h"

#define DIR		"/sys/kernel/mm/"
#define MAX_OPS		32
#define MAX_RUN_MS	400	/* virtual, in all */
#define VALUE		64

/* The rest of the input. */
struct input {
	const u8 *data;
	size_t left;
	unsigned int run_ms;
	char value[64][VALUE];		/* what each file shows */
};

static u8 next(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

static const char *path_of(unsigned int file, char *path, size_t size)
{
	snprintf(path, size, DIR "%s", sysfs_files[file].path);
	return path;
}

/* The value that a file shows, which must be one that it can show. */
static void read_value(unsigned int file, char *value)
{
	char path[128], text[512];
	ssize_t len = sysfs_read_file(path_of(file, path, sizeof(path)), text, sizeof(text));

	if (len <= 0 || strlen(text) != (size_t)len)
		fuzz_fail("%s: reading returns %zd", path, len);
	if (!model_value(&sysfs_files[file], text, value, VALUE))
		fuzz_fail("%s shows \"%s\"", path, text);
}

static bool is_knob(unsigned int file)
{
	return sysfs_files[file].kind == FILE_NUMBER || sysfs_files[file].kind == FILE_CHOICE;
}

static void check_file(struct input *in, unsigned int file)
{
	const struct sysfs_file *f = &sysfs_files[file];
	char value[VALUE];

	read_value(file, value);
	if (is_knob(file) && strcmp(value, in->value[file]))
		fuzz_fail("%s is \"%s\", not \"%s\"", f->path, value, in->value[file]);
	/* Of two decimal numbers the longer one is larger. */
	if (f->kind == FILE_COUNTER) {
		size_t old = strlen(in->value[file]), new = strlen(value);

		if (new < old || (new == old && strcmp(value, in->value[file]) < 0))
			fuzz_fail("%s went from %s to %s", f->path, in->value[file], value);
		strcpy(in->value[file], value);
	}
}

static void check_files(struct input *in)
{
	for (unsigned int i = 0; i < sysfs_nr_files; i++)
		check_file(in, i);
}

static void write_file(struct input *in, unsigned int file, const char *text, size_t len)
{
	char path[128], shown[VALUE];
	bool accepts = model_accepts(&sysfs_files[file], text, len, shown, sizeof(shown));
	ssize_t ret = sysfs_write_file(path_of(file, path, sizeof(path)), text, len);

	if (fuzz_verbose())
		fprintf(stderr, "%s <- \"%.*s\": %zd\n", path, (int)len, text, ret);
	if (!is_knob(file)) {
		if (ret >= 0)
			fuzz_fail("%s, which is read only, takes \"%.*s\"", path, (int)len, text);
	} else if (!len) {
		if (ret)
			fuzz_fail("%s: writing nothing returns %zd", path, ret);
	} else if (accepts) {
		if (ret != (ssize_t)min_t(size_t, len, PAGE_SIZE))
			fuzz_fail("%s: writing \"%.*s\" returns %zd", path, (int)len, text, ret);
		strcpy(in->value[file], shown);
	} else if (ret != -EINVAL && ret != -ERANGE) {
		fuzz_fail("%s: writing \"%.*s\" returns %zd", path, (int)len, text, ret);
	}
	check_file(in, file);
}

/* A number in one of many spellings, only some of which are right. */
static void write_number(struct input *in, unsigned int file)
{
	static const char *const before[] = { "", "", "", "+", "-", " ", "0", "0x" };
	static const char *const behind[] = { "", "", "\n", "\n\n", " ", "k", "\r\n", ".0" };
	const struct sysfs_file *f = &sysfs_files[file];
	u8 form = next(in), what = next(in);
	u64 value = 0;
	char text[VALUE];

	switch (what & 7) {
	case 0:
		value = f->min;
		break;
	case 1:
		value = f->max;
		break;
	case 2:
		value = f->min - 1;
		break;
	case 3:
		value = f->max + 1;
		break;
	case 4:
		value = what >> 3;
		break;
	default:
		for (unsigned int i = 0; i < (what & 7); i++)
			value = value << 8 | next(in);
	}
	snprintf(text, sizeof(text), "%s%llu%s", before[form & 7], (unsigned long long)value,
		 behind[form >> 3 & 7]);
	write_file(in, file, text, strlen(text));
}

/* The first letters of one of the words, most often all of them. */
static void write_word(struct input *in, unsigned int file)
{
	const char *words = sysfs_files[file].words;
	u8 which = next(in), form = next(in);
	char text[VALUE];
	size_t len;

	for (which &= 7; which--; words += strspn(words, " "))
		words += strcspn(words, " ");
	len = strcspn(words, " ");
	if (form & 1)
		len = min_t(size_t, len, form >> 4);
	snprintf(text, sizeof(text), "%.*s%s", (int)len, words,
		 form & 2 ? "\n" : form & 4 ? " " : "");
	write_file(in, file, text, strlen(text));
}

/* Bytes as they are; some inputs are longer than a page. */
static void write_bytes(struct input *in, unsigned int file)
{
	static char text[PAGE_SIZE + 64];
	size_t len = next(in), n = min_t(size_t, len & 63, in->left);

	memset(text, '0', sizeof(text));
	memcpy(text, in->data, n);
	in->data += n;
	in->left -= n;
	write_file(in, file, text, len & 64 ? sizeof(text) - (len & 32) : n);
}

/* Without a sleep khugepaged keeps a CPU busy, and the host with it. */
static bool khugepaged_spins(const struct input *in)
{
	int file = model_find("transparent_hugepage/khugepaged/scan_sleep_millisecs");

	return !strcmp(in->value[file], "0");
}

static void run(struct input *in)
{
	unsigned int ms = min_t(unsigned int, next(in), MAX_RUN_MS - in->run_ms);

	if (khugepaged_spins(in))
		ms = min(ms, 1U);
	in->run_ms += ms;
	user_compute(ms * NSEC_PER_MSEC);
}

static void operate(struct input *in)
{
	u8 op = next(in);
	unsigned int file;

	if (op % 8 == 7) {
		run(in);
		return;
	}
	file = next(in) % sysfs_nr_files;
	if (op % 8 == 6)
		check_file(in, file);
	else if (op % 8 >= 4 || !is_knob(file))
		write_bytes(in, file);
	else if (sysfs_files[file].kind == FILE_NUMBER)
		write_number(in, file);
	else
		write_word(in, file);
}

static int administrate(void *arg)
{
	struct input *in = arg;

	for (unsigned int i = 0; i < sysfs_nr_files; i++)
		read_value(i, in->value[i]);
	fuzz_users_begin();
	fuzz_users_start(0, 2);
	fuzz_users_start(3, 1);
	for (unsigned int i = 0; i < MAX_OPS && in->left; i++)
		operate(in);
	check_files(in);
	fuzz_users_end();
	return 0;
}

static const struct machine_config config = {
	.nr_nodes = 2, .nr_cpus = 4, .bytes_per_node = 8ULL << 20,
};

/* Each file is known to the model: a new one has to be added there. */
static void check_directory(const char *path)
{
	char list[4096], *rest = list, *name;

	if (sysfs_list_dir(path, list, sizeof(list)) < 0)
		fuzz_fail("%s cannot be listed", path);
	while ((name = strsep(&rest, "\n"))) {
		char full[256];
		size_t len = snprintf(full, sizeof(full), "%s/%s", path, name);

		if (!*name)
			continue;
		if (full[len - 1] == '/') {
			full[len - 1] = 0;
			check_directory(full);
		} else if (model_find(full + strlen(DIR)) < 0) {
			fuzz_fail("the model does not know %s", full);
		}
	}
}

static int check_tree(void *arg)
{
	check_directory("/sys/kernel/mm");
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_machine(&config, check_tree, NULL);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input in;
	size_t schedule = size ? min_t(size_t, data[0], (size - 1) / 2) : 0;

	in = (struct input){ .data = data + !!size, .left = size - !!size - schedule };
	if (schedule)
		fuzz_schedule(data + size - schedule, schedule);
	fuzz_machine(&config, administrate, &in);
	return 0;
}

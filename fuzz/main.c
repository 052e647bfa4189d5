// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzz target as a plain program: fuzz_NAME [-v] FILE|DIRECTORY..., each file an input.
 *
 * For tests, valgrind, coverage, debuggers, and for engines that start a program per input
 * (afl-fuzz: fuzz_NAME @@). libFuzzer and $LIB_FUZZING_ENGINE have their own main().
 */
#include <dirent.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static const char *program;
static const char *volatile current_path;	/* the input that runs */
static unsigned int nr_inputs;
static int verbose;

static void tell_input(void)
{
	const char *path = current_path;

	if (!path)
		return;
	current_path = NULL;
	fprintf(stderr, "%s: this is the input that fails: %s\n", program, path);
	printf("# %s: %u passed, 1 failed\n", program, nr_inputs);
	fflush(stdout);
}

static void on_abort(int sig)
{
	tell_input();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void __attribute__((noreturn)) refuse(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program, path, why);
	exit(2);
}

/* The contents in a block of their very size, so that ASan sees what reads behind them. */
static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;

	if (!f || fstat(fileno(f), &st))
		refuse(path, "cannot be read");
	*size = st.st_size;
	data = malloc(*size);
	if (*size && (!data || fread(data, 1, *size, f) != *size))
		refuse(path, "cannot be read");
	fclose(f);
	return data;
}

static void run_file(const char *path)
{
	size_t size;
	uint8_t *data = read_file(path, &size);

	if (verbose)
		fprintf(stderr, "%s (%zu bytes)\n", path, size);
	current_path = path;
	LLVMFuzzerTestOneInput(data, size);
	current_path = NULL;
	nr_inputs++;
	free(data);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* A file, or all files of a directory in the order of their names. */
static void run_path(const char *path)
{
	struct dirent **names;
	struct stat st;
	int n;

	if (stat(path, &st))
		refuse(path, "no such file or directory");
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	n = scandir(path, &names, visible, alphasort);
	if (n < 0)
		refuse(path, "cannot be read");
	for (int i = 0; i < n; i++) {
		char *full;

		if (asprintf(&full, "%s/%s", path, names[i]->d_name) < 0)
			refuse(path, "out of memory");
		run_path(full);
		free(full);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	int i = 1;

	program = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	if (argc > 1 && !strcmp(argv[1], "-v")) {
		verbose = 1;
		i++;
	}
	if (i == argc || argv[i][0] == '-') {
		fprintf(stderr, "usage: %s [-v] FILE|DIRECTORY...\n", program);
		return 2;
	}
	signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(tell_input);
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	for (; i < argc; i++)
		run_path(argv[i]);
	printf("# %s: %u passed, 0 failed\n", program, nr_inputs);
	return 0;
}

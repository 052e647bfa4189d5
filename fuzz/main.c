// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzz target as a plain program: fuzz_NAME [-v] [--again[=N]] FILE|DIRECTORY..., each file
 * an input.
 *
 * Each input boots a machine. With --again all inputs run a second time, in the opposite order
 * and on a machine that was booted once (machine_snapshots()): each must do what it did, decision
 * by decision, whatever ran before it. N: so many times more, to measure.
 *
 * For tests, valgrind, coverage, debuggers, and for engines that start a program per input
 * (afl-fuzz: fuzz_NAME @@). libFuzzer and $LIB_FUZZING_ENGINE have their own main().
 */
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static const char *program;
static const char *volatile current_path;	/* the input that runs */
static unsigned int nr_inputs;
static int verbose;

/* Inputs that ran, for --again. */
static struct input {
	char *path;
	uint8_t *data;
	size_t size;
	uint64_t hash;			/* of its trace */
} *inputs;
static unsigned int room;
static unsigned long again;	/* so many times more */
static clock_t spent[2];	/* on machines that boot, and from a snapshot */

/* harness.c */
uint64_t fuzz_trace_hash(void);
void fuzz_snapshots(_Bool on);

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

static void run(const struct input *in)
{
	current_path = in->path;
	LLVMFuzzerTestOneInput(in->data, in->size);
	current_path = NULL;
}

static void run_file(const char *path)
{
	struct input *in;
	clock_t begin;

	if (nr_inputs == room) {
		room = 2 * room + 64;
		inputs = realloc(inputs, room * sizeof(*inputs));
		if (!inputs)
			refuse(path, "out of memory");
	}
	in = &inputs[nr_inputs];
	in->path = strdup(path);
	in->data = read_file(path, &in->size);
	if (verbose)
		fprintf(stderr, "%s (%zu bytes)\n", path, in->size);
	begin = clock();
	run(in);
	spent[0] += clock() - begin;
	in->hash = fuzz_trace_hash();
	if (verbose)
		fprintf(stderr, "%s: trace %016" PRIx64 "\n", path, in->hash);
	nr_inputs++;
}

/* Run all of them more often; an input that another one changes is no input. */
static void run_again(void)
{
	clock_t begin = clock();

	fuzz_snapshots(1);
	for (unsigned long n = again * nr_inputs; n--;) {
		const struct input *in = &inputs[n % nr_inputs];

		run(in);
		if (fuzz_trace_hash() == in->hash)
			continue;
		fprintf(stderr, "%s: %s: another trace after other inputs\n", program, in->path);
		printf("# %s: %u passed, 1 failed\n", program, nr_inputs);
		exit(1);
	}
	spent[1] = clock() - begin;
	if (again && spent[0] && spent[1])
		printf("# %s: %.0f inputs per second of CPU time boot, %.0f from a snapshot\n",
		       program, (double)nr_inputs * CLOCKS_PER_SEC / spent[0],
		       (double)again * nr_inputs * CLOCKS_PER_SEC / spent[1]);
}

static void forget_inputs(void)
{
	for (struct input *in = inputs; in < inputs + nr_inputs; in++) {
		free(in->path);
		free(in->data);
	}
	free(inputs);
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
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-v"))
			verbose = 1;
		else if (!strcmp(argv[i], "--again"))
			again = 1;
		else if (!strncmp(argv[i], "--again=", 8) && atol(argv[i] + 8) > 0)
			again = atol(argv[i] + 8);
		else
			break;
	}
	if (i == argc || argv[i][0] == '-') {
		fprintf(stderr, "usage: %s [-v] [--again[=N]] FILE|DIRECTORY...\n", program);
		return 2;
	}
	fuzz_snapshots(0);
	signal(SIGABRT, on_abort);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(tell_input);
	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	/* of machines before the first input */
	fuzz_trace_hash();
	for (; i < argc; i++)
		run_path(argv[i]);
	run_again();
	forget_inputs();
	printf("# %s: %u passed, 0 failed\n", program, nr_inputs);
	return 0;
}

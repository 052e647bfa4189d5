// SPDX-License-Identifier: GPL-2.0
/* Command lines: print what was parsed, parse what was printed. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kernel.h>

#include "text.h"

#define MAX_WORDS	64

/* Words of a command line; each in a block of its own. */
struct words {
	char *word[MAX_WORDS + 1];
	int nr;
};

static void add_word(struct words *w, char *word)
{
	if (!word)
		abort();
	w->word[w->nr++] = word;
}

__printf(2, 3) static void add(struct words *w, const char *fmt, ...)
{
	va_list args;
	char *word;

	if (w->nr == MAX_WORDS)
		fuzz_fail("a command line of more than %d words", MAX_WORDS);
	va_start(args, fmt);
	if (vasprintf(&word, fmt, args) < 0)
		abort();
	va_end(args);
	add_word(w, word);
}

static void free_words(char **word, int nr)
{
	while (nr--)
		free(word[nr]);
}

/* A file with @text that only this process can name; its descriptor. */
static int text_file(const char *text)
{
	int fd = memfd_create("numactl", 0);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	return fd;
}

/* "--numactl", or what getopt_long() takes for it. */
static size_t names_numactl(const char *word)
{
	size_t len = strcspn(word, "=");

	return len >= 4 && len <= 9 && !strncmp(word, "--numactl", len) ? len : 0;
}

/*
 * Options of argp itself that end the process, sleep, or change its name: nothing to fuzz.
 * Abbreviations and clusters of short options make this a bit wide.
 */
static bool is_argps_own(const char *word)
{
	if (!strncmp(word, "--", 2))
		return !strncmp(word, "--vers", 6) || !strncmp(word, "--H", 3) ||
		       !strncmp(word, "--pro", 5);
	return word[0] == '-' && strpbrk(word, "V?");
}

/* At blanks. --numactl gets @fd to read, so that no file of the host has a part in this. */
static bool split(const char *line, int fd, struct words *w)
{
	bool names_file = false;

	add(w, "autonuma-bench");
	while (w->nr < MAX_WORDS) {
		size_t len, numactl;
		char *word;

		line += strspn(line, " \n\t");
		len = strcspn(line, " \n\t");
		if (!len)
			break;
		word = strndup(line, len);
		line += len;
		numactl = word ? names_numactl(word) : 0;
		if (names_file || (numactl && word[numactl])) {
			free(word);
			if (names_file)
				add(w, "/proc/self/fd/%d", fd);
			else
				add(w, "--numactl=/proc/self/fd/%d", fd);
			names_file = false;
			continue;
		}
		add_word(w, word);
		names_file = numactl;
		if (is_argps_own(word))
			return false;
	}
	return !(w->nr == 2 && !strcmp(w->word[1], "--help"));
}

static void print_matrix(struct words *w, const char *option, const double *cells,
			 unsigned int n)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	for (unsigned int i = 0; i < n * n; i++)
		fprintf(out, "%.20g%c", cells[i], (i + 1) % n ? ',' : ';');
	fclose(out);
	add(w, "%s=%s", option, text);
	free(text);
}

static void print_lists(struct words *w, const struct bench_options *o)
{
	bool both = o->nr_thp == 2;

	for (unsigned int i = 0; i < o->nr_workloads; i++)
		add(w, "%s", o->workloads[i]->name);
	for (unsigned int i = 0; i < o->nr_policies; i++)
		add(w, "--policies=%s", bench_policy_names[o->policies[i]]);
	add(w, "--thp=%s", both ? "both" : bench_thp_names[o->thp[0]]);
	for (unsigned int i = 0; i < o->nr_knobs; i++)
		add(w, "--set=%s=%s", o->knobs[i].name, o->knobs[i].value);
}

/* The machine is told by numactl's text, but for sizes that it cannot tell. */
static void print_machine(struct words *w, const struct bench_options *o, int fd)
{
	const struct bench_topology *t = &o->topo;

	add(w, "--numactl=/proc/self/fd/%d", fd);
	add(w, "--smt=%u", t->threads_per_core);
	for (unsigned int i = 0; i < t->nr_nodes; i++)
		if (t->node_bytes[i] % (1 << 20)) {
			add(w, "--memory=%llu", (unsigned long long)t->node_bytes[i]);
			break;
		}
	if (t->bandwidth)
		print_matrix(w, "--bandwidths", t->bandwidth, t->nr_nodes);
}

static void print_options(struct words *w, const struct bench_options *o, int fd)
{
	add(w, "autonuma-bench");
	print_lists(w, o);
	print_machine(w, o, fd);
	add(w, "--scale=%.*f", o->scale < 1e-4 ? 60 : 20, o->scale);
	add(w, "--seed=%llu", (unsigned long long)o->seed);
	add(w, "--runs=%u", o->runs);
	add(w, "--trace-buffer=%u", o->trace_buffer);
	if (o->sim_scale)
		add(w, "--sim-scale=%u", o->sim_scale);
	if (o->processes)
		add(w, "--processes=%u", o->processes);
	if (o->plot)
		add(w, "--plot=%s", o->plot);
	if (o->trace)
		add(w, "--trace=%s", o->trace);
	if (o->fragment)
		add(w, "--fragment");
	if (o->compare)
		add(w, "--compare");
	if (o->json)
		add(w, "--json");
	if (o->quiet)
		add(w, "--quiet");
	if (o->verbose)
		add(w, "--verbose");
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void compare_options(const struct bench_options *a, const struct bench_options *b)
{
#define SAME(member) \
	do { if (memcmp(&a->member, &b->member, sizeof(a->member)))			\
		fuzz_fail("%s: not the same when printed and parsed again", #member);	\
	} while (0)
	SAME(workloads);
	SAME(nr_workloads);
	SAME(policies);
	SAME(nr_policies);
	SAME(thp);
	SAME(nr_thp);
	SAME(fragment);
	SAME(runs);
	SAME(processes);
	SAME(compare);
	SAME(scale);
	SAME(sim_scale);
	SAME(seed);
	SAME(knobs);
	SAME(nr_knobs);
	SAME(trace_buffer);
	SAME(json);
	SAME(quiet);
	SAME(verbose);
#undef SAME
	if (!same_text(a->plot, b->plot) || !same_text(a->trace, b->trace))
		fuzz_fail("a file's name is not the same when printed and parsed again");
	topology_compare(&a->topo, &b->topo, true);
}

static int parse(struct bench_options *o, struct words *w, struct bench_why *why)
{
	char *order[MAX_WORDS + 1], *name = program_invocation_name;
	char *short_name = program_invocation_short_name;
	int ret;

	/* argp puts the words in another order. */
	memcpy(order, w->word, sizeof(order));
	ret = options_parse(o, w->nr, order, why);
	program_invocation_name = name;
	program_invocation_short_name = short_name;
	return ret;
}

/* One of the options with something behind its argument is refused. */
static void check_garbage(struct words *w, unsigned int start)
{
	static const char *const strict[] = {
		"--thp=", "--smt=", "--scale=", "--seed=", "--runs=", "--trace-buffer=",
		"--sim-scale=", "--processes=", "--memory=", "--bandwidths=", "--policies=",
	};
	struct bench_options o;
	struct bench_why why = { };

	for (int i = 0; i < w->nr; i++) {
		char **word = &w->word[(start + i) % w->nr], *old = *word;
		unsigned int k = 0;

		while (k < ARRAY_SIZE(strict) && strncmp(old, strict[k], strlen(strict[k])))
			k++;
		if (k == ARRAY_SIZE(strict))
			continue;
		if (asprintf(word, "%sx", old) < 0)
			abort();
		if (!parse(&o, w, &why))
			fuzz_fail("%s is accepted", *word);
		text_check_why(&why, "the command line");
		options_free(&o);
		free(*word);
		*word = old;
		return;
	}
}

/* It was accepted: what it was taken for, written out in full, is the same. */
static void again(const struct bench_options *o)
{
	struct words w = { };
	struct bench_options second;
	struct bench_why why = { };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int fd;

	if (!out)
		abort();
	topology_print(out, &o->topo);
	fclose(out);
	fd = text_file(text);
	print_options(&w, o, fd);
	if (parse(&second, &w, &why))
		fuzz_fail("what was accepted is refused when written out: %s", why.text);
	compare_options(o, &second);
	options_free(&second);
	check_garbage(&w, size);
	close(fd);
	free(text);
	free_words(w.word, w.nr);
}

void options_text(const char *line, const char *numactl)
{
	int fd = text_file(numactl ?: "");
	struct words w = { };
	struct bench_options o = { };
	struct bench_why why = { };

	if (split(line, fd, &w)) {
		if (parse(&o, &w, &why))
			text_check_why(&why, "the command line");
		else if (!o.list)
			again(&o);
		options_free(&o);
	}
	close(fd);
	free_words(w.word, w.nr);
}

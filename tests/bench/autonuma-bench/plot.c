// SPDX-License-Identifier: GPL-2.0
/* Memory per node over time, drawn by gnuplot. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define MAX_LINES 64	/* nodes drawn as lines of their own */

extern char **environ;

/* Is there an executable file @name in one of the directories of PATH? */
static bool in_path(const char *name)
{
	const char *path = getenv("PATH");
	char *copy = strdup(path ? path : "/usr/bin:/bin"), *next = copy, *dir;
	bool found = false;

	while (copy && !found && (dir = strsep(&next, ":"))) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", *dir ? dir : ".", name);
		found = !access(file, X_OK);
	}
	free(copy);
	return found;
}

int plot_check(const char *file, struct bench_why *why)
{
	if (!in_path("gnuplot"))
		return why_set(why, "--plot needs gnuplot, which is not installed");
	return file_check("--plot", file, why);
}

static void panel_data(FILE *out, const struct bench_result *r)
{
	const struct bench_samples *s = &r->samples;

	for (unsigned int i = 0; i < s->nr; i++) {
		fprintf(out, "%.3f", s->sample[i].seconds);
		for (unsigned int n = 0; n < s->nr_nodes && n < MAX_LINES; n++)
			fprintf(out, " %.2f", s->node_mib[(size_t)i * s->nr_nodes + n]);
		fputc('\n', out);
	}
	fputs("e\n", out);
}

/* Inline data is consumed once for each line, so it is repeated for each node. */
static void panel(FILE *out, const struct bench_result *r)
{
	unsigned int lines = r->samples.nr_nodes < MAX_LINES ? r->samples.nr_nodes : MAX_LINES;

	fprintf(out, "set title \"%s, %s%s: %.1f s\"\n", r->workload->name,
		bench_policy_names[r->policy], r->thp == THP_ALWAYS ? ", THP" : "", r->elapsed);
	fprintf(out, "set xrange [0:%.3f]\nplot", r->elapsed > 0 ? r->elapsed : 1);
	for (unsigned int n = 0; n < lines; n++)
		fprintf(out, "%s '-' using 1:%u with lines linewidth 2 title \"node %u\"",
			n ? "," : "", n + 2, n);
	fputc('\n', out);
	for (unsigned int n = 0; n < lines; n++)
		panel_data(out, r);
}

void plot_script(FILE *out, const struct bench_result *results, unsigned int nr)
{
	unsigned int columns = nr < 4 ? nr : 4, rows = (nr + columns - 1) / columns;

	fprintf(out, "set terminal svg size %u,%u enhanced background '#ffffff' font ',11'\n",
		360 * columns, 40 + 260 * rows);
	fprintf(out, "set encoding utf8\nset termoption noenhanced\n");
	fprintf(out, "set multiplot layout %u,%u rowsfirst title \"Memory per node over time, %u nodes, %u CPUs\"\n",
		rows, columns, results->nodes, results->cpus);
	fprintf(out, "set xlabel \"virtual seconds\"\nset ylabel \"MiB\"\n");
	fprintf(out, "set yrange [0:*]\nset grid\nset key outside right top\n");
	if (results->samples.nr_nodes > 16)
		fprintf(out, "unset key\n");
	for (unsigned int i = 0; i < nr; i++)
		panel(out, &results[i]);
	fprintf(out, "unset multiplot\n");
}

int plot_write(const char *file, const struct bench_result *results, unsigned int nr,
	       struct bench_why *why)
{
	char *argv[] = { "gnuplot", "-", NULL };
	posix_spawn_file_actions_t actions;
	FILE *script = tmpfile();
	int status = -1, fd, err;
	pid_t pid;

	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 || !script) {
		why_set(why, "--plot: cannot write %.150s: %s", file, strerror(errno));
		goto out;
	}
	plot_script(script, results, nr);
	if (fflush(script) || lseek(fileno(script), 0, SEEK_SET)) {
		why_set(why, "--plot: cannot write the script: %s", strerror(errno));
		goto out;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err) {
		why_set(why, "--plot: cannot start gnuplot: %s", strerror(err));
	} else if (waitpid(pid, &status, 0) != pid || status) {
		why_set(why, "--plot: gnuplot failed");
		status = -1;
	}
out:
	if (script)
		fclose(script);
	if (fd >= 0 && close(fd) && !status)
		status = why_set(why, "--plot: cannot write %.150s: %s", file,
				 strerror(errno));
	return status ? -1 : 0;
}

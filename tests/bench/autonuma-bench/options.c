// SPDX-License-Identifier: GPL-2.0
/* The command line: read, completed with defaults, and refused as a whole or not at all. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/numa.h>
#include <linux/threads.h>

#include "bench.h"

const char *argp_program_version = "autonuma-bench 1";

const char *const bench_policy_names[NR_POLICIES] = {
	[POLICY_NONE]		= "none",
	[POLICY_AUTONUMA]	= "autonuma",
	[POLICY_AUTONUMA_FAULT]	= "autonuma-fault",
	[POLICY_HARD]		= "hard",
	[POLICY_INVERSE]	= "inverse",
};

const char *const bench_thp_names[NR_THP] = {
	[THP_NEVER]	= "never",
	[THP_ALWAYS]	= "always",
};

const struct bench_workload *const bench_workloads[] = {
	&workload_numa02, &workload_numa02_smt, &workload_thread_alloc, &workload_numa01,
	&workload_messages, &workload_faults, &workload_overcommit, &workload_forks,
	&workload_repair,
	NULL
};

enum option_key {
	KEY_POLICIES = 'p', KEY_NODES = 'n', KEY_CPUS = 'c', KEY_DISTANCES = 'd',
	KEY_BANDWIDTHS = 'b', KEY_MEMORY = 'm', KEY_SCALE = 's', KEY_RUNS = 'r',
	KEY_QUIET = 'q', KEY_VERBOSE = 'v',
	KEY_SMT = 256, KEY_NUMACTL, KEY_SIM_SCALE, KEY_SEED, KEY_SET, KEY_JSON, KEY_PLOT,
	KEY_TRACE, KEY_TRACE_BUFFER, KEY_LIST, KEY_THP, KEY_FRAGMENT, KEY_COMPARE,
	KEY_PROCESSES,
};

static const struct argp_option option_table[] = {
	{ "policies", KEY_POLICIES, "LIST", 0,
	  "none, autonuma, autonuma-fault, hard, inverse, separated by commas, or all (default)",
	  1 },
	{ "compare", KEY_COMPARE, NULL, 0,
	  "Compare the policies: mean, deviation and ratios over several seeds (5, see --runs)",
	  1 },
	{ "processes", KEY_PROCESSES, "N", 0,
	  "Divide the program's threads and memory among N processes (1 or 2, as it is)", 1 },
	{ "thp", KEY_THP, "MODE", 0,
	  "Transparent huge pages: never (default), always, or both side by side. With always "
	  "or both a simulated page is a real one; --scale makes runs shorter", 1 },
	{ "fragment", KEY_FRAGMENT, NULL, 0,
	  "No huge page is free but on the node where memory starts", 1 },
	{ "runs", KEY_RUNS, "N", 0, "Runs of each policy (1)", 1 },
	{ "scale", KEY_SCALE, "X", 0,
	  "Multiply the programs' memory by X, of messages, faults and forks the rounds (1)", 1 },
	{ "seed", KEY_SEED, "N", 0, "Seed of the first run; the next one's is N + 1 (1)", 1 },
	{ "set", KEY_SET, "KNOB=VALUE", 0,
	  "Write VALUE to /sys/kernel/mm/autonuma/KNOB before autonuma runs", 1 },
	{ "nodes", KEY_NODES, "N", 0, "Nodes (2)", 2 },
	{ "cpus", KEY_CPUS, "N", 0, "CPUs of the whole machine (8 per node)", 2 },
	{ "smt", KEY_SMT, "N", 0, "CPUs per core (2, or 1 where siblings would be on two nodes)", 2 },
	{ "memory", KEY_MEMORY, "SIZE", 0, "Memory of each node (8G times the scale)", 2 },
	{ "distances", KEY_DISTANCES, "ROWS", 0,
	  "Distances, for example \"10,21;21,10\"; need not be symmetric", 2 },
	{ "bandwidths", KEY_BANDWIDTHS, "ROWS", 0,
	  "GB/s that a node's CPUs (row) get from a node's memory (column)", 2 },
	{ "numactl", KEY_NUMACTL, "FILE", 0,
	  "The machine that this output of numactl -H describes; - is standard input", 2 },
	{ "sim-scale", KEY_SIM_SCALE, "N", 0,
	  "Pages that one simulated page stands for (chosen by size)", 2 },
	{ "json", KEY_JSON, NULL, 0, "Print results as JSON instead of tables", 3 },
	{ "plot", KEY_PLOT, "FILE.svg", 0, "Draw memory per node over time", 3 },
	{ "trace", KEY_TRACE, "FILE", 0,
	  "Write what the trace points recorded: for Perfetto if FILE ends in .json, "
	  "else as ftrace's text", 3 },
	{ "trace-buffer", KEY_TRACE_BUFFER, "N", 0,
	  "Events kept of each run, the oldest are lost (262144)", 3 },
	{ "list", KEY_LIST, NULL, 0, "List workloads and policies", 3 },
	{ "quiet", KEY_QUIET, NULL, 0, "No progress, only the last table", 3 },
	{ "verbose", KEY_VERBOSE, NULL, 0, "More about each run", 3 },
	{ }
};

/* What the parser carries around. */
struct parse {
	struct bench_options *opts;
	struct bench_why *why;
	u64 nodes, cpus, smt, memory;	/* 0: not given */
	const char *distances, *bandwidths, *numactl;
};

static int add_workload(struct bench_options *opts, const char *name, struct bench_why *why)
{
	bool all = !strcmp(name, "all"), losing = !strcmp(name, "losing");
	bool found = all || losing;

	for (unsigned int i = 0; bench_workloads[i]; i++) {
		const struct bench_workload *w = bench_workloads[i];
		bool given = false;

		if (!(all && !w->losing && w->kind == KIND_WRITE) && !(losing && w->losing) &&
		    strcasecmp(w->name, name))
			continue;
		found = true;
		for (unsigned int k = 0; k < opts->nr_workloads; k++)
			given |= opts->workloads[k] == w;
		if (!given)
			opts->workloads[opts->nr_workloads++] = w;
	}
	return found ? 0 : why_set(why, "unknown workload \"%s\"; see --list", name);
}

static int add_policy(struct bench_options *opts, const char *name, struct bench_why *why)
{
	bool all = !strcmp(name, "all"), found = all;

	for (unsigned int p = 0; p < NR_POLICIES; p++) {
		bool given = false;

		if (!all && strcmp(bench_policy_names[p], name))
			continue;
		found = true;
		for (unsigned int k = 0; k < opts->nr_policies; k++)
			given |= opts->policies[k] == p;
		if (!given)
			opts->policies[opts->nr_policies++] = p;
	}
	return found ? 0 : why_set(why, "unknown policy \"%s\"; see --list", name);
}

static int add_policies(struct bench_options *opts, const char *list, struct bench_why *why)
{
	char *copy = strdup(list), *next = copy, *name;
	int ret = copy ? 0 : why_set(why, "out of memory");

	while (!ret && (name = strsep(&next, ",")))
		ret = add_policy(opts, name, why);
	free(copy);
	return ret;
}

static int set_thp(struct bench_options *opts, const char *mode, struct bench_why *why)
{
	bool both = !strcmp(mode, "both");

	opts->nr_thp = 0;
	for (unsigned int i = 0; i < NR_THP; i++)
		if (both || !strcmp(bench_thp_names[i], mode))
			opts->thp[opts->nr_thp++] = i;
	return opts->nr_thp ? 0 :
	       why_set(why, "--thp: \"%s\" is not never, always or both", mode);
}

/* "knob=value"; whether the kernel knows the knob and takes the value is seen later. */
static int add_knob(struct bench_options *opts, const char *text, struct bench_why *why)
{
	const char *eq = strchr(text, '=');
	struct bench_knob *k = &opts->knobs[opts->nr_knobs];

	if (!eq || eq == text || !eq[1])
		return why_set(why, "--set: \"%s\" is not KNOB=VALUE", text);
	if (opts->nr_knobs == MAX_KNOBS)
		return why_set(why, "--set: more than %d knobs", MAX_KNOBS);
	if (eq - text >= sizeof(k->name) ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789") != eq - text)
		return why_set(why, "--set: unknown knob \"%.*s\"", (int)(eq - text), text);
	if (strlen(eq + 1) >= sizeof(k->value))
		return why_set(why, "--set: value of %.*s is too long", (int)(eq - text), text);
	memcpy(k->name, text, eq - text);
	strcpy(k->value, eq + 1);
	opts->nr_knobs++;
	return 0;
}

/* Say what argp found wrong before it came to any option's own check. */
static void explain_failure(struct parse *p, struct argp_state *state)
{
	const char *arg = state->next > 1 ? state->argv[state->next - 1] : "";
	const struct argp_option *o;
	size_t len = strcspn(arg, "=");

	for (o = option_table; o->name; o++) {
		if (strncmp(arg, "--", 2) || strlen(o->name) != len - 2 ||
		    strncmp(arg + 2, o->name, len - 2))
			continue;
		why_set(p->why, o->arg ? "option --%s needs an argument" :
			"option --%s takes no argument", o->name);
		return;
	}
	why_set(p->why, "option \"%s\" is unknown, ambiguous or lacks its argument", arg);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;
	struct bench_options *opts = p->opts;
	struct bench_why *why = p->why;
	u64 n = 0;
	int ret = 0;

	switch (key) {
	case ARGP_KEY_ARG:
		ret = add_workload(opts, arg, why);
		break;
	case KEY_POLICIES:
		ret = add_policies(opts, arg, why);
		break;
	case KEY_THP:
		ret = set_thp(opts, arg, why);
		break;
	case KEY_COMPARE:
		opts->compare = true;
		break;
	case KEY_PROCESSES:
		ret = number_parse("--processes", arg, 1, MAX_PROCESSES, &n, why);
		opts->processes = n;
		break;
	case KEY_FRAGMENT:
		opts->fragment = true;
		break;
	case KEY_NODES:
		ret = number_parse("--nodes", arg, 1, MAX_NUMNODES, &p->nodes, why);
		break;
	case KEY_CPUS:
		ret = number_parse("--cpus", arg, 1, NR_CPUS, &p->cpus, why);
		break;
	case KEY_SMT:
		ret = number_parse("--smt", arg, 1, 8, &p->smt, why);
		break;
	case KEY_MEMORY:
		ret = bytes_parse("--memory", arg, &p->memory, why);
		break;
	case KEY_DISTANCES:
		p->distances = arg;
		break;
	case KEY_BANDWIDTHS:
		p->bandwidths = arg;
		break;
	case KEY_NUMACTL:
		p->numactl = arg;
		break;
	case KEY_SCALE:
		ret = fraction_parse("--scale", arg, 0, 64, &opts->scale, why);
		break;
	case KEY_SIM_SCALE:
		ret = number_parse("--sim-scale", arg, 1, 1 << 16, &n, why);
		opts->sim_scale = n;
		break;
	case KEY_SEED:
		ret = number_parse("--seed", arg, 0, ~0ULL - MAX_RUNS, &opts->seed, why);
		break;
	case KEY_RUNS:
		ret = number_parse("--runs", arg, 1, MAX_RUNS, &n, why);
		opts->runs = n;
		break;
	case KEY_SET:
		ret = add_knob(opts, arg, why);
		break;
	case KEY_PLOT:
		opts->plot = arg;
		break;
	case KEY_TRACE:
		opts->trace = arg;
		break;
	case KEY_TRACE_BUFFER:
		ret = number_parse("--trace-buffer", arg, 1, 1 << 24, &n, why);
		opts->trace_buffer = n;
		break;
	case KEY_JSON:
		opts->json = true;
		break;
	case KEY_LIST:
		opts->list = true;
		break;
	case KEY_QUIET:
		opts->quiet = true;
		break;
	case KEY_VERBOSE:
		opts->verbose = true;
		break;
	case ARGP_KEY_ERROR:
		if (!why->text[0])
			explain_failure(p, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return ret ? EINVAL : 0;
}

/* All of a file, or of standard input for "-"; NULL with the reason. */
static char *read_text(const char *name, struct bench_why *why)
{
	const size_t limit = 16 << 20;
	FILE *f = strcmp(name, "-") ? fopen(name, "r") : stdin;
	char *text = NULL;
	size_t used = 0, room = 0, n;

	if (!f) {
		why_set(why, "--numactl: cannot read %s: %s", name, strerror(errno));
		return NULL;
	}
	do {
		char *more = realloc(text, room += 65536);

		if (!more || room > limit)
			break;
		text = more;
		n = fread(text + used, 1, room - used - 1, f);
		used += n;
	} while (n);
	if (room > limit || ferror(f) || !text || memchr(text, 0, used)) {
		why_set(why, "--numactl: cannot read %s: %s", name,
			ferror(f) ? strerror(errno) : "not a text of sensible size");
		free(text);
		text = NULL;
	} else {
		text[used] = 0;
	}
	if (f != stdin)
		fclose(f);
	return text;
}

/* One of the two matrices was given: it decides, or must fit, the number of nodes. */
static int agree_on_nodes(struct parse *p, const char *option, unsigned int n)
{
	struct bench_topology *topo = &p->opts->topo;

	if (topo->nr_nodes && topo->nr_nodes != n)
		return why_set(p->why, "%s: %u rows do not fit %u nodes", option, n,
			       topo->nr_nodes);
	topo->nr_nodes = n;
	return 0;
}

static int parse_matrices(struct parse *p)
{
	struct bench_topology *topo = &p->opts->topo;
	struct bench_why why;
	unsigned int n;

	if (p->distances) {
		free(topo->distance);
		topo->distance = distances_parse(p->distances, &n, &why);
		if (!topo->distance)
			return why_set(p->why, "--distances: %.200s", why.text);
		if (agree_on_nodes(p, "--distances", n))
			return -1;
	}
	if (p->bandwidths) {
		topo->bandwidth = bandwidths_parse(p->bandwidths, &n, &why);
		if (!topo->bandwidth)
			return why_set(p->why, "--bandwidths: %.200s", why.text);
		if (agree_on_nodes(p, "--bandwidths", n))
			return -1;
	}
	return 0;
}

/*
 * Two CPUs per core where consecutive CPUs can be siblings, else one: numactl does not
 * tell, and many machines number their CPUs across the nodes.
 */
static unsigned int default_siblings(const struct bench_topology *topo)
{
	if (topo->nr_cpus % 2)
		return 1;
	for (unsigned int c = 0; c < topo->nr_cpus; c += 2) {
		int node = topo->cpu_node ? topo->cpu_node[c] :
					    (u64)c * topo->nr_nodes / topo->nr_cpus;
		int next = topo->cpu_node ? topo->cpu_node[c + 1] :
					    (u64)(c + 1) * topo->nr_nodes / topo->nr_cpus;

		if (node != next)
			return 1;
	}
	return 2;
}

/*
 * 8 GiB times the scale: two processes of 3 GiB fit on one node, from where they start,
 * with a quarter to spare.  Programs whose memory does not follow the scale want all of it.
 */
static u64 default_memory(const struct bench_options *opts)
{
	double scale = opts->scale;

	for (unsigned int i = 0; i < opts->nr_workloads; i++)
		if (opts->workloads[i]->kind != KIND_WRITE && scale < 1)
			scale = 1;
	return (8ULL << 30) * scale;
}

/* From the text if there is one, then from the options. */
static int parse_topology(struct parse *p)
{
	struct bench_topology *topo = &p->opts->topo;
	u64 memory = p->memory;

	if (p->numactl) {
		char *text;

		if (p->nodes || p->cpus)
			return why_set(p->why, "--numactl already says how many nodes and CPUs");
		text = read_text(p->numactl, p->why);
		if (!text || topology_parse_numactl(text, topo, p->why)) {
			free(text);
			return -1;
		}
		free(text);
	}
	if (p->nodes)
		topo->nr_nodes = p->nodes;
	if (parse_matrices(p))
		return -1;
	if (!topo->nr_nodes)
		topo->nr_nodes = 2;
	if (!topo->nr_cpus)
		topo->nr_cpus = p->cpus ? p->cpus : 8 * topo->nr_nodes;
	if (topo->nr_cpus > NR_CPUS)
		return why_set(p->why, "--cpus: %u are more than the %d supported; give fewer",
			       topo->nr_cpus, NR_CPUS);
	topo->threads_per_core = p->smt ? p->smt : default_siblings(topo);
	if (memory && topo->node_bytes)
		for (unsigned int i = 0; i < topo->nr_nodes; i++)
			topo->node_bytes[i] = memory;
	if (!memory)
		memory = default_memory(p->opts);
	topology_complete(topo, memory);
	return 0;
}

int options_parse(struct bench_options *opts, int argc, char **argv, struct bench_why *why)
{
	static const struct argp argp = {
		.options = option_table, .parser = parse_option,
		.args_doc = "[WORKLOAD...]",
		.doc = "Run NUMA programs on a simulated machine and compare placement "
		       "policies.\v"
		       "Workloads: numa02 (default), numa02_SMT, numa01_THREAD_ALLOC, "
		       "numa01, or all of these; messages, faults, overcommit, forks, or losing "
		       "for all of these. Times are virtual seconds. Exit status: 0, 1 if a "
		       "run failed, 2 if the command line was refused.",
	};
	struct parse p = { .opts = opts, .why = why };

	*opts = (struct bench_options){
		.scale = 1, .seed = 1, .trace_buffer = TRACE_BUFFER,
		.thp = { THP_NEVER }, .nr_thp = 1,
	};
	why->text[0] = 0;
	/* ARGP_NO_ERRS silences the help, too; it is asked for alone. */
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?"))) {
		argp_help(&argp, stdout, ARGP_HELP_STD_HELP, argv[0]);
		exit(0);
	}
	if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS, NULL, &p))
		return -1;
	if (opts->list)
		return 0;
	if (!opts->nr_workloads)
		opts->workloads[opts->nr_workloads++] = &workload_numa02;
	if (!opts->nr_policies)
		add_policy(opts, "all", why);
	if (!opts->runs)
		opts->runs = opts->compare ? COMPARE_RUNS : 1;
	if (parse_topology(&p))
		return -1;
	return options_complete(opts, why);
}

void options_free(struct bench_options *opts)
{
	topology_free(&opts->topo);
}

// SPDX-License-Identifier: GPL-2.0
/* Results as JSON. */
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "bench.h"
#include "model.h"

/* A number with as many digits as mean something. */
static struct json_object *number(double val)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6g", isfinite(val) ? val : 0);
	return json_object_new_double_s(val, text);
}

/* One array for each moment: the shares of all processes. */
static struct json_object *convergence(const struct bench_convergence *c)
{
	struct json_object *moments = json_object_new_array();

	for (unsigned int m = 0; m < c->nr; m++) {
		struct json_object *shares = json_object_new_array();

		for (unsigned int i = 0; i < c->nr_processes; i++)
			json_object_array_add(shares, number(c->share[m * c->nr_processes + i]));
		json_object_array_add(moments, shares);
	}
	return moments;
}

static struct json_object *one_run(const struct bench_result *r)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "workload", json_object_new_string(r->workload->name));
	json_object_object_add(o, "policy",
			       json_object_new_string(bench_policy_names[r->policy]));
	json_object_object_add(o, "nodes", json_object_new_int64(r->nodes));
	json_object_object_add(o, "cpus", json_object_new_int64(r->cpus));
	json_object_object_add(o, "seed", json_object_new_uint64(r->seed));
	json_object_object_add(o, "elapsed_s", number(r->elapsed));
	json_object_object_add(o, "ratio_hard",
			       r->ratio_hard < 0 ? NULL : number(r->ratio_hard));
	json_object_object_add(o, "local_share", number(r->local_share));
	json_object_object_add(o, "hint_faults", json_object_new_uint64(r->hint_faults));
	json_object_object_add(o, "pages_migrated",
			       json_object_new_uint64(r->pages_migrated));
	json_object_object_add(o, "cpu_share", number(r->cpu_share));
	json_object_object_add(o, "thp", json_object_new_string(bench_thp_names[r->thp]));
	json_object_object_add(o, "ratio_thp", r->ratio_thp < 0 ? NULL : number(r->ratio_thp));
	json_object_object_add(o, "thp_migrated", json_object_new_uint64(r->thp_migrated));
	json_object_object_add(o, "thp_split", json_object_new_uint64(r->thp_split));
	json_object_object_add(o, "tasks_moved", json_object_new_uint64(r->tasks_moved));
	json_object_object_add(o, "tasks_swapped", json_object_new_uint64(r->tasks_swapped));
	json_object_object_add(o, "home_share",
			       r->home_share < 0 ? NULL : number(r->home_share));
	json_object_object_add(o, "quiet_s", number(samples_quiet(&r->samples)));
	json_object_object_add(o, "scan_period_s", number(samples_period(&r->samples)));
	if (r->nr_processes > 1 && r->convergence.nr)
		json_object_object_add(o, "convergence", convergence(&r->convergence));
	return o;
}

static struct json_object *one_summary(const struct bench_summary *s)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "workload", json_object_new_string(s->workload->name));
	json_object_object_add(o, "policy",
			       json_object_new_string(bench_policy_names[s->policy]));
	json_object_object_add(o, "thp", json_object_new_string(bench_thp_names[s->thp]));
	json_object_object_add(o, "runs", json_object_new_int64(s->runs));
	json_object_object_add(o, "mean_s", number(s->mean));
	json_object_object_add(o, "stddev_s", number(s->stddev));
	json_object_object_add(o, "median_s", number(s->median));
	json_object_object_add(o, "ratio_none", s->ratio_none < 0 ? NULL : number(s->ratio_none));
	json_object_object_add(o, "ratio_hard", s->ratio_hard < 0 ? NULL : number(s->ratio_hard));
	json_object_object_add(o, "tasks_moved", number(s->tasks_moved));
	return o;
}

static struct json_object *calibration(unsigned int nodes)
{
	const struct model_calibration *cal = model_calibration(nodes);
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "machine", json_object_new_string(cal->machine));
	json_object_object_add(o, "node_gb_per_s", number(MODEL_LOCAL_BANDWIDTH));
	json_object_object_add(o, "controller", number(cal->controller));
	json_object_object_add(o, "remote_ratio", number(MODEL_REMOTE_RATIO));
	return o;
}

/* Add what --compare asks for to @top; 0, or -1 when out of memory. */
static int add_compare(struct json_object *top, const struct bench_result *results,
		       unsigned int nr)
{
	struct bench_summary *sum = calloc(nr, sizeof(*sum));
	struct json_object *all;
	unsigned int n;

	if (!sum)
		return -1;
	n = compare_summarize(results, nr, sum);
	all = json_object_new_array();
	for (unsigned int i = 0; i < n; i++)
		json_object_array_add(all, one_summary(&sum[i]));
	json_object_object_add(top, "compare", all);
	json_object_object_add(top, "calibration", calibration(results->nodes));
	free(sum);
	return 0;
}

int json_write(FILE *out, const struct bench_result *results, unsigned int nr, bool compare)
{
	struct json_object *top = json_object_new_object(), *runs = json_object_new_array();
	int ret, err = 0;

	for (unsigned int i = 0; i < nr; i++)
		json_object_array_add(runs, one_run(&results[i]));
	json_object_object_add(top, "runs", runs);
	if (compare && nr)
		err = add_compare(top, results, nr);
	ret = fprintf(out, "%s\n", json_object_to_json_string_ext(top,
		      JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
	return err || ret < 0 || fflush(out) ? -1 : 0;
}

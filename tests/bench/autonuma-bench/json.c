// SPDX-License-Identifier: GPL-2.0
/* Results as JSON. */
#include <json-c/json.h>
#include <math.h>

#include "bench.h"

/* A number with as many digits as mean something. */
static struct json_object *number(double val)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6g", isfinite(val) ? val : 0);
	return json_object_new_double_s(val, text);
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
	return o;
}

int json_write(FILE *out, const struct bench_result *results, unsigned int nr)
{
	struct json_object *top = json_object_new_object(), *runs = json_object_new_array();
	int ret;

	for (unsigned int i = 0; i < nr; i++)
		json_object_array_add(runs, one_run(&results[i]));
	json_object_object_add(top, "runs", runs);
	ret = fprintf(out, "%s\n", json_object_to_json_string_ext(top,
		      JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(top);
	return ret < 0 || fflush(out) ? -1 : 0;
}

// SPDX-License-Identifier: GPL-2.0
/* What was seen of a run over time. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

int samples_init(struct bench_samples *s, unsigned int nr_nodes, double interval)
{
	s->nr = 0;
	s->nr_nodes = nr_nodes;
	s->interval = interval;
	s->sample = calloc(MAX_SAMPLES, sizeof(*s->sample));
	s->node_mib = calloc((size_t)MAX_SAMPLES * nr_nodes, sizeof(*s->node_mib));
	if (s->sample && s->node_mib)
		return 0;
	samples_free(s);
	return -1;
}

void samples_free(struct bench_samples *s)
{
	free(s->sample);
	free(s->node_mib);
	s->sample = NULL;
	s->node_mib = NULL;
	s->nr = 0;
}

/* Keep every second sample and look half as often from now on. */
static void thin_out(struct bench_samples *s)
{
	for (unsigned int i = 0; i < s->nr / 2; i++) {
		s->sample[i] = s->sample[2 * i];
		memmove(&s->node_mib[(size_t)i * s->nr_nodes],
			&s->node_mib[(size_t)2 * i * s->nr_nodes],
			s->nr_nodes * sizeof(*s->node_mib));
	}
	s->nr /= 2;
	s->interval *= 2;
}

struct bench_sample *samples_next(struct bench_samples *s, double **node_mib)
{
	if (s->nr == MAX_SAMPLES)
		thin_out(s);
	*node_mib = &s->node_mib[(size_t)s->nr * s->nr_nodes];
	memset(*node_mib, 0, s->nr_nodes * sizeof(**node_mib));
	s->sample[s->nr] = (struct bench_sample){};
	return &s->sample[s->nr++];
}

/* A count at @when, on the straight line between the samples around it. */
static double count_at(const struct bench_samples *s, double when, bool local)
{
	double t0 = 0, n0 = 0;

	for (unsigned int i = 0; i < s->nr; i++) {
		double t1 = s->sample[i].seconds;
		double n1 = local ? s->sample[i].local : s->sample[i].total;

		if (t1 >= when)
			return t1 > t0 ? n0 + (n1 - n0) * (when - t0) / (t1 - t0) : n1;
		t0 = t1;
		n0 = n1;
	}
	return n0;
}

double samples_done(const struct bench_samples *s, double when)
{
	return count_at(s, when, false);
}

double samples_when(const struct bench_samples *s, double done)
{
	double t0 = 0, n0 = 0;

	for (unsigned int i = 0; i < s->nr; i++) {
		double t1 = s->sample[i].seconds, n1 = s->sample[i].total;

		if (n1 >= done)
			return n1 > n0 ? t0 + (t1 - t0) * (done - n0) / (n1 - n0) : t0;
		t0 = t1;
		n0 = n1;
	}
	return t0;
}

double samples_local_share(const struct bench_samples *s, double from)
{
	const struct bench_sample *last = &s->sample[s->nr - 1];
	double local, total;

	if (!s->nr)
		return 0;
	local = last->local - count_at(s, from, true);
	total = last->total - count_at(s, from, false);
	return total > 0 ? local / total : 0;
}

double samples_home_share(const struct bench_samples *s)
{
	unsigned int i = 0;

	while (i + 1 < s->nr && !s->sample[i + 1].ended)
		i++;
	if (!s->nr || !s->sample[i].range)
		return 0;
	return (double)s->sample[i].home / s->sample[i].range;
}

double samples_home_since(const struct bench_samples *s, double share)
{
	double since = -1;

	for (unsigned int i = 0; i < s->nr && (!i || !s->sample[i].ended); i++) {
		const struct bench_sample *now = &s->sample[i];
		bool home = now->range && now->home >= share * now->range;

		if (!home)
			since = -1;
		else if (since < 0)
			since = now->seconds;
	}
	return since;
}

double samples_quiet(const struct bench_samples *s)
{
	double since = 0, longest = 0;

	for (unsigned int i = 0; i < s->nr; i++) {
		u64 before = i ? s->sample[i - 1].moves : 0;

		if (s->sample[i].moves != before)
			since = s->sample[i].seconds;
		else if (s->sample[i].seconds - since > longest)
			longest = s->sample[i].seconds - since;
	}
	return longest;
}

double samples_period(const struct bench_samples *s)
{
	unsigned int longest = 0;

	for (unsigned int i = 0; i < s->nr; i++)
		if (s->sample[i].period > longest)
			longest = s->sample[i].period;
	return longest / 1000.0;
}

double samples_first_pass(const struct bench_samples *s)
{
	for (unsigned int i = 0; i < s->nr; i++)
		if (s->sample[i].full_scans)
			return s->sample[i].seconds;
	return -1;
}

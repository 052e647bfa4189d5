/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of fuzz_workload_text share. */
#ifndef _FUZZ_WORKLOAD_TEXT_H
#define _FUZZ_WORKLOAD_TEXT_H

#include <stdio.h>

#include <bench.h>

#include "harness.h"

void text_check_why(const struct bench_why *why, const char *who);

/* Parse what numactl -H may have printed; print, parse, compare. */
void topology_text(const char *text);
/* As numactl -H would; sizes are whole MiB. */
void topology_print(FILE *out, const struct bench_topology *topo);
/* Ends the process where two are not the same; bandwidths as well if @all. */
void topology_compare(const struct bench_topology *a, const struct bench_topology *b, bool all);

/* Parse a command line; --numactl reads @numactl (NULL: nothing) whatever file it names. */
void options_text(const char *line, const char *numactl);

#endif /* _FUZZ_WORKLOAD_TEXT_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * What the host's own programs gain by huge pages: writing memory that is there already, in
 * huge and in small pages.  The machine's model leaves this out; see autonuma-bench/model.c.
 */
#include "core.h"

#define BYTES (256UL << 20)

/* A host without huge pages has no such figure; that is no failure. */
int measure_zeroing(void)
{
	double huge[ROUNDS], small[ROUNDS];

	for (unsigned int i = 0; i < ROUNDS; i++) {
		huge[i] = host_zero_ns(BYTES, true) / (BYTES / 4096);
		small[i] = host_zero_ns(BYTES, false) / (BYTES / 4096);
		if (huge[i] < 0 || small[i] < 0)
			return 0;
	}
	core_add(&(struct core_result){
		.name = "zeroing_huge", .unit = "ns/4K", .value = median(huge, ROUNDS),
		.against = median(small, ROUNDS), .what = "the same in small pages" });
	return 0;
}

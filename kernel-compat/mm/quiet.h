/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How machine_check() looks, at a quiet point: nobody else runs, so what is read changes no
 * schedule and is no decision point, and the many entries that are empty are passed over.
 */
#ifndef _MM_QUIET_H
#define _MM_QUIET_H

#include <linux/mm.h>
#include <exec/sanitizers.h>

#define QUIET_WORDS	8	/* looked at at once */

static inline int quiet_read(const atomic_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline long quiet_read_long(const atomic_long_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

/* An entry of any level; what it leads to is seen as it was when the entry was written. */
static inline u64 quiet_entry(const void *entry)
{
	return __atomic_load_n((const u64 *)entry, __ATOMIC_ACQUIRE);
}

static __unsanitized inline bool quiet_empty(const u64 *e)
{
	u64 any = 0;

	for (unsigned int i = 0; i < QUIET_WORDS; i++)
		any |= __atomic_load_n(&e[i], __ATOMIC_RELAXED);
	return !any;
}

/*
 * The first entry that is not zero of those from @i to @end of a table, or @end. ASan is not
 * asked here: of a table that was freed some words are of a pattern, and quiet_entry() asks.
 */
static __unsanitized inline unsigned int quiet_next(const void *table, unsigned int i,
						    unsigned int end)
{
	const u64 *e = table;

	while (i < end) {
		if (i % QUIET_WORDS == 0 && i + QUIET_WORDS <= end && quiet_empty(&e[i]))
			i += QUIET_WORDS;
		else if (__atomic_load_n(&e[i], __ATOMIC_RELAXED))
			break;
		else
			i++;
	}
	return i;
}

#define for_each_quiet_entry(i, table, begin, end)				\
	for ((i) = quiet_next(table, begin, end); (i) < (end);			\
	     (i) = quiet_next(table, (i) + 1, end))

#endif /* _MM_QUIET_H */

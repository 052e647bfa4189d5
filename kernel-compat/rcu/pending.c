// SPDX-License-Identifier: GPL-2.0
/*
 * Which rcu_heads are queued: a hash set of addresses, so that a second call_rcu() on
 * one is noticed although heads need no initialisation.  Open addressing with linear
 * probing, grown at half full.  Memory is the host's: the set belongs to the shim.
 */
#include <stdlib.h>

#include <rcu/internal.h>
#include <exec/host_memory.h>

static struct {
	struct xlock lock;
	const void **slot;
	size_t size;			/* a power of two, or 0 */
	size_t nr;
} set;

static size_t slot_of(const void *head)
{
	return ((u64)(uintptr_t)head * 0x9e3779b97f4a7c15ULL >> 20) & (set.size - 1);
}

/* Index of @head, or of the free slot where it belongs. */
static size_t find(const void *head)
{
	size_t i = slot_of(head);

	while (set.slot[i] && set.slot[i] != head)
		i = (i + 1) & (set.size - 1);
	return i;
}

static void grow(void)
{
	const void **old = set.slot;
	size_t i, old_size = set.size;

	set.size = old_size ? 2 * old_size : 64;
	set.slot = host_zalloc(set.size, sizeof(*set.slot));
	if (!set.slot)
		abort();
	for (i = 0; i < old_size; i++)
		if (old[i])
			set.slot[find(old[i])] = old[i];
	host_free(old);
}

/* Returns false when @head is queued already. */
bool rcu_pending_add(const void *head)
{
	bool fresh;
	size_t i;

	xlock(&set.lock);
	if (2 * (set.nr + 1) > set.size)
		grow();
	i = find(head);
	fresh = !set.slot[i];
	if (fresh) {
		set.slot[i] = head;
		set.nr++;
	}
	xunlock(&set.lock);
	return fresh;
}

/* Closes the gap, so that no chain of probes is cut. */
void rcu_pending_del(const void *head)
{
	size_t mask, gap, i, home;

	xlock(&set.lock);
	mask = set.size - 1;
	gap = i = find(head);
	for (;;) {
		i = (i + 1) & mask;
		if (!set.slot[i])
			break;
		home = slot_of(set.slot[i]);
		if (((i - home) & mask) >= ((i - gap) & mask)) {
			set.slot[gap] = set.slot[i];
			gap = i;
		}
	}
	set.slot[gap] = NULL;
	set.nr--;
	xunlock(&set.lock);
}

void rcu_pending_reset(void)
{
	host_free(set.slot);
	set.slot = NULL;
	set.size = 0;
	set.nr = 0;
}

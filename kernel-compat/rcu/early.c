// SPDX-License-Identifier: GPL-2.0
/*
 * The earliest end of a grace period that the rules allow, for the engine replay.
 *
 * Readers are numbered as they begin. A callback waits for those that had begun when it was
 * queued, so for the numbers up to the one given last then; and until no CPU is where
 * preemption is disabled, which is a reader too. Each callback has its own number here, in
 * the order of the queue.
 */
#include <stdlib.h>

#include <linux/sched.h>
#include <exec/async.h>
#include <rcu/internal.h>

static struct {
	u64 *newest;			/* a ring */
	size_t room, first, nr;
} queue;

void rcu_early_queued(void)
{
	if (!rcu_engine->newest)
		return;
	if (queue.nr == queue.room) {
		size_t room = queue.room ? 2 * queue.room : 64;
		u64 *ring = malloc(room * sizeof(*ring));

		if (!ring)
			abort();
		for (size_t i = 0; i < queue.nr; i++)
			ring[i] = queue.newest[(queue.first + i) % queue.room];
		free(queue.newest);
		queue.newest = ring;
		queue.room = room;
		queue.first = 0;
	}
	queue.newest[(queue.first + queue.nr++) % queue.room] = rcu_engine->newest();
}

bool rcu_early_ready(void)
{
	u64 newest;

	if (!queue.nr)
		return false;
	newest = queue.newest[queue.first];
	return rcu_engine->oldest() > newest && rcu_blocked_oldest() > newest &&
	       exec_cpus_quiescent();
}

void rcu_early_taken(bool all)
{
	if (all) {
		queue.nr = 0;
	} else {
		queue.first = (queue.first + 1) % queue.room;
		queue.nr--;
	}
}

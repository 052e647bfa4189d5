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
#include <string.h>

#include <linux/sched.h>
#include <exec/async.h>
#include <exec/host_memory.h>
#include <rcu/internal.h>

struct early {
	u64 newest;			/* the last reader that had begun */
	unsigned long gp;		/* number of the grace period that began then */
};

static struct {
	struct early *ring;
	size_t room, first, nr;
} queue;

void rcu_early_queued(unsigned long gp)
{
	if (!rcu_engine->newest)
		return;
	if (queue.nr == queue.room) {
		size_t room = queue.room ? 2 * queue.room : 64;
		struct early *ring = host_alloc(room * sizeof(*ring));

		if (!ring)
			abort();
		for (size_t i = 0; i < queue.nr; i++)
			ring[i] = queue.ring[(queue.first + i) % queue.room];
		host_free(queue.ring);
		queue.ring = ring;
		queue.room = room;
		queue.first = 0;
	}
	queue.ring[(queue.first + queue.nr++) % queue.room] = (struct early){
		.newest = rcu_engine->newest(), .gp = gp,
	};
}

unsigned long rcu_early_ready(void)
{
	const struct early *e;

	if (!queue.nr)
		return 0;
	e = &queue.ring[queue.first];
	return rcu_engine->oldest() > e->newest && rcu_blocked_oldest() > e->newest &&
	       exec_cpus_quiescent() ? e->gp : 0;
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

void rcu_early_reset(void)
{
	host_free(queue.ring);
	memset(&queue, 0, sizeof(queue));
}

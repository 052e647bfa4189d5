// SPDX-License-Identifier: GPL-2.0
/*
 * IPIs that nobody waits for, under the engine "replay": on their way until the strategy says
 * that they arrive.
 *
 * Not instrumented by TSan: there is one host thread, and between decision points the list is
 * this file's alone. That what the sender did comes before what the handler does, it is told.
 */
#include <linux/sched.h>
#include <linux/smp.h>
#include <exec/async.h>
#include <exec/host_memory.h>
#include <exec/sanitizers.h>
#include <exec/vcpu.h>

struct ipi {
	struct ipi *next;		/* sent later */
	smp_call_func_t func;
	void *info;
	unsigned int from, cpu;
	bool single;			/* to one CPU only */
};

static struct ipi *on_their_way;	/* the oldest first */

bool exec_ipis_on_their_way(void)
{
	return on_their_way;
}

void exec_run_ipis(struct vcpu *v)
{
	struct ipi **link = &on_their_way;

	while (v->ipis) {
		struct ipi *i = *link, ipi = *i;

		if (ipi.cpu != v->cpu) {
			link = &i->next;
			continue;
		}
		*link = ipi.next;
		v->ipis--;
		__tsan_acquire(i);
		host_free(i);
		ipi.func(ipi.info);
		/* Others came and went meanwhile. */
		link = &on_their_way;
	}
}

void exec_flush_ipis(struct vcpu *v)
{
	if (!v->ipis)
		return;
	exec_irq_begin(v);
	exec_run_ipis(v);
	exec_irq_end(v);
}

/*
 * As in 6.12 a CPU has one call to a single CPU on its way, and one of a call to several to each
 * of them; before the next one it waits until that has begun.
 */
static void await_last(unsigned int from, unsigned int cpu, bool single)
{
	for (struct ipi *i = on_their_way; i; i = i->next)
		if (i->from == from && i->single == single && (single || i->cpu == cpu)) {
			exec_flush_ipis(&vcpus[i->cpu]);
			return;
		}
}

bool exec_send_ipi(unsigned int cpu, smp_call_func_t func, void *info, bool single)
{
	struct ipi **last = &on_their_way, *new;

	if (!(exec_async & REPLAY_ASYNC_SOFTIRQ))
		return false;
	await_last(raw_smp_processor_id(), cpu, single);
	new = host_alloc(sizeof(*new));
	if (!new)
		return false;
	*new = (struct ipi){
		.func = func, .info = info, .from = raw_smp_processor_id(), .cpu = cpu,
		.single = single,
	};
	__tsan_release(new);
	while (*last)
		last = &(*last)->next;
	*last = new;
	vcpus[cpu].ipis++;
	exec_async_kick(REPLAY_ASYNC_SOFTIRQ);
	exec_engine->point(EXEC_POINT_IRQ, &vcpus[cpu]);
	return true;
}

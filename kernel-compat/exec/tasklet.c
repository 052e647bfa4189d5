// SPDX-License-Identifier: GPL-2.0
/* Tasklets: callbacks in softirq context, each on one CPU at a time. */
#include <linux/interrupt.h>
#include <linux/sched.h>
#include <exec/vcpu.h>

#define TASKLET_SCHED	0
#define TASKLET_RUN	1

void tasklet_setup(struct tasklet_struct *t, void (*callback)(struct tasklet_struct *))
{
	*t = (struct tasklet_struct){ .callback = callback, .use_callback = true };
}

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data)
{
	*t = (struct tasklet_struct){ .func = func, .data = data };
}

static void push(struct vcpu *v, struct tasklet_struct *t)
{
	t->next = __atomic_load_n(&v->tasklets, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&v->tasklets, &t->next, t, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

void tasklet_schedule(struct tasklet_struct *t)
{
	unsigned long flags;

	if (__atomic_fetch_or(&t->state, 1ul << TASKLET_SCHED, __ATOMIC_SEQ_CST) &
	    (1ul << TASKLET_SCHED))
		return;
	local_irq_save(flags);
	push(this_vcpu(), t);
	raise_softirq_irqoff(TASKLET_SOFTIRQ);
	local_irq_restore(flags);
}

/* Oldest first; the list is newest first. */
static struct tasklet_struct *take_all(struct vcpu *v)
{
	struct tasklet_struct *t = __atomic_exchange_n(&v->tasklets, NULL, __ATOMIC_ACQUIRE);
	struct tasklet_struct *list = NULL;

	while (t) {
		struct tasklet_struct *next = t->next;

		t->next = list;
		list = t;
		t = next;
	}
	return list;
}

void exec_tasklet_action(void)
{
	struct vcpu *v = this_vcpu();
	struct tasklet_struct *t, *next;

	for (t = take_all(v); t; t = next) {
		unsigned long run = 1ul << TASKLET_RUN;

		next = t->next;
		if (__atomic_load_n(&t->count, __ATOMIC_ACQUIRE) ||
		    __atomic_fetch_or(&t->state, run, __ATOMIC_ACQUIRE) & run) {
			/* Disabled, or running elsewhere: again later. */
			push(v, t);
			__raise_softirq_irqoff(TASKLET_SOFTIRQ);
			continue;
		}
		__atomic_fetch_and(&t->state, ~(1ul << TASKLET_SCHED), __ATOMIC_SEQ_CST);
		if (t->use_callback)
			t->callback(t);
		else
			t->func(t->data);
		__atomic_fetch_and(&t->state, ~run, __ATOMIC_RELEASE);
	}
}

void tasklet_disable(struct tasklet_struct *t)
{
	__atomic_fetch_add(&t->count, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&t->state, __ATOMIC_ACQUIRE) & (1ul << TASKLET_RUN))
		exec_sleep_until(exec_now() + 1);
}

void tasklet_enable(struct tasklet_struct *t)
{
	__atomic_fetch_sub(&t->count, 1, __ATOMIC_SEQ_CST);
}

/* Wait until it is neither scheduled nor running. Process context. */
void tasklet_kill(struct tasklet_struct *t)
{
	while (__atomic_load_n(&t->state, __ATOMIC_ACQUIRE))
		exec_sleep_until(exec_now() + 1);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Message passing in the manner of hackbench: in each round a process forks senders and
 * receivers, every sender sends each receiver its messages through a short queue, and all
 * of them exit.  Nearly every message puts one task to sleep and wakes another; no task
 * lives long enough to be worth placing.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <machine/program.h>

#include "live.h"

#define SENDERS		4	/* and as many receivers */
#define MESSAGES	12	/* from each sender to each receiver in one round */
#define QUEUE		2	/* messages that a receiver's queue holds */
#define WORK_NS		200000	/* of making a message, and of reading it */

/* The queue in front of one receiver. */
struct queue {
	spinlock_t lock;
	wait_queue_head_t room, news;
	unsigned int nr;
};

/* One round of one process. */
struct talk {
	struct live_process *process;
	struct queue queue[SENDERS];
	unsigned long buffer;		/* one page for each task */
};

/* One task of it. */
struct talker {
	struct talk *talk;
	unsigned int index;		/* of the task; receivers come after the senders */
	long pid;
};

/* Add one to, or take one from, the queue if that can be. */
static bool change(struct queue *q, int by)
{
	bool can;

	spin_lock(&q->lock);
	can = by > 0 ? q->nr < QUEUE : q->nr > 0;
	if (can)
		q->nr += by;
	spin_unlock(&q->lock);
	return can;
}

static bool failed(const struct talk *talk)
{
	return READ_ONCE(talk->process->run->error) != 0;
}

static void work(const struct talker *t, unsigned int message)
{
	live_touch(t->talk->process, t->talk->buffer + t->index * PAGE_SIZE, 1,
		   PAGE_SIZE, message);
	user_compute(WORK_NS);
}

static int sender(void *arg)
{
	struct talker *t = arg;

	for (unsigned int i = 0; i < MESSAGES * SENDERS; i++) {
		struct queue *q = &t->talk->queue[i % SENDERS];

		work(t, i);
		wait_event(q->room, change(q, 1) || failed(t->talk));
		wake_up(&q->news);
	}
	live_account(t->talk->process);
	return 0;
}

static int receiver(void *arg)
{
	struct talker *t = arg;
	struct queue *q = &t->talk->queue[t->index - SENDERS];

	for (unsigned int i = 0; i < MESSAGES * SENDERS; i++) {
		wait_event(q->news, change(q, -1) || failed(t->talk));
		wake_up(&q->room);
		work(t, i);
	}
	live_account(t->talk->process);
	return 0;
}

/* Who waits for a task that never was, or failed, goes on. */
static void let_go(struct talk *talk)
{
	for (unsigned int i = 0; i < SENDERS; i++) {
		wake_up_all(&talk->queue[i].room);
		wake_up_all(&talk->queue[i].news);
	}
}

static void one_round(struct talk *talk)
{
	struct talker talker[2 * SENDERS];
	unsigned int n;

	for (unsigned int i = 0; i < SENDERS; i++) {
		spin_lock_init(&talk->queue[i].lock);
		init_waitqueue_head(&talk->queue[i].room);
		init_waitqueue_head(&talk->queue[i].news);
		talk->queue[i].nr = 0;
	}
	for (n = 0; n < 2 * SENDERS; n++) {
		talker[n] = (struct talker){ .talk = talk, .index = n };
		talker[n].pid = sys_fork(n < SENDERS ? sender : receiver, &talker[n]);
		if (talker[n].pid < 0) {
			live_fail(talk->process->run, talker[n].pid, "fork");
			let_go(talk);
			break;
		}
	}
	while (n--)
		sys_wait4(talker[n].pid);
}

void messages_body(struct live_process *p)
{
	struct talk talk = { .process = p };
	unsigned int rounds = live_rounds(p->run);
	long ret = policy_bind_process(p);

	if (!ret) {
		ret = sys_mmap(0, 2 * SENDERS * PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
		talk.buffer = ret;
	}
	if (IS_ERR_VALUE(ret))
		live_fail(p->run, ret, "mmap");
	for (unsigned int i = 0; i < rounds && !failed(&talk); i++)
		one_round(&talk);
}

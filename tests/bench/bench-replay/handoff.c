// SPDX-License-Identifier: GPL-2.0
/*
 * The usual way to control a schedule: threads of the host, one of which runs. At each point
 * it draws who is next, wakes that one by a futex, and sleeps on its own.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define MAX_TASKS	16

static struct {
	unsigned int turn;		/* futex: 1 when it may run */
	bool ended;
	pthread_t thread;
} tasks[MAX_TASKS];
static unsigned int nr_tasks, nr_points;
static unsigned long random_state, decisions;

static unsigned int draw(unsigned int n)
{
	random_state = random_state * 6364136223846793005UL + 1442695040888963407UL;
	return (random_state >> 33) % n;
}

static void let_run(unsigned int i)
{
	__atomic_store_n(&tasks[i].turn, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &tasks[i].turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await_turn(unsigned int i)
{
	while (!__atomic_load_n(&tasks[i].turn, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &tasks[i].turn, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	tasks[i].turn = 0;
}

/* Any task that has not ended, or nr_tasks. */
static unsigned int next_task(void)
{
	unsigned int i = draw(nr_tasks), k;

	for (k = 0; k < nr_tasks; k++, i = (i + 1) % nr_tasks)
		if (!tasks[i].ended)
			return i;
	return nr_tasks;
}

static void *task_main(void *arg)
{
	unsigned int me = (unsigned long)arg, next;

	await_turn(me);
	for (unsigned int p = 0; p < nr_points; p++) {
		decisions++;
		next = next_task();
		if (next != me) {
			let_run(next);
			await_turn(me);
		}
	}
	tasks[me].ended = true;
	next = next_task();
	if (next < nr_tasks)
		let_run(next);
	return NULL;
}

unsigned long handoff_schedule(unsigned int count, unsigned int points, unsigned long seed)
{
	nr_tasks = count;
	nr_points = points;
	random_state = seed;
	decisions = 0;
	for (unsigned long i = 0; i < count; i++) {
		tasks[i].turn = 0;
		tasks[i].ended = false;
		if (pthread_create(&tasks[i].thread, NULL, task_main, (void *)i))
			abort();
	}
	let_run(draw(count));
	for (unsigned int i = 0; i < count; i++)
		pthread_join(tasks[i].thread, NULL);
	return decisions;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strategies: who runs next, under the engine "replay".
 *
 * A schedule is the sequence of answers to the engine's questions; everything else about a
 * run follows from it. Each strategy draws all that it decides from one stream of numbers,
 * so its name and a seed name a schedule. What the machine itself draws (failures, random
 * numbers) comes from another stream, and stays the same when only the schedule changes.
 *
 * One file per strategy: strategy_*.c. They run on the one host thread, between steps of
 * the machine, and must not call it.
 */
#ifndef _ENGINE_STRATEGY_H
#define _ENGINE_STRATEGY_H

#include <linux/types.h>
#include <engine/engine.h>

/* In strategy_task.kind: it does not stand at a decision point. */
#define STRATEGY_WAITED	EXEC_NR_POINTS	/* it waited on the word @object, or begins */

/**
 * struct strategy_task - one context, as strategies see it
 * @id:		in the order of creation since boot
 * @parent:	id of the context that created it; its own for the first one
 * @priority:	the strategy's own
 * @since:	step at which it could run again
 * @passed:	decision points that it came to in this schedule
 * @kind:	of the point where it stands: what it does next when it runs
 * @object:	of that point; the word it waited on; itself before it has run
 * @reads:	of @object it only reads, EXEC_POINT_READS
 * @site:	return address of that point
 */
struct strategy_task {
	unsigned int id;
	unsigned int parent;
	u64 priority;
	u64 since;
	u64 passed;
	unsigned int kind;
	const void *object;
	bool reads;
	unsigned long site;
};

/**
 * struct strategy - one way to choose
 * @name:	as on command lines, without parameters
 * @usage:	what may follow the name, for messages; NULL: nothing
 * @configure:	take what follows the name and a colon, or NULL; false: it makes no sense.
 *		NULL: nothing may follow
 * @describe:	print what must follow the name to repeat the schedule that has just begun;
 *		may be NULL
 * @begin:	a schedule begins at this step; the seed is set already; may be NULL
 * @born:	a context was created, or is reused; may be NULL
 * @pick:	index of who runs next. @now is the index of the caller if that may go on,
 *		else -1; with @must_leave, it waits for another's doing in a loop
 * @alone:	may be asked instead where only @task, which runs, can run; NULL: @pick is
 * @touch:	the step in progress also depends on this object; NULL: on anything, for
 *		time has passed
 * @enable:	the step in progress let a waiting context go on
 * @choose:	what the machine draws, uniform in [0, n); NULL: from its own stream
 * @end:	the schedule is over; all contexts there were, by id; may be NULL
 * @more:	is there another schedule? NULL: always
 * @verdict:	print what the search has shown so far, in half a sentence; may be NULL
 * @guarantee:	a lower bound of the probability per schedule to find a bug; may be NULL
 * @every:	@pick is asked at every point, also where only one can run
 * @fixed:	the machine's seed stays the same from schedule to schedule
 */
struct strategy {
	const char *name;
	const char *usage;
	bool (*configure)(const char *text);
	void (*describe)(char *buf, size_t size);
	void (*begin)(u64 step);
	void (*born)(struct strategy_task *task);
	unsigned int (*pick)(struct strategy_task *const *can_run, unsigned int nr, int now,
			     bool must_leave, u64 step);
	void (*alone)(const struct strategy_task *task);
	void (*touch)(const void *object);
	void (*enable)(const struct strategy_task *task);
	u64 (*choose)(u64 n);
	void (*end)(struct strategy_task *const *tasks, unsigned int nr);
	bool (*more)(void);
	void (*verdict)(char *buf, size_t size);
	double (*guarantee)(void);
	bool every;
	bool fixed;
};

extern const struct strategy strategy_random, strategy_walk, strategy_pct, strategy_urw,
	strategy_list, strategy_dfs, strategy_dpor, strategy_bytes;

/* What was chosen on the command line; that one, or the list. */
extern const struct strategy *strategy_chosen, *strategy_used;

/* Choose by name and parameters. NULL: no such strategy, or a senseless parameter. */
const struct strategy *strategy_find(const char *name);
/* The name with all it takes to repeat, from its seed, the schedule that has just begun. */
void strategy_name(const struct strategy *s, char *buf, size_t size);

/* What strategy_list does from now on; @r stays. */
struct replay_record;
void strategy_follow(const struct replay_record *r);
unsigned int strategy_list_from(void);	/* its record's @from */

/* Without a strategy: stay, or go to who has waited longest for its turn. */
unsigned int strategy_longest_waiting(struct strategy_task *const *can_run, unsigned int nr,
				      int now);
static inline unsigned int strategy_default(struct strategy_task *const *can_run, unsigned int nr,
					    int now, bool must_leave)
{
	return now >= 0 && !must_leave ? now : strategy_longest_waiting(can_run, nr, now);
}
/* Any of those that can run but @not, if there is another; -1: any. */
unsigned int strategy_any_but(unsigned int nr, int not);

/* The stream of numbers that the schedule in progress draws from. */
void strategy_seed(u64 seed);
u64 strategy_draw(u64 n);		/* uniform in [0, n), n >= 1 */
u64 strategy_draw_from(u64 *stream, u64 n);

/* Steps and contexts of the longest schedule so far; what PCT spreads its changes over. */
void strategy_learn(u64 steps, unsigned int tasks);
u64 strategy_longest(void);
unsigned int strategy_most_tasks(void);

#endif /* _ENGINE_STRATEGY_H */

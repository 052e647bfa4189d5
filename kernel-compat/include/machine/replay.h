/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedules as an input: the engine "replay". own: not a kernel header.
 *
 * All tasks are fibers of one host thread. At each decision point a strategy says who
 * runs next, so a run follows from a strategy's name and a seed, and can be repeated.
 */
#ifndef _MACHINE_REPLAY_H
#define _MACHINE_REPLAY_H

#include <linux/types.h>

/*
 * Let this program's machines run on the engine "replay", with a strategy, see
 * replay_strategies(). Before the first boot, or between two machines. False: no such
 * strategy.
 */
bool replay_use(const char *strategy);
/* The name of the one in use, without parameters. */
const char *replay_strategy(void);
/* The names of all strategies, with what may follow them. */
const char *replay_strategies(void);

/* Is it in use? */
bool replay_in_use(void);
/*
 * From now on, when a schedule begins, print into @buf the strategy's name with all that it
 * takes to repeat it from its seed.
 */
void replay_name_to(char *buf, size_t size);
/* A lower bound of the last schedule's probability to find a bug; 0: none is known. */
double replay_guarantee(void);
/*
 * Is there another schedule? An exhaustive search knows its end; of one that is not known to
 * be over, or that has none, there is.
 */
bool replay_more(void);
/* Do all schedules have the seed of the first? */
bool replay_fixed(void);
/* What an exhaustive search has shown so far, in half a sentence; false: it is none. */
bool replay_verdict(char *buf, size_t size);

/* The schedule of the next machine that boots. */
void replay_seed(u64 seed);
/*
 * Around the interesting part of the machine's life, in which the strategy decides. Before
 * and after that nobody is preempted. KUnit calls them around each case; one that has a
 * narrower idea of what is interesting calls them again. Nothing under other engines.
 */
void replay_begin(void);
void replay_end(void);
/*
 * Until this is said with @on false, schedules are none: nobody is preempted. A search runs one
 * so first, and knows then which replay_begin() is the last, at which it begins.
 */
void replay_probe(bool on);

/*
 * What happens of itself at any point where it may, as the strategy wills: a grace period ends
 * and callbacks run (as soon as the readers there were have left); softirqs and tasklets run;
 * virtual time jumps to the next timer although others run, and what expires interrupts them.
 * What is not chosen here happens when nothing else can run. Applies from the next
 * replay_begin() on; other engines ignore it.
 */
#define REPLAY_ASYNC_RCU	1u
#define REPLAY_ASYNC_SOFTIRQ	2u
#define REPLAY_ASYNC_TIMER	4u
#define REPLAY_ASYNC_ALL	7u
#define REPLAY_ASYNC_DEFAULT	(REPLAY_ASYNC_RCU | REPLAY_ASYNC_SOFTIRQ)
void replay_async(u32 kinds);
/*
 * Do all of @kinds happen so in this schedule? A case that counts nanoseconds, or expects who
 * sleeps for longer to wake later, cannot bear REPLAY_ASYNC_TIMER.
 */
bool replay_is_async(u32 kinds);
/*
 * The same where nobody has chosen, and not for exhaustive searches, which are of fewer things.
 * A test program whose cases hold whenever time passes says REPLAY_TIME_PASSES, outside of
 * functions.
 */
void replay_async_default(u32 kinds);
#define REPLAY_TIME_PASSES						\
static void __attribute__((constructor)) replay_time_passes(void)	\
{									\
	replay_async_default(REPLAY_ASYNC_ALL);				\
}									\
struct replay_trace	/* takes the semicolon */

/**
 * struct replay_trace - what the last schedule was, from replay_begin() to
 * replay_end(); in between, what it has been so far
 * @steps:	decision points passed
 * @switches:	of these, how many switched to another task
 * @preemptions: switches away from a task that could have gone on
 * @tasks:	contexts there were
 * @hash:	of the whole sequence of points and answers: the same for the same schedule
 * @points:	decision points by kind, enum exec_point
 * @preempted:	of these, where the task could have gone on and another did
 */
#define REPLAY_POINT_KINDS	16
struct replay_trace {
	u64 steps;
	u64 switches;
	u64 preemptions;
	unsigned int tasks;
	u64 hash;
	u64 points[REPLAY_POINT_KINDS];
	u64 preempted[REPLAY_POINT_KINDS];
};
struct replay_trace replay_trace(void);

/**
 * struct replay_record - a schedule as the switches that nobody had to make
 * @from:	the replay_begin() of the machine's life from which on it was recorded; 0: any
 * @nr:		how many
 * @at:		each one: the step since boot, and the number of the context that went on
 *
 * Where no switch is recorded, a context goes on as long as it can, and then the one that
 * has waited longest.
 */
#define REPLAY_MAX_SWITCHES	65536
struct replay_record {
	unsigned int from;
	unsigned int nr;
	struct replay_switch {
		u64 step;
		unsigned int id;
	} at[REPLAY_MAX_SWITCHES];
};
/* Record the schedules of machines that boot from now on, each over the one before. */
void replay_keep(struct replay_record *r);
/* Let machines run as recorded instead of by the strategy; @r stays. */
void replay_follow(const struct replay_record *r);


/*
 * What the strategy "bytes" takes its answers from, for fuzzers: one byte per decision, 0 to
 * leave things as they are; 0 when there are no more. @data stays until the schedule is over.
 * replay_alias_counters tells libFuzzer which accesses of two tasks followed each other.
 */
void replay_bytes(const u8 *data, size_t size);
#define REPLAY_ALIAS_COUNTERS	(1UL << 14)
extern u8 replay_alias_counters[REPLAY_ALIAS_COUNTERS];

/**
 * struct replay_history - the last switches of a schedule
 * @nr:		how many there were; the last REPLAY_HISTORY of them are kept
 * @at:		number n is in at[n % REPLAY_HISTORY]
 *
 * Of a switch: the step, the context and task that gave way and its point, who went on, and
 * the return addresses of the functions in which the former was, innermost first.
 */
#define REPLAY_HISTORY	16
struct replay_history {
	u64 nr;
	struct replay_step {
		u64 step;
		unsigned int kind, from, to;
		char name[16];
		unsigned long stack[12];
	} at[REPLAY_HISTORY];
};
/* Keep the history of machines that boot from now on; NULL: of none. */
void replay_history_to(struct replay_history *h);
/* "lock", "marked access" … for replay_step.kind. */
const char *replay_point_name(unsigned int kind);

/*
 * Check that a schedule can be repeated: say FIRST, run it, say AGAIN, and run it again with
 * the same seed; its answers are those of the first time. Where anything is not the same, the
 * process prints the step and ends with REPLAY_EXIT_DEVIATES. DONE: check no more.
 */
#define REPLAY_EXIT_DEVIATES	78
enum replay_verify_step { REPLAY_VERIFY_FIRST, REPLAY_VERIFY_AGAIN, REPLAY_VERIFY_DONE };
void replay_verify(enum replay_verify_step what);

/*
 * How stores and loads of tasks reach each other within schedules: "sc" (one after the other;
 * if nothing is said), "tso" (x86), "weak" (in any order that barriers and the Linux-kernel
 * memory model leave open; engine/memory_model.c says which are not offered). Between
 * schedules. False: no such model.
 */
bool replay_memory_use(const char *name);
const char *replay_memory(void);

/*
 * A schedule may take this many steps between replay_begin() and replay_end(), and the end of
 * its machine as many; one that takes more is reported as a livelock.
 */
#define REPLAY_MAX_STEPS	30000000ULL
void replay_limit(u64 steps);

#endif /* _MACHINE_REPLAY_H */

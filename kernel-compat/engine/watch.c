// SPDX-License-Identifier: GPL-2.0
/*
 * The engine "replay" watched: the last decisions, for a report; and whether a schedule
 * that is repeated is the same, which finds what the machine takes from elsewhere than
 * from its seed and the strategy: addresses, the host's time, what a run before left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <machine/replay.h>
#include <engine/watch.h>
#include <exec/symbols.h>

bool replay_watching;
bool replay_probing;

static struct replay_history *history;	/* or NULL */

/* One decision of the schedule that is repeated. */
struct decision {
	u32 set;		/* a hash of who could run, and where who decided stood */
	u16 id;			/* who was chosen */
	u16 nr;
};

static struct {
	enum { VERIFY_OFF, VERIFY_RECORD, VERIFY_COMPARE } mode;
	struct decision *log;
	u64 nr, room, next;
	u64 hash;		/* of the whole trace */
} verify;

static void set_watching(void)
{
	replay_watching = history || verify.mode != VERIFY_OFF;
}

void replay_history_to(struct replay_history *h)
{
	history = h;
	set_watching();
}

void replay_verify(enum replay_verify_step what)
{
	static const int modes[] = {
		[REPLAY_VERIFY_FIRST] = VERIFY_RECORD,
		[REPLAY_VERIFY_AGAIN] = VERIFY_COMPARE,
		[REPLAY_VERIFY_DONE] = VERIFY_OFF,
	};

	verify.mode = modes[what];
	verify.next = 0;
	if (verify.mode == VERIFY_RECORD)
		verify.nr = 0;
	set_watching();
}

void replay_probe(bool on)
{
	replay_probing = on;
}

void replay_watch_begin(void)
{
	if (history)
		history->nr = 0;
}

const char *replay_point_name(unsigned int kind)
{
	static const char *const names[] = {
		[EXEC_POINT_LOCK] = "lock", [EXEC_POINT_UNLOCK] = "unlock",
		[EXEC_POINT_ATOMIC] = "atomic", [EXEC_POINT_MARKED] = "marked access",
		[EXEC_POINT_PTE] = "page table", [EXEC_POINT_TLB] = "TLB",
		[EXEC_POINT_WAKE] = "wake-up", [EXEC_POINT_PREEMPT] = "preemption point",
		[EXEC_POINT_IRQ] = "interrupts", [EXEC_POINT_TIMER] = "timer",
		[EXEC_POINT_ALLOC] = "allocation", [EXEC_POINT_RCU] = "RCU",
		[EXEC_POINT_PLAIN] = "plain access", [EXEC_POINT_SPIN] = "spin", [STRATEGY_WAITED] = "waits",
	};

	return kind < ARRAY_SIZE(names) && names[kind] ? names[kind] : "?";
}

static void __noreturn deviates(u64 step, const char *how)
{
	fprintf(stderr, "replay: step %llu is not what it was the first time: %s\n",
		(unsigned long long)step, how);
	fflush(NULL);
	_exit(REPLAY_EXIT_DEVIATES);
}

static u32 set_hash(struct strategy_task *const *can_run, unsigned int nr,
		    const struct strategy_task *now)
{
	u32 hash = now->id * 31 + now->kind;

	for (unsigned int i = 0; i < nr; i++)
		hash = hash * 0x01000193 + can_run[i]->id;
	return hash;
}

static void keep_decision(struct decision d)
{
	if (verify.nr == verify.room) {
		verify.room = verify.room ? 2 * verify.room : 4096;
		verify.log = realloc(verify.log, verify.room * sizeof(*verify.log));
		if (!verify.log)
			abort();
	}
	verify.log[verify.nr++] = d;
}

static void compare_decision(struct decision d, const struct strategy_task *now, u64 step)
{
	const struct decision *first = &verify.log[verify.next++];
	char how[200];

	if (verify.next > verify.nr)
		deviates(step, "it had come to its end");
	if (first->set == d.set && first->id == d.id)
		return;
	if (first->nr != d.nr)
		snprintf(how, sizeof(how), "%u tasks can run, not %u; %s decides at a %s",
			 d.nr, first->nr, current->comm, replay_point_name(now->kind));
	else
		snprintf(how, sizeof(how), "other tasks can run, or %s comes to another point (%s)",
			 current->comm, replay_point_name(now->kind));
	deviates(step, how);
}

static void keep_history(const struct strategy_task *now, const struct strategy_task *to, u64 step)
{
	struct replay_step *s = &history->at[history->nr++ % REPLAY_HISTORY];

	*s = (struct replay_step){ .step = step, .kind = now->kind, .from = now->id, .to = to->id };
	strscpy(s->name, current ? current->comm : "", sizeof(s->name));
	stack_save(s->stack, ARRAY_SIZE(s->stack));
}

void replay_watch_decision(struct strategy_task *const *can_run, unsigned int nr,
			   const struct strategy_task *now, unsigned int i, u64 step)
{
	if (history && can_run[i] != now)
		keep_history(now, can_run[i], step);
	if (verify.mode != VERIFY_OFF) {
		struct decision d = {
			.set = set_hash(can_run, nr, now), .id = can_run[i]->id, .nr = nr,
		};

		if (verify.mode == VERIFY_RECORD)
			keep_decision(d);
		else
			compare_decision(d, now, step);
	}
}

bool replay_watch_answers(void)
{
	return verify.mode == VERIFY_COMPARE;
}

unsigned int replay_watch_answer(struct strategy_task *const *can_run, unsigned int nr)
{
	if (verify.next < verify.nr)
		for (unsigned int i = 0; i < nr; i++)
			if (can_run[i]->id == verify.log[verify.next].id)
				return i;
	/* replay_watch_decision() will tell. */
	return 0;
}

void replay_watch_end(u64 hash)
{
	if (verify.mode == VERIFY_COMPARE && verify.next < verify.nr)
		deviates(verify.next, "the schedule came to its end");
	if (verify.mode == VERIFY_COMPARE && hash != verify.hash)
		deviates(0, "the same decisions, but other points between them");
	verify.hash = hash;
}

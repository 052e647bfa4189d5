/* SPDX-License-Identifier: GPL-2.0 */
/* What the engine "replay" tells of its decisions, for reports and to check itself. */
#ifndef _ENGINE_WATCH_H
#define _ENGINE_WATCH_H

#include <engine/strategy.h>

/* Somebody wants to know: replay_watch_decision() is to be called. */
extern bool replay_watching;
/* Schedules are none: their replay_begin()s are counted. */
extern bool replay_probing;

/* A schedule begins; ends with this trace. */
void replay_watch_begin(void);
void replay_watch_end(u64 hash);
/* At @step, @now gives way to can_run[i], which may be the same. */
void replay_watch_decision(struct strategy_task *const *can_run, unsigned int nr,
			   const struct strategy_task *now, unsigned int i, u64 step);
/* Do answers come from the schedule before, not from a strategy? The next one, then. */
bool replay_watch_answers(void);
unsigned int replay_watch_answer(struct strategy_task *const *can_run, unsigned int nr);

#endif /* _ENGINE_WATCH_H */

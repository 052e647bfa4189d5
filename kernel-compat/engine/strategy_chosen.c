// SPDX-License-Identifier: GPL-2.0
/* The strategy in use, as its users see it. */
#include <machine/replay.h>
#include <engine/strategy.h>

const struct strategy *strategy_chosen, *strategy_used;

double replay_guarantee(void)
{
	return strategy_used->guarantee ? strategy_used->guarantee() : 0;
}

bool replay_more(void)
{
	return !strategy_used->more || strategy_used->more();
}

bool replay_fixed(void)
{
	return strategy_chosen->fixed;
}

bool replay_verdict(char *buf, size_t size)
{
	if (strategy_used->verdict)
		strategy_used->verdict(buf, size);
	return strategy_used->verdict;
}

const char *replay_strategy(void)
{
	return strategy_chosen->name;
}

void replay_follow(const struct replay_record *r)
{
	strategy_used = r ? &strategy_list : strategy_chosen;
	if (r)
		strategy_follow(r);
}

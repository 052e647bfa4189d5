// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: how often each address space is scanned.
 *
 * Scanning is worth its cost while it makes pages move to where they are used. Each mm has
 * its own period between two scans, between a 40th of scan_sleep_pass_millisecs and six
 * times that. It begins at the short end and is judged anew after each scan, by
 * what became of the pages touched since the one before:
 *
 *	local	on the node that touched them
 *	remote	on another one, and nothing follows from that
 *	pending	on another one, and the next sample decides: never sampled before, or their
 *		own task has come from another node
 *	moved	to the node that touched them
 *	stayed	wanted there, but they cannot or shall not move: refused by room, queue,
 *		or sharing; or migration gave up on them
 *	forbidden  by a policy of the program
 *
 * If a good part moved or is about to, the period begins anew at the short end. If nearly
 * nothing did, because all is where it is used or because nothing can be done about it, the
 * period is doubled. A page refused before its move started has stayed just as one that
 * migrate_pages() failed for. Programs bind memory for a while, to place it, and then
 * let go: while most is forbidden, or nothing is touched again, the period grows slowly.
 *
 * Everything here is called by knuma_scand, except autonuma_hear().
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <trace/events/autonuma.h>

#include "autonuma.h"

/* The range of periods, in parts and multiples of scan_sleep_pass_millisecs. */
#define AUTONUMA_SHORTEST_PART	40
#define AUTONUMA_LONGEST_TIMES	6

/* Useful pages: more than one of so many begin anew, no more than one of so many double it. */
#define AUTONUMA_FASTER_PART	8
#define AUTONUMA_SLOWER_PART	64

/* When the first registered mm is due, in jiffies; no earlier than that. */
static unsigned long next_due;

/* The longest period, in ms, that @next_due was found with. */
static unsigned int due_longest;

/* In ms. */
static unsigned int shortest_period(void)
{
	return max(autonuma_knob(scan_sleep_pass_millisecs) / AUTONUMA_SHORTEST_PART, 1U);
}

/* In ms. */
static unsigned int longest_period(void)
{
	return autonuma_knob(scan_sleep_pass_millisecs) * AUTONUMA_LONGEST_TIMES;
}

/* The period of an mm as the knob of this moment allows it, in ms. Nobody else writes it. */
static unsigned int period_of(struct mm_autonuma *mma)
{
	return clamp(mma->period, shortest_period(), longest_period());
}

/* When an mm is due, in jiffies. Not before the pass if it was never scanned. */
static unsigned long due_at(struct mm_autonuma *mma)
{
	if (!mma->period)
		return jiffies;
	return mma->scanned + msecs_to_jiffies(period_of(mma));
}

static void note_due(unsigned long when)
{
	if (time_before(when, next_due))
		next_due = when;
}

/**
 * autonuma_judge_period() - what the pages touched since the last scan say about the period
 * @period:	the period so far, in ms
 * @heard:	what became of them, in pages by enum autonuma_outcome
 *
 * Return: the next period in ms, not limited yet; 0 for the shortest.
 */
VISIBLE_IF_KUNIT unsigned int autonuma_judge_period(unsigned int period,
						    const unsigned long *heard)
{
	unsigned long useful = heard[AUTONUMA_MOVED] + heard[AUTONUMA_PENDING];
	unsigned long all = useful + heard[AUTONUMA_LOCAL] + heard[AUTONUMA_REMOTE] +
			    heard[AUTONUMA_STAYED] + heard[AUTONUMA_FORBIDDEN];

	KUNIT_STATIC_STUB_REDIRECT(autonuma_judge_period, period, heard);
	if (useful * AUTONUMA_FASTER_PART > all)
		return 0;
	if (useful * AUTONUMA_SLOWER_PART > all)
		return period;
	if (!all || heard[AUTONUMA_FORBIDDEN] * 2 > all)
		return period + DIV_ROUND_UP(period, 4);
	return period * 2;
}

/**
 * autonuma_hear() - something became of a touched page
 * @mma:	the mm that maps it, or NULL: then nobody needs to know
 * @what:	what it was
 * @pages:	how many pages; may be 0
 *
 * Context: any; @mma is kept by the caller.
 */
void autonuma_hear(struct mm_autonuma *mma, enum autonuma_outcome what, unsigned long pages)
{
	if (mma && pages)
		atomic_long_add(pages, &mma->heard[what]);
}

/**
 * autonuma_period_now() - a pass is due at once
 *
 * An mm was registered, or the pass before did not visit all.
 */
void autonuma_period_now(void)
{
	next_due = jiffies;
}

/**
 * autonuma_period_pass() - a pass begins
 */
void autonuma_period_pass(void)
{
	due_longest = longest_period();
	next_due = jiffies + msecs_to_jiffies(due_longest);
}

/**
 * autonuma_period_due() - shall this pass scan an mm?
 * @mma:	the mm
 */
bool autonuma_period_due(struct mm_autonuma *mma)
{
	unsigned long when = due_at(mma);

	if (time_after_eq(jiffies, when))
		return true;
	note_due(when);
	return false;
}

/**
 * autonuma_period_scanned() - an mm was scanned: find its next period
 * @mma:	the mm
 */
void autonuma_period_scanned(struct mm_autonuma *mma)
{
	unsigned long heard[AUTONUMA_NR_OUTCOMES];
	unsigned int old = mma->period, period;
	int what;

	for (what = 0; what < AUTONUMA_NR_OUTCOMES; what++)
		heard[what] = atomic_long_xchg(&mma->heard[what], 0);
	/* Nothing was marked before the first scan, so nothing was heard. */
	period = old ? autonuma_judge_period(period_of(mma), heard) : 0;
	period = clamp(period, shortest_period(), longest_period());
	WRITE_ONCE(mma->period, period);
	mma->scanned = jiffies;
	note_due(due_at(mma));
	if (period != old)
		trace_autonuma_period(mma->mm, period, heard);
}

/**
 * autonuma_period_pause() - how long until a pass finds an mm that is due
 *
 * No less than the shortest period, so that the periods of many mms do not make passes follow
 * one another; no more than the knob says, so that new processes are found.
 *
 * Return: in ms.
 */
unsigned int autonuma_period_pause(void)
{
	long left = max_t(long, next_due - jiffies, 0);

	return clamp(jiffies_to_msecs(left), shortest_period(),
		     autonuma_knob(scan_sleep_pass_millisecs));
}

/**
 * autonuma_period_over() - would a pass find an mm that is due?
 *
 * It may after the knob has changed: all periods did.
 */
bool autonuma_period_over(void)
{
	return time_after_eq(jiffies, next_due) || due_longest != longest_period();
}

/**
 * autonuma_period_rests() - is the period of an mm the longest?
 * @mma:	the mm
 *
 * Context: knuma_scand.
 */
bool autonuma_period_rests(struct mm_autonuma *mma)
{
	return mma->period >= longest_period();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: which page of a process that runs on several nodes moves.
 *
 * A page that one task uses is private and follows that task. A page that tasks on different
 * nodes use has no best node. It is not chased from one to the other: such pages are spread,
 * so that each node has the part of the process's memory that it has of the process's
 * accesses, and then they rest.
 *
 * Two samples in a row from one task make a page look private. So does, by chance, every
 * second page that two tasks share. Looking private is therefore believed only where nearly
 * all samples before looked so. A range of page tables gives one vote in each pass: the pages
 * of a range are used alike, and those of one pass are often touched in one go.
 *
 * Any other page moves only if afterwards its old node still has more than its share. The share
 * is found from samples, so the difference must be larger than chance makes it, and
 * larger than a quarter: what moves once does not soon move back. Twice as much is asked for
 * when the process rests, that is, when its scan period is the longest. Accesses that one
 * task makes in a row are one sample. What each node has is known from the last complete pass,
 * because a pass in progress has seen a part only, and from the moves since.
 */
#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "autonuma.h"

/* Votes of a range that are remembered, and samples that make older ones fade. */
#define AUTONUMA_ENOUGH		64

/* Looking private is believed if so many votes say so for each one that does not. */
#define AUTONUMA_PRIVATE_TIMES	7

/* While little is known of a process of several threads: samples from every node. */
#define AUTONUMA_PRESUMED	4

/* Shares are in parts of this. */
#define AUTONUMA_WHOLE		1024UL

/* Chance: two standard deviations, squared. */
#define AUTONUMA_DEVIATIONS	4

static struct autonuma_votes *votes_of(struct mm_autonuma *mma, unsigned long addr)
{
	return &mma->votes[hash_long(addr >> PMD_SHIFT, AUTONUMA_VOTE_BITS)];
}

/**
 * autonuma_vote() - a page was sampled that was sampled before
 * @mma:	the mm that maps it
 * @addr:	where
 * @same:	both samples were of the same task
 *
 * The first one of a range in each pass counts. Other tasks may vote for a range with the
 * same hash at the same moment; a vote that gets lost is no loss.
 *
 * Context: any; @mma is kept by the caller.
 */
void autonuma_vote(struct mm_autonuma *mma, unsigned long addr, bool same)
{
	struct autonuma_votes *v = votes_of(mma, addr);
	u8 pass = READ_ONCE(mma->passes), nr_same, nr_other;

	if (READ_ONCE(v->pass) == pass)
		return;
	WRITE_ONCE(v->pass, pass);
	nr_same = READ_ONCE(v->same) + same;
	nr_other = READ_ONCE(v->other) + !same;
	if (nr_same + nr_other >= AUTONUMA_ENOUGH) {
		nr_same /= 2;
		nr_other /= 2;
	}
	WRITE_ONCE(v->same, nr_same);
	WRITE_ONCE(v->other, nr_other);
}

/*
 * Do pages around @addr look private nearly always? That a task takes over what another one
 * has prepared is nothing to be wary of.
 */
static bool mostly_private(struct mm_autonuma *mma, unsigned long addr)
{
	struct autonuma_votes *v = votes_of(mma, addr);
	unsigned int other = READ_ONCE(v->other);

	return other <= 1 || READ_ONCE(v->same) >= AUTONUMA_PRIVATE_TIMES * other;
}

/**
 * autonuma_sampled() - a task of the process takes a hinting fault
 * @mma:	its mm
 * @cpu_nid:	the node of its CPU
 *
 * Context: page fault of the process's own task, under a page-table lock.
 */
void autonuma_sampled(struct mm_autonuma *mma, int cpu_nid)
{
	unsigned long sampler = READ_ONCE(mma->passes) << 32 | current->pid;

	if (READ_ONCE(mma->sampler) == sampler)
		return;
	WRITE_ONCE(mma->sampler, sampler);
	autonuma_counts_add(mma->cpu_faults, READ_ONCE(mma->epoch), cpu_nid, 1);
}

/*
 * Is @wanted, found from so many samples, clearly more than @has? Both are shares, and as
 * shares of the other node they are what they lack of the whole. Twice as clear for a
 * process at rest.
 */
static bool clearly_more(unsigned long wanted, unsigned long has, unsigned long samples,
			 bool rests)
{
	unsigned long more = wanted - has, chance = wanted * (AUTONUMA_WHOLE - wanted);
	unsigned long deviations = AUTONUMA_DEVIATIONS * (rests ? 4 : 1);

	return more * more * samples > deviations * chance &&
	       wanted * (AUTONUMA_WHOLE - has) * 3 >
	       (AUTONUMA_WHOLE - wanted) * has * (rests ? 6 : 4);
}

/*
 * Will the node of @pages pages still have more than its share when they have gone to
 * @target_nid, as far as these two nodes are concerned? Then they may go. If it seems so
 * from few samples, it is to be seen. Pages that are sampled for the @first time need no more
 * than a share that is not taken: nobody knows yet who uses them. A single thread does.
 */
static enum autonuma_outcome spread(struct mm_autonuma *mma, int page_nid, int target_nid,
				    unsigned long pages, bool first)
{
	unsigned long passes = READ_ONCE(mma->passes), epoch = READ_ONCE(mma->epoch);
	unsigned long total, held;
	unsigned long here = autonuma_counts_share(mma->held, passes, page_nid, &total);
	unsigned long there = autonuma_counts_share(mma->held, passes, target_nid, &held);
	unsigned long from_here = autonuma_counts_share(mma->cpu_faults, epoch, page_nid, &total);
	unsigned long from_there = autonuma_counts_share(mma->cpu_faults, epoch, target_nid,
							 &total);
	unsigned long samples = from_here + from_there;
	unsigned long has, wanted;

	if (first && (!held || get_nr_threads(current) == 1))
		return AUTONUMA_NR_OUTCOMES;
	if (first) {
		from_here += AUTONUMA_PRESUMED;
		from_there += AUTONUMA_PRESUMED;
		samples += 2 * AUTONUMA_PRESUMED;
	}
	/* The page may not have been there in the last pass. */
	here = max(here, pages);
	has = (there + pages) * AUTONUMA_WHOLE / (here + there);
	wanted = from_there * AUTONUMA_WHOLE / max(samples, 1UL);
	if (from_there && !from_here)
		return AUTONUMA_NR_OUTCOMES;
	if (first)
		return has <= wanted ? AUTONUMA_NR_OUTCOMES : AUTONUMA_PENDING;
	if (has >= wanted)
		return AUTONUMA_STAYED;
	if (clearly_more(wanted, has, samples, autonuma_period_rests(mma)))
		return AUTONUMA_NR_OUTCOMES;
	/* After the first epoch there are never fewer. */
	return total < AUTONUMA_ENOUGH / 2 ? AUTONUMA_PENDING : AUTONUMA_STAYED;
}

/**
 * autonuma_held_back() - may a page go where two samples in a row came from?
 * @mma:	the mm that maps it
 * @addr:	where
 * @last:	CPUPID of the sample before; if there was none, this one may do
 * @page_nid:	the node it is on
 * @target_nid:	the node that the samples came from
 * @pages:	its size, in base pages
 *
 * If a shared page may, it counts as if it had always been there, or all that are sampled
 * before the next pass would go.
 *
 * Return: AUTONUMA_NR_OUTCOMES if it may, else what became of it.
 * Context: may hold a page-table lock.
 */
enum autonuma_outcome autonuma_held_back(struct mm_autonuma *mma, unsigned long addr,
					 int last, int page_nid, int target_nid,
					 unsigned long pages)
{
	bool first = autonuma_never_sampled(last);
	enum autonuma_outcome what;

	if (!first && cpupid_match_pid(current, last) && mostly_private(mma, addr))
		return AUTONUMA_NR_OUTCOMES;
	what = spread(mma, page_nid, target_nid, pages, first);
	if (what != AUTONUMA_NR_OUTCOMES)
		return what;
	autonuma_counts_move(mma->held, READ_ONCE(mma->passes), page_nid, target_nid, pages);
	/* One sample of this pass, and all halves of those before. */
	autonuma_counts_move(mma->faults, READ_ONCE(mma->passes), page_nid, target_nid,
			     2 * pages);
	return what;
}

/**
 * autonuma_spread_pass() - a pass over an mm is complete
 * @mma:	the mm; its @passes counts this pass already
 * @used:	nodes where the pass found pages
 * @by_node:	how many, by node; both are room for something else afterwards
 *
 * What each node has is what was sampled or, in the beginning, found there; it is valid until
 * the next pass. Older samples fade; a process that is sampled seldom keeps them until
 * they say something.
 *
 * Context: knuma_scand.
 */
void autonuma_spread_pass(struct mm_autonuma *mma, nodemask_t *used, unsigned long *by_node)
{
	unsigned long samples, sampled, found = 0;
	int nid;

	for_each_node_mask(nid, *used)
		found += by_node[nid];
	autonuma_counts_share(mma->faults, mma->passes, 0, &sampled);
	if (sampled >= found)
		autonuma_counts_read(mma->faults, mma->passes, used, by_node);
	autonuma_counts_replace(mma->held, mma->passes, used, by_node);

	autonuma_counts_share(mma->cpu_faults, mma->epoch, 0, &samples);
	if (samples >= AUTONUMA_ENOUGH)
		WRITE_ONCE(mma->epoch, mma->epoch + 1);
}

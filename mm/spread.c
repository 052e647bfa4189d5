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
 * of a range are used alike, and those of one pass are often touched in one go. Ranges of one
 * process are often used alike, too: if nearly all votes of all of them say private, the first
 * vote of a range is believed.
 *
 * Any other page is shared. Let each node's fair part of the process's memory be the part of its
 * running tasks that run there. A shared page moves only from a node with more than its part
 * to one with less, and only if that is true of both afterwards, too. So each move brings the
 * memory nearer to its aim, and as the memory is finite, moves come to an end wherever the aim is.
 *
 * The aim moves as tasks do, and is not to be chased either. Shared pages therefore rest until a
 * pass finds more than an eighth of the memory where it should not be, or a quarter if the
 * process is at rest, that is, if its scan period is the longest. Then they move until it is no
 * more than a 32nd. Only pages on nodes that the process has left do not wait.
 *
 * What each node has is known from the last complete pass, which counts all pages, touched or not,
 * and from the moves since.
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

/* Looking private is believed if so many votes say so, ... */
#define AUTONUMA_BELIEVED	4

/* ... of a range without a vote against it: if so many votes of all ranges say so, ... */
#define AUTONUMA_ALL_BELIEVED	8

/* ... and so many more for each one that does not; the first of these is not minded. */
#define AUTONUMA_PRIVATE_TIMES	7

/* Memory that is not where it should be: more than one part of so many is to be spread, ... */
#define AUTONUMA_SPREAD_PART	8

/* ... of a process at rest, ... */
#define AUTONUMA_RESTING_PART	4

/* ... and one part of so many is left alone again. */
#define AUTONUMA_EVEN_PART	32

static struct autonuma_votes *votes_of(struct mm_autonuma *mma, unsigned long addr)
{
	return &mma->votes[hash_long(addr >> PMD_SHIFT, AUTONUMA_VOTE_BITS)];
}

/* Count one vote; many make older ones fade. A vote that gets lost is no loss. */
static void count_vote(struct autonuma_votes *v, bool same)
{
	u8 nr_same = READ_ONCE(v->same) + same, nr_other = READ_ONCE(v->other) + !same;

	if (nr_same + nr_other >= AUTONUMA_ENOUGH) {
		nr_same /= 2;
		nr_other /= 2;
	}
	WRITE_ONCE(v->same, nr_same);
	WRITE_ONCE(v->other, nr_other);
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
	u8 pass = READ_ONCE(mma->passes);

	if (READ_ONCE(v->pass) == pass)
		return;
	WRITE_ONCE(v->pass, pass);
	count_vote(v, same);
	count_vote(&mma->all_votes, same);
}

/*
 * Do @enough votes, and so many more as there are votes against them, say private? That a task
 * takes over what another one has prepared is nothing to be wary of.
 */
static bool believed(const struct autonuma_votes *v, unsigned int enough)
{
	unsigned int other = max_t(unsigned int, READ_ONCE(v->other), 1);

	return READ_ONCE(v->same) >= enough + AUTONUMA_PRIVATE_TIMES * (other - 1);
}

/*
 * Do pages around @addr look private nearly always, or, as far as is known about them, like
 * nearly all pages of the process, which does?
 */
static bool mostly_private(struct mm_autonuma *mma, unsigned long addr)
{
	struct autonuma_votes *v = votes_of(mma, addr);

	if (believed(v, AUTONUMA_BELIEVED))
		return true;
	return !READ_ONCE(v->other) && believed(&mma->all_votes, AUTONUMA_ALL_BELIEVED);
}

/**
 * struct pair - two nodes, and what a process has and does there
 * @here:	pages on the node that one of them would leave
 * @there:	pages on the node it would go to
 * @total:	pages on all nodes
 * @run_here:	running tasks, as all of these in parts of a task
 * @run_there:	and there
 * @running:	and on all nodes
 */
struct pair {
	unsigned long here;
	unsigned long there;
	unsigned long total;
	unsigned long run_here;
	unsigned long run_there;
	unsigned long running;
};

/* The page of @pages pages that may move may not have been there in the last pass. */
static void compare_nodes(struct mm_autonuma *mma, int page_nid, int target_nid,
			  unsigned long pages, struct pair *p)
{
	struct autonuma_counts *running = mma->home.running;
	unsigned long here;

	p->there = autonuma_counts_share(mma->held, target_nid, &p->total);
	here = autonuma_counts_share(mma->held, page_nid, &p->total);
	p->here = max(here, pages);
	p->total += p->here - here;
	p->run_there = autonuma_counts_share(running, target_nid, &p->running);
	p->run_here = autonuma_counts_share(running, page_nid, &p->running);
}

/* Has the node more than its part also without @pages pages, and the other less with them? */
static bool nearer_to_aim(const struct pair *p, unsigned long pages)
{
	return (p->here - pages) * p->running >= p->run_here * p->total &&
	       (p->there + pages) * p->running <= p->run_there * p->total;
}

/*
 * May a shared page of @pages pages go, as far as the memory is to be spread? During the first
 * pass nobody knows who uses what, and what it marked is touched until the second one is over: what
 * is sampled for the @first time may go where clearly less is, and is spread evenly by that.
 */
static enum autonuma_outcome spread(struct mm_autonuma *mma, int page_nid, int target_nid,
				    unsigned long pages, bool first)
{
	enum autonuma_outcome no = first ? AUTONUMA_PENDING : AUTONUMA_STAYED;
	struct pair p;

	compare_nodes(mma, page_nid, target_nid, pages, &p);
	if (first && READ_ONCE(mma->passes) < 2)
		return 4 * (p.there + pages) <= 3 * (p.here - pages) ? AUTONUMA_NR_OUTCOMES : no;
	/* The last pages that are left do not come to nothing for want of a whole page's room. */
	if (!p.run_here)
		return p.there * p.running < p.run_there * p.total ? AUTONUMA_NR_OUTCOMES : no;
	if (READ_ONCE(mma->spreading) && nearer_to_aim(&p, pages))
		return AUTONUMA_NR_OUTCOMES;
	return no;
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
 * Return: AUTONUMA_NR_OUTCOMES if it may, else what became of it.
 * Context: may hold a page-table lock.
 */
enum autonuma_outcome autonuma_held_back(struct mm_autonuma *mma, unsigned long addr,
					 int last, int page_nid, int target_nid,
					 unsigned long pages)
{
	bool first = autonuma_never_sampled(last);

	/* A single thread shares nothing. */
	if (get_nr_threads(current) == 1)
		return AUTONUMA_NR_OUTCOMES;
	if (!first && cpupid_match_pid(current, last) && mostly_private(mma, addr))
		return AUTONUMA_NR_OUTCOMES;
	return spread(mma, page_nid, target_nid, pages, first);
}

/**
 * autonuma_goes() - a page is on its way to another node
 * @mma:	the mm that maps it
 * @page_nid:	the node it is on
 * @target_nid:	the node it goes to
 * @pages:	its size, in base pages
 *
 * It counts there at once, or all that are sampled before the next pass would go.
 *
 * Context: may hold a page-table lock.
 */
void autonuma_goes(struct mm_autonuma *mma, int page_nid, int target_nid, unsigned long pages)
{
	autonuma_counts_move(mma->held, page_nid, target_nid, pages);
}

/* How many pages of an mm are not where they should be? Zero while nobody knows where that is. */
static unsigned long misplaced(struct mm_autonuma *mma, unsigned long total)
{
	unsigned long run_here, running, sum = 0;
	int nid;

	for_each_node_mask(nid, mma->found_on) {
		run_here = autonuma_counts_share(mma->home.running, nid, &running);
		if (mma->there[nid] * running > run_here * total)
			sum += mma->there[nid] - run_here * total / running;
	}
	return sum;
}

/**
 * autonuma_spread_pass() - a pass over an mm is complete
 * @mma:	the mm; its @passes counts this pass already, its @there what the pass found
 *
 * Context: knuma_scand.
 */
void autonuma_spread_pass(struct mm_autonuma *mma)
{
	unsigned long total, wrong;

	autonuma_counts_replace(mma->held, &mma->found_on, mma->there);
	autonuma_counts_share(mma->held, 0, &total);
	wrong = misplaced(mma, total);
	if (wrong > total / (autonuma_period_rests(mma) ? AUTONUMA_RESTING_PART :
							 AUTONUMA_SPREAD_PART))
		WRITE_ONCE(mma->spreading, true);
	else if (wrong <= total / AUTONUMA_EVEN_PART)
		WRITE_ONCE(mma->spreading, false);
}

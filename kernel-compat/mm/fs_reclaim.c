// SPDX-License-Identifier: GPL-2.0
/*
 * What an allocation may come to wait for: reclaim that writes files back, as a lock that
 * lockdep knows.  Nobody holds it really.
 */
#include <linux/gfp.h>
#include <linux/lockdep.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

static struct lockdep_map fs_reclaim_map = STATIC_LOCKDEP_MAP_INIT("fs_reclaim",
								   &fs_reclaim_map);

static bool may_write_back(gfp_t gfp)
{
	gfp = current_gfp_context(gfp);
	return (gfp & __GFP_DIRECT_RECLAIM) && !(current->flags & PF_MEMALLOC) &&
	       !(gfp & __GFP_NOLOCKDEP) && (gfp & __GFP_FS);
}

void fs_reclaim_acquire(gfp_t gfp_mask)
{
	if (may_write_back(gfp_mask))
		lock_acquire_exclusive(&fs_reclaim_map, 0, 0, NULL, _RET_IP_);
}

void fs_reclaim_release(gfp_t gfp_mask)
{
	if (may_write_back(gfp_mask))
		lock_release(&fs_reclaim_map, _RET_IP_);
}

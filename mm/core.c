// SPDX-License-Identifier: GPL-2.0
/*
 * AutoNUMA: life cycle.
 *
 *  knuma_scand --marks--> hinting entries --touch--> hinting fault --+--> statistics
 *  (scan.c)               in page tables             (fault.c)       |    (stats.c)
 *                                                                    +--> filter
 *                                                                           |
 *  knuma_migratedN <--takes-- queue per source node <--gives a place--------+
 *  (migrate.c)                (queue.c)
 *
 * spread.c holds pages of processes that run on several nodes back. registry.c knows which
 * address spaces and tasks take part, period.c how often each is scanned, sysfs.c the knobs
 * and counters. See autonuma.rst.
 */
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/printk.h>

#define CREATE_TRACE_POINTS
#include <trace/events/autonuma.h>

#include "autonuma.h"

DEFINE_STATIC_KEY_FALSE(autonuma_enabled_key);

/* Orders writers of "enabled". */
static DEFINE_MUTEX(enable_mutex);

/* "noautonuma" was on the command line. */
static bool noautonuma __initdata;

static int __init noautonuma_setup(char *str)
{
	noautonuma = true;
	return 1;
}
__setup("noautonuma", noautonuma_setup);

/**
 * autonuma_set_enabled() - switch AutoNUMA on or off
 * @on: whether it shall decide about placement from now on
 *
 * Switching off leaves marked entries behind; the fault handler restores each at
 * its next touch without AutoNUMA. Pages that wait in queues lose their places.
 *
 * Context: process context; may sleep.
 */
void autonuma_set_enabled(bool on)
{
	mutex_lock(&enable_mutex);
	if (on) {
		static_branch_enable(&autonuma_enabled_key);
		autonuma_scan_wake();
	} else {
		static_branch_disable(&autonuma_enabled_key);
		autonuma_queue_flush();
	}
	mutex_unlock(&enable_mutex);
}

/*
 * Bring AutoNUMA up. On a machine that can only ever have one node, or when told so on
 * the command line, it stays away for good: no sysfs, no daemons, no memory.
 */
static int __init autonuma_init(void)
{
	int err;

	if (noautonuma || num_possible_nodes() <= 1) {
		pr_info("autonuma: not used\n");
		return 0;
	}

	autonuma_knobs_init();
	autonuma_decide_init();
	err = autonuma_queue_init();
	if (err)
		goto fail;
	err = autonuma_migrate_init();
	if (err)
		goto free_queue;
	err = autonuma_scan_init();
	if (err)
		goto stop_migrate;
	err = autonuma_sysfs_init();
	if (err)
		goto stop_scan;

	if (IS_ENABLED(CONFIG_AUTONUMA_DEFAULT_ENABLED))
		autonuma_set_enabled(true);
	return 0;

stop_scan:
	autonuma_scan_exit();
stop_migrate:
	autonuma_migrate_exit();
free_queue:
	autonuma_queue_exit();
fail:
	pr_err("autonuma: cannot start: %d\n", err);
	return err;
}
late_initcall(autonuma_init);

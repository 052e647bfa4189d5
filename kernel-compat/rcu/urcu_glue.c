// SPDX-License-Identifier: GPL-2.0
/*
 * RCU of the threads engine: liburcu, flavour memb.
 *
 * The library's barriers are assembly and system calls, which ThreadSanitizer cannot
 * see, so the two orderings that RCU promises are told to it here:
 *
 *   what a reader did happens before the end of a grace period that waited for it
 *	(release on gp_readers before read_unlock, acquire after synchronize);
 *   what was done before a grace period happens before readers that begin during or
 *	after it (release on gp_begin before synchronize, acquire after read_lock).
 *
 * A reader that a grace period failed to wait for has not released yet, so what it
 * touches later races with what follows the grace period, and is reported.
 *
 * This file and nothing else above the engine table knows host threads.
 */
#include <pthread.h>
#include <urcu/urcu-memb.h>

#include <exec/sanitizers.h>
#include <rcu/engine.h>

static char gp_readers, gp_begin;

/* liburcu must forget a host thread before it ends; pooled threads end at any time. */
static pthread_key_t ctx_key;
static pthread_once_t ctx_key_once = PTHREAD_ONCE_INIT;
static __thread int ctx_registered;

static void urcu_ctx_stop(void)
{
	if (!ctx_registered)
		return;
	ctx_registered = 0;
	pthread_setspecific(ctx_key, NULL);
	urcu_memb_unregister_thread();
}

static void urcu_ctx_end(void *unused)
{
	urcu_ctx_stop();
}

static void urcu_key_create(void)
{
	pthread_key_create(&ctx_key, urcu_ctx_end);
}

static void urcu_ctx_start(void)
{
	if (ctx_registered)
		return;
	pthread_once(&ctx_key_once, urcu_key_create);
	pthread_setspecific(ctx_key, &ctx_registered);
	urcu_memb_register_thread();
	ctx_registered = 1;
}

static void urcu_read_lock(void)
{
	if (__builtin_expect(!ctx_registered, 0))
		urcu_ctx_start();
	urcu_memb_read_lock();
	__tsan_acquire(&gp_begin);
}

static void urcu_read_unlock(void)
{
	__tsan_release(&gp_readers);
	urcu_memb_read_unlock();
}

static void urcu_synchronize(void)
{
	if (!ctx_registered)
		urcu_ctx_start();
	__tsan_release(&gp_begin);
	urcu_memb_synchronize_rcu();
	__tsan_acquire(&gp_readers);
}

const struct rcu_engine rcu_engine_urcu = {
	.name		= "liburcu-memb",
	.ctx_start	= urcu_ctx_start,
	.ctx_stop	= urcu_ctx_stop,
	.enter		= urcu_read_lock,
	.leave		= urcu_read_unlock,
	.synchronize	= urcu_synchronize,
};

const struct rcu_engine *rcu_engine = &rcu_engine_urcu;

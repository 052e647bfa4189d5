// SPDX-License-Identifier: GPL-2.0
/*
 * Litmus tests of more than two tasks; litmus.h.
 *
 * Independent readers of independent writers (IRIW), message passing by a third (ISA2, WRC),
 * and a third that overtakes (Z6.0).
 */
#include "litmus.h"

static DEFINE_SPINLOCK(lock);

static void x_is_1(void)
{
	WRITE_ONCE(x, 1);
}

static void y_is_1(void)
{
	WRITE_ONCE(y, 1);
}

static void iriw_1(void)
{
	r[1][0] = READ_ONCE(x);
	r[1][1] = READ_ONCE(y);
}

static void iriw_3(void)
{
	r[3][0] = READ_ONCE(y);
	r[3][1] = READ_ONCE(x);
}

static void iriw_mb_1(void)
{
	r[1][0] = READ_ONCE(x);
	BARRIER(1, smp_mb());
	r[1][1] = READ_ONCE(y);
}

static void iriw_mb_3(void)
{
	r[3][0] = READ_ONCE(y);
	BARRIER(2, smp_mb());
	r[3][1] = READ_ONCE(x);
}

static bool readers_disagree(void)
{
	return r[1][0] && !r[1][1] && r[3][0] && !r[3][1];
}

static void write_both(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
}

static void write_both_release(void)
{
	WRITE_ONCE(x, 1);
	RELEASE(1, y, 1);
}

static void write_both_locked(void)
{
	BARRIER(1, spin_lock(&lock));
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
	linger(4);
	BARRIER(1, spin_unlock(&lock));
}

static void pass_on(void)
{
	r[1][0] = READ_ONCE(y);
	WRITE_ONCE(z, 1);
}

static void pass_on_acquire_release(void)
{
	r[1][0] = ACQUIRE(2, y);
	RELEASE(3, z, 1);
}

static void pass_on_locked(void)
{
	BARRIER(2, spin_lock(&lock));
	pass_on();
	BARRIER(2, spin_unlock(&lock));
}

static void pass_on_locked_mb(void)
{
	BARRIER(2, spin_lock(&lock));
	BARRIER(3, smp_mb__after_spinlock());
	pass_on();
	BARRIER(2, spin_unlock(&lock));
}

static void read_z_x(void)
{
	r[2][0] = READ_ONCE(z);
	r[2][1] = READ_ONCE(x);
}

static void read_z_x_acquire(void)
{
	r[2][0] = ACQUIRE(4, z);
	r[2][1] = READ_ONCE(x);
}

static void read_z_mb_x(void)
{
	r[2][0] = READ_ONCE(z);
	BARRIER(3, smp_mb());
	r[2][1] = READ_ONCE(x);
}

static bool third_reads_old_x(void)
{
	return r[1][0] && r[2][0] && !r[2][1];
}

static void wrc_1(void)
{
	r[1][0] = READ_ONCE(x);
	WRITE_ONCE(y, 1);
}

static void wrc_1_release(void)
{
	r[1][0] = READ_ONCE(x);
	RELEASE(1, y, 1);
}

static void wrc_2(void)
{
	r[2][0] = READ_ONCE(y);
	r[2][1] = READ_ONCE(x);
}

static void wrc_2_rmb(void)
{
	r[2][0] = READ_ONCE(y);
	BARRIER(2, smp_rmb());
	r[2][1] = READ_ONCE(x);
}

/* Z6.0: the third writes z last, and yet reads x from before it. */
static void z6_2(void)
{
	WRITE_ONCE(z, 2);
	BARRIER(4, smp_mb());
	r[2][1] = READ_ONCE(x);
}

static bool last_of_three_reads_old_x(void)
{
	return r[1][0] && z == 2 && !r[2][1];
}

#define ONE_ORDER	"all see stores in one order"
#define LOCK_DRAINS	"an unlock is seen at once"

static const struct shape shapes[] = {
	{ "IRIW+poonceonces+OnceOnce", false, { x_is_1, iriw_1, y_is_1, iriw_3 },
	  readers_disagree, WEAK },
	{ "IRIW+fencembonceonces+OnceOnce", true, { x_is_1, iriw_mb_1, y_is_1, iriw_mb_3 },
	  readers_disagree, 0, 2, BIT(1) | BIT(2) },
	{ "ISA2+poonceonces", false, { write_both, pass_on, read_z_x }, third_reads_old_x, WEAK },
	{ "ISA2+pooncerelease+poacquirerelease+poacquireonce", true,
	  { write_both_release, pass_on_acquire_release, read_z_x_acquire }, third_reads_old_x,
	  0, 4, BIT(1) | BIT(4), "2, 3: no store comes before an earlier load" },
	{ "ISA2+pooncelock+pooncelock+pombonce", true,
	  { write_both_locked, pass_on_locked, read_z_mb_x }, third_reads_old_x,
	  0, 3, BIT(1) | BIT(2) | BIT(3) },
	{ "WRC+poonceonces+Once", false, { x_is_1, wrc_1, wrc_2 }, third_reads_old_x, WEAK },
	{ "WRC+pooncerelease+fencermbonceonce+Once", true, { x_is_1, wrc_1_release, wrc_2_rmb },
	  third_reads_old_x, 0, 2, BIT(2), "1: no store comes before an earlier load" },
	{ "Z6.0+pooncelock+pooncelock+pombonce", false,
	  { write_both_locked, pass_on_locked, z6_2 }, last_of_three_reads_old_x, 0, 0, 0,
	  ONE_ORDER },
	{ "Z6.0+pooncelock+poonceLock+pombonce", true,
	  { write_both_locked, pass_on_locked_mb, z6_2 }, last_of_three_reads_old_x,
	  0, 4, BIT(1) | BIT(2) | BIT(4), "3: " ONE_ORDER },
	{ "Z6.0+pooncerelease+poacquirerelease+fencembonceonce", false,
	  { write_both_release, pass_on_acquire_release, z6_2 }, last_of_three_reads_old_x,
	  0, 0, 0, ONE_ORDER },
};

LITMUS_SUITE("crowds", shapes);

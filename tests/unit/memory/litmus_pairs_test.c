// SPDX-License-Identifier: GPL-2.0
/*
 * Litmus tests of two tasks, with barriers only; litmus.h.
 *
 * Coherence of one variable (CoXX), message passing (MP), store and load buffering (SB, LB),
 * and races of a store with a store (R, S).
 */
#include "litmus.h"

static void x_is_1(void)
{
	WRITE_ONCE(x, 1);
}

static void x_is_2(void)
{
	WRITE_ONCE(x, 2);
}

static void read_x_twice(void)
{
	r[1][0] = READ_ONCE(x);
	r[1][1] = READ_ONCE(x);
}

static bool new_then_old(void)
{
	return r[1][0] == 1 && r[1][1] == 0;
}

static void read_then_write_x(void)
{
	r[0][0] = READ_ONCE(x);
	WRITE_ONCE(x, 1);
}

static bool later_store_read(void)
{
	return x == 2 && r[0][0] == 2;
}

static void write_then_read_x(void)
{
	WRITE_ONCE(x, 1);
	r[0][0] = READ_ONCE(x);
}

static bool overwritten_store_read(void)
{
	return x == 1 && r[0][0] == 2;
}

static void write_x_twice(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(x, 2);
}

static bool first_store_stays(void)
{
	return x == 1;
}

/* Message passing: y says that x is there. */
static void mp_write(void)
{
	WRITE_ONCE(x, 1);
	WRITE_ONCE(y, 1);
}

static void mp_write_wmb(void)
{
	WRITE_ONCE(x, 1);
	BARRIER(1, smp_wmb());
	WRITE_ONCE(y, 1);
}

static void mp_write_release(void)
{
	WRITE_ONCE(x, 1);
	RELEASE(1, y, 1);
}

static void mp_read(void)
{
	r[1][0] = READ_ONCE(y);
	r[1][1] = READ_ONCE(x);
}

static void mp_read_rmb(void)
{
	r[1][0] = READ_ONCE(y);
	BARRIER(2, smp_rmb());
	r[1][1] = READ_ONCE(x);
}

static void mp_read_acquire(void)
{
	r[1][0] = ACQUIRE(2, y);
	r[1][1] = READ_ONCE(x);
}

static void mp_assign(void)
{
	WRITE_ONCE(x, 1);
	BARRIER(1, smp_wmb());
	WRITE_ONCE(p, &x);
}

static void mp_assign_pointer(void)
{
	if (left_out == 1) {
		mp_assign();
		return;
	}
	WRITE_ONCE(x, 1);
	rcu_assign_pointer(p, &x);
}

static void mp_dereference(void)
{
	int *q;

	rcu_read_lock();
	q = rcu_dereference(p);
	r[1][0] = q == &x;
	r[1][1] = READ_ONCE(*q);
	rcu_read_unlock();
}

/* Store buffering: each writes its own and reads the other's. */
static void sb_0(void)
{
	WRITE_ONCE(x, 1);
	r[0][0] = READ_ONCE(y);
}

static void sb_1(void)
{
	WRITE_ONCE(y, 1);
	r[1][0] = READ_ONCE(x);
}

static void sb_mb_0(void)
{
	WRITE_ONCE(x, 1);
	BARRIER(1, smp_mb());
	r[0][0] = READ_ONCE(y);
}

static void sb_mb_1(void)
{
	WRITE_ONCE(y, 1);
	BARRIER(2, smp_mb());
	r[1][0] = READ_ONCE(x);
}

static void sb_forwarded_0(void)
{
	WRITE_ONCE(x, 1);
	r[0][1] = READ_ONCE(x);
	r[0][0] = READ_ONCE(y);
}

static void sb_forwarded_1(void)
{
	WRITE_ONCE(y, 1);
	r[1][1] = READ_ONCE(y);
	r[1][0] = READ_ONCE(x);
}

static bool both_read_0(void)
{
	return !r[0][0] && !r[1][0];
}

/* Load buffering: each reads its own and writes the other's. */
static void lb_0(void)
{
	r[0][0] = READ_ONCE(x);
	WRITE_ONCE(y, 1);
}

static void lb_1(void)
{
	r[1][0] = READ_ONCE(y);
	WRITE_ONCE(x, 1);
}

static void lb_ctrl(void)
{
	r[0][0] = READ_ONCE(x);
	if (r[0][0])
		WRITE_ONCE(y, 1);
}

static void lb_mb(void)
{
	r[1][0] = READ_ONCE(y);
	BARRIER(1, smp_mb());
	WRITE_ONCE(x, 1);
}

static void lb_release(void)
{
	r[0][0] = READ_ONCE(x);
	RELEASE(1, y, 1);
}

static void lb_acquire(void)
{
	r[1][0] = ACQUIRE(2, y);
	WRITE_ONCE(x, 1);
}

static bool both_read_1(void)
{
	return r[0][0] && r[1][0];
}

static int plain[2];

static void dep_plain_0(void)
{
	plain[0] = READ_ONCE(x);
	plain[1] = plain[0];
	if (plain[1] == 1)
		WRITE_ONCE(y, 1);
}

static void dep_plain_1(void)
{
	int seen = ACQUIRE(1, y);

	RELEASE(2, x, seen);
}

static bool out_of_thin_air(void)
{
	return x == 1 && y == 1;
}

/* R and S: who writes y last? */
static void r_0(void)
{
	WRITE_ONCE(x, 1);
	BARRIER(1, smp_mb());
	WRITE_ONCE(y, 1);
}

static void r_1(void)
{
	WRITE_ONCE(y, 2);
	BARRIER(2, smp_mb());
	r[1][0] = READ_ONCE(x);
}

static void r_1_once(void)
{
	WRITE_ONCE(y, 2);
	r[1][0] = READ_ONCE(x);
}

static bool last_store_overtakes(void)
{
	return y == 2 && !r[1][0];
}

static void s_0(void)
{
	WRITE_ONCE(x, 2);
	WRITE_ONCE(y, 1);
}

static void s_0_wmb(void)
{
	WRITE_ONCE(x, 2);
	BARRIER(1, smp_wmb());
	WRITE_ONCE(y, 1);
}

static void s_1(void)
{
	r[1][0] = READ_ONCE(y);
	WRITE_ONCE(x, 1);
}

static void s_1_acquire(void)
{
	r[1][0] = ACQUIRE(2, y);
	WRITE_ONCE(x, 1);
}

static bool first_store_last(void)
{
	return x == 2 && r[1][0] == 1;
}

#define LOADS_FIRST	"no store comes before an earlier load"

static const struct shape shapes[] = {
	{ "CoRR+poonceonce+Once", true, { x_is_1, read_x_twice }, new_then_old },
	{ "CoRW+poonceonce+Once", true, { read_then_write_x, x_is_2 }, later_store_read },
	{ "CoWR+poonceonce+Once", true, { write_then_read_x, x_is_2 }, overwritten_store_read },
	{ "CoWW+poonceonce", true, { write_x_twice }, first_store_stays },
	{ "MP+poonceonces", false, { mp_write, mp_read }, new_then_old, WEAK },
	{ "MP+fencewmbonceonce+fencermbonceonce", true, { mp_write_wmb, mp_read_rmb },
	  new_then_old, 0, 2, BIT(1) | BIT(2) },
	{ "MP+pooncerelease+poacquireonce", true, { mp_write_release, mp_read_acquire },
	  new_then_old, 0, 2, BIT(1) | BIT(2) },
	{ "MP+onceassign+derefonce", true, { mp_assign_pointer, mp_dereference }, new_then_old,
	  0, 1, BIT(1) },
	{ "SB+poonceonces", false, { sb_0, sb_1 }, both_read_0, TSO | WEAK },
	{ "SB+fencembonceonces", true, { sb_mb_0, sb_mb_1 }, both_read_0, 0, 2, BIT(1) | BIT(2) },
	{ "SB+rfionceonce-poonceonces", false, { sb_forwarded_0, sb_forwarded_1 }, both_read_0,
	  TSO | WEAK },
	{ "LB+poonceonces", false, { lb_0, lb_1 }, both_read_1, 0, 0, 0, LOADS_FIRST },
	{ "LB+fencembonceonce+ctrlonceonce", true, { lb_ctrl, lb_mb }, both_read_1, 0, 1, 0,
	  LOADS_FIRST },
	{ "LB+poacquireonce+pooncerelease", true, { lb_release, lb_acquire }, both_read_1, 0, 2, 0,
	  LOADS_FIRST },
	{ "dep+plain", true, { dep_plain_0, dep_plain_1 }, out_of_thin_air, 0, 2, 0, LOADS_FIRST },
	{ "R+poonceonces", false, { mp_write, r_1_once }, last_store_overtakes, TSO | WEAK },
	{ "R+fencembonceonces", true, { r_0, r_1 }, last_store_overtakes, 0, 2, BIT(1) | BIT(2) },
	{ "S+poonceonces", false, { s_0, s_1 }, first_store_last, WEAK },
	{ "S+fencewmbonceonce+poacquireonce", true, { s_0_wmb, s_1_acquire }, first_store_last,
	  0, 2, BIT(1), "2: " LOADS_FIRST },
};

LITMUS_SUITE("pairs", shapes);

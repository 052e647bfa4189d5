// SPDX-License-Identifier: GPL-2.0
/*
 * Litmus tests with locks, atomics and RCU; litmus.h.
 */
#include "litmus.h"

static DEFINE_SPINLOCK(s);
static DEFINE_SPINLOCK(t);

static bool new_then_old(void)
{
	return r[1][0] == 1 && r[1][1] == 0;
}

/* One of the two stores, or loads, under a lock. */
static void flag_locked(void)
{
	WRITE_ONCE(x, 1);
	BARRIER(1, spin_lock(&s));
	WRITE_ONCE(y, 1);
	BARRIER(1, spin_unlock(&s));
}

static void read_flag_locked(void)
{
	BARRIER(2, spin_lock(&s));
	r[1][0] = READ_ONCE(y);
	BARRIER(2, spin_unlock(&s));
	r[1][1] = READ_ONCE(x);
}

static void data_locked(void)
{
	BARRIER(1, spin_lock(&s));
	WRITE_ONCE(x, 1);
	BARRIER(1, spin_unlock(&s));
	WRITE_ONCE(y, 1);
}

static void read_data_locked(void)
{
	r[1][0] = READ_ONCE(y);
	BARRIER(2, spin_lock(&s));
	r[1][1] = READ_ONCE(x);
	BARRIER(2, spin_unlock(&s));
}

static void two_locks_write(void)
{
	BARRIER(1, spin_lock(&s));
	WRITE_ONCE(x, 1);
	BARRIER(1, spin_unlock(&s));
	BARRIER(2, spin_lock(&t));
	WRITE_ONCE(y, 1);
	linger(4);
	BARRIER(2, spin_unlock(&t));
}

static void read_rmb(void)
{
	r[1][0] = READ_ONCE(y);
	BARRIER(3, smp_rmb());
	r[1][1] = READ_ONCE(x);
}

static void two_locks_read_write(void)
{
	BARRIER(1, spin_lock(&s));
	r[0][0] = READ_ONCE(x);
	BARRIER(1, spin_unlock(&s));
	BARRIER(2, spin_lock(&t));
	WRITE_ONCE(y, 1);
	BARRIER(2, spin_unlock(&t));
}

static void acquire_then_write(void)
{
	r[1][0] = ACQUIRE(3, y);
	WRITE_ONCE(x, 1);
}

static bool both_read_1(void)
{
	return r[0][0] && r[1][0];
}

/* Is a lock seen as held once what its holder wrote is seen? */
static void write_locked(void)
{
	spin_lock(&s);
	WRITE_ONCE(x, 1);
	linger(4);
	spin_unlock(&s);
}

static void write_locked_mb(void)
{
	spin_lock(&s);
	BARRIER(1, smp_mb__after_spinlock());
	WRITE_ONCE(x, 1);
	linger(4);
	spin_unlock(&s);
}

static void look_at_lock(void)
{
	r[1][0] = ACQUIRE(2, x);
	r[1][1] = spin_is_locked(&s);
	r[1][2] = spin_is_locked(&s);
}

static bool free_then_locked(void)
{
	return r[1][0] && !r[1][1] && r[1][2];
}

/* Double-checked locking: x says that y is there. */
static void check_broken(int me)
{
	if (!READ_ONCE(x)) {
		spin_lock(&s);
		if (!READ_ONCE(x)) {
			WRITE_ONCE(y, 1);
			WRITE_ONCE(x, 1);
		}
		spin_unlock(&s);
	}
	r[me][0] = READ_ONCE(y);
}

static void check_fixed(int me)
{
	if (!ACQUIRE(1, x)) {
		spin_lock(&s);
		if (!READ_ONCE(x)) {
			WRITE_ONCE(y, 1);
			RELEASE(2, x, 1);
			linger(4);
		}
		spin_unlock(&s);
	}
	r[me][0] = READ_ONCE(y);
}

static void check_broken_0(void)
{
	check_broken(0);
}

static void check_broken_1(void)
{
	check_broken(1);
}

static void check_fixed_0(void)
{
	check_fixed(0);
}

static void check_fixed_1(void)
{
	check_fixed(1);
}

static bool unready_data(void)
{
	return !r[0][0] || !r[1][0];
}

/* Roach motel: what is before a critical section may be drawn into it, not out of it. */
static void rm_write(void)
{
	spin_lock(&s);
	r[0][2] = atomic_inc_return(&v);
	WRITE_ONCE(x, 1);
	linger(4);
	spin_unlock(&s);
}

static void rm_broken(void)
{
	spin_lock(&s);
	r[1][0] = READ_ONCE(x);
	r[1][1] = READ_ONCE(x);
	r[1][2] = atomic_inc_return(&v);
	spin_unlock(&s);
}

static void rm_fixed(void)
{
	r[1][0] = READ_ONCE(x);
	r[1][1] = READ_ONCE(x);
	spin_lock(&s);
	r[1][2] = atomic_inc_return(&v);
	spin_unlock(&s);
}

static bool changed_while_locked(void)
{
	return !r[1][0] && r[1][1];
}

static bool overtaken_in_lock(void)
{
	return !r[1][0] && r[1][1] && r[1][2] == 2;
}

static void inc_then_write(void)
{
	atomic_inc(&v);
	BARRIER(1, smp_mb__after_atomic());
	WRITE_ONCE(x, 1);
}

static void read_then_read_atomic(void)
{
	r[1][0] = READ_ONCE(x);
	BARRIER(2, smp_rmb());
	r[1][1] = atomic_read(&v) - 1;
}

static void add_unless_0(void)
{
	atomic_add_unless(&v, 1, 0);
}

static void set_0(void)
{
	atomic_set(&v, 0);
}

static bool set_is_lost(void)
{
	return atomic_read(&v) == 2;
}

static void write_fail_read_0(void)
{
	WRITE_ONCE(x, 1);
	r[0][1] = cmpxchg(&z, 1, 0);
	r[0][0] = READ_ONCE(y);
}

static void write_fail_read_1(void)
{
	WRITE_ONCE(y, 1);
	r[1][1] = cmpxchg(&z, 1, 0);
	r[1][0] = READ_ONCE(x);
}

static void write_fail_mb_read_0(void)
{
	WRITE_ONCE(x, 1);
	r[0][1] = cmpxchg(&z, 1, 0);
	BARRIER(1, smp_mb__after_atomic());
	r[0][0] = READ_ONCE(y);
}

static void write_fail_mb_read_1(void)
{
	WRITE_ONCE(y, 1);
	r[1][1] = cmpxchg(&z, 1, 0);
	BARRIER(2, smp_mb__after_atomic());
	r[1][0] = READ_ONCE(x);
}

static bool both_read_0(void)
{
	return !r[0][0] && !r[1][0];
}

static void write_then_set(void)
{
	WRITE_ONCE(x, 1);
	r[0][0] = cmpxchg(&y, 0, 1);
}

static void fail_then_read(void)
{
	r[1][0] = cmpxchg(&y, 0, 1);
	r[1][1] = READ_ONCE(x);
}

static void fail_mb_then_read(void)
{
	r[1][0] = cmpxchg(&y, 0, 1);
	BARRIER(1, smp_mb__after_atomic());
	r[1][1] = READ_ONCE(x);
}

static bool failed_and_old(void)
{
	return !r[0][0] && new_then_old();
}

/* RCU: a grace period waits for readers; what it ordered is seen by those after it. */
static void rcu_free_read(void)
{
	int *q;

	BARRIER(2, rcu_read_lock());
	q = rcu_dereference_raw(p);
	r[0][0] = q == &z;
	linger(30);
	r[0][1] = READ_ONCE(*q);
	BARRIER(2, rcu_read_unlock());
}

static void rcu_free(void)
{
	rcu_assign_pointer(p, &x);
	BARRIER(1, synchronize_rcu());
	WRITE_ONCE(z, 1);
}

static bool freed_is_read(void)
{
	return r[0][0] && r[0][1];
}

static void rcu_write_both(void)
{
	BARRIER(2, rcu_read_lock());
	WRITE_ONCE(x, 1);
	linger(30);
	WRITE_ONCE(y, 1);
	BARRIER(2, rcu_read_unlock());
}

static void rcu_read_both(void)
{
	r[1][0] = READ_ONCE(x);
	BARRIER(1, synchronize_rcu());
	r[1][1] = READ_ONCE(y);
}

#define AT_ONCE		"who took a lock is seen at once"
#define FAIL_ORDERS	"a failing cmpxchg() orders as others do"

static const struct shape shapes[] = {
	{ "MP+polocks", true, { flag_locked, read_flag_locked }, new_then_old, 0, 2,
	  BIT(1) | BIT(2) },
	{ "MP+porevlocks", true, { data_locked, read_data_locked }, new_then_old, 0, 2,
	  BIT(1) | BIT(2) },
	{ "MP+unlocklockonceonce+fencermbonceonce", true, { two_locks_write, read_rmb },
	  new_then_old, 0, 3, BIT(1) | BIT(3), "2: who unlocks is seen at once" },
	{ "LB+unlocklockonceonce+poacquireonce", true,
	  { two_locks_read_write, acquire_then_write }, both_read_1, 0, 3, 0,
	  "no store comes before an earlier load" },
	{ "MP+polockonce+poacquiresilsil", false, { write_locked, look_at_lock },
	  free_then_locked, 0, 0, 0, AT_ONCE },
	{ "MP+polockmbonce+poacquiresilsil", true, { write_locked_mb, look_at_lock },
	  free_then_locked, 0, 2, 0, AT_ONCE },
	{ "DCL-broken", false, { check_broken_0, check_broken_1 }, unready_data, WEAK },
	{ "DCL-fixed", true, { check_fixed_0, check_fixed_1 }, unready_data, 0, 2,
	  BIT(1) | BIT(2) },
	{ "RM-broken", true, { rm_write, rm_broken }, changed_while_locked },
	{ "RM-fixed", true, { rm_write, rm_fixed }, overtaken_in_lock },
	{ "Atomic-RMW+mb__after_atomic-is-stronger-than-acquire", true,
	  { inc_then_write, read_then_read_atomic }, new_then_old, 0, 2, BIT(2),
	  "1: an atomic operation is seen at once" },
	{ "Atomic-RMW-ops-are-atomic-WRT-atomic_set", true, { add_unless_0, set_0 }, set_is_lost },
	{ "cmpxchg-fail-ordered-1", true, { write_fail_mb_read_0, write_fail_mb_read_1 },
	  both_read_0, 0, 2, 0, FAIL_ORDERS },
	{ "cmpxchg-fail-ordered-2", true, { write_then_set, fail_mb_then_read }, failed_and_old,
	  0, 1, 0, FAIL_ORDERS },
	{ "cmpxchg-fail-unordered-1", false, { write_fail_read_0, write_fail_read_1 },
	  both_read_0, 0, 0, 0, FAIL_ORDERS },
	{ "cmpxchg-fail-unordered-2", false, { write_then_set, fail_then_read }, failed_and_old,
	  0, 0, 0, FAIL_ORDERS },
	{ "RCU+sync+free", true, { rcu_free_read, rcu_free }, freed_is_read, 0, 2,
	  BIT(1) | BIT(2) },
	{ "RCU+sync+read", true, { rcu_write_both, rcu_read_both }, new_then_old, 0, 2,
	  BIT(1) | BIT(2) },
};

LITMUS_SUITE("locks", shapes);

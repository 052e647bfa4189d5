/* SPDX-License-Identifier: GPL-2.0 */
/*
 * atomic_t, atomic64_t, atomic_long_t.
 *
 * same contract: operations that return a value are fully ordered, void ones and those
 * named _relaxed are not ordered, _acquire and _release are what they say.  Each
 * read-modify-write is one host atomic instruction and a decision point.
 * One table of operations below serves the three types.
 */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>
#include <engine/engine.h>

typedef atomic64_t atomic_long_t;
#define ATOMIC64_INIT(i)	{ (i) }
#define ATOMIC_LONG_INIT(i)	{ (i) }

/* One fetch-and-op in the four orderings, with and without its old value. */
#define __ATOMIC_FETCH(P, A, T, name, builtin, suffix, order)			\
static __always_inline T P##_fetch_##name##suffix(T i, A *v)			\
{										\
	exec_point_rmw(EXEC_POINT_ATOMIC, v, sizeof(*v), order);		\
	return builtin(&v->counter, i, order);					\
}

#define __ATOMIC_RETURN(P, A, T, name, builtin, suffix, order)			\
static __always_inline T P##_##name##_return##suffix(T i, A *v)			\
{										\
	exec_point_rmw(EXEC_POINT_ATOMIC, v, sizeof(*v), order);		\
	return builtin(&v->counter, i, order);					\
}

#define __ATOMIC_VOID(P, A, T, name, builtin)					\
static __always_inline void P##_##name(T i, A *v)				\
{										\
	exec_point_rmw(EXEC_POINT_ATOMIC, v, sizeof(*v), __ATOMIC_RELAXED);	\
	builtin(&v->counter, i, __ATOMIC_RELAXED);				\
}

#define __ATOMIC_FETCH4(P, A, T, name, builtin)					\
	__ATOMIC_FETCH(P, A, T, name, builtin, , __ATOMIC_SEQ_CST)		\
	__ATOMIC_FETCH(P, A, T, name, builtin, _relaxed, __ATOMIC_RELAXED)	\
	__ATOMIC_FETCH(P, A, T, name, builtin, _acquire, __ATOMIC_ACQUIRE)	\
	__ATOMIC_FETCH(P, A, T, name, builtin, _release, __ATOMIC_RELEASE)

#define __ATOMIC_RETURN4(P, A, T, name, builtin)				\
	__ATOMIC_RETURN(P, A, T, name, builtin, , __ATOMIC_SEQ_CST)		\
	__ATOMIC_RETURN(P, A, T, name, builtin, _relaxed, __ATOMIC_RELAXED)	\
	__ATOMIC_RETURN(P, A, T, name, builtin, _acquire, __ATOMIC_ACQUIRE)	\
	__ATOMIC_RETURN(P, A, T, name, builtin, _release, __ATOMIC_RELEASE)

#define __ATOMIC_ANDNOT(P, A, T, suffix)					\
static __always_inline T P##_fetch_andnot##suffix(T i, A *v)			\
{										\
	return P##_fetch_and##suffix(~i, v);					\
}

/* inc and dec are add and sub of one. */
#define __ATOMIC_INCDEC(P, A, T, suffix)					\
static __always_inline T P##_inc_return##suffix(A *v) { return P##_add_return##suffix(1, v); } \
static __always_inline T P##_dec_return##suffix(A *v) { return P##_sub_return##suffix(1, v); } \
static __always_inline T P##_fetch_inc##suffix(A *v) { return P##_fetch_add##suffix(1, v); } \
static __always_inline T P##_fetch_dec##suffix(A *v) { return P##_fetch_sub##suffix(1, v); }

#define __ATOMIC_XCHG(P, A, T, suffix, order, fail)				\
static __always_inline T P##_xchg##suffix(A *v, T n)				\
{										\
	exec_point_rmw(EXEC_POINT_ATOMIC, v, sizeof(*v), order);		\
	return __atomic_exchange_n(&v->counter, n, order);			\
}										\
static __always_inline bool P##_try_cmpxchg##suffix(A *v, T *old, T n)		\
{										\
	typeof(v->counter) expected = *old;					\
	bool done;								\
										\
	exec_point_rmw(EXEC_POINT_ATOMIC, v, sizeof(*v), order);		\
	done = __atomic_compare_exchange_n(&v->counter, &expected, n, false,	\
					   order, fail);			\
	if (!done)								\
		*old = expected;						\
	return done;								\
}										\
static __always_inline T P##_cmpxchg##suffix(A *v, T old, T n)			\
{										\
	P##_try_cmpxchg##suffix(v, &old, n);					\
	return old;								\
}										\
static __always_inline bool P##_add_negative##suffix(T i, A *v)			\
{										\
	return P##_add_return##suffix(i, v) < 0;				\
}

#define __ATOMIC_CONDITIONAL(P, A, T)						\
static __always_inline T P##_fetch_add_unless(A *v, T a, T u)			\
{										\
	T c = P##_read(v);							\
										\
	do {									\
		if (unlikely(c == u))						\
			break;							\
	} while (!P##_try_cmpxchg(v, &c, c + a));				\
	return c;								\
}										\
static __always_inline bool P##_add_unless(A *v, T a, T u)			\
{										\
	return P##_fetch_add_unless(v, a, u) != u;				\
}										\
static __always_inline bool P##_inc_not_zero(A *v)				\
{										\
	return P##_add_unless(v, 1, 0);						\
}										\
static __always_inline bool P##_inc_unless_negative(A *v)			\
{										\
	T c = P##_read(v);							\
										\
	do {									\
		if (unlikely(c < 0))						\
			return false;						\
	} while (!P##_try_cmpxchg(v, &c, c + 1));				\
	return true;								\
}										\
static __always_inline bool P##_dec_unless_positive(A *v)			\
{										\
	T c = P##_read(v);							\
										\
	do {									\
		if (unlikely(c > 0))						\
			return false;						\
	} while (!P##_try_cmpxchg(v, &c, c - 1));				\
	return true;								\
}										\
static __always_inline T P##_dec_if_positive(A *v)				\
{										\
	T dec, c = P##_read(v);							\
										\
	do {									\
		dec = c - 1;							\
		if (unlikely(dec < 0))						\
			break;							\
	} while (!P##_try_cmpxchg(v, &c, dec));					\
	return dec;								\
}

#define __ATOMIC_ALL(P, A, T)							\
static __always_inline T P##_read(const A *v)					\
{										\
	return __read_once(v->counter, "->", __ATOMIC_RELAXED);			\
}										\
static __always_inline T P##_read_acquire(const A *v)				\
{										\
	return __read_once(v->counter, "->", __ATOMIC_ACQUIRE);			\
}										\
static __always_inline void P##_set(A *v, T i)					\
{										\
	__write_once(v->counter, i, __ATOMIC_RELAXED);				\
}										\
static __always_inline void P##_set_release(A *v, T i)				\
{										\
	__write_once(v->counter, i, __ATOMIC_RELEASE);				\
}										\
__ATOMIC_VOID(P, A, T, add, __atomic_fetch_add)					\
__ATOMIC_VOID(P, A, T, sub, __atomic_fetch_sub)					\
__ATOMIC_VOID(P, A, T, and, __atomic_fetch_and)					\
__ATOMIC_VOID(P, A, T, or, __atomic_fetch_or)					\
__ATOMIC_VOID(P, A, T, xor, __atomic_fetch_xor)					\
__ATOMIC_FETCH4(P, A, T, add, __atomic_fetch_add)				\
__ATOMIC_FETCH4(P, A, T, sub, __atomic_fetch_sub)				\
__ATOMIC_FETCH4(P, A, T, and, __atomic_fetch_and)				\
__ATOMIC_FETCH4(P, A, T, or, __atomic_fetch_or)					\
__ATOMIC_FETCH4(P, A, T, xor, __atomic_fetch_xor)				\
__ATOMIC_RETURN4(P, A, T, add, __atomic_add_fetch)				\
__ATOMIC_RETURN4(P, A, T, sub, __atomic_sub_fetch)				\
__ATOMIC_ANDNOT(P, A, T, )							\
__ATOMIC_ANDNOT(P, A, T, _relaxed)						\
__ATOMIC_ANDNOT(P, A, T, _acquire)						\
__ATOMIC_ANDNOT(P, A, T, _release)						\
__ATOMIC_INCDEC(P, A, T, )							\
__ATOMIC_INCDEC(P, A, T, _relaxed)						\
__ATOMIC_INCDEC(P, A, T, _acquire)						\
__ATOMIC_INCDEC(P, A, T, _release)						\
__ATOMIC_XCHG(P, A, T, , __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)			\
__ATOMIC_XCHG(P, A, T, _relaxed, __ATOMIC_RELAXED, __ATOMIC_RELAXED)		\
__ATOMIC_XCHG(P, A, T, _acquire, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)		\
__ATOMIC_XCHG(P, A, T, _release, __ATOMIC_RELEASE, __ATOMIC_RELAXED)		\
static __always_inline void P##_andnot(T i, A *v) { P##_and(~i, v); }		\
static __always_inline void P##_inc(A *v) { P##_add(1, v); }			\
static __always_inline void P##_dec(A *v) { P##_sub(1, v); }			\
static __always_inline bool P##_sub_and_test(T i, A *v) { return P##_sub_return(i, v) == 0; } \
static __always_inline bool P##_dec_and_test(A *v) { return P##_sub_return(1, v) == 0; } \
static __always_inline bool P##_inc_and_test(A *v) { return P##_add_return(1, v) == 0; } \
__ATOMIC_CONDITIONAL(P, A, T)

__ATOMIC_ALL(atomic, atomic_t, int)
__ATOMIC_ALL(atomic64, atomic64_t, s64)
__ATOMIC_ALL(atomic_long, atomic_long_t, long)

/* spin on the value as smp_cond_load_*() do */
#define atomic_cond_read_acquire(v, c) smp_cond_load_acquire(&(v)->counter, (c))
#define atomic_cond_read_relaxed(v, c) smp_cond_load_relaxed(&(v)->counter, (c))
#define atomic_long_cond_read_acquire(v, c) smp_cond_load_acquire(&(v)->counter, (c))
#define atomic_long_cond_read_relaxed(v, c) smp_cond_load_relaxed(&(v)->counter, (c))
#define atomic64_cond_read_acquire(v, c) smp_cond_load_acquire(&(v)->counter, (c))
#define atomic64_cond_read_relaxed(v, c) smp_cond_load_relaxed(&(v)->counter, (c))

#endif /* _LINUX_ATOMIC_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xchg(), cmpxchg(), try_cmpxchg() on scalars and on structs of 1, 2, 4 or 8 bytes.
 *
 * same contract: fully ordered unless the name says otherwise; each is a decision point.
 */
#ifndef __ASM_CMPXCHG_H
#define __ASM_CMPXCHG_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <engine/engine.h>

#define __xchg_order(ptr, val, order) ({				\
	typeof(ptr) __xo_ptr = (ptr);					\
	union { typeof(*(ptr)) __val; char __c[sizeof(*(ptr))]; } __xo_new = { .__val = (val) }, __xo_old; \
	__once_assert(*(ptr));						\
	exec_point_rmw(EXEC_POINT_ATOMIC, __xo_ptr, sizeof(*(ptr)), (order)); \
	__xchg_size(__xo_ptr, __xo_new.__c, __xo_old.__c, sizeof(*(ptr)), (order)); \
	__xo_old.__val; })

#define __cmpxchg_order(ptr, old, val, order) ({			\
	typeof(ptr) __co_p = (ptr);					\
	union { typeof(*(ptr)) __val; char __c[sizeof(*(ptr))]; } __co_old = { .__val = (old) }, __co_new = { .__val = (val) }; \
	__once_assert(*(ptr));						\
	exec_point_rmw(EXEC_POINT_ATOMIC, __co_p, sizeof(*(ptr)), (order)); \
	__cmpxchg_size(__co_p, __co_old.__c, __co_new.__c, sizeof(*(ptr)), (order)); \
	__co_old.__val; })

#define __try_cmpxchg_order(ptr, oldp, val, order) ({			\
	typeof(ptr) __tc_p = (ptr);					\
	union { typeof(*(ptr)) __val; char __c[sizeof(*(ptr))]; } __tc_new = { .__val = (val) }; \
	__once_assert(*(ptr));						\
	exec_point_rmw(EXEC_POINT_ATOMIC, __tc_p, sizeof(*(ptr)), (order)); \
	__cmpxchg_size(__tc_p, (oldp), __tc_new.__c, sizeof(*(ptr)), (order)); })

static __always_inline void __xchg_size(volatile void *p, const void *val, void *old,
					size_t size, int order)
{
#define __XCHG_CASE(n, t)							\
	case n:									\
		*(t *)old = __atomic_exchange_n((volatile t *)p, *(const t *)val, order); \
		break
	switch (size) {
	__XCHG_CASE(1, __once_u8);
	__XCHG_CASE(2, __once_u16);
	__XCHG_CASE(4, __once_u32);
	__XCHG_CASE(8, __once_u64);
	}
#undef __XCHG_CASE
}

/* Stores what was found in *old; true when the exchange happened. */
static __always_inline bool __cmpxchg_size(volatile void *p, void *old, const void *val,
					   size_t size, int order)
{
#define __CMPXCHG_CASE(n, t)							\
	case n:									\
		return __atomic_compare_exchange_n((volatile t *)p, (t *)old,	\
				*(const t *)val, false, order, __ATOMIC_RELAXED)
	switch (size) {
	__CMPXCHG_CASE(1, __once_u8);
	__CMPXCHG_CASE(2, __once_u16);
	__CMPXCHG_CASE(4, __once_u32);
	__CMPXCHG_CASE(8, __once_u64);
	}
#undef __CMPXCHG_CASE
	return false;
}

#define xchg(ptr, v)		__xchg_order(ptr, v, __ATOMIC_SEQ_CST)
#define xchg_relaxed(ptr, v)	__xchg_order(ptr, v, __ATOMIC_RELAXED)
#define xchg_acquire(ptr, v)	__xchg_order(ptr, v, __ATOMIC_ACQUIRE)
#define xchg_release(ptr, v)	__xchg_order(ptr, v, __ATOMIC_RELEASE)
#define cmpxchg(ptr, o, n)	__cmpxchg_order(ptr, o, n, __ATOMIC_SEQ_CST)
#define cmpxchg_relaxed(ptr, o, n) __cmpxchg_order(ptr, o, n, __ATOMIC_RELAXED)
#define cmpxchg_acquire(ptr, o, n) __cmpxchg_order(ptr, o, n, __ATOMIC_ACQUIRE)
#define cmpxchg_release(ptr, o, n) __cmpxchg_order(ptr, o, n, __ATOMIC_RELEASE)
#define cmpxchg64(ptr, o, n)	cmpxchg(ptr, o, n)
#define try_cmpxchg(ptr, oldp, n) __try_cmpxchg_order(ptr, oldp, n, __ATOMIC_SEQ_CST)
#define try_cmpxchg_relaxed(ptr, oldp, n) __try_cmpxchg_order(ptr, oldp, n, __ATOMIC_RELAXED)
#define try_cmpxchg_acquire(ptr, oldp, n) __try_cmpxchg_order(ptr, oldp, n, __ATOMIC_ACQUIRE)
#define try_cmpxchg_release(ptr, oldp, n) __try_cmpxchg_order(ptr, oldp, n, __ATOMIC_RELEASE)
#define try_cmpxchg64(ptr, oldp, n) try_cmpxchg(ptr, oldp, n)
/* model: atomic also against other CPUs, which the kernel's need not be */
#define cmpxchg_local(ptr, o, n) cmpxchg_relaxed(ptr, o, n)
#define try_cmpxchg_local(ptr, oldp, n) try_cmpxchg_relaxed(ptr, oldp, n)

#endif /* __ASM_CMPXCHG_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory barriers.
 *
 * same contract.  Stand-alone barriers are sequentially consistent fences, which
 * TSan does not see; acquire loads and release stores it does.  On the engine "replay"
 * with --memory tso or weak they order what may be out of order there.  smp_cond_load_*()
 * is a spin in the kernel; the engine's decision points make progress inside it.
 */
#ifndef __ASM_BARRIER_H
#define __ASM_BARRIER_H

#include <linux/compiler.h>
#include <engine/engine.h>

static __always_inline void __smp_fence(void)
{
	if (exec_point_is_weak(EXEC_POINT_MARKED, NULL))
		memory_barrier(MEMORY_MB);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Not decision points: they change nothing that others see. */
static __always_inline void __smp_read_fence(void)
{
	if (memory_is_weak())
		memory_barrier(MEMORY_RMB);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static __always_inline void __smp_write_fence(void)
{
	if (memory_is_weak())
		memory_barrier(MEMORY_WMB);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

#define smp_mb()	__smp_fence()
#define smp_rmb()	__smp_read_fence()
#define smp_wmb()	__smp_write_fence()
#define __smp_mb()	smp_mb()
#define __smp_rmb()	smp_rmb()
#define __smp_wmb()	smp_wmb()
#define mb()		smp_mb()
#define rmb()		smp_rmb()
#define wmb()		smp_wmb()
#define dma_rmb()	smp_rmb()
#define dma_wmb()	smp_wmb()
#define smp_mb__before_atomic()	smp_mb()
#define smp_mb__after_atomic()	smp_mb()
#define smp_mb__after_spinlock() smp_mb()
#define smp_acquire__after_ctrl_dep() smp_rmb()

#define smp_load_acquire(p)	\
	__read_once(*(p), *#p == '&' ? #p : "->", __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__write_once(*(p), v, __ATOMIC_RELEASE)
#define smp_store_mb(var, value) \
	do { __write_once(var, value, __ATOMIC_SEQ_CST); smp_mb(); } while (0)

/* A loop until a condition of another CPU comes true; others run meanwhile. */
#define __smp_cond_load(ptr, cond_expr, order) ({			\
	typeof(ptr) __scl_ptr = (ptr);					\
	union { typeof(*ptr) __val; char __c[sizeof(*ptr)]; } __scl_u;	\
	for (;;) {							\
		__read_once_size(__scl_ptr, __scl_u.__c, sizeof(*ptr), order); \
		if (memory_is_weak())					\
			__read_once_weak(__scl_ptr, __scl_u.__c, sizeof(*ptr), \
					 __once_how(__scl_u.__val, "->", order)); \
		typeof(__scl_u.__val + 0) VAL = __scl_u.__val;		\
		if (cond_expr)						\
			break;						\
		exec_spin((const void *)__scl_ptr);		\
	}								\
	__scl_u.__val; })
#define smp_cond_load_relaxed(ptr, cond_expr) \
	__smp_cond_load(ptr, cond_expr, __ATOMIC_RELAXED)
#define smp_cond_load_acquire(ptr, cond_expr) \
	__smp_cond_load(ptr, cond_expr, __ATOMIC_ACQUIRE)

#define array_index_nospec(index, size) (index)
#define barrier_nospec() barrier()

#endif /* __ASM_BARRIER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU variables.
 *
 * same: definition, access and the this_cpu_*() families.  Static ones live in the
 * section percpu_data, a template that is copied for every CPU at boot; dynamic
 * ones get offsets behind it.  A per-CPU pointer is an address in the template, or
 * past its end: following it without per_cpu_ptr() and friends is wrong, as in the
 * kernel.
 * this_cpu_*(): atomic against interrupts of the CPU (and in the shim against all).
 * __this_cpu_*(), raw_cpu_*(): not atomic; the first check that the CPU cannot change.
 */
#ifndef _LINUX_PERCPU_DEFS_H
#define _LINUX_PERCPU_DEFS_H

#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#define __percpu_section	__attribute__((section("percpu_data")))

#define DECLARE_PER_CPU(type, name)		extern __typeof__(type) name
#define DEFINE_PER_CPU(type, name)		__percpu_section __typeof__(type) name
#define DECLARE_PER_CPU_ALIGNED(type, name)	\
	extern __typeof__(type) name __attribute__((aligned(64)))
#define DEFINE_PER_CPU_ALIGNED(type, name)	\
	__percpu_section __typeof__(type) name __attribute__((aligned(64)))
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name) DECLARE_PER_CPU_ALIGNED(type, name)
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) DEFINE_PER_CPU_ALIGNED(type, name)
#define DECLARE_PER_CPU_PAGE_ALIGNED(type, name)	\
	extern __typeof__(type) name __attribute__((aligned(4096)))
#define DEFINE_PER_CPU_PAGE_ALIGNED(type, name)	\
	__percpu_section __typeof__(type) name __attribute__((aligned(4096)))
#define DECLARE_PER_CPU_READ_MOSTLY(type, name)	DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_READ_MOSTLY(type, name)	DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_FIRST(type, name)	DECLARE_PER_CPU(type, name)
#define DEFINE_PER_CPU_FIRST(type, name)	DEFINE_PER_CPU(type, name)
#define EXPORT_PER_CPU_SYMBOL(var)
#define EXPORT_PER_CPU_SYMBOL_GPL(var)

/* shim: distance from a template address to CPU @cpu's copy; checks @cpu */
unsigned long per_cpu_offset(unsigned int cpu);
unsigned long exec_this_cpu_offset(void);

#define __exec_shift_ptr(ptr, off)						\
	((__typeof__(*(ptr)) *)((unsigned long)(ptr) + (off)))
#define per_cpu_ptr(ptr, cpu)	__exec_shift_ptr(ptr, per_cpu_offset(cpu))
#define raw_cpu_ptr(ptr)	__exec_shift_ptr(ptr, exec_this_cpu_offset())
#define this_cpu_ptr(ptr)							\
	__exec_shift_ptr(ptr, per_cpu_offset(exec_checked_cpu("this_cpu_ptr()")))
#define per_cpu(var, cpu)	(*per_cpu_ptr(&(var), cpu))

#define get_cpu_var(var)	(*({ preempt_disable(); this_cpu_ptr(&(var)); }))
#define put_cpu_var(var)	do { (void)&(var); preempt_enable(); } while (0)
#define get_cpu_ptr(ptr)	({ preempt_disable(); this_cpu_ptr(ptr); })
#define put_cpu_ptr(ptr)	do { (void)(ptr); preempt_enable(); } while (0)

/* this_cpu_*(): one relaxed atomic access, so no interrupt can come between. */
#define this_cpu_read(pcp)	__atomic_load_n(raw_cpu_ptr(&(pcp)), __ATOMIC_RELAXED)
#define this_cpu_write(pcp, val)						\
	__atomic_store_n(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED)
#define this_cpu_add(pcp, val)							\
	((void)__atomic_fetch_add(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED))
#define this_cpu_sub(pcp, val)							\
	((void)__atomic_fetch_sub(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED))
#define this_cpu_and(pcp, val)							\
	((void)__atomic_fetch_and(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED))
#define this_cpu_or(pcp, val)							\
	((void)__atomic_fetch_or(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED))
#define this_cpu_inc(pcp)	this_cpu_add(pcp, 1)
#define this_cpu_dec(pcp)	this_cpu_sub(pcp, 1)
#define this_cpu_add_return(pcp, val)						\
	__atomic_add_fetch(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED)
#define this_cpu_sub_return(pcp, val)						\
	__atomic_sub_fetch(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED)
#define this_cpu_inc_return(pcp)	this_cpu_add_return(pcp, 1)
#define this_cpu_dec_return(pcp)	this_cpu_sub_return(pcp, 1)
#define this_cpu_xchg(pcp, val)							\
	__atomic_exchange_n(raw_cpu_ptr(&(pcp)), (__typeof__(pcp))(val), __ATOMIC_RELAXED)
#define this_cpu_cmpxchg(pcp, oval, nval)					\
({										\
	__typeof__(pcp) __tcc_old = (oval);					\
	__atomic_compare_exchange_n(raw_cpu_ptr(&(pcp)), &__tcc_old,		\
				    (__typeof__(pcp))(nval), false,		\
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);	\
	__tcc_old;								\
})

/* raw_cpu_*(): load and store are single, the pair is not atomic. */
#define raw_cpu_read(pcp)	this_cpu_read(pcp)
#define raw_cpu_write(pcp, val)	this_cpu_write(pcp, val)
#define raw_cpu_add_return(pcp, val)						\
({										\
	__typeof__(&(pcp)) __rca_p = raw_cpu_ptr(&(pcp));			\
	__typeof__(pcp) __rca_v = __atomic_load_n(__rca_p, __ATOMIC_RELAXED) +	\
				  (__typeof__(pcp))(val);			\
	__atomic_store_n(__rca_p, __rca_v, __ATOMIC_RELAXED);			\
	__rca_v;								\
})
#define raw_cpu_add(pcp, val)	((void)raw_cpu_add_return(pcp, val))
#define raw_cpu_sub(pcp, val)	((void)raw_cpu_add_return(pcp, -(__typeof__(pcp))(val)))
#define raw_cpu_inc(pcp)	raw_cpu_add(pcp, 1)
#define raw_cpu_dec(pcp)	raw_cpu_sub(pcp, 1)
#define raw_cpu_xchg(pcp, val)							\
({										\
	__typeof__(pcp) __rcx_old = raw_cpu_read(pcp);				\
	raw_cpu_write(pcp, val);						\
	__rcx_old;								\
})

#define __this_cpu_check()	((void)exec_checked_cpu("__this_cpu operation"))
#define __this_cpu_read(pcp)	({ __this_cpu_check(); raw_cpu_read(pcp); })
#define __this_cpu_write(pcp, val) ({ __this_cpu_check(); raw_cpu_write(pcp, val); })
#define __this_cpu_add(pcp, val) ({ __this_cpu_check(); raw_cpu_add(pcp, val); })
#define __this_cpu_sub(pcp, val) ({ __this_cpu_check(); raw_cpu_sub(pcp, val); })
#define __this_cpu_inc(pcp)	__this_cpu_add(pcp, 1)
#define __this_cpu_dec(pcp)	__this_cpu_sub(pcp, 1)
#define __this_cpu_add_return(pcp, val) ({ __this_cpu_check(); raw_cpu_add_return(pcp, val); })
#define __this_cpu_sub_return(pcp, val)						\
	({ __this_cpu_check(); raw_cpu_add_return(pcp, -(__typeof__(pcp))(val)); })
#define __this_cpu_inc_return(pcp)	__this_cpu_add_return(pcp, 1)
#define __this_cpu_dec_return(pcp)	__this_cpu_sub_return(pcp, 1)
#define __this_cpu_xchg(pcp, val) ({ __this_cpu_check(); raw_cpu_xchg(pcp, val); })

#endif /* _LINUX_PERCPU_DEFS_H */

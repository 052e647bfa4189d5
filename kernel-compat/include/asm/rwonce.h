/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marked accesses.
 *
 * same contract; each is a relaxed atomic access of 1, 2, 4 or 8 bytes (scalars, and
 * structs or unions of those sizes such as pte_t) and a decision point of the engine.
 */
#ifndef __ASM_RWONCE_H
#define __ASM_RWONCE_H

#include <linux/compiler_types.h>
#include <linux/types.h>
#include <exec/engine.h>

typedef u8  __attribute__((__may_alias__)) __once_u8;
typedef u16 __attribute__((__may_alias__)) __once_u16;
typedef u32 __attribute__((__may_alias__)) __once_u32;
typedef u64 __attribute__((__may_alias__)) __once_u64;

#define __once_bad_size() __builtin_trap()

/* Copy *p to *res with one relaxed or acquire load. */
static __always_inline void __read_once_size(const volatile void *p, void *res,
					     size_t size, int order)
{
	switch (size) {
	case 1:
		*(__once_u8 *)res = __atomic_load_n((const volatile __once_u8 *)p, order);
		break;
	case 2:
		*(__once_u16 *)res = __atomic_load_n((const volatile __once_u16 *)p, order);
		break;
	case 4:
		*(__once_u32 *)res = __atomic_load_n((const volatile __once_u32 *)p, order);
		break;
	case 8:
		*(__once_u64 *)res = __atomic_load_n((const volatile __once_u64 *)p, order);
		break;
	default:
		__once_bad_size();
	}
}

/* Copy *val to *p with one relaxed, release or sequentially consistent store. */
static __always_inline void __write_once_size(volatile void *p, const void *val,
					      size_t size, int order)
{
	switch (size) {
	case 1:
		__atomic_store_n((volatile __once_u8 *)p, *(const __once_u8 *)val, order);
		break;
	case 2:
		__atomic_store_n((volatile __once_u16 *)p, *(const __once_u16 *)val, order);
		break;
	case 4:
		__atomic_store_n((volatile __once_u32 *)p, *(const __once_u32 *)val, order);
		break;
	case 8:
		__atomic_store_n((volatile __once_u64 *)p, *(const __once_u64 *)val, order);
		break;
	default:
		__once_bad_size();
	}
}

#define __once_assert(x) \
	_Static_assert(__native_word(x), "marked access of an unsupported size")

/* The union drops const and volatile from the type of @x. */
#define __read_once(x, order) __extension__ ({				\
	union { typeof(x) __val; char __c[sizeof(x)]; } __u;		\
	__once_assert(x);						\
	exec_point(EXEC_POINT_MARKED, (const void *)&(x));		\
	__read_once_size(&(x), __u.__c, sizeof(x), (order));		\
	__u.__val; })

#define __write_once(x, val, order) __extension__ ({			\
	union { typeof(x) __val; char __c[sizeof(x)]; } __u =		\
		{ .__val = (val) };			\
	__once_assert(x);						\
	exec_point(EXEC_POINT_MARKED, (const void *)&(x));		\
	__write_once_size(&(x), __u.__c, sizeof(x), (order));		\
	(void)0; })

#define READ_ONCE(x)		__read_once(x, __ATOMIC_RELAXED)
#define __READ_ONCE(x)		__read_once(x, __ATOMIC_RELAXED)
#define READ_ONCE_NOCHECK(x)	__read_once(x, __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val)	__write_once(x, val, __ATOMIC_RELAXED)
#define __WRITE_ONCE(x, val)	__write_once(x, val, __ATOMIC_RELAXED)

#endif /* __ASM_RWONCE_H */

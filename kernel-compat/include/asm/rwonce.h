/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marked accesses.
 *
 * same contract; each is a relaxed atomic access of 1, 2, 4 or 8 bytes (scalars, and
 * structs or unions of those sizes such as pte_t) and a decision point of the engine.
 * Stores may be delayed and loads be early (machine/replay.h: replay_memory_use()).
 */
#ifndef __ASM_RWONCE_H
#define __ASM_RWONCE_H

#include <linux/compiler_types.h>
#include <linux/types.h>
#include <engine/engine.h>
#include <engine/memory_model.h>

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

/*
 * What *res might be as well. Its address goes nowhere, or ASan would surround it on the stack of
 * each function with a marked access.
 */
static __always_inline void __read_once_weak(const volatile void *p, void *res, size_t size,
					     unsigned int how)
{
	u64 val = 0;

	__builtin_memcpy(&val, res, size);
	val = memory_load(p, val, size, how);
	__builtin_memcpy(res, &val, size);
}

#define __once_assert(x) \
	_Static_assert(__native_word(x), "marked access of an unsupported size")

/* A number cannot be an address, a bool neither: gcc says 1 (integer) for it, clang 4. */
#define __once_may_be_address(x)					\
	(__builtin_classify_type(x) != 1 && __builtin_classify_type(x) != 4)

/* What weak memory has to know of a load of @x, whose expression is @text. */
#define __once_how(x, text, order)					\
	((__once_may_be_address(x) ? MEMORY_ADDRESS : 0) |		\
	 ((order) != __ATOMIC_RELAXED ? MEMORY_ACQUIRE : 0) |		\
	 (__builtin_strpbrk(text, "[(") ? MEMORY_INDEXED :		\
	  __builtin_strpbrk(text, "*->") ? 0 : MEMORY_KNOWN))

/* The union drops const and volatile from the type of @x. */
#define __read_once_kind(x, text, order, kind) __extension__ ({		\
	union { typeof(x) __val; char __c[sizeof(x)]; } __u;		\
	const volatile void *__once_p = &(x);				\
	bool __is_weak;							\
	__once_assert(x);						\
	__is_weak = exec_point_is_weak((kind) | EXEC_POINT_READS, __once_p); \
	__read_once_size(__once_p, __u.__c, sizeof(x), (order));	\
	if (__is_weak)							\
		__read_once_weak(__once_p, __u.__c, sizeof(x),		\
				 __once_how(__u.__val, text, order));	\
	__u.__val; })
#define __read_once(x, text, order)					\
	__read_once_kind(x, text, order, EXEC_POINT_MARKED)

#define __write_once(x, val, order) __extension__ ({			\
	union { typeof(x) __val; char __c[sizeof(x)]; } __u =		\
		{ .__val = (val) };					\
	volatile void *__once_p = (volatile void *)&(x);		\
	__once_assert(x);						\
	if (exec_point_is_weak(EXEC_POINT_MARKED, __once_p))		\
		memory_store(__once_p, sizeof(x), (order) != __ATOMIC_RELAXED); \
	__write_once_size(__once_p, __u.__c, sizeof(x), (order));	\
	(void)0; })

#define READ_ONCE(x)		__read_once(x, #x, __ATOMIC_RELAXED)
#define __READ_ONCE(x)		__read_once(x, #x, __ATOMIC_RELAXED)
#define READ_ONCE_NOCHECK(x)	__read_once(x, #x, __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val)	__write_once(x, val, __ATOMIC_RELAXED)
#define __WRITE_ONCE(x, val)	__write_once(x, val, __ATOMIC_RELAXED)

#endif /* __ASM_RWONCE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* same: the attribute macros this tree uses. */
#ifndef __LINUX_COMPILER_ATTRIBUTES_H
#define __LINUX_COMPILER_ATTRIBUTES_H

#define __alias(symbol)			__attribute__((__alias__(#symbol)))
#define __aligned(x)			__attribute__((__aligned__(x)))
#define __aligned_largest		__attribute__((__aligned__))
#define __alloc_size(...)		__attribute__((__alloc_size__(__VA_ARGS__)))
#define __always_unused			__attribute__((__unused__))
#define __assume_aligned(a, ...)	__attribute__((__assume_aligned__(a, ##__VA_ARGS__)))
#define __cleanup(func)			__attribute__((__cleanup__(func)))
#define __cold				__attribute__((__cold__))
#define __counted_by(member)
#define __deprecated
#define __designated_init
#define __flatten			__attribute__((__flatten__))
#define __gnu_inline			__attribute__((__gnu_inline__))
#define __malloc			__attribute__((__malloc__))
#define __maybe_unused			__attribute__((__unused__))
#define __mode(x)			__attribute__((__mode__(x)))
#define __must_check			__attribute__((__warn_unused_result__))
#define __noreturn			__attribute__((__noreturn__))
#define __nonstring			__attribute__((__nonstring__))
#define __packed			__attribute__((__packed__))
#define __printf(a, b)			__attribute__((__format__(printf, a, b)))
#define __scanf(a, b)			__attribute__((__format__(scanf, a, b)))
#define __pure				__attribute__((__pure__))
#define __section(section)		__attribute__((__section__(section)))
#define __used				__attribute__((__used__))
#define __visible			__attribute__((__externally_visible__))
#define __weak				__attribute__((__weak__))
#ifndef __attribute_const__
#define __attribute_const__		__attribute__((__const__))
#endif
#define noinline			__attribute__((__noinline__))
#define fallthrough			__attribute__((__fallthrough__))

/*
 * shim: entries of a section stay in the order they are written in; a pointer that is
 * passed on but not followed.
 */
#ifdef __clang__
#define __no_reorder
#define __not_followed(n)
#else
#define __no_reorder			__attribute__((__no_reorder__))
#define __not_followed(n)		__attribute__((__access__(__none__, n)))
#endif

#ifdef __clang__
#undef __visible
#define __visible
#undef __nonstring
#define __nonstring
#endif

#endif /* __LINUX_COMPILER_ATTRIBUTES_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same: likely(), barrier(), data_race(), READ_ONCE() and WRITE_ONCE().
 */
#ifndef __LINUX_COMPILER_H
#define __LINUX_COMPILER_H

#include <linux/compiler_types.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define likely_notrace(x) likely(x)
#define unlikely_notrace(x) unlikely(x)

#define barrier()	__asm__ __volatile__("" : : : "memory")
#define barrier_data(ptr) __asm__ __volatile__("" : : "r"(ptr) : "memory")
#define OPTIMIZER_HIDE_VAR(var) __asm__("" : "=r"(var) : "0"(var))
#define RELOC_HIDE(ptr, off) ((typeof(ptr))((unsigned long)(ptr) + (off)))

#ifndef unreachable
#define unreachable()	__builtin_unreachable()
#endif

#define __must_be_array(a) BUILD_BUG_ON_ZERO(__same_type((a), &(a)[0]))
#define is_signed_type(type) (((type)(-1)) < (__force type)1)
#define is_unsigned_type(type) (!is_signed_type(type))

#ifndef _THIS_IP_
#define _THIS_IP_ ({ __label__ __here; __here: (unsigned long)&&__here; })
#endif
#define _RET_IP_ ((unsigned long)__builtin_return_address(0))

#include <asm/rwonce.h>

/*
 * A race that the code under test argues to be harmless: TSan is told to look away
 * while the expression is evaluated, as KCSAN is in the kernel.
 */
#define data_race(expr) ({						\
	__data_race_begin();						\
	__auto_type __data_race_val = (expr);				\
	__data_race_end();						\
	__data_race_val; })

#if defined(__SANITIZE_THREAD__)
#define __SHIM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SHIM_TSAN 1
#endif
#endif

#ifdef __SHIM_TSAN
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
static __always_inline void __data_race_begin(void)
{
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}

static __always_inline void __data_race_end(void)
{
	AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
#else
#define __data_race_begin() ((void)0)
#define __data_race_end() ((void)0)
#endif

#define ASSERT_EXCLUSIVE_WRITER(var) ((void)0)
#define ASSERT_EXCLUSIVE_ACCESS(var) ((void)0)

#endif /* __LINUX_COMPILER_H */

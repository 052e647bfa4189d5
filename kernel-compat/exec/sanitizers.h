/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sanitizers are told: where one fiber ends and the next begins, and orderings that
 * they cannot see. Nothing in a build without them.
 *
 * A file that is built without instrumentation cannot see that the others are; the build
 * tells it by AUTONUMA_TSAN or AUTONUMA_ASAN.
 */
#ifndef _EXEC_SANITIZERS_H
#define _EXEC_SANITIZERS_H

#include <stddef.h>

#if defined(AUTONUMA_ASAN) || defined(__SANITIZE_ADDRESS__)
#define EXEC_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EXEC_ASAN 1
#endif
#endif

#if defined(AUTONUMA_TSAN) || defined(__SANITIZE_THREAD__)
#define EXEC_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define EXEC_TSAN 1
#endif
#endif

/*
 * On small functions that run all the time and touch nothing but what they are about, and on
 * those that look at poisoned memory. TSan sees them.
 */
#define __unsanitized	__attribute__((no_sanitize("address", "undefined")))

#ifdef EXEC_ASAN
void __sanitizer_start_switch_fiber(void **fake_stack_save, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *fake_stack_save, const void **bottom_old,
				     size_t *size_old);
void *__asan_get_current_fake_stack(void);
void __asan_poison_memory_region(const volatile void *addr, size_t size);
void __asan_unpoison_memory_region(const volatile void *addr, size_t size);
#define exec_poison		__asan_poison_memory_region
#define exec_unpoison		__asan_unpoison_memory_region
#else
static inline void __sanitizer_start_switch_fiber(void **fake_stack_save, const void *bottom,
						  size_t size) { }
static inline void __sanitizer_finish_switch_fiber(void *fake_stack_save,
						   const void **bottom_old, size_t *size_old) { }
static inline void *__asan_get_current_fake_stack(void) { return NULL; }
static inline void exec_poison(const void *addr, size_t size) { }
static inline void exec_unpoison(const void *addr, size_t size) { }
#endif

#ifdef EXEC_TSAN
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned int flags);
void __tsan_switch_to_fiber(void *fiber, unsigned int flags);
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
#else
static inline void *__tsan_get_current_fiber(void) { return NULL; }
static inline void *__tsan_create_fiber(unsigned int flags) { return NULL; }
static inline void __tsan_switch_to_fiber(void *fiber, unsigned int flags) { }
static inline void __tsan_acquire(void *addr) { }
static inline void __tsan_release(void *addr) { }
#endif

#endif /* _EXEC_SANITIZERS_H */

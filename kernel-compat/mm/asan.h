/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Telling AddressSanitizer and valgrind which simulated memory may be touched.
 */
#ifndef _MM_ASAN_H
#define _MM_ASAN_H

#include <linux/types.h>
#include <exec/sanitizers.h>

#ifdef EXEC_ASAN
#include <sanitizer/asan_interface.h>
static inline void asan_poison(const void *addr, size_t size)
{
	__asan_poison_memory_region(addr, size);
}
static inline void asan_unpoison(const void *addr, size_t size)
{
	__asan_unpoison_memory_region(addr, size);
}
/* Of memory of which all may be touched, or nothing. */
static inline bool asan_is_poisoned(const void *addr)
{
	return __asan_address_is_poisoned(addr);
}
#define ASAN_ON true
#else
static inline void asan_poison(const void *addr, size_t size) { }
static inline void asan_unpoison(const void *addr, size_t size) { }
static inline bool asan_is_poisoned(const void *addr) { return false; }
#define ASAN_ON false
#endif

#endif /* _MM_ASAN_H */

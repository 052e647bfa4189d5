/* SPDX-License-Identifier: GPL-2.0 */
/* same: ranges of the kernel's types. */
#ifndef __SHIM_LINUX_LIMITS_H
#define __SHIM_LINUX_LIMITS_H

#include_next <linux/limits.h>
#include <stdint.h>

#ifndef CHAR_BIT
#define CHAR_BIT	8
#endif
#ifndef INT_MAX
#define SHRT_MAX	0x7fff
#define SHRT_MIN	(-SHRT_MAX - 1)
#define USHRT_MAX	0xffff
#define INT_MAX		0x7fffffff
#define INT_MIN		(-INT_MAX - 1)
#define UINT_MAX	0xffffffffU
#define LONG_MAX	0x7fffffffffffffffL
#define LONG_MIN	(-LONG_MAX - 1L)
#define ULONG_MAX	0xffffffffffffffffUL
#endif
#ifndef LLONG_MAX
#define LLONG_MAX	0x7fffffffffffffffLL
#define LLONG_MIN	(-LLONG_MAX - 1LL)
#define ULLONG_MAX	0xffffffffffffffffULL
#endif
#define U8_MAX		((u8)0xff)
#define S8_MAX		((s8)0x7f)
#define S8_MIN		((s8)-0x80)
#define U16_MAX		((u16)0xffff)
#define S16_MAX		((s16)0x7fff)
#define S16_MIN		((s16)-0x8000)
#define U32_MAX		((u32)0xffffffff)
#define S32_MAX		((s32)0x7fffffff)
#define S32_MIN		((s32)(-0x7fffffff - 1))
#define U64_MAX		((u64)~0ULL)
#define S64_MAX		((s64)(U64_MAX >> 1))
#define S64_MIN		((s64)(-S64_MAX - 1))

#endif /* __SHIM_LINUX_LIMITS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* same: x86 is little-endian. */
#ifndef __SHIM_ASM_BYTEORDER_H
#define __SHIM_ASM_BYTEORDER_H

#include_next <asm/byteorder.h>

#ifndef cpu_to_le64
#define cpu_to_le64 __cpu_to_le64
#define le64_to_cpu __le64_to_cpu
#define cpu_to_le32 __cpu_to_le32
#define le32_to_cpu __le32_to_cpu
#define cpu_to_be64 __cpu_to_be64
#define be64_to_cpu __be64_to_cpu
#endif

#endif /* __SHIM_ASM_BYTEORDER_H */

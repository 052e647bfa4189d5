/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same: the kernel's formats, with %pS %ps %pB (symbol), %pe (error), %p*b and %p*bl
 * (bitmap), %pV, %px and %pK.  Other %p letters print the address.
 */
#ifndef _LINUX_KERNEL_SPRINTF_H
#define _LINUX_KERNEL_SPRINTF_H

#include <stdarg.h>
#include <stdio.h>	/* declares the host's functions before the names change hands */
#include <linux/compiler_types.h>
#include <linux/types.h>

struct va_format {
	const char *fmt;
	va_list *va;
};

__printf(3, 0) int kernel_vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int kernel_snprintf(char *buf, size_t size, const char *fmt, ...);
__printf(2, 3) int kernel_sprintf(char *buf, const char *fmt, ...);
__printf(3, 0) int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...);
__printf(2, 3) __malloc char *kasprintf(gfp_t gfp, const char *fmt, ...);
__printf(2, 0) __malloc char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);

#define vsnprintf kernel_vsnprintf
#define snprintf kernel_snprintf
#define sprintf kernel_sprintf

#endif /* _LINUX_KERNEL_SPRINTF_H */

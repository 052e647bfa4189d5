/* SPDX-License-Identifier: GPL-2.0 */
/* model: the host's, in the C locale; the kernel's also knows Latin-1. */
#ifndef _LINUX_CTYPE_H
#define _LINUX_CTYPE_H

#include <ctype.h>

#endif /* _LINUX_CTYPE_H */

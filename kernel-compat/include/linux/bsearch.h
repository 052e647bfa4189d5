/* SPDX-License-Identifier: GPL-2.0 */
/* same: the C library's. */
#ifndef _LINUX_BSEARCH_H
#define _LINUX_BSEARCH_H

#include <stdlib.h>

#endif /* _LINUX_BSEARCH_H */

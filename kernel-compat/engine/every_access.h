/* SPDX-License-Identifier: GPL-2.0 */
/* What the build "every" asks weak memory; engine/every_access.c. */
#ifndef _ENGINE_EVERY_ACCESS_H
#define _ENGINE_EVERY_ACCESS_H

#include <linux/types.h>

/* Does a plain store of another context to these bytes wait to be seen? */
bool memory_plain_store_waits(const volatile void *p, size_t size);

#endif /* _ENGINE_EVERY_ACCESS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* model: vmalloc() is kmalloc() of any size; see linux/slab.h. */
#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H

#include <linux/slab.h>

#define vmalloc(size)		kvmalloc(size, GFP_KERNEL)
#define vzalloc(size)		kvzalloc(size, GFP_KERNEL)
#define vmalloc_node(size, nid)	kvmalloc_node(size, GFP_KERNEL, nid)
#define vzalloc_node(size, nid)	kvmalloc_node(size, GFP_KERNEL | __GFP_ZERO, nid)
#define vfree(addr)		kvfree(addr)

#endif /* _LINUX_VMALLOC_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef __SHIM_LINUX_STDDEF_H
#define __SHIM_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>
#include <stdbool.h>

#define sizeof_field(type, member) sizeof((((type *)0)->member))
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))
#ifndef struct_group
#define struct_group(name, members...) __struct_group(/* no tag */, name, /* no attrs */, members)
#define struct_group_tagged(tag, name, members...) \
	__struct_group(tag, name, /* no attrs */, members)
#endif
#ifndef DECLARE_FLEX_ARRAY
#define DECLARE_FLEX_ARRAY(type, name) __DECLARE_FLEX_ARRAY(type, name)
#endif

#endif /* __SHIM_LINUX_STDDEF_H */

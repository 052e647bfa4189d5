/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Initcalls and boot parameters.
 *
 * same: levels run in order, within a level in link order; a failing initcall is logged.
 * __setup() and early_param() see the command line of machine_config at boot, before
 * any initcall; early ones first.
 */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/stringify.h>
#include <linux/types.h>

typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

/* One entry of section "initcalls". */
struct initcall_entry {
	initcall_t fn;
	int level;
	const char *name;
};

#define ___define_initcall(fn, lvl, id)						\
	static const struct initcall_entry __PASTE(__initcall_##fn##_, id)	\
	__used __no_reorder __section("initcalls") __aligned(8) =				\
		{ (fn), (lvl), #fn }
#define __define_initcall(fn, lvl) ___define_initcall(fn, lvl, __COUNTER__)

#define early_initcall(fn)		__define_initcall(fn, 0)
#define pure_initcall(fn)		__define_initcall(fn, 5)
#define core_initcall(fn)		__define_initcall(fn, 10)
#define core_initcall_sync(fn)		__define_initcall(fn, 11)
#define postcore_initcall(fn)		__define_initcall(fn, 20)
#define postcore_initcall_sync(fn)	__define_initcall(fn, 21)
#define arch_initcall(fn)		__define_initcall(fn, 30)
#define subsys_initcall(fn)		__define_initcall(fn, 40)
#define subsys_initcall_sync(fn)	__define_initcall(fn, 41)
#define fs_initcall(fn)			__define_initcall(fn, 50)
#define rootfs_initcall(fn)		__define_initcall(fn, 55)
#define device_initcall(fn)		__define_initcall(fn, 60)
#define device_initcall_sync(fn)	__define_initcall(fn, 61)
#define late_initcall(fn)		__define_initcall(fn, 70)
#define late_initcall_sync(fn)		__define_initcall(fn, 71)
#define __initcall(fn)			device_initcall(fn)

/* model: exit calls of built-in code are never run, as in a kernel. */
#define __exitcall(fn) static exitcall_t __exitcall_##fn __used = fn

/* One entry of section "obs_params". */
struct obs_kernel_param {
	const char *str;
	int (*setup_func)(char *arg);
	int early;
};

#define __setup_param(str, unique_id, fn, early)				\
	static const struct obs_kernel_param __setup_##unique_id		\
	__used __no_reorder __section("obs_params") __aligned(8) = { str, fn, early }
#define __setup(str, fn)	__setup_param(str, fn, fn, 0)
#define early_param(str, fn)	__setup_param(str, fn, fn, 1)

#endif /* _LINUX_INIT_H */

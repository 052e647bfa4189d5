/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters of built-in modules: "name.param=value" on the command line, with
 * name from KBUILD_MODNAME.
 *
 * model: bool, int, uint, ulong and charp; not shown in /sys/module.  A parameter set by
 * one boot keeps its value only until shutdown.
 */
#ifndef _LINUX_MODULE_PARAMS_H
#define _LINUX_MODULE_PARAMS_H

#include <linux/init.h>
#include <linux/types.h>

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "kernel"
#endif

struct kernel_param;

struct kernel_param_ops {
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
	size_t size;		/* shim: of *arg, to restore it at shutdown; at most 8 */
};

/* One entry of section "module_params". */
struct kernel_param {
	const char *module;
	const char *name;
	const struct kernel_param_ops *ops;
	umode_t perm;
	void *arg;
};

extern const struct kernel_param_ops param_ops_bool, param_ops_int, param_ops_uint,
	param_ops_ulong, param_ops_charp;

#define module_param_cb(pname, pops, parg, pperm)				\
	static const struct kernel_param __param_##pname			\
	__used __no_reorder __section("module_params") __aligned(8) = {			\
		.module = KBUILD_MODNAME, .name = #pname, .ops = (pops),	\
		.perm = (pperm), .arg = (parg) }
#define module_param_named(pname, value, type, pperm) \
	module_param_cb(pname, &param_ops_##type, &(value), pperm)
#define module_param(name, type, perm) module_param_named(name, name, type, perm)
#define MODULE_PARM_DESC(parm, desc)

int param_set_bool(const char *val, const struct kernel_param *kp);
int param_set_int(const char *val, const struct kernel_param *kp);
int param_set_uint(const char *val, const struct kernel_param *kp);
int param_set_ulong(const char *val, const struct kernel_param *kp);
int param_set_charp(const char *val, const struct kernel_param *kp);

#endif /* _LINUX_MODULE_PARAMS_H */

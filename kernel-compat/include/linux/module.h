/* SPDX-License-Identifier: GPL-2.0 */
/* model: everything is built in; module_init() is a device_initcall(). */
#ifndef _SHIM_LINUX_MODULE_H
#define _SHIM_LINUX_MODULE_H

#include <linux/export.h>
#include <linux/init.h>
#include <linux/moduleparam.h>

struct module;

#define module_init(fn)		device_initcall(fn)
#define module_exit(fn)		__exitcall(fn)
#define MODULE_LICENSE(x)
#define MODULE_AUTHOR(x)
#define MODULE_DESCRIPTION(x)
#define MODULE_ALIAS(x)
#define MODULE_IMPORT_NS(x)
#define MODULE_VERSION(x)

#endif /* _SHIM_LINUX_MODULE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef _SHIM_LINUX_STAT_H
#define _SHIM_LINUX_STAT_H

#include_next <linux/stat.h>

#ifndef S_IRUGO
#ifndef S_IRUSR
#define S_IRUSR 00400
#define S_IWUSR 00200
#define S_IXUSR 00100
#define S_IRGRP 00040
#define S_IWGRP 00020
#define S_IROTH 00004
#define S_IWOTH 00002
#endif
#define S_IRUGO (S_IRUSR | S_IRGRP | S_IROTH)
#define S_IWUGO (S_IWUSR | S_IWGRP | S_IWOTH)
#endif

#endif /* _SHIM_LINUX_STAT_H */

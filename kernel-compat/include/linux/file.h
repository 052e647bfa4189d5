/* SPDX-License-Identifier: GPL-2.0 */
/* fput(). same; it is in linux/fs.h. */
#ifndef _LINUX_FILE_H
#define _LINUX_FILE_H

#include <linux/fs.h>

#endif /* _LINUX_FILE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* same: the kernel's error numbers, also those that never reach user space. */
#ifndef __SHIM_LINUX_ERRNO_H
#define __SHIM_LINUX_ERRNO_H

#include_next <linux/errno.h>

#define ERESTARTSYS		512
#define ERESTARTNOINTR		513
#define ERESTARTNOHAND		514
#define ENOIOCTLCMD		515
#define ERESTART_RESTARTBLOCK	516
#define EPROBE_DEFER		517
#define EOPENSTALE		518
#define ENOPARAM		519
#define EBADHANDLE		521
#define ENOTSYNC		522
#define EBADCOOKIE		523
#ifndef ENOTSUPP
#define ENOTSUPP		524
#endif
#define ETOOSMALL		525
#define ESERVERFAULT		526
#define EBADTYPE		527
#define EJUKEBOX		528
#define EIOCBQUEUED		529

#endif /* __SHIM_LINUX_ERRNO_H */

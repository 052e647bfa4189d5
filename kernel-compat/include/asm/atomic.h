/* SPDX-License-Identifier: GPL-2.0 */
/* same: everything is in linux/atomic.h. */
#include <linux/atomic.h>

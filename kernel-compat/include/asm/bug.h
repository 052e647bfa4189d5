/* SPDX-License-Identifier: GPL-2.0 */
/* same: everything is in linux/bug.h. */
#include <linux/bug.h>

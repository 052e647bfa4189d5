/* SPDX-License-Identifier: GPL-2.0 */
/* model: see linux/jump_label.h. */
#include <linux/jump_label.h>

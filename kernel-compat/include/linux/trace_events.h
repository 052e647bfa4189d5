/* SPDX-License-Identifier: GPL-2.0 */
/* model: see linux/tracepoint.h. */
#ifndef _LINUX_TRACE_EVENT_H
#define _LINUX_TRACE_EVENT_H

#include <linux/tracepoint.h>

#endif /* _LINUX_TRACE_EVENT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Stack traces. same, by frame pointers; entries are host return addresses. */
#ifndef _LINUX_STACKTRACE_H
#define _LINUX_STACKTRACE_H

#include <linux/types.h>

unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skipnr);
void stack_trace_print(const unsigned long *trace, unsigned int nr_entries, int spaces);
void dump_stack(void);

#endif /* _LINUX_STACKTRACE_H */

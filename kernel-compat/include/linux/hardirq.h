/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupt entry and exit. same; handlers are called by timers and IPIs only. */
#ifndef _LINUX_HARDIRQ_H
#define _LINUX_HARDIRQ_H

#include <linux/preempt.h>
#include <linux/bottom_half.h>
#include <linux/irqflags.h>

void irq_enter(void);
void irq_exit(void);
/* model: handlers run to their end before anybody else notices them */
static inline void synchronize_irq(unsigned int irq) { }

#endif /* _LINUX_HARDIRQ_H */

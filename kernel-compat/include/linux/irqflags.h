/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt flag.
 *
 * same: local_irq_*().  Disabling interrupts holds the virtual CPU's interrupt
 * gate: an IPI to it waits until they are enabled again.  Enabling what is enabled
 * and restoring to a state that does not fit are VIOLATION_IRQ_STATE.
 */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

#include <linux/types.h>
#include <linux/preempt.h>

void exec_irq_disable(void);
void exec_irq_enable(void);

#define raw_irqs_disabled()	(current_exec()->irqs_off)
#define irqs_disabled()		(current_exec()->irqs_off)
#define irqs_disabled_flags(f)	((f) != 0)
#define raw_irqs_disabled_flags(f) ((f) != 0)

static __always_inline unsigned long exec_irq_save(void)
{
	if (current_exec()->irqs_off)
		return 1;
	exec_irq_disable();
	return 0;
}

void exec_irq_restore(unsigned long flags);

#define local_irq_disable()	do { if (!irqs_disabled()) exec_irq_disable(); } while (0)
#define local_irq_enable()	exec_irq_enable()
#define local_irq_save(flags)	do { (flags) = exec_irq_save(); } while (0)
#define local_irq_restore(flags) exec_irq_restore(flags)
#define local_save_flags(flags)	do { (flags) = irqs_disabled(); } while (0)
#define raw_local_irq_save(flags)	local_irq_save(flags)
#define raw_local_irq_restore(flags)	local_irq_restore(flags)
#define raw_local_irq_disable()	local_irq_disable()
#define raw_local_irq_enable()	local_irq_enable()

#endif /* _LINUX_IRQFLAGS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * model: cpu_relax() lets another context go on, where contexts take turns, and lets
 * virtual time pass for a task that has long spun where it may be interrupted.
 */
#ifndef _ASM_X86_PROCESSOR_H
#define _ASM_X86_PROCESSOR_H

#include <engine/engine.h>

static inline void cpu_relax(void)
{
	exec_spin(NULL);
}

#endif /* _ASM_X86_PROCESSOR_H */

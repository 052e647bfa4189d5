/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens of itself under the engine "replay": grace periods end, softirqs run, timers
 * expire, interrupts arrive, when the strategy says so. See async.c.
 */
#ifndef _EXEC_ASYNC_H
#define _EXEC_ASYNC_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <machine/replay.h>

struct vcpu;

/* REPLAY_ASYNC_* that happen of themselves now; 0 unless a strategy decides. */
extern u32 exec_async;
/* Interrupts that arrived on virtual CPUs and were not taken. */
extern u32 exec_arrived;

/*
 * What is gone into when a schedule begins, and left before it ends. If @every schedule is
 * searched, only where a test or its user asked for it: there are many more of them.
 */
void exec_async_start(bool every);
void exec_async_stop(void);

/* Something of the kinds @kinds may be due. Any context. */
void __exec_async_kick(u32 kinds);
static inline void exec_async_kick(u32 kinds)
{
	kinds &= __atomic_load_n(&exec_async, __ATOMIC_RELAXED);
	if (unlikely(kinds))
		__exec_async_kick(kinds);
}

/* At a decision point: take the interrupt that arrived on this CPU, if it may. */
void exec_take_interrupt(void);

/* machine_quiesce() begins, or ends: no timer expires until its caller sleeps again. */
void exec_async_quiesce(bool begin);

/* Does nobody run on @v, or only in virtual time, and no interrupt? A momentary answer. */
bool exec_cpu_free(struct vcpu *v);
/*
 * No CPU is at this moment where preemption, bottom halves or interrupts are disabled. Those
 * that are kick REPLAY_ASYNC_RCU when they are no more.
 */
bool exec_cpus_quiescent(void);
/* An interrupt arrives on @v, which is not free. */
void exec_arrive(struct vcpu *v);
/* Is one to be taken there by who runs? Not any more if he left: it is to be taken for him. */
bool exec_is_arriving(struct vcpu *v);

#endif /* _EXEC_ASYNC_H */

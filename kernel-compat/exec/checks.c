// SPDX-License-Identifier: GPL-2.0
/* Assertions on the context the caller runs in. */
#include <linux/irqflags.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <machine/violation.h>
#include <exec/vcpu.h>

bool exec_may_sleep(void)
{
	return !current_exec()->preempt_count && !current_exec()->irqs_off &&
	       !rcu_preempt_depth() && !(current->flags & PF_IDLE && vcpus);
}

static void bad_sleep(const char *file, int line)
{
	violation(VIOLATION_ATOMIC_SLEEP,
		  "sleeping function called from invalid context at %s:%d: preempt_count %#x, "
		  "RCU depth %d, interrupts %s", file, line, preempt_count(), rcu_preempt_depth(),
		  irqs_disabled() ? "off" : "on");
}

/* Also complains about a sleep in a state that a wake-up would end. */
void __might_sleep(const char *file, int line)
{
	if (unlikely(READ_ONCE(current->__state) != TASK_RUNNING) && vcpus)
		violation(VIOLATION_ATOMIC_SLEEP,
			  "do not call blocking operations when state is %#x, at %s:%d",
			  current->__state, file, line);
	__might_resched(file, line, 0);
}

void __might_resched(const char *file, int line, unsigned int offsets)
{
	if (unlikely(!exec_may_sleep()))
		bad_sleep(file, line);
	if (__preempt_due())
		__preempt_point();
}

void __cant_sleep(const char *file, int line, int preempt_offset)
{
	if (unlikely(!irqs_disabled() && preempt_count() <= preempt_offset))
		violation(VIOLATION_ATOMIC_SLEEP, "assumed to be atomic at %s:%d", file, line);
}

void __preempt_count_bad(int val)
{
	violation(VIOLATION_PREEMPT, "preempt_count %#x changed by %d", preempt_count(), val);
}

void set_special_state_exec(unsigned int state)
{
	struct task_struct *p = current;

	/* Wake-ups hold the same lock: none can overwrite @state with TASK_RUNNING. */
	xlock(&p->exec.lock);
	WRITE_ONCE(p->__state, state);
	xunlock(&p->exec.lock);
}

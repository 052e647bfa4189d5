// SPDX-License-Identifier: GPL-2.0
/* Starting simulated programs, their fork and clone. */
#include <linux/err.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <machine/program.h>
#include <exec/vcpu.h>

static struct task_struct *start(int cpu, const char *comm, program_fn fn, void *arg)
{
	struct kernel_clone_args args = {
		.fn = fn, .fn_arg = arg, .name = comm, .node = NUMA_NO_NODE, .cpu = cpu,
		.fresh_mm = true,
	};
	struct task_struct *p = copy_process_model(&args);

	if (IS_ERR(p))
		return NULL;
	get_task_struct(p);
	wake_up_new_task(p);
	return p;
}

struct task_struct *program_start(const char *comm, program_fn fn, void *arg)
{
	return start(-1, comm, fn, arg);
}

struct task_struct *program_start_on(unsigned int cpu, const char *comm,
				     program_fn fn, void *arg)
{
	return start(cpu, comm, fn, arg);
}

static long clone(u64 flags, program_fn fn, void *arg, int cpu)
{
	struct kernel_clone_args args = {
		.flags = flags, .fn = fn, .fn_arg = arg, .node = NUMA_NO_NODE, .cpu = cpu,
	};
	struct task_struct *p;
	long ret;

	if (cpu >= (int)nr_cpu_ids)
		return -EINVAL;
	p = copy_process_model(&args);
	if (IS_ERR(p)) {
		ret = PTR_ERR(p);
	} else {
		ret = p->pid;
		wake_up_new_task(p);
	}
	exec_return_to_user();
	return ret;
}

long sys_fork(program_fn child, void *arg)
{
	return clone(0, child, arg, -1);
}

long sys_clone_thread(program_fn fn, void *arg, int cpu)
{
	return clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, fn, arg,
		     cpu);
}

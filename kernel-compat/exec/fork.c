// SPDX-License-Identifier: GPL-2.0
/* Birth of tasks: task_structs, pids, the task lists, the start of a context. */
#include <setjmp.h>
#include <string.h>

#include <linux/autonuma.h>
#include <linux/err.h>
#include <linux/rbtree.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/topology.h>
#include <machine/inject.h>
#include <machine/program.h>
#include <machine/violation.h>
#include <engine/memory_model.h>
#include <exec/hooks.h>
#include <exec/host_memory.h>
#include <exec/vcpu.h>

#define PID_BUCKETS	1024

DEFINE_RWLOCK(tasklist_lock);

static struct signal_struct init_signals;
struct task_struct init_task = {
	.__state = TASK_RUNNING,
	.flags = PF_KTHREAD | PF_IDLE,
	.comm = "swapper/0",
	.nr_cpus_allowed = 1,
	.cpus_ptr = &init_task.cpus_mask,
	.tasks = LIST_HEAD_INIT(init_task.tasks),
	.signal = &init_signals,
	.group_leader = &init_task,
	.real_parent = &init_task,
};

static struct {
	struct xlock lock;			/* everything here */
	struct list_head tasks;			/* every task_struct but the idle ones */
	pid_t last_pid;
	unsigned long nr_forks;
} all;
static struct hlist_head pid_hash[PID_BUCKETS];	/* written under tasklist_lock; RCU */

static struct hlist_head *pid_bucket(pid_t nr)
{
	return &pid_hash[(unsigned int)nr % PID_BUCKETS];
}

struct task_struct *find_task_by_vpid(pid_t nr)
{
	struct task_struct *p;

	hlist_for_each_entry_rcu(p, pid_bucket(nr), exec.pid_node)
		if (p->pid == nr)
			return p;
	return NULL;
}

struct task_struct *find_get_task_by_vpid(pid_t nr)
{
	struct task_struct *p;

	rcu_read_lock();
	p = find_task_by_vpid(nr);
	if (p)
		get_task_struct(p);
	rcu_read_unlock();
	return p;
}

void exec_attach_pid(struct task_struct *p)
{
	hlist_add_head_rcu(&p->exec.pid_node, pid_bucket(p->pid));
}

void exec_detach_pid(struct task_struct *p)
{
	hlist_del_rcu(&p->exec.pid_node);
}

/* The next free number; they wrap like the kernel's. */
pid_t exec_alloc_pid(void)
{
	pid_t nr;

	for (;;) {
		bool used;

		xlock(&all.lock);
		nr = ++all.last_pid;
		if (nr >= PID_MAX_LIMIT)
			nr = all.last_pid = 300;
		xunlock(&all.lock);
		rcu_read_lock();
		used = find_task_by_vpid(nr) != NULL;
		rcu_read_unlock();
		if (!used)
			return nr;
	}
}

void exec_for_each_task(void (*fn)(struct task_struct *p, void *arg), void *arg)
{
	struct task_struct *p;

	xlock(&all.lock);
	list_for_each_entry(p, &all.tasks, exec.all_node)
		fn(p, arg);
	xunlock(&all.lock);
}

/* What every task begins with, idle ones too. */
static void init_task_struct(struct task_struct *p)
{
	refcount_set(&p->usage, 1);
	refcount_set(&p->rcu_users, 2);
	raw_spin_lock_init(&p->pi_lock);
	spin_lock_init(&p->alloc_lock);
	INIT_LIST_HEAD(&p->tasks);
	INIT_LIST_HEAD(&p->thread_node);
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->sibling);
	RB_CLEAR_NODE(&p->se.run_node);
	p->se.exec_start = exec_now();
	INIT_LIST_HEAD(&p->exec.all_node);
	p->exec.dest_cpu = -1;
	vtimer_init(&p->exec.pay_timer, exec_pay_timer_fire);
	vtimer_init(&p->exec.sleep_timer, exec_sleep_timer_fire);
	p->cpus_ptr = &p->cpus_mask;
	p->group_leader = p;
	p->start_time = exec_now();
	p->mems_allowed = node_states[N_MEMORY];
	rcu_task_init(p);
}

struct task_struct *exec_alloc_task(int node)
{
	struct task_struct *p = host_zalloc(1, sizeof(*p));

	if (!p)
		return NULL;
	memory_object(p, sizeof(*p));
	init_task_struct(p);
	xlock(&all.lock);
	list_add_tail(&p->exec.all_node, &all.tasks);
	all.nr_forks++;
	xunlock(&all.lock);
	return p;
}

void exec_init_idle(struct task_struct *idle, unsigned int cpu)
{
	init_task_struct(idle);
	idle->flags = PF_KTHREAD | PF_IDLE;
	idle->exec.cpu = cpu;
	cpumask_clear(&idle->cpus_mask);
	cpumask_set_cpu(cpu, &idle->cpus_mask);
	idle->nr_cpus_allowed = 1;
	idle->signal = &init_signals;
	idle->real_parent = &init_task;
	idle->active_mm = exec_init_mm();
	snprintf(idle->comm, sizeof(idle->comm), "swapper/%u", cpu);
}

static void put_signal_struct(struct signal_struct *sig)
{
	if (!refcount_dec_and_test(&sig->sigcnt))
		return;
	exec_free_joinable(sig);
	memory_forget(sig, sizeof(*sig));
	host_free(sig);
}

/*
 * The last reference is gone; waits for the context's last instructions.  A task
 * that drops its own last reference, at power off when callbacks need no grace
 * period, is left to exec_free_dead().
 */
void __put_task_struct(struct task_struct *p)
{
	if (p == exec_base_task())
		return;
	if (p->exec.ctx)
		exec_engine->join(p->exec.ctx);
	xlock(&all.lock);
	list_del(&p->exec.all_node);
	xunlock(&all.lock);
	autonuma_task_free(p);
	free_kthread_struct(p);
	tlb_ubc_free(p);
	if (p->signal && p->signal != &init_signals)
		put_signal_struct(p->signal);
	memory_forget(p, sizeof(*p));
	host_free(p);
}

static void delayed_put_task_struct(struct rcu_head *rhp)
{
	put_task_struct(container_of(rhp, struct task_struct, rcu));
}

/* rcu_users is held by the task lists and by the scheduler. */
void put_task_struct_rcu_user(struct task_struct *p)
{
	if (refcount_dec_and_test(&p->rcu_users))
		call_rcu(&p->rcu, delayed_put_task_struct);
}

static struct signal_struct *new_signal(void)
{
	struct signal_struct *sig = host_zalloc(1, sizeof(*sig));

	if (!sig)
		return NULL;
	memory_object(sig, sizeof(*sig));
	refcount_set(&sig->sigcnt, 1);
	atomic_set(&sig->live, 1);
	sig->nr_threads = 1;
	INIT_LIST_HEAD(&sig->thread_head);
	INIT_LIST_HEAD(&sig->joinable);
	return sig;
}

/* Where it may run, and where its first CPU is looked for. */
static void inherit_cpus(struct task_struct *p, const struct kernel_clone_args *args)
{
	unsigned int cpu = task_cpu(current);

	if (args->cpu >= 0) {
		cpumask_clear(&p->cpus_mask);
		cpumask_set_cpu(args->cpu, &p->cpus_mask);
		cpu = args->cpu;
	} else if (args->kthread || !current->exec.user) {
		cpumask_copy(&p->cpus_mask, cpu_possible_mask);
	} else {
		cpumask_copy(&p->cpus_mask, current->cpus_ptr);
	}
	p->nr_cpus_allowed = cpumask_weight(&p->cpus_mask);
	if (args->node != NUMA_NO_NODE && args->cpu < 0 &&
	    !cpumask_empty(cpumask_of_node(args->node)))
		cpu = cpumask_first(cpumask_of_node(args->node));
	p->exec.cpu = p->wake_cpu = cpu;
}

/* Fields a new task takes from the one that makes it. */
static void inherit(struct task_struct *p, const struct kernel_clone_args *args)
{
	p->flags = (current->flags & ~(PF_IDLE | PF_WQ_WORKER | PF_EXITING | PF_KTHREAD |
				       PF_NO_SETAFFINITY | PF_MEMALLOC | PF_MEMALLOC_PIN |
				       PF_NOFREEZE)) | PF_FORKNOEXEC;
	if (args->kthread)
		p->flags |= PF_KTHREAD;
	/* Who looks for programs finds the task already. */
	WRITE_ONCE(p->exec.user, !args->kthread);
	p->exec.fn = args->fn;
	p->exec.arg = args->fn_arg;
	/* Given by knuma_scand at any time; the hook of the core replaces the copy. */
	p->task_autonuma = READ_ONCE(current->task_autonuma);
	set_task_comm(p, args->name ? args->name : current->comm);
	inherit_cpus(p, args);
}

/* Onto the lists everybody walks. From here on others can find @p. */
static void publish(struct task_struct *p, bool thread)
{
	write_lock_irq(&tasklist_lock);
	if (thread) {
		p->real_parent = current->real_parent;
		WRITE_ONCE(p->signal->nr_threads, p->signal->nr_threads + 1);
		atomic_inc(&p->signal->live);
		refcount_inc(&p->signal->sigcnt);
	} else {
		p->real_parent = p->exec.user && current->exec.user ? current->group_leader :
				 exec_init_process();
		list_add_tail(&p->sibling, &p->real_parent->children);
		list_add_tail_rcu(&p->tasks, &init_task.tasks);
	}
	list_add_tail_rcu(&p->thread_node, &p->signal->thread_head);
	exec_attach_pid(p);
	write_unlock_irq(&tasklist_lock);
}

/*
 * A new task in state TASK_NEW, on the task lists; wake_up_new_task() starts it.
 * ERR_PTR(-ENOMEM) when out of memory. Process context.
 */
struct task_struct *copy_process_model(const struct kernel_clone_args *args)
{
	bool thread = args->flags & CLONE_THREAD;
	struct task_struct *p = !args->kthread && inject_fail(INJECT_FORK) ? NULL : exec_alloc_task(args->node);
	int err = -ENOMEM;

	if (!p)
		return ERR_PTR(-ENOMEM);
	p->__state = TASK_NEW;
	inherit(p, args);
	autonuma_task_fork(p);
	p->pid = exec_alloc_pid();
	p->tgid = thread ? current->tgid : p->pid;
	p->group_leader = thread ? current->group_leader : p;
	p->signal = thread ? current->signal : new_signal();
	if (!p->signal)
		goto free;
	err = exec_mpol_copy(p);
	if (err)
		goto free_signal;
	err = args->fresh_mm ? program_new_mm(p) : args->kthread ? 0 : copy_mm(args->flags, p);
	if (err)
		goto free_policy;
	publish(p, thread);
	return p;
free_policy:
	mpol_put_task_policy(p);
free_signal:
	if (thread)
		p->signal = NULL;
free:
	__put_task_struct(p);
	return ERR_PTR(err);
}

/*
 * Base of every task's host stack. do_exit() and execve come back here, so that
 * they work from any depth.
 */
static void task_main(void *arg)
{
	struct task_struct *p = arg;
	jmp_buf base;

	exec_set_current(p);
	p->exec.stack_top = (unsigned long)__builtin_frame_address(0) + CTX_STACK_SLACK;
	p->exec.base = base;
	p->exec.preempt_count = 1;
	rcu_ctx_start();
	exec_take_cpu();
	if (_setjmp(base) != EXEC_BASE_EXIT)
		do_exit(p->exec.fn(p->exec.arg));
	rcu_ctx_stop();
	exec_set_current(&init_task);
}

void exec_start_context(struct task_struct *p)
{
	p->exec.ctx = exec_engine->start(task_main, p, p->comm);
}

void exec_restart_program(int (*fn)(void *), void *arg)
{
	struct task_struct *p = current;

	p->exec.fn = fn;
	p->exec.arg = arg;
	longjmp(p->exec.base, EXEC_BASE_RESTART);
}

void exec_program(int (*fn)(void *), void *arg)
{
	exec_restart_program(fn, arg);
}

struct task_struct *exec_create_kthread(int (*fn)(void *), void *arg, int node,
					const char *comm)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES, .fn = fn, .fn_arg = arg,
		.name = comm, .node = node, .cpu = -1, .kthread = true,
	};

	struct task_struct *p = copy_process_model(&args);

	/* Nobody runs it yet: an ordinary wake-up starts it. */
	if (!IS_ERR(p))
		WRITE_ONCE(p->__state, TASK_UNINTERRUPTIBLE);
	return p;
}

pid_t kernel_thread(int (*fn)(void *), void *arg, const char *name, unsigned long flags)
{
	struct task_struct *p = exec_create_kthread(fn, arg, NUMA_NO_NODE, name);
	pid_t nr;

	if (IS_ERR(p))
		return PTR_ERR(p);
	nr = p->pid;
	wake_up_new_task(p);
	return nr;
}

void set_task_comm(struct task_struct *p, const char *from)
{
	unsigned int i;

	/* Readers may see a mix of old and new, never an unterminated name. */
	for (i = 0; i < TASK_COMM_LEN - 1 && from[i]; i++)
		WRITE_ONCE(p->comm[i], from[i]);
	for (; i < TASK_COMM_LEN; i++)
		WRITE_ONCE(p->comm[i], 0);
}

static void report_leak(struct task_struct *p, void *arg)
{
	struct task_struct **found = arg;

	if (p != exec_init_process() && !*found)
		*found = p;
}

static void count_program(struct task_struct *p, void *nr)
{
	*(unsigned long *)nr += !(p->flags & PF_KTHREAD);
}

unsigned long exec_nr_programs(void)
{
	unsigned long nr = 0;

	exec_for_each_task(count_program, &nr);
	return nr;
}

static void find_dead(struct task_struct *p, void *arg)
{
	if (!refcount_read(&p->usage))
		*(struct task_struct **)arg = p;
}

/* Free the tasks that could not free themselves. */
void exec_free_dead(void)
{
	struct task_struct *p;

	do {
		p = NULL;
		exec_for_each_task(find_dead, &p);
		if (p)
			__put_task_struct(p);
	} while (p);
}

void exec_check_task_leaks(void)
{
	struct task_struct *p = NULL;

	exec_for_each_task(report_leak, &p);
	if (p)
		violation(VIOLATION_LEAK, "task %s/%d is left: exit_state %#x, usage %u", p->comm,
			  p->pid, p->exit_state, refcount_read(&p->usage));
}

void exec_tasks_boot(void)
{
	int i;

	INIT_LIST_HEAD(&all.tasks);
	all.last_pid = 0;
	INIT_LIST_HEAD(&init_task.tasks);
	INIT_LIST_HEAD(&init_signals.thread_head);
	INIT_LIST_HEAD(&init_signals.joinable);
	for (i = 0; i < PID_BUCKETS; i++)
		INIT_HLIST_HEAD(&pid_hash[i]);
}

/* The context that boots the machine becomes its init: pid 1, on CPU 0. */
struct task_struct *exec_adopt_caller(void *stack_top)
{
	struct task_struct *p = exec_alloc_task(0);

	if (!p)
		return NULL;
	p->flags = PF_KTHREAD;
	p->pid = p->tgid = exec_alloc_pid();
	p->signal = new_signal();
	p->real_parent = &init_task;
	cpumask_copy(&p->cpus_mask, cpu_possible_mask);
	p->nr_cpus_allowed = cpumask_weight(&p->cpus_mask);
	set_task_comm(p, "init");
	p->exec.stack_top = (unsigned long)stack_top + CTX_STACK_SLACK;
	p->exec.run = p->exec.on_cpu = 1;
	__atomic_store_n(&p->exec.on_rq, true, __ATOMIC_RELAXED);
	p->exec.cpu = 0;
	p->active_mm = vcpus[0].idle->active_mm;
	vcpus[0].idle->active_mm = NULL;
	sched_adopt(cpu_rq(0), p);
	exec_awake(1);
	exec_set_current(p);
	exec_set_init_process(p);
	return p;
}

/* Power off: the lists end here, the booting context is no task any more. */
void exec_drop_caller(void)
{
	struct task_struct *p = exec_init_process();

	exec_set_init_process(NULL);
	p->exec.ctx = NULL;
	exec_awake(-1);
	exec_set_current(&init_task);
	xlock(&all.lock);
	list_del(&p->exec.all_node);
	xunlock(&all.lock);
	free_kthread_struct(p);
	tlb_ubc_free(p);
	exec_free_joinable(p->signal);
	host_free(p->signal);
	host_free(p);
}

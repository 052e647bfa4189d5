// SPDX-License-Identifier: GPL-2.0
/* Death of tasks: do_exit(), zombies, waiting for and reaping them; SIGKILL. */
#include <setjmp.h>
#include <stdlib.h>

#include <linux/debug_locks.h>
#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>
#include <machine/program.h>
#include <machine/violation.h>
#include <exec/hooks.h>
#include <exec/host_memory.h>
#include <exec/vcpu.h>

/* A thread that has exited and was not joined yet. */
struct joinable {
	struct list_head node;
	pid_t tid;
	int code;
};

/* Tasks that wait for somebody's exit; all are woken by every exit. */
static struct {
	struct xlock lock;
	struct list_head waiters;
} exits = { .waiters = LIST_HEAD_INIT(exits.waiters) };

struct exit_waiter {
	struct list_head node;
	struct task_struct *task;
};

static struct task_struct *init_process;

struct task_struct *exec_init_process(void)
{
	return __atomic_load_n(&init_process, __ATOMIC_RELAXED);
}

void exec_set_init_process(struct task_struct *p)
{
	__atomic_store_n(&init_process, p, __ATOMIC_RELAXED);
}

static void wake_exit_waiters(void)
{
	struct exit_waiter *w;

	xlock(&exits.lock);
	list_for_each_entry(w, &exits.waiters, node)
		exec_wake(w->task, TASK_NORMAL);
	xunlock(&exits.lock);
}

/*
 * Sleep until @done(@arg) is not 0, looking again at every exit; returns that, or
 * -EINTR for a killed task. @p: whose exit that is, NULL: of any. Process context.
 */
static long wait_for_exit(long (*done)(void *arg), void *arg, struct task_struct *p)
{
	struct exit_waiter w = { .task = current };
	long ret;

	xlock(&exits.lock);
	list_add_tail(&w.node, &exits.waiters);
	xunlock(&exits.lock);
	if (p)
		lock_wait_for_task(p, TASK_KILLABLE);
	for (;;) {
		set_current_state(TASK_KILLABLE);
		ret = done(arg);
		if (ret)
			break;
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	if (p)
		lock_wait_over();
	xlock(&exits.lock);
	list_del(&w.node);
	xunlock(&exits.lock);
	return ret;
}

void exec_free_joinable(struct signal_struct *sig)
{
	struct joinable *j, *next;

	list_for_each_entry_safe(j, next, &sig->joinable, node)
		host_free(j);
	INIT_LIST_HEAD(&sig->joinable);
}

/* Off the lists; the reference of the lists goes after a grace period. */
void release_task(struct task_struct *p)
{
	struct task_struct *leader = p->group_leader;
	bool last;

	write_lock_irq(&tasklist_lock);
	exec_detach_pid(p);
	list_del_rcu(&p->thread_node);
	/* Read without the lock by reapable(). */
	WRITE_ONCE(p->signal->nr_threads, p->signal->nr_threads - 1);
	last = p->signal->nr_threads == 1 && p != leader;
	if (p == leader) {
		list_del_rcu(&p->tasks);
		list_del_init(&p->sibling);
	}
	write_unlock_irq(&tasklist_lock);
	put_task_struct_rcu_user(p);
	if (last)
		wake_exit_waiters();
}

/* A leader can be reaped once it is a zombie and its threads are gone. */
static bool reapable(struct task_struct *p)
{
	/* Pairs with exit_notify(). */
	return smp_load_acquire(&p->exit_state) == EXIT_ZOMBIE &&
	       READ_ONCE(p->signal->nr_threads) == 1;
}

/* Exactly one caller reaps. */
static bool reap(struct task_struct *p)
{
	int zombie = EXIT_ZOMBIE;

	if (!reapable(p) || !__atomic_compare_exchange_n(&p->exit_state, &zombie, EXIT_DEAD, false,
							 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return false;
	release_task(p);
	return true;
}

static void note_joinable(struct task_struct *p)
{
	struct joinable *j = host_alloc(sizeof(*j));

	if (!j)
		abort();
	j->tid = p->pid;
	j->code = p->exit_code;
	xlock(&p->signal->join_lock);
	list_add_tail(&j->node, &p->signal->joinable);
	xunlock(&p->signal->join_lock);
}

/* Children of a dead process become init's. tasklist_lock held. */
static void forget_children(struct task_struct *p)
{
	struct task_struct *child, *next, *init = exec_init_process();

	list_for_each_entry_safe(child, next, &p->children, sibling) {
		WRITE_ONCE(child->real_parent, init);
		list_move_tail(&child->sibling, &init->children);
	}
}

/* Become a zombie, or vanish: threads and kernel threads are reaped at once. */
static void exit_notify(struct task_struct *p)
{
	bool auto_reap = p != p->group_leader || !p->exec.user;

	if (p != p->group_leader)
		note_joinable(p);
	write_lock_irq(&tasklist_lock);
	if (p == p->group_leader)
		forget_children(p);
	/* Pairs with reapable() and process_gone(): who sees it reads exit_code. */
	smp_store_release(&p->exit_state, auto_reap ? EXIT_DEAD : EXIT_ZOMBIE);
	write_unlock_irq(&tasklist_lock);
	if (auto_reap)
		release_task(p);
	wake_exit_waiters();
}

static void exit_checks(struct task_struct *p)
{
	if (in_interrupt() || p != exec_base_task())
		violation(VIOLATION_BUG, "do_exit() in an interrupt");
	if (p == exec_init_process())
		violation(VIOLATION_BUG, "attempt to kill init");
	lock_check_exit(p);
	if (p->exec.xlocks)
		violation(VIOLATION_LOCK_LEAKED, "%s/%d exits with %d locks of the shim held",
			  p->comm, p->pid, p->exec.xlocks);
	if (p->exec.irqs_off)
		violation(VIOLATION_IRQ_STATE, "%s/%d exits with interrupts disabled", p->comm,
			  p->pid);
	if (p->exec.preempt_count)
		violation(VIOLATION_PREEMPT, "%s/%d exits with preempt_count %#x", p->comm, p->pid,
			  p->exec.preempt_count);
	rcu_task_exit(p);
}

/* End the running task. From any depth of its stack. */
void do_exit(long code)
{
	struct task_struct *p = current;

	exit_checks(p);
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(p->flags, p->flags | PF_EXITING);
	p->exit_code = code;
	exec_pay(true);
	exit_mm();
	exit_task_work(p);
	sched_exit_swap(p);
	mpol_put_task_policy(p);
	kthread_task_exit(p);
	atomic_dec(&p->signal->live);
	exit_notify(p);
	preempt_disable();
	set_special_state(TASK_DEAD);
	exec_final_switch();
	/*
	 * The scheduler's reference, once no reader finds us in rq->curr any more. We own
	 * no CPU. The struct stays until this context has ended: __put_task_struct() joins it.
	 */
	put_task_struct_rcu_user(p);
	longjmp(p->exec.base, EXEC_BASE_EXIT);
}

void sys_exit(int status)
{
	do_exit(status);
}

/* What a violation that was caught left behind in the running task. */
void exec_unwind_task(struct task_struct *p)
{
	while (current != p) {
		struct task_struct *idle = current, *from = idle->exec.irq_from;

		idle->exec.preempt_count = 0;
		idle->exec.irqs_off = false;
		idle->exec.irq_from = NULL;
		lock_forget_held(idle);
		exec_set_current(from);
		xunlock(&vcpus[idle->exec.cpu].gate);
	}
	lock_forget_held(p);
	rcu_task_forget(p);
	p->exec.preempt_count = 0;
	if (p->exec.irqs_off) {
		p->exec.irqs_off = false;
		xunlock(&vcpus[p->exec.cpu].gate);
	}
	p->exec.xlocks = 0;
	vtimer_cancel(&p->exec.sleep_timer);
	vtimer_cancel(&p->exec.pay_timer);
	__atomic_store_n(&p->exec.paying, 0, __ATOMIC_RELAXED);
	__set_current_state(TASK_RUNNING);
}

/* Signals */

int signal_pending(struct task_struct *p)
{
	return test_tsk_thread_flag(p, TIF_SIGPENDING);
}

int fatal_signal_pending(struct task_struct *p)
{
	return signal_pending(p);
}

int signal_pending_state(unsigned int state, struct task_struct *p)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)))
		return 0;
	return signal_pending(p);
}

void flush_signals(struct task_struct *t)
{
	clear_tsk_thread_flag(t, TIF_SIGPENDING);
}

static void kill_one(struct task_struct *t)
{
	set_tsk_thread_flag(t, TIF_SIGPENDING);
	exec_wake(t, TASK_INTERRUPTIBLE | TASK_WAKEKILL);
	exec_kick_payer(t);
}

/* SIGKILL to the whole thread group. Kernel threads take no signals. */
int send_sig(int sig, struct task_struct *p, int priv)
{
	struct task_struct *t;

	if (sig != SIGKILL)
		return -EINVAL;
	if (READ_ONCE(p->flags) & PF_KTHREAD)
		return 0;
	rcu_read_lock();
	for_each_thread(p, t)
		kill_one(t);
	rcu_read_unlock();
	return 0;
}

/*
 * A program is about to run in user mode again.  A lock it still holds is reported by
 * name, before what else that lock switched off.
 */
void exec_return_to_user(void)
{
	struct task_struct *p = current;

	if (!p->exec.user)
		return;
	do {
		if (__preempt_due())
			__preempt_point();
		if (test_and_clear_tsk_thread_flag(p, TIF_NOTIFY_RESUME))
			task_work_run();
	} while (test_tsk_thread_flag(p, TIF_NOTIFY_RESUME));
	if (fatal_signal_pending(p))
		do_exit(SIGKILL);
	lock_check_user_return();
	if (p->exec.preempt_count || p->exec.irqs_off)
		violation(VIOLATION_PREEMPT, "return to user with preempt_count %#x, interrupts %s",
			  p->exec.preempt_count, p->exec.irqs_off ? "off" : "on");
}

/* Waiting */

static long process_gone(void *arg)
{
	struct task_struct *p = arg;

	/* Pairs with exit_notify(). */
	return reapable(p) || smp_load_acquire(&p->exit_state) == EXIT_DEAD;
}

int program_wait(struct task_struct *p)
{
	int code;

	while (!process_gone(p))
		wait_for_exit(process_gone, p, p);
	code = p->exit_code;
	reap(p);
	put_task_struct(p);
	return code;
}

struct join_search {
	pid_t tid;
	int code;
};

/* 1: found and taken; -ECHILD: there is no such thread; 0: it still runs. */
static long try_join(void *arg)
{
	struct signal_struct *sig = current->signal;
	struct join_search *s = arg;
	struct task_struct *t;
	struct joinable *j;
	long ret = 0;

	rcu_read_lock();
	t = find_task_by_vpid(s->tid);
	if (!t || t->signal != sig || t == current || t == t->group_leader)
		ret = -ECHILD;
	rcu_read_unlock();
	xlock(&sig->join_lock);
	list_for_each_entry(j, &sig->joinable, node)
		if (j->tid == s->tid) {
			s->code = j->code;
			list_del(&j->node);
			host_free(j);
			ret = 1;
			break;
		}
	xunlock(&sig->join_lock);
	return ret;
}

struct child_search {
	struct task_struct *parent;
	pid_t pid;			/* or -1: any */
	int code;
};

/* A zombie child to reap, with a reference; *any tells whether there are children. */
static struct task_struct *find_zombie(struct child_search *s, bool *any)
{
	struct task_struct *p, *found = NULL;

	*any = false;
	read_lock(&tasklist_lock);
	list_for_each_entry(p, &s->parent->children, sibling) {
		if (!p->exec.user || (s->pid != -1 && p->pid != s->pid))
			continue;
		*any = true;
		if (reapable(p)) {
			found = get_task_struct(p);
			break;
		}
	}
	read_unlock(&tasklist_lock);
	return found;
}

static long try_reap_child(void *arg)
{
	struct child_search *s = arg;
	bool any, mine = false;
	struct task_struct *p = find_zombie(s, &any);
	pid_t nr = 0;

	if (!p)
		return any ? 0 : -ECHILD;
	nr = p->pid;
	s->code = p->exit_code;
	mine = reap(p);
	put_task_struct(p);
	return mine ? nr : 0;
}

long sys_wait4(long pid)
{
	struct join_search join = { .tid = pid };
	struct child_search child = { .parent = current->group_leader, .pid = pid };
	struct task_struct *p = pid > 0 ? find_get_task_by_vpid(pid) : NULL;
	long ret = -ECHILD;

	if (pid > 0)
		ret = wait_for_exit(try_join, &join, p);
	if (ret == 1) {
		ret = join.code;
	} else if (ret == -ECHILD) {
		ret = wait_for_exit(try_reap_child, &child, p);
		if (ret > 0)
			ret = child.code;
	}
	if (p)
		put_task_struct(p);
	exec_return_to_user();
	return ret;
}

struct program_search {
	struct task_struct *running;
};

static void look_for_program(struct task_struct *p, void *arg)
{
	struct program_search *s = arg;

	if (READ_ONCE(p->exec.user) && READ_ONCE(p->exit_state) == 0)
		s->running = p;
}

static long no_program_runs(void *arg)
{
	struct program_search s = { };

	exec_for_each_task(look_for_program, &s);
	return !s.running;
}

/* Wait until all programs have ended, and reap what nobody waited for. */
void exec_wait_programs(void)
{
	struct child_search s = { .parent = exec_init_process(), .pid = -1 };

	wait_for_exit(no_program_runs, NULL, NULL);
	while (try_reap_child(&s) > 0)
		;
}

// SPDX-License-Identifier: GPL-2.0
/* struct timer_list and struct hrtimer on the virtual clock. */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <machine/violation.h>
#include <exec/async.h>
#include <exec/vcpu.h>

/* The moment at which jiffies becomes @j; a time that passed is now. */
static u64 when_jiffies(unsigned long j)
{
	u64 now = exec_now();
	long delta = j - jiffies;

	if (delta <= 0)
		return now;
	return now / TICK_NSEC * TICK_NSEC + (u64)delta * TICK_NSEC;
}

static void check_timer(const struct timer_list *timer, const char *what)
{
	if (unlikely(timer->magic != EXEC_TIMER_MAGIC))
		violation(VIOLATION_TIMER, "%s: timer %p was never set up", what, timer);
}

/*
 * The timer whose callback the CPU runs, in softirq or hardirq context. Whoever waits for its
 * end compares addresses: it may be gone by then.
 */
static const struct vtimer **running_here(void)
{
	return &this_vcpu()->running[in_hardirq() != 0];
}

static void set_running(const struct vtimer *t)
{
	__atomic_store_n(running_here(), t, __ATOMIC_RELEASE);
}

static bool is_running(const struct vtimer *t)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		for (int i = 0; i < 2; i++)
			if (__atomic_load_n(&vcpus[cpu].running[i], __ATOMIC_ACQUIRE) == t)
				return true;
	return false;
}

/* Until no CPU is in the callback; time may have to pass for that. */
static void wait_running(const struct vtimer *t)
{
	while (unlikely(is_running(t)))
		exec_spin(t);
}

static void call_timer(void *arg)
{
	struct timer_list *timer = arg;
	void (*fn)(struct timer_list *) = READ_ONCE(timer->function);

	set_running(&timer->vt);
	if (fn)
		fn(timer);
	set_running(NULL);
}

/* The vtimer's callback: the timer's runs in softirq context of its CPU. */
void exec_timer_fire(struct vtimer *vt)
{
	exec_softirq_call(&vcpus[vtimer_cpu(vt)], call_timer, container_of(vt, struct timer_list, vt));
}

void timer_setup(struct timer_list *timer, void (*func)(struct timer_list *), unsigned int flags)
{
	*timer = (struct timer_list){ .function = func, .flags = flags,
				      .magic = EXEC_TIMER_MAGIC };
	vtimer_init(&timer->vt, exec_timer_fire);
}

void destroy_timer_on_stack(struct timer_list *timer)
{
	if (timer_pending(timer))
		violation(VIOLATION_TIMER, "timer %p on a stack is destroyed while armed", timer);
}

int timer_pending(const struct timer_list *timer)
{
	return vtimer_armed(&timer->vt);
}

static int arm(struct timer_list *timer, unsigned long expires, unsigned int cpu)
{
	int was = timer_pending(timer);

	if (!READ_ONCE(timer->function))	/* shut down */
		return 0;
	WRITE_ONCE(timer->expires, expires);
	vtimer_arm(&timer->vt, when_jiffies(expires), cpu);
	return was;
}

void add_timer(struct timer_list *timer)
{
	check_timer(timer, "add_timer()");
	if (timer_pending(timer)) {
		violation(VIOLATION_TIMER, "add_timer(): timer %p is armed already", timer);
		return;
	}
	arm(timer, timer->expires, raw_smp_processor_id());
}

void add_timer_on(struct timer_list *timer, int cpu)
{
	check_timer(timer, "add_timer_on()");
	if (timer_pending(timer)) {
		violation(VIOLATION_TIMER, "add_timer_on(): timer %p is armed already", timer);
		return;
	}
	arm(timer, timer->expires, cpu);
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	check_timer(timer, "mod_timer()");
	return arm(timer, expires, raw_smp_processor_id());
}

int mod_timer_pending(struct timer_list *timer, unsigned long expires)
{
	check_timer(timer, "mod_timer_pending()");
	return timer_pending(timer) ? arm(timer, expires, vtimer_cpu(&timer->vt)) : 0;
}

int timer_reduce(struct timer_list *timer, unsigned long expires)
{
	check_timer(timer, "timer_reduce()");
	if (timer_pending(timer) && !time_before(expires, timer->expires))
		return 1;
	return arm(timer, expires, raw_smp_processor_id());
}

int timer_delete(struct timer_list *timer)
{
	check_timer(timer, "timer_delete()");
	return vtimer_cancel(&timer->vt);
}

/* It could be the interrupted callback that is waited for: only if irq-safe. */
static void check_may_wait(struct timer_list *timer, const char *what)
{
	if (unlikely(in_hardirq() && !(timer->flags & TIMER_IRQSAFE)))
		violation(VIOLATION_TIMER, "%s in hardirq context", what);
}

int timer_delete_sync(struct timer_list *timer)
{
	int ret = 0;

	check_may_wait(timer, "timer_delete_sync()");
	do {
		wait_running(&timer->vt);
		ret |= timer_delete(timer);
	} while (unlikely(is_running(&timer->vt)));	/* it armed itself meanwhile */
	return ret;
}

int timer_delete_sync_try(struct timer_list *timer)
{
	return is_running(&timer->vt) ? -1 : timer_delete(timer);
}

/* After this, arming does nothing until the timer is set up again. */
int timer_shutdown(struct timer_list *timer)
{
	check_timer(timer, "timer_shutdown()");
	WRITE_ONCE(timer->function, NULL);
	return vtimer_cancel(&timer->vt);
}

int timer_shutdown_sync(struct timer_list *timer)
{
	int ret;

	check_may_wait(timer, "timer_shutdown_sync()");
	ret = timer_shutdown(timer);
	wait_running(&timer->vt);
	return ret;
}

struct freed_range {
	const char *mem;
	size_t size;
	struct vtimer *found;
};

static void look_in_range(struct vtimer *t, void *arg)
{
	struct freed_range *r = arg;

	if ((const char *)t >= r->mem && (const char *)t < r->mem + r->size)
		r->found = t;
}

void exec_check_no_timer_freed(const void *mem, size_t size)
{
	struct freed_range r = { .mem = mem, .size = size };

	exec_for_each_vtimer(look_in_range, &r);
	if (unlikely(r.found)) {
		vtimer_cancel(r.found);
		violation(VIOLATION_TIMER, "memory %p of %zu bytes is freed with an armed timer",
			  mem, size);
	}
}

/* hrtimers */

static void call_hrtimer(void *arg)
{
	struct hrtimer *timer = arg;
	unsigned int cpu = vtimer_cpu(&timer->vt);

	set_running(&timer->vt);
	if (timer->function(timer) == HRTIMER_RESTART && !vtimer_armed(&timer->vt))
		vtimer_arm(&timer->vt, timer->expires, cpu);
	set_running(NULL);
}

static void hrtimer_fire(struct vtimer *vt)
{
	struct hrtimer *timer = container_of(vt, struct hrtimer, vt);
	struct vcpu *v = &vcpus[vtimer_cpu(vt)];

	if (timer->is_soft) {
		exec_softirq_call(v, call_hrtimer, timer);
		return;
	}
	exec_irq_begin(v);
	call_hrtimer(timer);
	exec_irq_end(v);
}

void hrtimer_init(struct hrtimer *timer, int clock_id, enum hrtimer_mode mode)
{
	*timer = (struct hrtimer){ .is_soft = mode & HRTIMER_MODE_SOFT };
	vtimer_init(&timer->vt, hrtimer_fire);
}

void hrtimer_start(struct hrtimer *timer, ktime_t tim, const enum hrtimer_mode mode)
{
	timer->expires = tim + (mode & HRTIMER_MODE_REL ? (s64)exec_now() : 0);
	vtimer_arm(&timer->vt, timer->expires < 0 ? 0 : timer->expires, raw_smp_processor_id());
}

/* 1 if it was armed, -1 while its callback runs. */
int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	return is_running(&timer->vt) ? -1 : vtimer_cancel(&timer->vt);
}

int hrtimer_cancel(struct hrtimer *timer)
{
	int ret;

	while ((ret = hrtimer_try_to_cancel(timer)) < 0)
		wait_running(&timer->vt);
	return ret;
}

bool hrtimer_active(const struct hrtimer *timer)
{
	return vtimer_armed(&timer->vt) || is_running(&timer->vt);
}

/* Move the expiry past @now by whole intervals; returns how many. */
u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval)
{
	u64 n;

	if (now < timer->expires)
		return 0;
	if (vtimer_armed(&timer->vt)) {
		violation(VIOLATION_TIMER, "hrtimer_forward(): timer %p is armed", timer);
		return 0;
	}
	if (interval < 1)
		interval = 1;
	n = (now - timer->expires) / interval + 1;
	timer->expires += n * interval;
	return n;
}

u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval)
{
	return hrtimer_forward(timer, exec_now(), interval);
}

/* Expiry while others run, under the engine replay; see exec/async.c. */

static bool is_soft_timer(const struct vtimer *t)
{
	return t->fn == exec_timer_fire ||
	       (t->fn == hrtimer_fire && container_of(t, struct hrtimer, vt)->is_soft);
}

static bool is_soft_here(const struct vtimer *t, void *cpu)
{
	return vtimer_cpu(t) == *(unsigned int *)cpu && is_soft_timer(t);
}

static bool is_hard_here(const struct vtimer *t, void *cpu)
{
	return vtimer_cpu(t) == *(unsigned int *)cpu && t->fn == hrtimer_fire && !is_soft_timer(t);
}

/* In an interrupt of @cpu. */
void exec_timers_due_on(unsigned int cpu)
{
	struct vtimer *t;

	while ((t = exec_pop_timer(is_hard_here, &cpu, running_here())))
		call_hrtimer(container_of(t, struct hrtimer, vt));
	exec_raise_on(&vcpus[cpu], TIMER_SOFTIRQ);
}

void exec_timer_softirq(void)
{
	unsigned int cpu = current_exec()->cpu;
	struct vtimer *t;

	while ((t = exec_pop_timer(is_soft_here, &cpu, running_here()))) {
		if (t->fn == exec_timer_fire)
			call_timer(container_of(t, struct timer_list, vt));
		else
			call_hrtimer(container_of(t, struct hrtimer, vt));
	}
}

/* Those that only wake somebody need no CPU. An interrupt that has arrived already is enough. */
static bool may_expire(const struct vtimer *t, void *unused)
{
	struct vcpu *v = &vcpus[vtimer_cpu(t)];

	return (t->fn != exec_timer_fire && t->fn != hrtimer_fire) || !exec_is_arriving(v);
}

static bool is_this(const struct vtimer *t, void *that)
{
	return t == that;
}

/*
 * Time passes until the next timer expires. On a CPU whose task runs that is an interrupt,
 * in which it will be found to be due.
 */
bool exec_timer_step(void)
{
	struct vtimer *t = exec_next_timer(may_expire, NULL);
	struct task_struct *caller = current;
	const struct vtimer **running;
	struct vcpu *v;

	if (!t)
		return false;
	v = &vcpus[vtimer_cpu(t)];
	if ((t->fn == exec_timer_fire || t->fn == hrtimer_fire) && !exec_cpu_free(v)) {
		exec_arrive(v);
		return true;
	}
	/* Nobody else ran since it was found. */
	running = &v->running[t->fn == hrtimer_fire && !is_soft_timer(t)];
	t = exec_pop_timer(is_this, t, running);
	exec_set_current(v->idle);
	t->fn(t);
	exec_set_current(caller);
	__atomic_store_n(running, NULL, __ATOMIC_RELEASE);
	return true;
}

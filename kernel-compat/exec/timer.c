// SPDX-License-Identifier: GPL-2.0
/* struct timer_list and struct hrtimer on the virtual clock. */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <machine/violation.h>
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

static void call_timer(void *arg)
{
	struct timer_list *timer = arg;
	void (*fn)(struct timer_list *) = READ_ONCE(timer->function);

	if (fn)
		fn(timer);
}

/* The vtimer's callback: the timer's runs in softirq context of its CPU. */
void exec_timer_fire(struct vtimer *vt)
{
	exec_softirq_call(&vcpus[vt->cpu], call_timer, container_of(vt, struct timer_list, vt));
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
	return timer_pending(timer) ? arm(timer, expires, timer->vt.cpu) : 0;
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
	check_may_wait(timer, "timer_delete_sync()");
	return timer_delete(timer);
}

int timer_delete_sync_try(struct timer_list *timer)
{
	return timer_delete(timer);
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
	check_may_wait(timer, "timer_shutdown_sync()");
	return timer_shutdown(timer);
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

	if (timer->function(timer) == HRTIMER_RESTART && !vtimer_armed(&timer->vt))
		vtimer_arm(&timer->vt, timer->expires, timer->vt.cpu);
}

static void hrtimer_fire(struct vtimer *vt)
{
	struct hrtimer *timer = container_of(vt, struct hrtimer, vt);
	struct vcpu *v = &vcpus[vt->cpu];

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

/* 1 if it was armed. */
int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	return vtimer_cancel(&timer->vt);
}

int hrtimer_cancel(struct hrtimer *timer)
{
	return vtimer_cancel(&timer->vt);
}

bool hrtimer_active(const struct hrtimer *timer)
{
	return vtimer_armed(&timer->vt);
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

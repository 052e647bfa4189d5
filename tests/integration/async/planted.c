// SPDX-License-Identifier: GPL-2.0
/*
 * Cases with a planted defect that only an interrupt, a timer, a softirq or the end of a grace
 * period at the wrong moment shows, and their twins without it; and cases that tell which of
 * several outcomes they saw. For async.py.
 */
#include <kunit/test.h>
#include <linux/bit_spinlock.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <machine/machine.h>
#include <machine/replay.h>

#define GOOD	0x600d600d600d600dUL

struct object {
	unsigned long value;
	unsigned long *late;		/* set after the timer was armed */
	struct timer_list timer;
	struct tasklet_struct tasklet;
	struct rcu_head rcu;
};

static struct kunit *the_test;
static struct object *the_object;
static struct completion done[2];
static int (*body[2])(void);
static unsigned long flag;
static bool right;			/* the twin without the defect */

static struct object *new_object(void)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (o)
		o->value = GOOD;
	return o;
}

/* What is in freed memory is something else. */
static void expect_good(unsigned long value)
{
	if (value != GOOD)
		KUNIT_FAIL(the_test, "value %#lx", value);
}

static int task_main(void *which)
{
	long i = (long)which;

	body[i]();
	complete(&done[i]);
	return 0;
}

/* Run one or two functions as tasks of CPUs 1 and 2, to their ends. */
static void run(struct kunit *test, bool is_right, int (*a)(void), int (*b)(void))
{
	struct task_struct *task[2];
	int n = b ? 2 : 1;

	the_test = test;
	right = is_right;
	body[0] = a;
	body[1] = b;
	for (long i = 0; i < n; i++) {
		init_completion(&done[i]);
		task[i] = kthread_create(task_main, (void *)i, "planted/%ld", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task[i]);
		kthread_bind(task[i], 1 + i);
	}
	replay_begin();
	for (int i = 0; i < n; i++)
		wake_up_process(task[i]);
	for (int i = 0; i < n; i++)
		wait_for_completion(&done[i]);
	replay_end();
}

#define TWINS(defect, a, b)							\
static void a_##defect(struct kunit *test) { run(test, false, a, b); }		\
static void no_##defect(struct kunit *test) { run(test, true, a, b); }

/* A reader keeps an object for one statement too long. */

static int read_rcu(void)
{
	struct object *o;
	unsigned long value = GOOD;

	rcu_read_lock();
	o = rcu_dereference(the_object);
	if (right)
		value = READ_ONCE(o->value);
	rcu_read_unlock();
	if (!right)
		value = READ_ONCE(o->value);
	expect_good(value);
	return 0;
}

static int replace_rcu(void)
{
	struct object *old = the_object, *new = new_object();

	rcu_assign_pointer(the_object, new);
	kfree_rcu(old, rcu);
	return 0;
}

static void with_object(struct kunit *test, bool is_right, int (*a)(void), int (*b)(void))
{
	the_object = new_object();
	run(test, is_right, a, b);
	rcu_barrier();
	kfree(the_object);
}

static void a_late_read(struct kunit *test)
{
	with_object(test, false, read_rcu, replace_rcu);
}

static void no_late_read(struct kunit *test)
{
	with_object(test, true, read_rcu, replace_rcu);
}

/* So with sleepable readers. */

DEFINE_STATIC_SRCU(srcu);

static int read_srcu(void)
{
	int idx = srcu_read_lock(&srcu);
	struct object *o = srcu_dereference(the_object, &srcu);
	unsigned long value = GOOD;

	if (right)
		value = READ_ONCE(o->value);
	srcu_read_unlock(&srcu, idx);
	if (!right)
		value = READ_ONCE(o->value);
	expect_good(value);
	return 0;
}

static int replace_srcu(void)
{
	struct object *old = the_object, *new = new_object();

	rcu_assign_pointer(the_object, new);
	synchronize_srcu(&srcu);
	kfree(old);
	return 0;
}

static void a_late_sleepable_read(struct kunit *test)
{
	with_object(test, false, read_srcu, replace_srcu);
}

static void no_late_sleepable_read(struct kunit *test)
{
	with_object(test, true, read_srcu, replace_srcu);
}

/* Preemption disabled is a reader too; enabled it is none. */

static int read_preempt(void)
{
	struct object *o;

	if (right)
		preempt_disable();
	o = rcu_dereference_raw(the_object);
	expect_good(READ_ONCE(o->value));
	if (right)
		preempt_enable();
	return 0;
}

static void a_read_outside(struct kunit *test)
{
	with_object(test, false, read_preempt, replace_rcu);
}

static void no_read_outside(struct kunit *test)
{
	with_object(test, true, read_preempt, replace_rcu);
}

/* An object of a SLAB_TYPESAFE_BY_RCU cache is reused at once, but stays one of its kind. */

static struct kmem_cache *cache;

static void construct(void *p)
{
	((struct object *)p)->value = GOOD;
}

static int read_typesafe(void)
{
	struct object *o;

	rcu_read_lock();
	o = rcu_dereference(the_object);
	expect_good(READ_ONCE(o->value));
	rcu_read_unlock();
	return 0;
}

static int replace_typesafe(void)
{
	struct object *old = the_object, *new = kmem_cache_alloc(cache, GFP_KERNEL);

	rcu_assign_pointer(the_object, new);
	kmem_cache_free(cache, old);
	return 0;
}

static void typesafe(struct kunit *test, bool is_right)
{
	cache = kmem_cache_create("typesafe", sizeof(struct object), 0,
				  is_right ? SLAB_TYPESAFE_BY_RCU : 0, construct);
	the_object = kmem_cache_alloc(cache, GFP_KERNEL);
	run(test, is_right, read_typesafe, replace_typesafe);
	kmem_cache_free(cache, the_object);
	kmem_cache_destroy(cache);
}

static void a_free_without_delay(struct kunit *test)
{
	typesafe(test, false);
}

static void no_free_without_delay(struct kunit *test)
{
	typesafe(test, true);
}

/* An interrupt handler takes a lock that is held with interrupts enabled. */

static unsigned long bits;
static struct hrtimer hrtimer;

static enum hrtimer_restart take_bit(struct hrtimer *t)
{
	bit_spin_lock(0, &bits);
	bit_spin_unlock(0, &bits);
	return HRTIMER_NORESTART;
}

/* A bit is no lock that lockdep knows: nothing but the schedule shows it. */
static int hold_bit(void)
{
	unsigned long flags = 0;

	hrtimer_init(&hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer.function = take_bit;
	hrtimer_start(&hrtimer, 1000, HRTIMER_MODE_REL_PINNED);
	if (right)
		local_irq_save(flags);
	bit_spin_lock(0, &bits);
	WRITE_ONCE(flag, 1);
	bit_spin_unlock(0, &bits);
	if (right)
		local_irq_restore(flags);
	hrtimer_cancel(&hrtimer);
	return 0;
}
TWINS(missing_irqsave, hold_bit, NULL)

/* The same with a softirq. */

static void take_bit_softly(struct timer_list *t)
{
	bit_spin_lock(0, &bits);
	bit_spin_unlock(0, &bits);
}

static DEFINE_TIMER(soft_timer, take_bit_softly);

static int hold_bit_bh(void)
{
	mod_timer(&soft_timer, jiffies + 1);
	if (right)
		local_bh_disable();
	bit_spin_lock(0, &bits);
	WRITE_ONCE(flag, 1);
	bit_spin_unlock(0, &bits);
	if (right)
		local_bh_enable();
	timer_delete_sync(&soft_timer);
	return 0;
}
TWINS(missing_bh_disable, hold_bit_bh, NULL)

/* A timer is armed before all that its callback needs is there. */

static void use_late(struct timer_list *t)
{
	struct object *o = from_timer(o, t, timer);
	unsigned long *late = READ_ONCE(o->late);

	expect_good(late ? *late : 0);
}

static int arm_early(void)
{
	struct object *o = new_object();

	timer_setup(&o->timer, use_late, 0);
	if (right)
		WRITE_ONCE(o->late, &o->value);
	mod_timer(&o->timer, jiffies + 1);
	if (!right)
		WRITE_ONCE(o->late, &o->value);
	timer_delete_sync(&o->timer);
	kfree(o);
	return 0;
}
TWINS(timer_armed_too_early, arm_early, NULL)

/* Memory is freed while a callback is running on another CPU. */

static void look_twice(struct timer_list *t)
{
	struct object *o = from_timer(o, t, timer);

	expect_good(READ_ONCE(o->value));
	expect_good(READ_ONCE(o->value));
}

static struct completion armed;

static int arm_it(void)
{
	timer_setup(&the_object->timer, look_twice, 0);
	mod_timer(&the_object->timer, jiffies + 1);
	complete(&armed);
	return 0;
}

static int free_it(void)
{
	wait_for_completion(&armed);
	if (right)
		timer_delete_sync(&the_object->timer);
	else
		timer_delete(&the_object->timer);
	kfree(the_object);
	return 0;
}

static void timer_freed(struct kunit *test, bool is_right)
{
	the_object = new_object();
	init_completion(&armed);
	run(test, is_right, arm_it, free_it);
}

static void a_timer_freed_while_it_runs(struct kunit *test)
{
	timer_freed(test, false);
}

static void no_timer_freed_while_it_runs(struct kunit *test)
{
	timer_freed(test, true);
}

/* A tasklet is scheduled and its memory freed. */

static void use_tasklet(struct tasklet_struct *t)
{
	struct object *o = from_tasklet(o, t, tasklet);

	expect_good(READ_ONCE(o->value));
}

static int schedule_tasklet(void)
{
	tasklet_setup(&the_object->tasklet, use_tasklet);
	preempt_disable();
	tasklet_schedule(&the_object->tasklet);
	complete(&armed);
	preempt_enable();
	return 0;
}

static int free_tasklet(void)
{
	wait_for_completion(&armed);
	if (right)
		tasklet_kill(&the_object->tasklet);
	kfree(the_object);
	return 0;
}

static void tasklet_freed(struct kunit *test, bool is_right)
{
	the_object = new_object();
	init_completion(&armed);
	run(test, is_right, schedule_tasklet, free_tasklet);
}

static void a_tasklet_after_free(struct kunit *test)
{
	tasklet_freed(test, false);
}

static void no_tasklet_after_free(struct kunit *test)
{
	tasklet_freed(test, true);
}

/* An IPI between two reads that belong together. */

static unsigned long pair[2];

static void set_pair(void *unused)
{
	WRITE_ONCE(pair[0], pair[0] + 1);
	WRITE_ONCE(pair[1], pair[1] + 1);
}

static int read_pair(void)
{
	unsigned long flags = 0, a, b;

	preempt_disable();
	if (right)
		local_irq_save(flags);
	a = READ_ONCE(pair[0]);
	b = READ_ONCE(pair[1]);
	if (right)
		local_irq_restore(flags);
	preempt_enable();
	KUNIT_EXPECT_EQ(the_test, a, b);
	return 0;
}

static int send_ipi(void)
{
	smp_call_function_single(1, set_pair, NULL, 1);
	return 0;
}
TWINS(ipi_in_a_window, read_pair, send_ipi)

/* What an IPI that nobody waits for is told must live until it has come. */

static void use_object(void *info)
{
	struct object *o = info;

	expect_good(READ_ONCE(o->value));
}

static int send_and_free(void)
{
	struct object *o = new_object();

	smp_call_function_single(2, use_object, o, right);
	kfree(o);
	return 0;
}
TWINS(ipi_nobody_waits_for, send_and_free, NULL)

/* Outcomes, of which different schedules show different ones. */

static void set_flag(struct rcu_head *head)
{
	WRITE_ONCE(flag, 1);
}

static struct rcu_head head;

static int call_and_look(void)
{
	unsigned long here, behind;

	flag = 0;
	call_rcu(&head, set_flag);
	here = READ_ONCE(flag);
	rcu_read_lock();
	rcu_read_unlock();
	behind = READ_ONCE(flag);
	rcu_barrier();
	kunit_info(the_test, "outcome %lu%lu%lu", here, behind, READ_ONCE(flag));
	return 0;
}

static void when_a_callback_runs(struct kunit *test)
{
	run(test, true, call_and_look, NULL);
}

static int queue_in_reader(void)
{
	unsigned long inside;

	flag = 0;
	rcu_read_lock();
	call_rcu(&head, set_flag);
	inside = READ_ONCE(flag);
	rcu_read_unlock();
	kunit_info(the_test, "outcome %lu%lu", inside, READ_ONCE(flag));
	KUNIT_EXPECT_EQ(the_test, inside, 0);
	rcu_barrier();
	return 0;
}

static void a_callback_waits_for_the_reader_that_queued_it(struct kunit *test)
{
	run(test, true, queue_in_reader, NULL);
}

/* A sleepable reader may begin before its callback has run, and be no reason to wait. */
static int call_srcu_and_look(void)
{
	unsigned long here, inside;
	int idx;

	flag = 0;
	call_srcu(&srcu, &head, set_flag);
	here = READ_ONCE(flag);
	idx = srcu_read_lock(&srcu);
	inside = READ_ONCE(flag);
	inside += READ_ONCE(flag);
	srcu_read_unlock(&srcu, idx);
	srcu_barrier(&srcu);
	kunit_info(the_test, "outcome %lu%lu%lu", here, inside, READ_ONCE(flag));
	return 0;
}

static void when_an_srcu_callback_runs(struct kunit *test)
{
	run(test, true, call_srcu_and_look, NULL);
}

static int queue_in_srcu_reader(void)
{
	unsigned long inside;
	int idx;

	flag = 0;
	idx = srcu_read_lock(&srcu);
	call_srcu(&srcu, &head, set_flag);
	inside = READ_ONCE(flag);
	srcu_read_unlock(&srcu, idx);
	kunit_info(the_test, "outcome %lu%lu", inside, READ_ONCE(flag));
	KUNIT_EXPECT_EQ(the_test, inside, 0);
	srcu_barrier(&srcu);
	return 0;
}

static void an_srcu_callback_waits_for_the_reader_that_queued_it(struct kunit *test)
{
	run(test, true, queue_in_srcu_reader, NULL);
}

static void tasklet_sets_flag(struct tasklet_struct *t)
{
	WRITE_ONCE(flag, 1);
}

/* Not while bottom halves are disabled, and at last when preemption is enabled. */
static int schedule_and_look(void)
{
	struct tasklet_struct t;
	unsigned long off, on, last;

	flag = 0;
	tasklet_setup(&t, tasklet_sets_flag);
	preempt_disable();
	local_bh_disable();
	tasklet_schedule(&t);
	off = READ_ONCE(flag);
	_local_bh_enable();
	on = READ_ONCE(flag);
	on += READ_ONCE(flag);
	preempt_enable();
	last = READ_ONCE(flag);
	kunit_info(the_test, "outcome %lu%lu%lu", off, on, last);
	tasklet_kill(&t);
	return 0;
}

static void when_a_softirq_runs(struct kunit *test)
{
	run(test, true, schedule_and_look, NULL);
}

static struct completion never_early;

static int complete_it(void)
{
	complete(&never_early);
	return 0;
}

static int wait_a_jiffy(void)
{
	u64 begin = ktime_get_ns();
	long left = wait_for_completion_timeout(&never_early, 2);

	kunit_info(the_test, "outcome %d", left > 0);
	if (!left)
		KUNIT_EXPECT_GE(the_test, ktime_get_ns() - begin, 2 * TICK_NSEC);
	return 0;
}

static void whether_a_timeout_is_over(struct kunit *test)
{
	init_completion(&never_early);
	run(test, true, complete_it, wait_a_jiffy);
}

/* As a suite says it, but between two schedules. */
static void whether_time_passes_unasked(struct kunit *test)
{
	replay_end();
	replay_async_default(REPLAY_ASYNC_ALL);
	whether_a_timeout_is_over(test);
}

static unsigned long arrived;

static void note_arrival(void *number)
{
	WRITE_ONCE(arrived, arrived * 10 + (unsigned long)number);
}

/* Nobody waits for the first two; the third one comes after them. */
static int send_three(void)
{
	unsigned long one, two;

	arrived = 0;
	smp_call_function_single(2, note_arrival, (void *)1UL, 0);
	one = READ_ONCE(arrived);
	smp_call_function_single(2, note_arrival, (void *)2UL, 0);
	two = READ_ONCE(arrived);
	smp_call_function_single(2, note_arrival, (void *)3UL, 1);
	KUNIT_EXPECT_EQ(the_test, READ_ONCE(arrived), 123);
	kunit_info(the_test, "outcome %lu%03lu", one, two);
	return 0;
}

static void ipis_arrive_in_their_order(struct kunit *test)
{
	run(test, true, send_three, NULL);
}

static struct kunit_case planted_cases[] = {
#define BOTH(name)	KUNIT_CASE(a_##name), KUNIT_CASE(no_##name)
	BOTH(late_read),
	BOTH(late_sleepable_read),
	BOTH(read_outside),
	BOTH(free_without_delay),
	BOTH(missing_irqsave),
	BOTH(missing_bh_disable),
	BOTH(timer_armed_too_early),
	BOTH(timer_freed_while_it_runs),
	BOTH(tasklet_after_free),
	BOTH(ipi_in_a_window),
	BOTH(ipi_nobody_waits_for),
	KUNIT_CASE(ipis_arrive_in_their_order),
	KUNIT_CASE(when_a_callback_runs),
	KUNIT_CASE(a_callback_waits_for_the_reader_that_queued_it),
	KUNIT_CASE(when_an_srcu_callback_runs),
	KUNIT_CASE(an_srcu_callback_waits_for_the_reader_that_queued_it),
	KUNIT_CASE(when_a_softirq_runs),
	KUNIT_CASE(whether_a_timeout_is_over),
	KUNIT_CASE(whether_time_passes_unasked),
	{}
};

static struct kunit_suite planted_suite = {
	.name = "planted",
	.test_cases = planted_cases,
};
kunit_test_suite(planted_suite);

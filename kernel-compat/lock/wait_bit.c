// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for bits and variables: wait queues in a table, by hash of the address.
 */
#include <linux/jiffies.h>
#include <linux/wait_bit.h>

#include "internal.h"

#include <machine/machine.h>

#define TABLE_BITS	6

static struct wait_queue_head wait_table[1 << TABLE_BITS];

static int wait_bit_boot(const struct machine_config *cfg)
{
	static struct lock_class_key key;
	int i;

	for (i = 0; i < ARRAY_SIZE(wait_table); i++)
		__init_waitqueue_head(&wait_table[i], "wait_table", &key);
	return 0;
}
MACHINE_SUBSYS(wait_bit, MACHINE_ORDER_LOCK, wait_bit_boot, NULL, NULL);

static struct wait_queue_head *table_at(u64 where)
{
	return &wait_table[where * 0x9e3779b97f4a7c15ULL >> (64 - TABLE_BITS)];
}

struct wait_queue_head *bit_waitqueue(void *word, int bit)
{
	return table_at((u64)(unsigned long)word << 6 | bit);
}

struct wait_queue_head *__var_waitqueue(void *p)
{
	return table_at((u64)(unsigned long)p);
}

/* The bit as of now; pairs with the release of whoever cleared it. */
static bool bit_is_set(const void *word, int bit)
{
	return test_bit_acquire(bit, word);
}

static bool bit_set_was_set(void *word, int bit)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, word, sizeof(long), __ATOMIC_SEQ_CST);
	return (__atomic_fetch_or((unsigned long *)word, 1UL << bit, __ATOMIC_SEQ_CST) >> bit) & 1;
}

/* Wake only who waits for this bit, and only when it is clear. */
int wake_bit_function(struct wait_queue_entry *entry, unsigned int mode, int sync, void *arg)
{
	struct wait_bit_queue_entry *e = container_of(entry, struct wait_bit_queue_entry,
						      wq_entry);
	struct wait_bit_key *key = arg;

	if (e->key.flags != key->flags || e->key.bit_nr != key->bit_nr ||
	    bit_is_set(key->flags, key->bit_nr))
		return 0;
	return autoremove_wake_function(entry, mode, sync, key);
}

int __wait_on_bit(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		  wait_bit_action_f *action, unsigned int mode)
{
	int ret = 0;

	do {
		prepare_to_wait(wq_head, &entry->wq_entry, mode);
		if (bit_is_set(entry->key.flags, entry->key.bit_nr))
			ret = action(&entry->key, mode);
	} while (!ret && bit_is_set(entry->key.flags, entry->key.bit_nr));
	finish_wait(wq_head, &entry->wq_entry);
	return ret;
}

/*
 * An exclusive waiter that gives up may have swallowed a wake-up: prepare_to_wait_event()
 * tells by taking it off the queue, and a bit that is clear by then is taken anyway.
 */
int __wait_on_bit_lock(struct wait_queue_head *wq_head, struct wait_bit_queue_entry *entry,
		       wait_bit_action_f *action, unsigned int mode)
{
	int ret = 0;

	for (;;) {
		prepare_to_wait_exclusive(wq_head, &entry->wq_entry, mode);
		if (bit_is_set(entry->key.flags, entry->key.bit_nr)) {
			ret = action(&entry->key, mode);
			/* Off the queue before the last look: later wake-ups go on. */
			if (ret)
				finish_wait(wq_head, &entry->wq_entry);
		}
		if (!bit_set_was_set(entry->key.flags, entry->key.bit_nr)) {
			if (!ret)
				finish_wait(wq_head, &entry->wq_entry);
			return 0;
		}
		if (ret)
			return ret;
	}
}

static void init_bit_entry(struct wait_bit_queue_entry *entry, void *word, int bit)
{
	entry->key = (struct wait_bit_key)__WAIT_BIT_KEY_INITIALIZER(word, bit);
	init_wait_entry(&entry->wq_entry, 0);
	entry->wq_entry.func = wake_bit_function;
}

int out_of_line_wait_on_bit(void *word, int bit, wait_bit_action_f *action, unsigned int mode)
{
	struct wait_bit_queue_entry entry;

	init_bit_entry(&entry, word, bit);
	return __wait_on_bit(bit_waitqueue(word, bit), &entry, action, mode);
}

int out_of_line_wait_on_bit_timeout(void *word, int bit, wait_bit_action_f *action,
				    unsigned int mode, unsigned long timeout)
{
	struct wait_bit_queue_entry entry;

	init_bit_entry(&entry, word, bit);
	entry.key.timeout = jiffies + timeout;
	return __wait_on_bit(bit_waitqueue(word, bit), &entry, action, mode);
}

int out_of_line_wait_on_bit_lock(void *word, int bit, wait_bit_action_f *action,
				 unsigned int mode)
{
	struct wait_bit_queue_entry entry;

	init_bit_entry(&entry, word, bit);
	return __wait_on_bit_lock(bit_waitqueue(word, bit), &entry, action, mode);
}

void __wake_up_bit(struct wait_queue_head *wq_head, void *word, int bit)
{
	struct wait_bit_key key = __WAIT_BIT_KEY_INITIALIZER(word, bit);

	if (waitqueue_active(wq_head))
		__wake_up(wq_head, TASK_NORMAL, 1, &key);
}

/* The caller's barrier orders the clearing before the look at the queue. */
void wake_up_bit(void *word, int bit)
{
	__wake_up_bit(bit_waitqueue(word, bit), word, bit);
}

/* One sleep. 0, -EINTR, or -EAGAIN when the time of @key is over. */
static int sleep_once(struct wait_bit_key *key, int mode, bool timed)
{
	unsigned long now = jiffies;

	if (timed) {
		if (time_after_eq(now, key->timeout))
			return -EAGAIN;
		schedule_timeout(key->timeout - now);
	} else {
		schedule();
	}
	return signal_pending_state(mode, current) ? -EINTR : 0;
}

int bit_wait(struct wait_bit_key *key, int mode)
{
	return sleep_once(key, mode, false);
}

int bit_wait_io(struct wait_bit_key *key, int mode)
{
	return sleep_once(key, mode, false);
}

int bit_wait_timeout(struct wait_bit_key *key, int mode)
{
	return sleep_once(key, mode, true);
}

int bit_wait_io_timeout(struct wait_bit_key *key, int mode)
{
	return sleep_once(key, mode, true);
}

int wait_on_bit_action(unsigned long *word, int bit, wait_bit_action_f *action,
		       unsigned int mode)
{
	might_sleep();
	if (!bit_is_set(word, bit))
		return 0;
	return out_of_line_wait_on_bit(word, bit, action, mode);
}

int wait_on_bit(unsigned long *word, int bit, unsigned int mode)
{
	return wait_on_bit_action(word, bit, bit_wait, mode);
}

int wait_on_bit_io(unsigned long *word, int bit, unsigned int mode)
{
	return wait_on_bit_action(word, bit, bit_wait_io, mode);
}

int wait_on_bit_timeout(unsigned long *word, int bit, unsigned int mode,
			unsigned long timeout)
{
	might_sleep();
	if (!bit_is_set(word, bit))
		return 0;
	return out_of_line_wait_on_bit_timeout(word, bit, bit_wait_timeout, mode, timeout);
}

int wait_on_bit_lock_action(unsigned long *word, int bit, wait_bit_action_f *action,
			    unsigned int mode)
{
	might_sleep();
	if (!bit_set_was_set(word, bit))
		return 0;
	return out_of_line_wait_on_bit_lock(word, bit, action, mode);
}

int wait_on_bit_lock(unsigned long *word, int bit, unsigned int mode)
{
	return wait_on_bit_lock_action(word, bit, bit_wait, mode);
}

int wait_on_bit_lock_io(unsigned long *word, int bit, unsigned int mode)
{
	return wait_on_bit_lock_action(word, bit, bit_wait_io, mode);
}

/* Clear with release; the sequential order stands for the barrier before wake_up_bit(). */
bool test_and_clear_wake_up_bit(int bit, unsigned long *word)
{
	bool was;

	exec_point_rmw(EXEC_POINT_ATOMIC, word, sizeof(long), __ATOMIC_SEQ_CST);
	was = (__atomic_fetch_and(word, ~(1UL << bit), __ATOMIC_SEQ_CST) >> bit) & 1;
	smp_mb();
	if (was)
		wake_up_bit(word, bit);
	return was;
}

void clear_and_wake_up_bit(int bit, void *word)
{
	exec_point_rmw(EXEC_POINT_ATOMIC, word, sizeof(long), __ATOMIC_SEQ_CST);
	__atomic_fetch_and((unsigned long *)word, ~(1UL << bit), __ATOMIC_SEQ_CST);
	smp_mb();
	wake_up_bit(word, bit);
}

static int var_wake_function(struct wait_queue_entry *entry, unsigned int mode, int sync,
			     void *arg)
{
	struct wait_bit_queue_entry *e = container_of(entry, struct wait_bit_queue_entry,
						      wq_entry);
	struct wait_bit_key *key = arg;

	if (e->key.flags != key->flags || e->key.bit_nr != key->bit_nr)
		return 0;
	return autoremove_wake_function(entry, mode, sync, key);
}

void init_wait_var_entry(struct wait_bit_queue_entry *entry, void *var, int flags)
{
	entry->key = (struct wait_bit_key)__WAIT_BIT_KEY_INITIALIZER(var, -1);
	init_wait_entry(&entry->wq_entry, flags);
	entry->wq_entry.func = var_wake_function;
}

void wake_up_var(void *var)
{
	__wake_up_bit(__var_waitqueue(var), var, -1);
}

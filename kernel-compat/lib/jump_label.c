// SPDX-License-Identifier: GPL-2.0
/*
 * Static keys: state changes, and their reset at shutdown.
 */
#include <linux/bug.h>
#include <linux/cpu.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <machine/machine.h>

/* Serialises changes; protects the list of changed keys. */
static DEFINE_MUTEX(jump_label_mutex);
static struct static_key *changed_keys;

/* Remember the state to go back to at shutdown; before every change. */
static void note_change(struct static_key *key)
{
	lockdep_assert_held(&jump_label_mutex);
	if (key->changed)
		return;
	key->changed = true;
	key->initial = atomic_read(&key->enabled);
	key->changed_next = changed_keys;
	changed_keys = key;
}

/* Set the key to 0 or 1; it must be one of them, as in the kernel. */
static void set_key(struct static_key *key, int on)
{
	int now;

	mutex_lock(&jump_label_mutex);
	now = atomic_read(&key->enabled);
	if (now != on) {
		note_change(key);
		atomic_set_release(&key->enabled, on);
	}
	mutex_unlock(&jump_label_mutex);
	WARN_ON_ONCE(now != 0 && now != 1);
}

void static_key_enable(struct static_key *key)
{
	cpus_read_lock();
	set_key(key, 1);
	cpus_read_unlock();
}

void static_key_disable(struct static_key *key)
{
	cpus_read_lock();
	set_key(key, 0);
	cpus_read_unlock();
}

void static_key_enable_cpuslocked(struct static_key *key)
{
	set_key(key, 1);
}

void static_key_disable_cpuslocked(struct static_key *key)
{
	set_key(key, 0);
}

/* The key counts its users; returns false when it overflowed. */
bool static_key_slow_inc(struct static_key *key)
{
	cpus_read_lock();
	mutex_lock(&jump_label_mutex);
	note_change(key);
	atomic_inc(&key->enabled);
	mutex_unlock(&jump_label_mutex);
	cpus_read_unlock();
	return true;
}

void static_key_slow_dec(struct static_key *key)
{
	bool negative;

	cpus_read_lock();
	mutex_lock(&jump_label_mutex);
	note_change(key);
	negative = atomic_dec_if_positive(&key->enabled) < 0;
	mutex_unlock(&jump_label_mutex);
	cpus_read_unlock();
	WARN(negative, "jump label: negative count of key %p", key);
}

/* No task runs any more. */
static void jump_label_halt(void)
{
	struct static_key *key;

	while ((key = changed_keys)) {
		changed_keys = key->changed_next;
		atomic_set(&key->enabled, key->initial);
		key->changed = false;
		key->changed_next = NULL;
	}
}

MACHINE_SUBSYS(jump_label, MACHINE_ORDER_LOCK, NULL, NULL, jump_label_halt);

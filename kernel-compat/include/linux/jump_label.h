/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Static keys.
 *
 * model: a branch reads the key (one relaxed load) instead of being patched.  Enabling
 * and disabling may sleep and are serialised, as in the kernel.  Keys that changed since
 * boot get their initial state back at shutdown.
 */
#ifndef _LINUX_JUMP_LABEL_H
#define _LINUX_JUMP_LABEL_H

#include <linux/atomic.h>
#include <linux/types.h>

struct static_key {
	atomic_t enabled;
	/* shim: list of keys changed since boot */
	struct static_key *changed_next;
	int initial;
	bool changed;
};

struct static_key_true {
	struct static_key key;
};

struct static_key_false {
	struct static_key key;
};

#define STATIC_KEY_INIT_TRUE	{ .enabled = { 1 } }
#define STATIC_KEY_INIT_FALSE	{ .enabled = { 0 } }
#define STATIC_KEY_TRUE_INIT	(struct static_key_true) { .key = STATIC_KEY_INIT_TRUE }
#define STATIC_KEY_FALSE_INIT	(struct static_key_false) { .key = STATIC_KEY_INIT_FALSE }
#define DEFINE_STATIC_KEY_TRUE(name)	struct static_key_true name = STATIC_KEY_TRUE_INIT
#define DEFINE_STATIC_KEY_FALSE(name)	struct static_key_false name = STATIC_KEY_FALSE_INIT
#define DEFINE_STATIC_KEY_TRUE_RO(name)	DEFINE_STATIC_KEY_TRUE(name)
#define DEFINE_STATIC_KEY_FALSE_RO(name) DEFINE_STATIC_KEY_FALSE(name)
#define DECLARE_STATIC_KEY_TRUE(name)	extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name)	extern struct static_key_false name

static __always_inline int static_key_count(struct static_key *key)
{
	return __atomic_load_n(&key->enabled.counter, __ATOMIC_RELAXED);
}

void static_key_enable(struct static_key *key);
void static_key_disable(struct static_key *key);
bool static_key_slow_inc(struct static_key *key);
void static_key_slow_dec(struct static_key *key);
void static_key_enable_cpuslocked(struct static_key *key);
void static_key_disable_cpuslocked(struct static_key *key);

#define __static_key_of(x) _Generic((x),				\
	struct static_key *: (struct static_key *)(x),			\
	struct static_key_true *: (struct static_key *)(x),		\
	struct static_key_false *: (struct static_key *)(x))

#define static_key_enabled(x)		(static_key_count(__static_key_of(x)) > 0)
#define static_branch_likely(x)		likely(static_key_enabled(&(x)->key))
#define static_branch_unlikely(x)	unlikely(static_key_enabled(&(x)->key))
#define static_branch_maybe(config, x)					\
	(IS_ENABLED(config) ? static_branch_likely(x) : static_branch_unlikely(x))
#define static_branch_enable(x)		static_key_enable(&(x)->key)
#define static_branch_disable(x)	static_key_disable(&(x)->key)
#define static_branch_inc(x)		static_key_slow_inc(&(x)->key)
#define static_branch_dec(x)		static_key_slow_dec(&(x)->key)
#define static_branch_enable_cpuslocked(x) static_key_enable_cpuslocked(&(x)->key)
#define static_branch_disable_cpuslocked(x) static_key_disable_cpuslocked(&(x)->key)
#define static_key_false(key)		unlikely(static_key_count(key) > 0)
#define static_key_true(key)		likely(static_key_count(key) > 0)

#endif /* _LINUX_JUMP_LABEL_H */

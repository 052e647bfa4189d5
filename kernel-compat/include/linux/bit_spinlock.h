/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A spinlock in one bit of an unsigned long.
 *
 * same, and checked: recursion, foreign and unheld unlock, sleeping under it.
 * model: waiters block on a word chosen by hashing the address; bit locks have no
 * class, so their order is not checked, as in the kernel.
 */
#ifndef _LINUX_BIT_SPINLOCK_H
#define _LINUX_BIT_SPINLOCK_H

#include <linux/types.h>

void bit_spin_lock(int bitnum, unsigned long *addr);
int bit_spin_trylock(int bitnum, unsigned long *addr);
void bit_spin_unlock(int bitnum, unsigned long *addr);
void __bit_spin_unlock(int bitnum, unsigned long *addr);
int bit_spin_is_locked(int bitnum, unsigned long *addr);

#endif /* _LINUX_BIT_SPINLOCK_H */

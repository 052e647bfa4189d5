// SPDX-License-Identifier: GPL-2.0
/* What planted.c tests: four functions, three of which are wrong when an allocation fails. */
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "alloc.h"

static DEFINE_SPINLOCK(lock);

static int pair(struct planted *p, bool leak)
{
	p->a = kmalloc(8, GFP_KERNEL);
	if (!p->a)
		return -ENOMEM;
	p->b = kmalloc(16, GFP_KERNEL);
	if (p->b)
		return 0;
	if (!leak)
		kfree(p->a);
	return -ENOMEM;
}

int alloc_well(struct planted *p)
{
	return pair(p, false);
}

int alloc_and_leak(struct planted *p)
{
	return pair(p, true);
}

int alloc_and_keep_locked(struct planted *p)
{
	p->b = NULL;
	spin_lock(&lock);
	p->a = kmalloc(8, GFP_ATOMIC);
	if (!p->a)
		return -ENOMEM;
	spin_unlock(&lock);
	return 0;
}

int alloc_unchecked(struct planted *p)
{
	p->b = NULL;
	p->a = kmalloc(8, GFP_KERNEL);
	*(volatile int *)p->a = 1;
	return 0;
}

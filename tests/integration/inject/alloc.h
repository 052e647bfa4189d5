/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _INTEGRATION_INJECT_ALLOC_H
#define _INTEGRATION_INJECT_ALLOC_H

struct planted {
	void *a, *b;		/* the caller's to free after 0 */
};

int alloc_well(struct planted *p);
int alloc_and_leak(struct planted *p);
int alloc_and_keep_locked(struct planted *p);
int alloc_unchecked(struct planted *p);

#endif /* _INTEGRATION_INJECT_ALLOC_H */

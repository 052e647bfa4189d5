/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions that a test replaces by its own.
 *
 * KUNIT_STATIC_STUB_REDIRECT(): model; a replacement holds for every task while the test
 * runs, not for the test's own task only: the programs and daemons of a test are other
 * tasks. In a kernel a test would have to run in the task that calls the function.
 * kunit_activate_static_stub(), kunit_deactivate_static_stub(): same; at the end of the
 * test each function is itself again.
 */
#ifndef _KUNIT_STATIC_STUB_H
#define _KUNIT_STATIC_STUB_H

#include <linux/compiler.h>
#include <machine/stub.h>

struct kunit;

#define KUNIT_STATIC_STUB_REDIRECT(real_fn_name, args...) do {			\
	typeof(&real_fn_name) __replacement;					\
	if (likely(!READ_ONCE(stub_nr)))					\
		break;								\
	__replacement = (typeof(&real_fn_name))stub_find(&real_fn_name);	\
	if (__replacement)							\
		return __replacement(args);					\
} while (0)

#define kunit_activate_static_stub(test, real_fn_addr, replacement_addr) do {	\
	typeof(&real_fn_addr) __replacement = (replacement_addr);		\
	__kunit_activate_static_stub(test, real_fn_addr, __replacement);	\
} while (0)

void __kunit_activate_static_stub(struct kunit *test, void *real_fn_addr,
				  void *replacement_addr);
void kunit_deactivate_static_stub(struct kunit *test, void *real_fn_addr);

#endif /* _KUNIT_STATIC_STUB_H */

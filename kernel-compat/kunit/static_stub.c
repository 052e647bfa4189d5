// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: functions that a test replaces are themselves again when it ends.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>

static void restore(void *real_fn_addr)
{
	stub_set(real_fn_addr, NULL);
}

void __kunit_activate_static_stub(struct kunit *test, void *real_fn_addr,
				  void *replacement_addr)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, restore, real_fn_addr), 0);
	stub_set(real_fn_addr, replacement_addr);
}

void kunit_deactivate_static_stub(struct kunit *test, void *real_fn_addr)
{
	kunit_release_action(test, restore, real_fn_addr);
}

// SPDX-License-Identifier: GPL-2.0
/* A machine that boots finds static data of the core as the first machine did. */
#include <kunit/test.h>
#include <machine/machine.h>
#include <exec/statics.h>

#include "../../../mm/autonuma.h"

static const struct machine_config small_machine = { .nr_nodes = 2, .nr_cpus = 2 };

static void the_core_begins_anew_with_each_machine(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, machine_boot(&small_machine), 0);
	machine_shutdown();
	/* The knobs are static: what a machine left there the next one must not see. */
	memset(&autonuma_knobs, 0x5a, sizeof(autonuma_knobs));
	KUNIT_ASSERT_EQ(test, machine_boot(&small_machine), 0);
	machine_shutdown();
	exec_statics_of_core();
	for (unsigned int i = 0; i < sizeof(autonuma_knobs); i++)
		KUNIT_EXPECT_EQ(test, ((unsigned char *)&autonuma_knobs)[i], 0);
}

static int in_data = 17, in_bss;

static void what_a_test_keeps_is_restored_as_well(struct kunit *test)
{
	static unsigned long inside[64];

	exec_statics_of_tests();
	in_data = 18;
	in_bss = 19;
	inside[63] = 20;
	exec_statics_of_tests();
	KUNIT_EXPECT_EQ(test, in_data, 17);
	KUNIT_EXPECT_EQ(test, in_bss, 0);
	KUNIT_EXPECT_EQ(test, inside[63], 0UL);
}

static struct kunit_case statics_cases[] = {
	KUNIT_CASE(the_core_begins_anew_with_each_machine),
	KUNIT_CASE(what_a_test_keeps_is_restored_as_well),
	{}
};

static struct kunit_suite statics_suite = {
	.name = "statics",
	.test_cases = statics_cases,
};
kunit_machine_free(statics_suite);
kunit_test_suite(statics_suite);

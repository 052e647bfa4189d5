/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel-compat's <kunit/test.h> has in addition, for suites that are built into a kernel.
 * There is one machine, the one that was booted, and it is never slow on purpose.
 */
#ifndef AUTONUMA_TESTS_GLUE_H
#define AUTONUMA_TESTS_GLUE_H

#define kunit_machine_config(suite, config)
#define kunit_machine_free(suite)
#define kunit_is_slow()			false
#define kunit_amount(all, few)		(all)

#endif

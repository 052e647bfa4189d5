/* SPDX-License-Identifier: GPL-2.0 */
/* What the KUnit runner's files share. */
#ifndef _KUNIT_RUNNER_H
#define _KUNIT_RUNNER_H

#include <linux/types.h>

struct kunit;

extern bool kunit_verbose;		/* -v */

void kunit_cleanup(struct kunit *test);

#endif /* _KUNIT_RUNNER_H */

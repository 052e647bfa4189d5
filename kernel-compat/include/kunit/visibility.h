/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef _KUNIT_VISIBILITY_H
#define _KUNIT_VISIBILITY_H

#ifndef VISIBLE_IF_KUNIT
#define VISIBLE_IF_KUNIT
#define EXPORT_SYMBOL_IF_KUNIT(symbol)
#endif

#endif /* _KUNIT_VISIBILITY_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* same */
#ifndef __LINUX_STRINGIFY_H
#define __LINUX_STRINGIFY_H

#ifndef __stringify
#define __stringify_1(x...)	#x
#define __stringify(x...)	__stringify_1(x)
#endif

#endif /* __LINUX_STRINGIFY_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same: address spaces and lock contexts mean something to sparse only.
 * model: the simulated kernel boots many times in one process, so __init, __exit and
 * __ro_after_init place nothing specially, and __initdata variables get their linked
 * values back at each boot, as if the image was loaded again.
 */
#ifndef __LINUX_COMPILER_TYPES_H
#define __LINUX_COMPILER_TYPES_H

#ifndef __ASSEMBLY__

#include <linux/compiler_attributes.h>

#ifdef __CHECKER__
# define __kernel	__attribute__((address_space(0)))
# define __user		__attribute__((noderef, address_space(__user)))
# define __iomem	__attribute__((noderef, address_space(__iomem)))
# define __percpu	__attribute__((noderef, address_space(__percpu)))
# define __rcu		__attribute__((noderef, address_space(__rcu)))
# define __force	__attribute__((force))
# define __nocast	__attribute__((nocast))
# define __safe		__attribute__((safe))
# define __private	__attribute__((noderef))
# define __must_hold(x)	__attribute__((context(x, 1, 1)))
# define __acquires(x)	__attribute__((context(x, 0, 1)))
# define __cond_acquires(x) __attribute__((context(x, 0, -1)))
# define __releases(x)	__attribute__((context(x, 1, 0)))
# define __acquire(x)	__context__(x, 1)
# define __release(x)	__context__(x, -1)
# define __cond_lock(x, c) ((c) ? ({ __acquire(x); 1; }) : 0)
# define __chk_user_ptr(x) ((void)0)
# define ACCESS_PRIVATE(p, member) (*((typeof((p)->member) __force *)&(p)->member))
#else
# define __kernel
# define __user
# define __iomem
# define __percpu
# define __rcu
# define __force
# define __nocast
# define __safe
# define __private
# define __must_hold(x)
# define __acquires(x)
# define __cond_acquires(x)
# define __releases(x)
# define __acquire(x)	((void)0)
# define __release(x)	((void)0)
# define __cond_lock(x, c) (c)
# define __chk_user_ptr(x) ((void)0)
# define ACCESS_PRIVATE(p, member) ((p)->member)
#endif

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif
#define noinline_for_stack noinline
#define notrace
#define noinstr noinline
#define asmlinkage
#define __noscs
#define __latent_entropy
#define __randomize_layout
#define randomized_struct_fields_start
#define randomized_struct_fields_end
#define __compiletime_error(msg)
#define asm_inline asm

#define __init
#define __initdata __attribute__((__section__("init_data")))
#define __initconst
#define __exit
#define __exitdata
#define __ref
#define __refdata
#define __meminit
#define __meminitdata
#define __read_mostly
#define __ro_after_init

#define ___PASTE(a, b) a##b
#define __PASTE(a, b) ___PASTE(a, b)
#define __UNIQUE_ID(prefix) __PASTE(__PASTE(__UNIQUE_ID_, prefix), __COUNTER__)

#define __same_type(a, b) __builtin_types_compatible_p(typeof(a), typeof(b))
#define __native_word(t) \
	(sizeof(t) == 1 || sizeof(t) == 2 || sizeof(t) == 4 || sizeof(t) == 8)

#endif /* __ASSEMBLY__ */
#endif /* __LINUX_COMPILER_TYPES_H */

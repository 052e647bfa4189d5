/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What runs when a scope ends: __free(), CLASS(), guard(), scoped_guard().
 *
 * same.
 */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#include <linux/compiler.h>

#define __cleanup_name2(a, b)	a##b
#define __cleanup_name1(a, b)	__cleanup_name2(a, b)
#define __cleanup_unique(a)	__cleanup_name1(__cleanup_##a##_, __COUNTER__)
#define __runs_at_end(fn)	__attribute__((__cleanup__(fn), __unused__))

/* In @_free, _T is the value of the variable. */
#define DEFINE_FREE(_name, _type, _free)					\
	static inline void __free_##_name(void *p)				\
	{									\
		_type _T = *(_type *)p;						\
		_free;								\
	}
#define __free(_name)		__attribute__((__cleanup__(__free_##_name)))

static inline __attribute__((__warn_unused_result__))
void *__cleanup_must_use(const volatile void *p)
{
	return (void *)p;
}
#define __get_and_null(p, nullvalue)						\
({										\
	__auto_type __where = &(p);						\
	__auto_type __was = *__where;						\
	*__where = (nullvalue);							\
	__was;									\
})
#define no_free_ptr(p)	((typeof(p))__cleanup_must_use(__get_and_null(p, NULL)))
#define return_ptr(p)	return no_free_ptr(p)
#define retain_and_null_ptr(p)	((void)__get_and_null(p, NULL))

/* A type with a constructor and a destructor; in @_exit, _T is the object. */
#define DEFINE_CLASS(_name, _type, _exit, _init, _init_args...)			\
	typedef _type class_##_name##_t;					\
	static inline void class_##_name##_destructor(_type *p)			\
	{									\
		_type _T = *p;							\
		_exit;								\
	}									\
	static inline _type class_##_name##_constructor(_init_args)		\
	{									\
		_type __made = _init;						\
		return __made;							\
	}

/* @_name with another constructor. */
#define EXTEND_CLASS(_name, _ext, _init, _init_args...)				\
	typedef class_##_name##_t class_##_name##_ext##_t;			\
	static inline void class_##_name##_ext##_destructor(class_##_name##_t *p) \
	{									\
		class_##_name##_destructor(p);					\
	}									\
	static inline class_##_name##_t						\
	class_##_name##_ext##_constructor(_init_args)				\
	{									\
		class_##_name##_t __made = _init;				\
		return __made;							\
	}

#define CLASS(_name, var)							\
	class_##_name##_t var __runs_at_end(class_##_name##_destructor) =	\
		class_##_name##_constructor

/* Guards: classes that hold a lock while they live; lock_ptr is NULL without it. */
#define __DEFINE_GUARD_COND_FLAG(_name, _cond)					\
	static const bool class_##_name##_is_conditional			\
	__attribute__((__unused__)) = (_cond)

#define DEFINE_GUARD(_name, _type, _lock, _unlock)				\
	__DEFINE_GUARD_COND_FLAG(_name, false);					\
	DEFINE_CLASS(_name, _type, if (_T) { _unlock; }, ({ _lock; _T; }), _type _T) \
	static inline void *class_##_name##_lock_ptr(class_##_name##_t *p)	\
	{									\
		return (void *)(unsigned long)*p;				\
	}

#define DEFINE_GUARD_COND(_name, _ext, _condlock)				\
	__DEFINE_GUARD_COND_FLAG(_name##_ext, true);				\
	EXTEND_CLASS(_name, _ext,						\
		     ({ _T && !(_condlock) ? NULL : _T; }), class_##_name##_t _T) \
	static inline void *class_##_name##_ext##_lock_ptr(class_##_name##_t *p) \
	{									\
		return class_##_name##_lock_ptr(p);				\
	}

#define guard(_name)		CLASS(_name, __cleanup_unique(guard))
#define __guard_ptr(_name)	class_##_name##_lock_ptr
#define __is_cond_ptr(_name)	class_##_name##_is_conditional

/*
 * The loop runs once; its "increment" jumps out, so that the compiler knows that
 * an unconditional guard's body runs.
 */
#define __scoped_guard(_name, _label, args...)					\
	for (CLASS(_name, scope)(args);						\
	     !__is_cond_ptr(_name) || __guard_ptr(_name)(&scope);		\
	     ({ goto _label; }))						\
		if (0) {							\
_label:			break;							\
		} else
#define scoped_guard(_name, args...)						\
	__scoped_guard(_name, __cleanup_unique(label), args)

#define __scoped_cond_guard(_name, _fail, _label, args...)			\
	for (CLASS(_name, scope)(args); ; ({ goto _label; }))			\
		if (!__guard_ptr(_name)(&scope)) {				\
			_fail;							\
_label:			break;							\
		} else
#define scoped_cond_guard(_name, _fail, args...)				\
	__scoped_cond_guard(_name, _fail, __cleanup_unique(label), args)

/* Guards that carry more than the pointer; in the statements _T points to the guard. */
#define __DEFINE_LOCK_GUARD_TYPE(_name, _type, _unlock, ...)			\
	typedef struct {							\
		_type *lock;							\
		__VA_ARGS__;							\
	} class_##_name##_t;							\
	static inline void class_##_name##_destructor(class_##_name##_t *_T)	\
	{									\
		if (_T->lock) {							\
			_unlock;						\
		}								\
	}									\
	static inline void *class_##_name##_lock_ptr(class_##_name##_t *_T)	\
	{									\
		return (void *)(unsigned long)_T->lock;				\
	}

#define DEFINE_LOCK_GUARD_1(_name, _type, _lock, _unlock, ...)			\
	__DEFINE_GUARD_COND_FLAG(_name, false);					\
	__DEFINE_LOCK_GUARD_TYPE(_name, _type, _unlock, __VA_ARGS__)		\
	static inline class_##_name##_t class_##_name##_constructor(_type *l)	\
	{									\
		class_##_name##_t __made = { .lock = l }, *_T = &__made;	\
		_lock;								\
		return __made;							\
	}

#define DEFINE_LOCK_GUARD_0(_name, _lock, _unlock, ...)				\
	__DEFINE_GUARD_COND_FLAG(_name, false);					\
	__DEFINE_LOCK_GUARD_TYPE(_name, void, _unlock, __VA_ARGS__)		\
	static inline class_##_name##_t class_##_name##_constructor(void)	\
	{									\
		class_##_name##_t __made = { .lock = (void *)1 },		\
				 *_T __attribute__((__unused__)) = &__made;	\
		_lock;								\
		return __made;							\
	}

#define DEFINE_LOCK_GUARD_1_COND(_name, _ext, _condlock)			\
	__DEFINE_GUARD_COND_FLAG(_name##_ext, true);				\
	EXTEND_CLASS(_name, _ext,						\
		     ({ class_##_name##_t __t = { .lock = l }, *_T = &__t;	\
			if (_T->lock && !(_condlock))				\
				_T->lock = NULL;				\
			__t; }),						\
		     typeof(((class_##_name##_t *)NULL)->lock) l)		\
	static inline void *class_##_name##_ext##_lock_ptr(class_##_name##_t *_T) \
	{									\
		return class_##_name##_lock_ptr(_T);				\
	}

#endif /* _LINUX_CLEANUP_H */

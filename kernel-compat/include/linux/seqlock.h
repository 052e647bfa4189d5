/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequence counters and sequence locks.
 *
 * same: a write section checks that its lock is held (a plain seqcount_t: that
 * preemption is disabled) and disables preemption itself when the lock does not.
 * model: a reader that meets an odd count blocks in the engine until the writer is
 * done, and a task that reads where it writes is reported instead of hanging.
 * There is no list of accesses that need no marking: what is read inside a read
 * section must be read with READ_ONCE() and written with WRITE_ONCE(), or the race
 * detector reports it.
 */
#ifndef _LINUX_SEQLOCK_H
#define _LINUX_SEQLOCK_H

#include <linux/compiler.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/seqlock_types.h>
#include <linux/spinlock.h>

void __seqcount_init(seqcount_t *s, const char *name, struct lock_class_key *key);
#define seqcount_init(s)							\
do {										\
	static struct lock_class_key __key;					\
	__seqcount_init((s), #s, &__key);					\
} while (0)
#define SEQCNT_ZERO(lockname)							\
	{ .magic = SEQCOUNT_MAGIC,						\
	  .dep_map = { .name = #lockname, .kind = LOCK_KIND_SEQ } }

#define __seqcount_lock_init(s, _lock)						\
do {										\
	seqcount_init(&(s)->seqcount);						\
	(s)->lock = (_lock);							\
} while (0)
#define seqcount_raw_spinlock_init(s, lock)	__seqcount_lock_init(s, lock)
#define seqcount_spinlock_init(s, lock)		__seqcount_lock_init(s, lock)
#define seqcount_rwlock_init(s, lock)		__seqcount_lock_init(s, lock)
#define seqcount_mutex_init(s, lock)		__seqcount_lock_init(s, lock)
#define __SEQCNT_LOCK_ZERO(name, assoc)						\
	{ .seqcount = SEQCNT_ZERO(name), .lock = (assoc) }
#define SEQCNT_RAW_SPINLOCK_ZERO(name, lock)	__SEQCNT_LOCK_ZERO(name, lock)
#define SEQCNT_SPINLOCK_ZERO(name, lock)	__SEQCNT_LOCK_ZERO(name, lock)
#define SEQCNT_RWLOCK_ZERO(name, lock)		__SEQCNT_LOCK_ZERO(name, lock)
#define SEQCNT_MUTEX_ZERO(name, lock)		__SEQCNT_LOCK_ZERO(name, lock)

/* The counter of any of the types, and the lock's map (NULL for a plain counter). */
#define __seq_count(s)		((seqcount_t *)(s))	/* the first member of each */
#define __seq_lock_map(s) _Generic(*(s),					\
	seqcount_t:		__seq_map_none,					\
	seqcount_raw_spinlock_t: __seq_map_raw_spinlock,			\
	seqcount_spinlock_t:	__seq_map_spinlock,				\
	seqcount_rwlock_t:	__seq_map_rwlock,				\
	seqcount_mutex_t:	__seq_map_mutex)((const void *)(s))
#define __seq_preemptible(s)							\
	_Generic(*(s), seqcount_mutex_t: true, default: false)

static inline struct lockdep_map *__seq_map_none(const void *s)
{
	return NULL;
}
static inline struct lockdep_map *__seq_map_raw_spinlock(const void *s)
{
	return &((const seqcount_raw_spinlock_t *)s)->lock->dep_map;
}
static inline struct lockdep_map *__seq_map_spinlock(const void *s)
{
	return &((const seqcount_spinlock_t *)s)->lock->dep_map;
}
static inline struct lockdep_map *__seq_map_rwlock(const void *s)
{
	return &((const seqcount_rwlock_t *)s)->lock->dep_map;
}
static inline struct lockdep_map *__seq_map_mutex(const void *s)
{
	return &((const seqcount_mutex_t *)s)->lock->dep_map;
}

unsigned int __lock_seq_begin(const seqcount_t *s, bool check);	/* even; may block */
unsigned int __lock_seq_read(const seqcount_t *s);		/* may be odd */
int __lock_seq_retry(const seqcount_t *s, unsigned int start);
void __lock_seq_write_check(const seqcount_t *s, const struct lockdep_map *lock);
void __lock_seq_write_begin(seqcount_t *s, unsigned int subclass, bool preemptible);
void __lock_seq_write_end(seqcount_t *s, bool preemptible);
void __lock_seq_raw_write_begin(seqcount_t *s, bool preemptible);
void __lock_seq_raw_write_end(seqcount_t *s, bool preemptible);
void __lock_seq_advance(seqcount_t *s, unsigned int by);

#define __read_seqcount_begin(s)	__lock_seq_begin(__seq_count(s), false)
#define raw_read_seqcount_begin(s)	__lock_seq_begin(__seq_count(s), false)
#define read_seqcount_begin(s)		__lock_seq_begin(__seq_count(s), true)
#define raw_read_seqcount(s)		__lock_seq_read(__seq_count(s))
/* Never waits: when a writer is at work the section is bound to be repeated. */
#define raw_seqcount_begin(s)		(__lock_seq_read(__seq_count(s)) & ~1U)
#define __read_seqcount_retry(s, start)	__lock_seq_retry(__seq_count(s), start)
#define read_seqcount_retry(s, start)	__lock_seq_retry(__seq_count(s), start)

#define raw_write_seqcount_begin(s)						\
	__lock_seq_raw_write_begin(__seq_count(s), __seq_preemptible(s))
#define raw_write_seqcount_end(s)						\
	__lock_seq_raw_write_end(__seq_count(s), __seq_preemptible(s))
#define write_seqcount_begin_nested(s, subclass)				\
do {										\
	__lock_seq_write_check(__seq_count(s), __seq_lock_map(s));		\
	__lock_seq_write_begin(__seq_count(s), subclass, __seq_preemptible(s));	\
} while (0)
#define write_seqcount_begin(s)		write_seqcount_begin_nested(s, 0)
#define write_seqcount_end(s)							\
	__lock_seq_write_end(__seq_count(s), __seq_preemptible(s))
#define raw_write_seqcount_barrier(s)	__lock_seq_advance(__seq_count(s), 2)
#define write_seqcount_invalidate(s)	__lock_seq_advance(__seq_count(s), 2)

#define __SEQLOCK_UNLOCKED(lockname)						\
	{ .seqcount = SEQCNT_SPINLOCK_ZERO(lockname, &(lockname).lock),		\
	  .lock = __SPIN_LOCK_INITIALIZER(lockname) }
#define DEFINE_SEQLOCK(sl)		seqlock_t sl = __SEQLOCK_UNLOCKED(sl)
#define seqlock_init(sl)							\
do {										\
	spin_lock_init(&(sl)->lock);						\
	seqcount_spinlock_init(&(sl)->seqcount, &(sl)->lock);			\
} while (0)

static inline unsigned int read_seqbegin(const seqlock_t *sl)
{
	return read_seqcount_begin(&sl->seqcount);
}

static inline unsigned int read_seqretry(const seqlock_t *sl, unsigned int start)
{
	return read_seqcount_retry(&sl->seqcount, start);
}

/* Writers: the spinlock's variants around a write section. */
#define __DEFINE_SEQ_WRITER(_suffix)						\
static inline void write_seqlock##_suffix(seqlock_t *sl)			\
{										\
	spin_lock##_suffix(&sl->lock);						\
	__lock_seq_write_begin(&sl->seqcount.seqcount, 0, false);		\
}										\
static inline void write_sequnlock##_suffix(seqlock_t *sl)			\
{										\
	__lock_seq_write_end(&sl->seqcount.seqcount, false);			\
	spin_unlock##_suffix(&sl->lock);					\
}										\
static inline void read_seqlock_excl##_suffix(seqlock_t *sl)			\
{										\
	spin_lock##_suffix(&sl->lock);						\
}										\
static inline void read_sequnlock_excl##_suffix(seqlock_t *sl)			\
{										\
	spin_unlock##_suffix(&sl->lock);					\
}
__DEFINE_SEQ_WRITER()
__DEFINE_SEQ_WRITER(_bh)
__DEFINE_SEQ_WRITER(_irq)
#undef __DEFINE_SEQ_WRITER

#define write_seqlock_irqsave(sl, flags)					\
do {										\
	spin_lock_irqsave(&(sl)->lock, flags);					\
	__lock_seq_write_begin(&(sl)->seqcount.seqcount, 0, false);		\
} while (0)
#define write_sequnlock_irqrestore(sl, flags)					\
do {										\
	__lock_seq_write_end(&(sl)->seqcount.seqcount, false);			\
	spin_unlock_irqrestore(&(sl)->lock, flags);				\
} while (0)
#define read_seqlock_excl_irqsave(sl, flags)	spin_lock_irqsave(&(sl)->lock, flags)
#define read_sequnlock_excl_irqrestore(sl, flags)				\
	spin_unlock_irqrestore(&(sl)->lock, flags)

/* One optimistic round with even *seq; with odd *seq the lock is taken. */
static inline void read_seqbegin_or_lock(seqlock_t *sl, int *seq)
{
	if (*seq & 1)
		read_seqlock_excl(sl);
	else
		*seq = read_seqbegin(sl);
}

static inline int need_seqretry(seqlock_t *sl, int seq)
{
	return !(seq & 1) && read_seqretry(sl, seq);
}

static inline void done_seqretry(seqlock_t *sl, int seq)
{
	if (seq & 1)
		read_sequnlock_excl(sl);
}

#endif /* _LINUX_SEQLOCK_H */

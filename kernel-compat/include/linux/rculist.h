/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists that are read under RCU.
 *
 * same: what may run concurrently with what, and which pointers stay usable after a
 *	removal; the condition argument of the iterators and its check.
 * model: removal and replacement store the link with release, and readers load it with
 *	acquire.  The kernel gets by with less on every architecture, but what it relies
 *	on cannot be said in C11; nothing is hidden by it except missing barriers in the
 *	lists themselves.
 */
#ifndef _LINUX_RCULIST_H
#define _LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

/* Writers only: the list must not be reachable by readers that expect entries. */
static inline void INIT_LIST_HEAD_RCU(struct list_head *list)
{
	WRITE_ONCE(list->next, list);
	WRITE_ONCE(list->prev, list);
}

#define list_next_rcu(list)	((list)->next)
#define list_tail_rcu(head)	((head)->prev)
#define hlist_first_rcu(head)	((head)->first)
#define hlist_next_rcu(node)	((node)->next)
#define hlist_pprev_rcu(node)	(*((node)->pprev))

/* Without a condition a reader is required; with one, either will do. */
#define __list_check_rcu_any(cond...)						\
	RCU_LOCKDEP_WARN(!(__list_cond(cond)) && !rcu_read_lock_any_held(),	\
			 "RCU-list traversed in non-reader section!")
#define __list_cond(cond...)	__list_cond_pick(0, ##cond, 0, 0)
#define __list_cond_pick(none, cond, ...)	(cond)
#define __list_check_srcu(cond)							\
	RCU_LOCKDEP_WARN(!(cond),						\
			 "RCU-list traversed without holding the required lock!")

/* Insertion: the new entry is complete before it can be found. */
static inline void __list_add_rcu(struct list_head *new, struct list_head *prev,
				  struct list_head *next)
{
	new->next = next;
	new->prev = prev;
	rcu_assign_pointer(prev->next, new);
	next->prev = new;
}

static inline void list_add_rcu(struct list_head *new, struct list_head *head)
{
	__list_add_rcu(new, head, head->next);
}

static inline void list_add_tail_rcu(struct list_head *new, struct list_head *head)
{
	__list_add_rcu(new, head->prev, head);
}

/* Removal: readers that are on the entry still find their way by its next pointer. */
static inline void list_del_rcu(struct list_head *entry)
{
	struct list_head *prev = entry->prev, *next = entry->next;

	next->prev = prev;
	rcu_assign_pointer(prev->next, next);
	entry->prev = LIST_POISON2;
}

static inline void list_replace_rcu(struct list_head *old, struct list_head *new)
{
	new->next = old->next;
	new->prev = old->prev;
	rcu_assign_pointer(new->prev->next, new);
	new->next->prev = new;
	old->prev = LIST_POISON2;
}

static inline void __list_splice_rcu(struct list_head *list, struct list_head *prev,
				     struct list_head *next)
{
	struct list_head *first = list->next, *last = list->prev;

	/* Released: a reader may come to the old entries through the new ones. */
	smp_store_release(&last->next, next);
	first->prev = prev;
	next->prev = last;
	rcu_assign_pointer(prev->next, first);
}

/* Put a list that no reader knows at the front of one that readers walk. */
static inline void list_splice_rcu(struct list_head *list, struct list_head *head)
{
	if (!list_empty(list))
		__list_splice_rcu(list, head, head->next);
}

/*
 * Move a list that readers may be walking into another one. Between the two steps
 * sync() waits until the readers of @list are gone, so it sleeps.
 */
static inline void __list_splice_init_rcu(struct list_head *list, struct list_head *prev,
					  struct list_head *next, void (*sync)(void))
{
	struct list_head *first = list->next, *last = list->prev;

	INIT_LIST_HEAD_RCU(list);
	sync();
	smp_store_release(&last->next, next);
	rcu_assign_pointer(prev->next, first);
	first->prev = prev;
	next->prev = last;
}

static inline void list_splice_init_rcu(struct list_head *list, struct list_head *head,
					void (*sync)(void))
{
	if (!list_empty(list))
		__list_splice_init_rcu(list, head, head->next, sync);
}

static inline void list_splice_tail_init_rcu(struct list_head *list,
					     struct list_head *head, void (*sync)(void))
{
	if (!list_empty(list))
		__list_splice_init_rcu(list, head->prev, head, sync);
}

#define list_entry_rcu(ptr, type, member)					\
	container_of(smp_load_acquire(&(ptr)), type, member)

/* There is no list_empty_rcu() and no way back: prev may be poisoned. */
#define list_first_or_null_rcu(ptr, type, member)				\
({										\
	struct list_head *__ptr = (ptr);					\
	struct list_head *__next = smp_load_acquire(&__ptr->next);		\
	likely(__ptr != __next) ? container_of(__next, type, member) : NULL;	\
})

#define list_next_or_null_rcu(head, ptr, type, member)				\
({										\
	struct list_head *__head = (head);					\
	struct list_head *__ptr = (ptr);					\
	struct list_head *__next = smp_load_acquire(&__ptr->next);		\
	likely(__next != __head) ? container_of(__next, type, member) : NULL;	\
})

#define list_for_each_entry_rcu(pos, head, member, cond...)			\
	for (({ __list_check_rcu_any(cond); }),					\
	     pos = list_entry_rcu((head)->next, typeof(*pos), member);		\
	     &pos->member != (head);						\
	     pos = list_entry_rcu(pos->member.next, typeof(*pos), member))

#define list_for_each_entry_srcu(pos, head, member, cond)			\
	for (({ __list_check_srcu(cond); }),					\
	     pos = list_entry_rcu((head)->next, typeof(*pos), member);		\
	     &pos->member != (head);						\
	     pos = list_entry_rcu(pos->member.next, typeof(*pos), member))

#define list_entry_lockless(ptr, type, member)	list_entry_rcu(ptr, type, member)

#define list_for_each_entry_lockless(pos, head, member)				\
	for (pos = list_entry_lockless((head)->next, typeof(*pos), member);	\
	     &pos->member != (head);						\
	     pos = list_entry_lockless(pos->member.next, typeof(*pos), member))

#define list_for_each_entry_continue_rcu(pos, head, member)			\
	for (pos = list_entry_rcu(pos->member.next, typeof(*pos), member);	\
	     &pos->member != (head);						\
	     pos = list_entry_rcu(pos->member.next, typeof(*pos), member))

#define list_for_each_entry_from_rcu(pos, head, member)				\
	for (; &(pos)->member != (head);					\
	     pos = list_entry_rcu(pos->member.next, typeof(*(pos)), member))

/* Hash lists. */
static inline void hlist_add_head_rcu(struct hlist_node *n, struct hlist_head *h)
{
	struct hlist_node *first = h->first;

	n->next = first;
	WRITE_ONCE(n->pprev, &h->first);
	rcu_assign_pointer(h->first, n);
	if (first)
		WRITE_ONCE(first->pprev, &n->next);
}

static inline void hlist_add_before_rcu(struct hlist_node *n, struct hlist_node *next)
{
	WRITE_ONCE(n->pprev, next->pprev);
	n->next = next;
	rcu_assign_pointer(*n->pprev, n);
	WRITE_ONCE(next->pprev, &n->next);
}

static inline void hlist_add_behind_rcu(struct hlist_node *n, struct hlist_node *prev)
{
	n->next = prev->next;
	WRITE_ONCE(n->pprev, &prev->next);
	rcu_assign_pointer(prev->next, n);
	if (n->next)
		WRITE_ONCE(n->next->pprev, &n->next);
}

static inline void hlist_add_tail_rcu(struct hlist_node *n, struct hlist_head *h)
{
	struct hlist_node *i, *last = NULL;

	for (i = h->first; i; i = i->next)
		last = i;
	if (last)
		hlist_add_behind_rcu(n, last);
	else
		hlist_add_head_rcu(n, h);
}

static inline void __hlist_del_rcu(struct hlist_node *n)
{
	struct hlist_node *next = n->next;
	struct hlist_node **pprev = n->pprev;

	rcu_assign_pointer(*pprev, next);
	if (next)
		WRITE_ONCE(next->pprev, pprev);
}

static inline void hlist_del_rcu(struct hlist_node *n)
{
	__hlist_del_rcu(n);
	WRITE_ONCE(n->pprev, (struct hlist_node **)LIST_POISON2);
}

static inline void hlist_del_init_rcu(struct hlist_node *n)
{
	if (!hlist_unhashed(n)) {
		__hlist_del_rcu(n);
		WRITE_ONCE(n->pprev, (struct hlist_node **)NULL);
	}
}

static inline void hlist_replace_rcu(struct hlist_node *old, struct hlist_node *new)
{
	struct hlist_node *next = old->next;

	new->next = next;
	WRITE_ONCE(new->pprev, old->pprev);
	rcu_assign_pointer(*new->pprev, new);
	if (next)
		WRITE_ONCE(next->pprev, &new->next);
	WRITE_ONCE(old->pprev, (struct hlist_node **)LIST_POISON2);
}

/* Both lists change hands: only for lists whose readers tolerate seeing either. */
static inline void hlists_swap_heads_rcu(struct hlist_head *left, struct hlist_head *right)
{
	struct hlist_node *node1 = left->first, *node2 = right->first;

	rcu_assign_pointer(left->first, node2);
	rcu_assign_pointer(right->first, node1);
	WRITE_ONCE(node2->pprev, &left->first);
	WRITE_ONCE(node1->pprev, &right->first);
}

#define __hlist_entry_rcu(ptr, type, member)					\
({										\
	struct hlist_node *____ptr = smp_load_acquire(&(ptr));			\
	____ptr ? hlist_entry(____ptr, type, member) : NULL;			\
})

#define __hlist_for_each_rcu(pos, head)						\
	for (pos = rcu_dereference(hlist_first_rcu(head)); pos;			\
	     pos = rcu_dereference(hlist_next_rcu(pos)))

#define hlist_for_each_entry_rcu(pos, head, member, cond...)			\
	for (({ __list_check_rcu_any(cond); }),					\
	     pos = __hlist_entry_rcu((head)->first, typeof(*(pos)), member);	\
	     pos;								\
	     pos = __hlist_entry_rcu((pos)->member.next, typeof(*(pos)), member))

#define hlist_for_each_entry_srcu(pos, head, member, cond)			\
	for (({ __list_check_srcu(cond); }),					\
	     pos = __hlist_entry_rcu((head)->first, typeof(*(pos)), member);	\
	     pos;								\
	     pos = __hlist_entry_rcu((pos)->member.next, typeof(*(pos)), member))

#define hlist_for_each_entry_rcu_notrace(pos, head, member)			\
	for (pos = __hlist_entry_rcu((head)->first, typeof(*(pos)), member);	\
	     pos;								\
	     pos = __hlist_entry_rcu((pos)->member.next, typeof(*(pos)), member))

#define hlist_for_each_entry_rcu_bh(pos, head, member)				\
	hlist_for_each_entry_rcu(pos, head, member)

#define hlist_for_each_entry_continue_rcu(pos, member)				\
	for (pos = __hlist_entry_rcu((pos)->member.next, typeof(*(pos)), member); \
	     pos;								\
	     pos = __hlist_entry_rcu((pos)->member.next, typeof(*(pos)), member))

#define hlist_for_each_entry_from_rcu(pos, member)				\
	for (; pos;								\
	     pos = __hlist_entry_rcu((pos)->member.next, typeof(*(pos)), member))

#endif /* _LINUX_RCULIST_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* The graph of lock classes, see graph.c. All functions: with the graph locked. */
#ifndef _LOCK_GRAPH_H
#define _LOCK_GRAPH_H

#include "internal.h"

#define EDGE_EXCLUSIVE		1u	/* the first lock was not held shared */
#define EDGE_NOT_RECURSIVE	2u	/* the second was not wanted by a recursive reader */
#define EDGE_DEAD		0x80u	/* instead: one of them is no more */

struct lock_edge {
	u16		from, to;
	u8		kind;		/* EDGE_* */
	u8		nr_from_ips, nr_to_ips;
	u32		next[2];	/* of the same .from, of the same .to */
	unsigned long	from_ips[LOCK_STACK_DEPTH];	/* where .from was taken */
	unsigned long	to_ips[LOCK_STACK_DEPTH];	/* where .to was taken under it */
};

#define LOCK_PATH_EDGES	8	/* of what one search found, as far as it is printed */
struct lock_path {
	int nr;
	struct lock_edge edge[2 * LOCK_PATH_EDGES + 1];
};

/**
 * struct lock_search - what to look for
 * @match:	is this class it, if the path comes there weak or strong?
 * @through:	may a path lead through (or to) this class? NULL: through any
 * @backwards:	against the arrows
 * @class:	for @match: the one looked for
 * @any:	for @match: also if the path comes there weak
 * @uses:	for @match: a class that is used so; of reads, if the path comes strong
 */
struct lock_search {
	bool (*match)(const struct lock_search *s, u16 class, bool weak);
	bool (*through)(u16 class);
	bool backwards;
	u16 class;
	bool any;
	u32 uses;
};

void lock_graph_lock(void);
void lock_graph_unlock(void);
void lock_graph_assert_locked(void);
u8 lock_edge_kind(u8 from_flags, u8 to_flags);
bool lock_edge_known(u16 from, u16 to, u8 kind);
void lock_edge_add(const struct lock_held *from, u16 to, u8 kind);
u16 lock_graph_search(const struct lock_search *s, u16 class, bool weak);
void lock_graph_path(struct lock_path *path, u16 place, bool backwards);
void lock_path_join(const struct lock_path *before, const struct lock_held *h, u16 class,
		    struct lock_path *path);
void lock_graph_forget(u16 class);
void lock_graph_reset(void);

/* The second and further stacks of a report. */
#define LOCK_NR_STACKS	(4 * LOCK_PATH_EDGES + 6)
struct lock_stacks {
	unsigned int nr;
	struct violation_stack at[LOCK_NR_STACKS];
	char titles[LOCK_NR_STACKS][96];
};
void lock_stacks_add(struct lock_stacks *st, const unsigned long *ips, unsigned int nr,
		     const char *fmt, ...) __printf(4, 5);

void lock_path_text(char *text, size_t size, const struct lock_path *path, u16 only);
void lock_path_stacks(struct lock_stacks *st, const struct lock_path *path);

#endif /* _LOCK_GRAPH_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations on address spaces, four bytes each: what fuzz_page_table and fuzz_concurrent do,
 * and compare with the model.
 */
#ifndef _FUZZ_SPACE_H
#define _FUZZ_SPACE_H

#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/types.h>

#include "model.h"

enum op_code {
	/* of the program: nothing but its memory changes */
	OP_READ, OP_WRITE, OP_MMAP, OP_MUNMAP, OP_MPROTECT, OP_MADVISE,
	/* the kernel moves, marks and rebuilds; no program may notice */
	OP_HINT, OP_SCAN, OP_MOVE, OP_DAEMON, OP_MBIND, OP_SPLIT, OP_SPLIT_PMD, OP_HOLD, OP_OLD,
	OP_CLEAR_REFS, OP_DRAIN, OP_REST,
	/* several processes, devices */
	OP_FORK, OP_EXIT, OP_REMOTE_READ, OP_REMOTE_WRITE, OP_PIN, OP_UNPIN, OP_DMA,
	OP_INJECT, OP_CHECK,
	NR_OPS
};

/**
 * struct op - an operation; any four bytes are one
 * @code:	enum op_code, modulo NR_OPS
 * @who:	bits 0, 1: which process; bit 2: on which node; the others: see space.c
 * @where:	bits 0 to 4: first segment; the others: see space.c
 * @size:	bits 0 to 2: segments; bit 7: the huge range around them; bit 6: its neighbour, too
 */
struct op {
	u8 code, who, where, size;
};

#define SPACE_PINS	4
#define SPACE_HOLDS	3

/**
 * struct space_pin - a page that a device writes to
 * @holder:	who pinned it; NULL: nobody, the slot is free
 * @page:	which
 * @proc, @seg:	who sees it there; NULL: no program any more
 * @shared:	or the word of an object
 */
struct space_pin {
	const struct actor *holder;
	struct page *page;
	struct model_proc *proc;
	unsigned int seg;
	u64 *shared;
};

/* A folio that somebody takes time to migrate. */
struct space_hold {
	struct folio *folio;
	struct completion done;
	bool used;
};

/**
 * struct space - what the operations of an input work on
 * @base:	address of the window in all processes, aligned to huge pages
 * @file:	behind the first objects of the model
 * @model:	what must be seen
 * @pin, @hold:	in progress
 * @words:	number of the last write; each has contents of its own
 * @marked:	pages that passes had marked when the model was told last
 * @untracked:	soft-dirty bits were cleared while entries were under migration: such an entry
 *		comes back clean and with write permission, in Linux 6.12, too, and the next
 *		write sets nothing
 */
struct space {
	unsigned long base;
	struct file *file[MODEL_FILES];
	struct model model;
	struct space_pin pin[SPACE_PINS];
	struct space_hold hold[SPACE_HOLDS];
	u64 words;
	unsigned long marked;
	bool untracked;
};

/**
 * struct actor - who does an operation
 * @s:		the space
 * @p:		its process in the model, as far as it knows it
 * @common:	segments [0, @common) are mapped for good, read and written by others, too, who
 *		write other words
 * @first:	segments from here …
 * @end:	… to here are its alone: nobody else changes mappings or writes there
 * @word:	offset of its word in each page
 * @crowded:	others mark and clean the entries, and use the same files
 * @inject:	the rule that lets its next operation fail; -1: none
 * @other:	task whose memory remote operations reach, and its process
 */
struct actor {
	struct space *s;
	struct model_proc *p;
	unsigned int common, first, end;
	unsigned int word;
	bool crowded;
	int inject;
	struct task_struct *other;
	struct model_proc *other_p;
};

/* Alone with all segments. */
#define ACTOR(space, proc) { .s = (space), .p = (proc), .end = MODEL_SEGMENTS, .word = 8, \
			     .inject = -1 }

/* Who gets huge pages: nobody, everybody, who asks for them with madvise(). */
enum space_huge { SPACE_HUGE_NEVER, SPACE_HUGE_ALWAYS, SPACE_HUGE_MADVISE };

/*
 * Run @program as the first program of a machine of 2 nodes and 2 CPUs. Bits 2 to 5 of @options
 * are knobs that change which way pages go.
 */
void space_machine(enum space_huge huge, u8 options, int (*program)(void *arg));
/* Make the files, choose the addresses; in the first program. */
void space_open(struct space *s);
/* Wait for migrations in progress. */
void space_settle(struct space *s);
/* … and let go of pages and files. */
void space_close(struct space *s);

/* Do one operation, but for OP_FORK, OP_EXIT and OP_CHECK, as the running program. */
void space_do(struct actor *a, const struct op *op);
/* Passes may have marked pages since: no entry needs to let writes through. */
void space_note_pass(struct space *s);
/* Compare all entries and contents of the running program with the model, touching none. */
void space_verify(struct actor *a);
/* One line about it, to standard error. */
void space_print(const struct op *op);
/* The next operation will not be made to fail. */
void no_failure(struct actor *a);

#endif /* _FUZZ_SPACE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs must see: a reference model of contents and permissions that knows neither
 * page tables nor folios.
 *
 * A window of addresses is cut into segments. All requests begin and end where a segment
 * does, so the pages of one segment always have the same mapping; the first page of each is
 * read and written, the others keep what they had. Every function says what a system call
 * must return, and does what it must do.
 */
#ifndef _FUZZ_MODEL_H
#define _FUZZ_MODEL_H

#include <linux/types.h>

/* Two huge pages' worth, a few pages behind them. */
#define MODEL_SEGMENTS		28
#define MODEL_PAGES		1040
#define MODEL_HUGE		2	/* ranges of 512 pages, from page 0 on */
#define MODEL_PROCS		4
#define MODEL_OBJECTS		8
#define MODEL_FILE_PAGES	16

/* First page of each segment; the last one is the end. */
extern const unsigned short model_page[MODEL_SEGMENTS + 1];

enum model_kind {
	MODEL_HOLE,
	MODEL_ANON,		/* private, nothing behind it */
	MODEL_PRIVATE,		/* private, an object behind it */
	MODEL_SHARED,		/* of an object */
};

/* Objects that are there from the beginning; shared anonymous ones come behind. */
enum model_file { MODEL_SHMEM, MODEL_REGULAR, MODEL_READ_ONLY, MODEL_FILES };

/**
 * struct model_segment - a segment of one address space
 * @kind:	what is mapped
 * @prot:	PROT_*
 * @object:	behind it
 * @index:	page of the object that the first page shows
 * @may_write:	mprotect() may give PROT_WRITE
 * @dont_fork, @wipe_on_fork: MADV_*
 * @own:	the first page is a private copy
 * @word:	what is in the copy
 * @dirty:	the copy was written: whoever takes it away must know, by the page or by the entry
 * @dirty_entry: by the program, which makes the entry dirty, and nothing cleans entries
 * @soft:	… since soft-dirty bits were cleared last
 * @writable:	it was written, and nothing since then has a right to make the next write fault
 */
struct model_segment {
	u8 kind, prot, object;
	bool may_write, dont_fork, wipe_on_fork;
	bool own, dirty, dirty_entry, soft, writable;
	u16 index;
	u64 word;
};

struct model_proc {
	struct model_segment seg[MODEL_SEGMENTS];
};

/**
 * struct model_object - a file, or what shared anonymous memory is of
 * @pages:	its size
 * @word:	contents of each page
 */
struct model_object {
	unsigned int pages;
	u64 word[MODEL_PAGES];
};

struct model {
	unsigned int nr_objects;
	struct model_object object[MODEL_OBJECTS];
	struct model_proc proc[MODEL_PROCS];
};

/**
 * struct model_map - a request to map
 * @kind:	not MODEL_HOLE
 * @object:	unless MODEL_ANON: which; MODEL_OBJECTS: a new one
 * @index:	first page of it
 * @prot:	PROT_*
 * @keep:	MAP_FIXED_NOREPLACE
 * @populate:	MAP_POPULATE, which copies at once what may be written privately
 */
struct model_map {
	enum model_kind kind;
	unsigned int object, index, prot;
	bool keep, populate;
};

/* Nothing is mapped, the files are as they were made. @word: of each page of the files. */
void model_init(struct model *m, const u64 (*word)[MODEL_FILE_PAGES]);

/* Of segments [a, b) of @p: 0 or -Exxx. */
int model_mmap(struct model *m, struct model_proc *p, unsigned int a, unsigned int b,
	       const struct model_map *map);
int model_munmap(struct model_proc *p, unsigned int a, unsigned int b);
int model_mprotect(struct model_proc *p, unsigned int a, unsigned int b, unsigned int prot);
int model_madvise(struct model_proc *p, unsigned int a, unsigned int b, int advice);
/* mbind(), move_pages(): is all of it mapped? */
int model_mapped(const struct model_proc *p, unsigned int a, unsigned int b);

/* The child's address space. */
void model_fork(struct model_proc *child, struct model_proc *parent);
/* Hints were set, or a fork gave up on the way: whoever writes next, may fault. */
void model_hinted(struct model_proc *p, unsigned int a, unsigned int b);
void model_clear_refs(struct model_proc *p);

/* May the program read or write the first page of a segment? */
bool model_may_read(const struct model *m, const struct model_segment *s);
bool model_may_write(const struct model *m, const struct model_segment *s);
/* The same for a debugger, FOLL_FORCE. */
bool model_force_read(const struct model *m, const struct model_segment *s);
bool model_force_write(const struct model *m, const struct model_segment *s);
u64 model_word(const struct model *m, const struct model_segment *s);
/* It was written, by the program itself or by somebody else. */
void model_write(struct model *m, struct model_segment *s, u64 word, bool itself);

#endif /* _FUZZ_MODEL_H */

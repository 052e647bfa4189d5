// SPDX-License-Identifier: GPL-2.0
/* What programs must see. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mman.h>
#include <linux/string.h>

#include "model.h"

const unsigned short model_page[MODEL_SEGMENTS + 1] = {
	0, 1, 2, 3, 200, 201, 510, 511,
	512, 513, 514, 800, 801, 1022, 1023,
	1024, 1025, 1026, 1027, 1028, 1029, 1030, 1031, 1032, 1033, 1034, 1035, 1036,
	MODEL_PAGES,
};

void model_init(struct model *m, const u64 (*word)[MODEL_FILE_PAGES])
{
	memset(m->proc, 0, sizeof(m->proc));
	m->nr_objects = MODEL_FILES;
	for (int i = 0; i < MODEL_FILES; i++) {
		m->object[i].pages = MODEL_FILE_PAGES;
		memcpy(m->object[i].word, word[i], sizeof(word[i]));
	}
}

/* What was private to the segment is gone. */
static void drop_copy(struct model_segment *s)
{
	s->own = s->dirty = s->dirty_entry = s->soft = s->writable = false;
	s->word = 0;
}

static bool any_mapped(const struct model_proc *p, unsigned int a, unsigned int b)
{
	for (; a < b; a++)
		if (p->seg[a].kind != MODEL_HOLE)
			return true;
	return false;
}

int model_mapped(const struct model_proc *p, unsigned int a, unsigned int b)
{
	for (; a < b; a++)
		if (p->seg[a].kind == MODEL_HOLE)
			return -EFAULT;
	return 0;
}

static unsigned int new_object(struct model *m, unsigned int pages)
{
	struct model_object *o = &m->object[m->nr_objects];

	o->pages = pages;
	memset(o->word, 0, pages * sizeof(*o->word));
	return m->nr_objects++;
}

int model_mmap(struct model *m, struct model_proc *p, unsigned int a, unsigned int b,
	       const struct model_map *map)
{
	unsigned int object = map->object;
	bool read_only = object == MODEL_READ_ONLY && map->kind == MODEL_SHARED;

	if (map->keep && any_mapped(p, a, b))
		return -EEXIST;
	if (read_only && map->prot & PROT_WRITE)
		return -EACCES;
	if (map->kind != MODEL_ANON && object == MODEL_OBJECTS)
		object = new_object(m, model_page[b] - model_page[a]);
	for (unsigned int i = a; i < b; i++) {
		struct model_segment *s = &p->seg[i];

		*s = (struct model_segment){
			.kind = map->kind, .prot = map->prot, .object = object,
			.index = map->index + model_page[i] - model_page[a],
			.may_write = !read_only,
		};
		if (map->populate && s->kind == MODEL_PRIVATE && model_may_write(m, s)) {
			s->word = model_word(m, s);
			s->own = true;
		}
	}
	return 0;
}

int model_munmap(struct model_proc *p, unsigned int a, unsigned int b)
{
	memset(&p->seg[a], 0, (b - a) * sizeof(p->seg[a]));
	return 0;
}

/* Up to the first segment that cannot have it. */
int model_mprotect(struct model_proc *p, unsigned int a, unsigned int b, unsigned int prot)
{
	for (; a < b; a++) {
		struct model_segment *s = &p->seg[a];

		if (s->kind == MODEL_HOLE)
			return -ENOMEM;
		if (prot & PROT_WRITE && !s->may_write)
			return -EACCES;
		s->prot = prot;
		s->writable = false;
	}
	return 0;
}

static int advise(struct model_segment *s, int advice)
{
	switch (advice) {
	case MADV_FREE:
		if (s->kind != MODEL_ANON)
			return -EINVAL;
		drop_copy(s);
		break;
	case MADV_DONTNEED:
		drop_copy(s);
		break;
	case MADV_DONTFORK:
	case MADV_DOFORK:
		s->dont_fork = advice == MADV_DONTFORK;
		break;
	case MADV_WIPEONFORK:
		if (s->kind != MODEL_ANON)
			return -EINVAL;
		s->wipe_on_fork = true;
		break;
	case MADV_KEEPONFORK:
		s->wipe_on_fork = false;
		break;
	case MADV_REMOVE:
		return -EINVAL;
	}
	return 0;
}

/* Holes are passed over and reported at the end; the first refusal ends it. */
int model_madvise(struct model_proc *p, unsigned int a, unsigned int b, int advice)
{
	int ret = 0, err;

	if (advice == MADV_REMOVE)	/* the simulated kernel has no such advice */
		return -EINVAL;
	for (; a < b; a++) {
		if (p->seg[a].kind == MODEL_HOLE) {
			ret = -ENOMEM;
			continue;
		}
		err = advise(&p->seg[a], advice);
		if (err)
			return err;
	}
	return ret;
}

void model_fork(struct model_proc *child, struct model_proc *parent)
{
	for (int i = 0; i < MODEL_SEGMENTS; i++) {
		struct model_segment *s = &parent->seg[i], *c = &child->seg[i];

		s->writable = false;
		*c = *s;
		c->soft = false;
		if (s->dont_fork)
			memset(c, 0, sizeof(*c));
		else if (s->wipe_on_fork)
			drop_copy(c);
	}
}

void model_hinted(struct model_proc *p, unsigned int a, unsigned int b)
{
	for (; a < b; a++)
		p->seg[a].writable = false;
}

void model_clear_refs(struct model_proc *p)
{
	for (int i = 0; i < MODEL_SEGMENTS; i++)
		p->seg[i].soft = p->seg[i].writable = false;
}

/* Behind the end of a file there is no page. */
static bool has_page(const struct model *m, const struct model_segment *s)
{
	if (s->kind == MODEL_HOLE)
		return false;
	return s->kind == MODEL_ANON || s->own || s->index < m->object[s->object].pages;
}

bool model_may_read(const struct model *m, const struct model_segment *s)
{
	/* as on x86, what can be written or executed can be read */
	return has_page(m, s) && s->prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
}

bool model_may_write(const struct model *m, const struct model_segment *s)
{
	return has_page(m, s) && s->prot & PROT_WRITE;
}

bool model_force_read(const struct model *m, const struct model_segment *s)
{
	return has_page(m, s);
}

bool model_force_write(const struct model *m, const struct model_segment *s)
{
	return has_page(m, s) && (s->prot & PROT_WRITE || s->kind != MODEL_SHARED);
}

u64 model_word(const struct model *m, const struct model_segment *s)
{
	if (s->own)
		return s->word;
	return s->kind == MODEL_ANON ? 0 : m->object[s->object].word[s->index];
}

void model_write(struct model *m, struct model_segment *s, u64 word, bool itself)
{
	if (s->kind == MODEL_SHARED) {
		m->object[s->object].word[s->index] = word;
	} else {
		s->own = s->dirty = true;
		s->word = word;
	}
	s->writable |= itself;
	s->soft |= itself && s->own;
	s->dirty_entry |= itself && s->own;
}

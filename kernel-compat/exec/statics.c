// SPDX-License-Identifier: GPL-2.0
/*
 * Static data as it was in the beginning.
 *
 * Which data that is the linker decides: it lays out .data and .bss in the order of the
 * objects, and the build puts marks between them (statics_mark.c). Variables are taken one
 * by one from the symbol table, without what sanitizers put between them and without the
 * counters of gcov, which are to go on counting. A program without a symbol table keeps
 * what it has.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <exec/statics.h>
#include <exec/symbols.h>

#define __hidden_from_sanitizers						\
	__attribute__((no_sanitize("address", "thread", "undefined"), __noinline__))

/* The marks; those of the core are missing where it is not linked. */
extern char statics_tests_data[], statics_tests_bss[];
extern char statics_core_data[] __attribute__((weak)), statics_core_bss[] __attribute__((weak));
extern char statics_core_data_end[] __attribute__((weak));
extern char statics_core_bss_end[] __attribute__((weak));
/* Where the C runtime's first object and the linker begin. */
extern char data_start[], __bss_start[];

struct variable {
	char *at;
	size_t size;
	char *copy;
};

struct statics {
	bool known;
	const char *data, *data_end, *bss, *bss_end;
	struct variable *vars;
	unsigned int nr, room;
};

/* Past the sanitizers, which intercept memcpy(). */
__hidden_from_sanitizers static void copy(char *to, const char *from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static bool is_in(const struct statics *s, const char *at)
{
	return (at >= s->data && at < s->data_end) || (at >= s->bss && at < s->bss_end);
}

static void remember(const char *name, unsigned long addr, size_t size, void *arg)
{
	struct statics *s = arg;
	struct variable *v;

	if (!is_in(s, (char *)addr) || !strncmp(name, "__gcov", 6) ||
	    !strncmp(name, "statics_", 8))
		return;
	if (s->nr == s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->vars = realloc(s->vars, s->room * sizeof(*s->vars));
	}
	v = &s->vars[s->nr++];
	*v = (struct variable){ .at = (char *)addr, .size = size, .copy = malloc(size) };
	if (!v->copy)
		abort();
	copy(v->copy, v->at, size);
}

static void remember_or_restore(struct statics *s)
{
	if (!s->known) {
		s->known = true;
		exec_for_each_variable(remember, s);
		return;
	}
	for (unsigned int i = 0; i < s->nr; i++)
		copy(s->vars[i].at, s->vars[i].copy, s->vars[i].size);
}

void exec_statics_of_core(void)
{
	static struct statics core;

	if (!statics_core_data)
		return;
	core.data = statics_core_data;
	core.data_end = statics_core_data_end;
	core.bss = statics_core_bss;
	core.bss_end = statics_core_bss_end;
	remember_or_restore(&core);
}

static struct statics tests;

static void set_tests(struct statics *s)
{
	s->data = data_start;
	s->data_end = statics_tests_data;
	s->bss = __bss_start;
	s->bss_end = statics_tests_bss;
}

void exec_statics_of_tests(void)
{
	set_tests(&tests);
	remember_or_restore(&tests);
}

void exec_statics_of_booted_tests(bool take)
{
	static struct statics booted;

	if (!tests.known)
		return;
	if (take) {
		for (unsigned int i = 0; i < booted.nr; i++)
			free(booted.vars[i].copy);
		booted.nr = 0;
		booted.known = false;
	}
	set_tests(&booted);
	remember_or_restore(&booted);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What cannot go on: BUG(), panic(), corrupt lists, saturated reference counts.
 */
#include <stdarg.h>
#include <stdlib.h>

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/refcount.h>

void __bug(const char *file, int line, const char *what)
{
	violation(VIOLATION_BUG, "%s:%d: %s", file, line, what);
	abort();
}

void panic(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	violation(VIOLATION_BUG, "panic: %s", text);
	abort();
}

void __list_corrupt(const char *what, const struct list_head *entry)
{
	violation(VIOLATION_BUG, "%s: list corruption at entry %p (next %p, prev %p)", what,
		  entry, entry->next, entry->prev);
	abort();
}

void refcount_warn_saturate(refcount_t *r, enum refcount_saturation_type t)
{
	static const char *const what[] = {
		[REFCOUNT_ADD_NOT_ZERO_OVF] = "saturated",
		[REFCOUNT_ADD_OVF] = "saturated",
		[REFCOUNT_ADD_UAF] = "addition on 0: use after free",
		[REFCOUNT_SUB_UAF] = "underflow: use after free",
		[REFCOUNT_DEC_LEAK] = "decrement hit 0: leaking memory",
	};

	refcount_set(r, REFCOUNT_SATURATED);
	violation(VIOLATION_REFCOUNT, "refcount_t %p: %s", r, what[t]);
}

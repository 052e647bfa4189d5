// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: what a running case calls.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <kunit/test.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "runner.h"

/* One managed allocation or action. */
struct kunit_resource {
	struct list_head node;
	kunit_action_t *action;
	void *ctx;
};

static bool on_machine(const struct kunit *test)
{
	return test->task;
}

static void *resource_alloc(struct kunit *test, size_t size)
{
	return on_machine(test) ? kzalloc(size, GFP_KERNEL) : calloc(1, size);
}

static void resource_free(struct kunit *test, const void *p)
{
	if (on_machine(test))
		kfree(p);
	else
		free((void *)p);
}

int kunit_add_action(struct kunit *test, kunit_action_t *action, void *ctx)
{
	struct kunit_resource *res = resource_alloc(test, sizeof(*res));

	if (!res)
		return -ENOMEM;
	res->action = action;
	res->ctx = ctx;
	list_add(&res->node, &test->resources);
	return 0;
}

int kunit_add_action_or_reset(struct kunit *test, kunit_action_t *action, void *ctx)
{
	int ret = kunit_add_action(test, action, ctx);

	if (ret)
		action(ctx);
	return ret;
}

/* The newest resource with this action and context is forgotten, and run if asked. */
static void drop_action(struct kunit *test, kunit_action_t *action, void *ctx, bool run)
{
	struct kunit_resource *res;

	list_for_each_entry(res, &test->resources, node) {
		if (res->action != action || res->ctx != ctx)
			continue;
		list_del(&res->node);
		resource_free(test, res);
		if (run)
			action(ctx);
		return;
	}
}

void kunit_remove_action(struct kunit *test, kunit_action_t *action, void *ctx)
{
	drop_action(test, action, ctx, false);
}

void kunit_release_action(struct kunit *test, kunit_action_t *action, void *ctx)
{
	drop_action(test, action, ctx, true);
}

/* Undo everything the case registered, newest first. */
void kunit_cleanup(struct kunit *test)
{
	struct kunit_resource *res;
	kunit_action_t *action;
	void *ctx;

	while (!list_empty(&test->resources)) {
		res = list_first_entry(&test->resources, struct kunit_resource, node);
		action = res->action;
		ctx = res->ctx;
		list_del(&res->node);
		resource_free(test, res);
		action(ctx);
	}
}

static void free_on_machine(void *p)
{
	kfree(p);
}

static void free_on_host(void *p)
{
	free(p);
}

void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	void *p = on_machine(test) ? kmalloc_array(n, size, gfp) : calloc(n, size);

	if (p && kunit_add_action_or_reset(test, on_machine(test) ? free_on_machine : free_on_host,
					   p))
		return NULL;
	return p;
}

void *kunit_kcalloc(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	return kunit_kmalloc_array(test, n, size, gfp | __GFP_ZERO);
}

void kunit_kfree(struct kunit *test, const void *ptr)
{
	if (ptr)
		kunit_release_action(test, on_machine(test) ? free_on_machine : free_on_host,
				     (void *)ptr);
}

static void kunit_line(struct kunit *test, FILE *to, const char *fmt, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = 0;
	fprintf(to, "    # %s: %s\n", test->name, line);
}

void kunit_info_line(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	if (!kunit_verbose)
		return;
	va_start(args, fmt);
	kunit_line(test, stdout, fmt, args);
	va_end(args);
}

void kunit_err_line(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	kunit_line(test, stdout, fmt, args);
	va_end(args);
}

void __kunit_comment(struct kunit *test, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (text[0])
		kunit_err_line(test, "    %s", text);
}

void kunit_mark_skipped(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(test->status_comment, sizeof(test->status_comment), fmt, args);
	va_end(args);
	WRITE_ONCE(test->status, KUNIT_SKIPPED);
}

void __kunit_abort(struct kunit *test)
{
	if (on_machine(test) && current != test->task) {
		kunit_err_line(test, "assertion failed outside the case's own task");
		fflush(stdout);
		kunit_inject_end(true);
		abort();
	}
	longjmp(*(jmp_buf *)test->abort_context, 1);
}

static void fail_head(struct kunit *test, bool assertion, const char *file, int line)
{
	WRITE_ONCE(test->status, KUNIT_FAILURE);
	kunit_err_line(test, "%s FAILED at %s:%d", assertion ? "ASSERTION" : "EXPECTATION",
		       kbasename(file), line);
	kunit_inject_told();
}

void __kunit_fail(struct kunit *test, bool assertion, const char *file, int line,
		  const char *what, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fail_head(test, assertion, file, line);
	kunit_err_line(test, "    %s %s", what, text);
}

void __kunit_fail_binary(struct kunit *test, bool assertion, const char *file, int line,
			 const char *what, const char *left, long long lv,
			 const char *right, long long rv, bool pointers, const char *msg)
{
	fail_head(test, assertion, file, line);
	kunit_err_line(test, "    expected %s, but", what);
	kunit_err_line(test, "        %s == %lld (0x%llx)", left, lv, lv);
	kunit_err_line(test, "        %s == %lld (0x%llx)", right, rv, rv);
}

void __kunit_fail_str(struct kunit *test, bool assertion, const char *file, int line,
		      const char *what, const char *l, const char *r)
{
	fail_head(test, assertion, file, line);
	kunit_err_line(test, "    expected strings %s, but", what);
	kunit_err_line(test, "        left  \"%s\"", l ?: "(null)");
	kunit_err_line(test, "        right \"%s\"", r ?: "(null)");
}

void __kunit_fail_mem(struct kunit *test, bool assertion, const char *file, int line,
		      const char *what, const void *l, const void *r, size_t size)
{
	const u8 *a = l, *b = r;
	size_t i = 0;

	fail_head(test, assertion, file, line);
	if (a && b)
		while (i < size && a[i] == b[i])
			i++;
	kunit_err_line(test, "    expected %zu bytes %s; first difference at %zu", size, what, i);
}

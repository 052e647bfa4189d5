// SPDX-License-Identifier: GPL-2.0
/* Rules from text, for command lines. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <exec/symbols.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/huge_mm.h>
#include <linux/string.h>
#include <machine/inject.h>

struct parse {
	struct inject_rule *rule;
	bool when;		/* it says which calls fail */
	char *why;
	size_t size;
};

__printf(2, 3)
static int wrong(struct parse *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->why, p->size, fmt, args);
	va_end(args);
	return -EINVAL;
}

static bool is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(word, name, len);
}

/* "KIND,KIND…" */
static int parse_kinds(struct parse *p, const char *text, size_t len)
{
	const char *end = text + len;

	for (;;) {
		size_t n = min(strcspn(text, ",:"), (size_t)(end - text));
		enum inject_site kind = inject_site_find(text, n);

		if (kind < INJECT_NR) {
			p->rule->sites |= 1U << kind;
		} else if (is(text, n, "huge")) {
			p->rule->sites |= 1U << INJECT_PAGE;
			p->rule->min_order = HPAGE_PMD_ORDER;
		} else if (is(text, n, "all")) {
			p->rule->sites |= (1U << INJECT_NR) - 1;
		} else {
			return wrong(p, "nothing of the kind '%.*s' can fail: slab, page, huge, migrate, isolate, split, fork, kthread, trylock, wake or all",
				     (int)n, text);
		}
		if (text + n == end)
			return 0;
		text += n + 1;
	}
}

/* A number from 0 to 1, in millionths. */
static int parse_rate(struct parse *p, const char *val, size_t len)
{
	char *end;
	double rate = strtod(val, &end);

	if (end != val + len || !(rate > 0 && rate <= 1))
		return wrong(p, "rate=%.*s is not a number above 0 and up to 1", (int)len, val);
	p->rule->per_million = max(1, (int)(rate * 1000000 + 0.5));
	return 0;
}

static int parse_number(struct parse *p, const char *what, const char *val, size_t len,
			unsigned long *to)
{
	char *end;

	*to = strtoul(val, &end, 10);
	if (*val < '0' || *val > '9' || end != val + len || !*to)
		return wrong(p, "%s=%.*s is not a number from 1", what, (int)len, val);
	return 0;
}

static int parse_bytes(struct parse *p, const char *val, size_t len)
{
	u8 *bytes = calloc(1, len / 2 + 1);
	size_t i;

	for (i = 0; bytes && i < len / 2; i++) {
		char pair[3] = { val[2 * i], val[2 * i + 1] }, *end;

		bytes[i] = strtoul(pair, &end, 16);
		if (*end)
			break;
	}
	if (!bytes || !len || len % 2 || i < len / 2) {
		free(bytes);
		return wrong(p, "bytes=%.*s are not pairs of hexadecimal digits", (int)len, val);
	}
	p->rule->bytes = bytes;
	p->rule->nr_bytes = len / 2;
	return 0;
}

static int parse_site(struct parse *p, const char *val, size_t len)
{
	size_t name = min(strcspn(val, "+"), len);

	if (!name || !exec_has_function(val, name))
		return wrong(p, "this program has no function '%.*s', or it was inlined",
			     (int)name, val);
	p->rule->site = strndup(val, len);
	return p->rule->site ? 0 : -ENOMEM;
}

static int parse_class(struct parse *p, const char *word, size_t len)
{
	static const char *const names[] = { "any", "kernel", "atomic", "nowait", "thisnode" };
	int i;

	for (i = 1; i < ARRAY_SIZE(names); i++)
		if (is(word, len, names[i])) {
			p->rule->gfp = i;
			return 0;
		}
	return wrong(p, "'%.*s' is none of kernel, atomic, nowait, thisnode, nth=N, rate=R, bytes=HEX, site=FUNC, times=N",
		     (int)len, word);
}

/* One part between colons. */
static int parse_part(struct parse *p, const char *word, size_t len)
{
	const char *eq = memchr(word, '=', len);
	size_t key = eq ? eq - word : 0, n = eq ? len - key - 1 : 0;

	if (!eq)
		return parse_class(p, word, len);
	eq++;
	if (is(word, key, "times"))
		return parse_number(p, "times", eq, n, &p->rule->times);
	if (is(word, key, "site"))
		return parse_site(p, eq, n);
	if (!is(word, key, "nth") && !is(word, key, "rate") && !is(word, key, "bytes"))
		return parse_class(p, word, len);
	if (p->when)
		return wrong(p, "only one of nth=, rate= and bytes=");
	p->when = true;
	if (*word == 'n')
		return parse_number(p, "nth", eq, n, &p->rule->nth);
	return *word == 'r' ? parse_rate(p, eq, n) : parse_bytes(p, eq, n);
}

int inject_parse(const char *text, struct inject_rule *rule, char *why, size_t size)
{
	struct parse p = { .rule = rule, .why = why, .size = size };
	size_t len = strcspn(text, ":");
	int ret;

	*rule = (struct inject_rule){};
	ret = parse_kinds(&p, text, len);
	while (!ret && text[len]) {
		text += len + 1;
		len = strcspn(text, ":");
		ret = parse_part(&p, text, len);
	}
	if (!ret && !p.when) {
		if (!rule->site)
			return wrong(&p, "it does not say which calls fail: nth=N, rate=R, bytes=HEX or site=FUNC");
		rule->per_million = 1000000;
	}
	return ret;
}

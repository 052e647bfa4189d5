// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's printf: the host's for everything but %p, which has letters of its own.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#undef vsnprintf
#undef snprintf
#undef sprintf

/* Text being built; len may pass size, as printf counts. */
struct out {
	char *buf;
	size_t size;
	size_t len;
};

/* One conversion specification: %[flags][width][.precision][length]type */
struct spec {
	char text[32];		/* without the type letter */
	int width;		/* -1: none */
	int stars;		/* numbers to be taken from the arguments */
	char length;		/* 0, 'H' for hh, 'h', 'l', 'L' for ll, 'z', 't', 'j' */
	char type;
};

static void put(struct out *o, const char *s, size_t n)
{
	if (o->len < o->size)
		memcpy(o->buf + o->len, s, min(n, o->size - o->len));
	o->len += n;
}

static void put_padded(struct out *o, const struct spec *spec, const char *s)
{
	size_t n = strlen(s), pad = spec->width > (int)n ? spec->width - n : 0;
	bool left = strchr(spec->text, '-');

	while (!left && pad) {
		put(o, " ", 1);
		pad--;
	}
	put(o, s, n);
	while (pad--)
		put(o, " ", 1);
}

/* Parse after the percent sign; numbers for stars are taken from @args. */
static const char *parse_spec(const char *p, struct spec *spec, va_list *args)
{
	size_t n = 0;

	memset(spec, 0, sizeof(*spec));
	spec->width = -1;
	spec->text[n++] = '%';
	while (*p && strchr("-+ #0", *p) && n < 8)
		spec->text[n++] = *p++;
	if (*p == '*') {
		spec->width = va_arg(*args, int);
		if (spec->width < 0) {
			spec->text[n++] = '-';
			spec->width = -spec->width;
		}
		p++;
	} else if (isdigit((unsigned char)*p)) {
		spec->width = 0;
		while (isdigit((unsigned char)*p))
			spec->width = spec->width * 10 + *p++ - '0';
	}
	if (spec->width >= 0)
		n += snprintf(spec->text + n, 11, "%d", spec->width);
	if (*p == '.') {
		int precision = 0;

		if (*++p == '*') {
			precision = va_arg(*args, int);
			p++;
		} else {
			while (isdigit((unsigned char)*p))
				precision = precision * 10 + *p++ - '0';
		}
		if (precision >= 0)
			n += snprintf(spec->text + n, 12, ".%d", precision);
	}
	for (; *p && strchr("hlLqzZtj", *p); p++) {
		if (*p == 'h')
			spec->length = spec->length == 'h' ? 'H' : 'h';
		else if (*p == 'l')
			spec->length = spec->length == 'l' ? 'L' : 'l';
		else
			spec->length = *p == 'q' ? 'L' : tolower((unsigned char)*p);
	}
	spec->text[n] = 0;
	spec->type = *p;
	return *p ? p + 1 : p;
}

/* The name of the function around @addr, with offset and size when asked. */
static void put_symbol(struct out *o, const struct spec *spec, const void *addr, bool offset)
{
	char text[256];
	Dl_info info;

	if (!dladdr(addr, &info) || !info.dli_sname)
		snprintf(text, sizeof(text), "%p", addr);
	else if (offset)
		snprintf(text, sizeof(text), "%s+0x%lx", info.dli_sname,
			 (long)(addr - info.dli_saddr));
	else
		snprintf(text, sizeof(text), "%s", info.dli_sname);
	put_padded(o, spec, text);
}

/* %*pb and %*pbl: the field width is the number of bits. */
static const char *put_bitmap(struct out *o, const struct spec *spec, const unsigned long *map,
			      const char *p)
{
	int nbits = max(spec->width, 0), i, chunk, chunks = (nbits + 31) / 32;
	char text[16];

	if (*p == 'l') {
		bool room = o->len < o->size;

		o->len += bitmap_scnlistprintf(room ? o->buf + o->len : NULL,
					       room ? o->size - o->len : 0, map, nbits);
		return p + 1;
	}
	for (i = chunks - 1; i >= 0; i--) {
		int bits = i == chunks - 1 && nbits % 32 ? nbits % 32 : 32;
		u32 val;

		val = __find_word(map, i / 2) >> (i % 2 * 32);
		val &= ~0U >> (32 - bits);
		chunk = snprintf(text, sizeof(text), "%s%0*x", i == chunks - 1 ? "" : ",",
				 (bits + 3) / 4, val);
		put(o, text, chunk);
	}
	return p;
}

static void put_error(struct out *o, const struct spec *spec, const void *ptr)
{
	char text[32];

	if (IS_ERR(ptr)) {
		const char *name = strerrorname_np(-PTR_ERR(ptr));

		if (name)
			snprintf(text, sizeof(text), "-%s", name);
		else
			snprintf(text, sizeof(text), "%ld", PTR_ERR(ptr));
	} else {
		snprintf(text, sizeof(text), "%p", ptr);
	}
	put_padded(o, spec, text);
}

/* %p and the letters that may follow it. Returns what comes after them. */
static const char *put_pointer(struct out *o, const struct spec *spec, void *ptr, const char *p)
{
	char text[24];

	switch (*p) {
	case 'S':
	case 'B':
		put_symbol(o, spec, ptr, true);
		break;
	case 's':
		put_symbol(o, spec, ptr, false);
		break;
	case 'b':
		return put_bitmap(o, spec, ptr, p + 1);
	case 'e':
		put_error(o, spec, ptr);
		break;
	case 'V': {
		struct va_format *vf = ptr;
		va_list copy;

		va_copy(copy, *vf->va);
		o->len += kernel_vsnprintf(o->len < o->size ? o->buf + o->len : NULL,
					   o->len < o->size ? o->size - o->len : 0,
					   vf->fmt, copy);
		va_end(copy);
		break;
	}
	default:
		snprintf(text, sizeof(text), "%016lx", (unsigned long)ptr);
		put_padded(o, spec, text);
		while (isalnum((unsigned char)*p))
			p++;
		return p;
	}
	p++;
	while (isalnum((unsigned char)*p))
		p++;
	return p;
}

/* Integers: by the length modifier, as 64 bits with the sign they have. */
static void put_integer(struct out *o, struct spec *spec, va_list *args)
{
	bool is_signed = spec->type == 'd' || spec->type == 'i';
	char fmt[48], text[128];
	unsigned long long v;

	switch (spec->length) {
	case 'L':
	case 'j':
	case 'l':
	case 'z':
	case 't':
		v = va_arg(*args, unsigned long long);
		break;
	case 'h':
		v = va_arg(*args, int);
		v = is_signed ? (unsigned long long)(short)v : (unsigned short)v;
		break;
	case 'H':
		v = va_arg(*args, int);
		v = is_signed ? (unsigned long long)(signed char)v : (unsigned char)v;
		break;
	default:
		v = is_signed ? (unsigned long long)(long long)va_arg(*args, int) :
				va_arg(*args, unsigned int);
	}
	snprintf(fmt, sizeof(fmt), "%sll%c", spec->text, spec->type);
	put(o, text, min_t(size_t, snprintf(text, sizeof(text), fmt, v), sizeof(text) - 1));
}

static void put_string(struct out *o, struct spec *spec, const char *s)
{
	const char *dot = strchr(spec->text, '.');
	size_t max = dot ? (size_t)atoi(dot + 1) : SIZE_MAX;
	char cut[512];

	s = s ?: "(null)";
	if (strnlen(s, max) == max) {
		max = min(max, sizeof(cut) - 1);
		memcpy(cut, s, max);
		cut[max] = 0;
		s = cut;
	}
	put_padded(o, spec, s);
}

int kernel_vsnprintf(char *buf, size_t size, const char *fmt, va_list caller)
{
	struct out o = { .buf = buf, .size = size };
	struct spec spec;
	const char *p;
	va_list args;
	char c;

	va_copy(args, caller);
	for (;;) {
		p = strchrnul(fmt, '%');
		put(&o, fmt, p - fmt);
		if (!*p)
			break;
		fmt = parse_spec(p + 1, &spec, &args);
		switch (spec.type) {
		case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
			put_integer(&o, &spec, &args);
			break;
		case 's':
			put_string(&o, &spec, va_arg(args, const char *));
			break;
		case 'c':
			c = va_arg(args, int);
			put_padded(&o, &spec, (char[]){ c, 0 });
			break;
		case 'p':
			fmt = put_pointer(&o, &spec, va_arg(args, void *), fmt);
			break;
		case '%':
			put(&o, "%", 1);
			break;
		default:	/* no floating point and no %n in a kernel */
			put(&o, p, fmt - p);
		}
	}
	va_end(args);
	if (size)
		buf[min(o.len, size - 1)] = 0;
	return o.len;
}

int kernel_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = kernel_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

int kernel_sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = kernel_vsnprintf(buf, INT_MAX, fmt, args);
	va_end(args);
	return n;
}

/* As vsnprintf(), but returns what was stored. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int n = kernel_vsnprintf(buf, size, fmt, args);

	if (n < (ssize_t)size)
		return n;
	return size ? size - 1 : 0;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
{
	va_list copy;
	char *p;
	int n;

	va_copy(copy, args);
	n = kernel_vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	p = kmalloc(n + 1, gfp);
	if (p)
		kernel_vsnprintf(p, n + 1, fmt, args);
	return p;
}

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = kvasprintf(gfp, fmt, args);
	va_end(args);
	return p;
}

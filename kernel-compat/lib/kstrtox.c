// SPDX-License-Identifier: GPL-2.0
/*
 * Text to numbers.
 *
 * Base 0 takes 0x for hexadecimal, a leading 0 for octal, anything else for decimal.
 */
#include <linux/ctype.h>
#include <linux/hex.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/errno.h>

/* Skip a prefix that the base allows, and settle the base. */
static const char *fix_base(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x';

	if (*base == 0) {
		if (hex && hex_to_bin(s[2]) >= 0)
			*base = 16;
		else
			*base = s[0] == '0' ? 8 : 10;
	}
	return *base == 16 && hex ? s + 2 : s;
}

/* Digits of @base; stores whether they overflowed. Returns the first other character. */
static const char *digits(const char *s, unsigned int base, unsigned long long *res,
			  bool *overflow)
{
	unsigned long long v = 0;
	int d;

	*overflow = false;
	for (; (d = hex_to_bin(*s)) >= 0 && d < base; s++)
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			*overflow = true;
	*res = v;
	return s;
}

/* The number without sign; *res changes only on success. */
static int parse(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long v;
	const char *end;
	bool overflow;

	s = fix_base(s, &base);
	end = digits(s, base, &v, &overflow);
	if (end == s)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	*res = v;
	return 0;
}

/**
 * kstrtoull() - unsigned number
 * @s:		digits with an optional plus sign; one newline may end them
 * @base:	0 or 2 .. 16
 * @res:	changed only on success
 *
 * Return: 0, -EINVAL when it is no number, -ERANGE when it does not fit.
 */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	return parse(*s == '+' ? s + 1 : s, base, res);
}

int kstrtoll(const char *s, unsigned int base, long long *res)
{
	unsigned long long v;
	int ret;

	if (*s == '-') {
		ret = parse(s + 1, base, &v);
		if (ret)
			return ret;
		if (v > (unsigned long long)LLONG_MAX + 1)
			return -ERANGE;
		*res = -v;
		return 0;
	}
	ret = kstrtoull(s, base, &v);
	if (ret)
		return ret;
	if (v > LLONG_MAX)
		return -ERANGE;
	*res = v;
	return 0;
}

/* The narrower types: parse wide, then see whether it fits. */
#define NARROW(name, type, wide, parser)					\
int name(const char *s, unsigned int base, type *res)				\
{										\
	wide v;									\
	int ret = parser(s, base, &v);						\
										\
	if (ret)								\
		return ret;							\
	if (v != (wide)(type)v)							\
		return -ERANGE;							\
	*res = v;								\
	return 0;								\
}
NARROW(kstrtoul, unsigned long, unsigned long long, kstrtoull)
NARROW(kstrtol, long, long long, kstrtoll)
NARROW(kstrtouint, unsigned int, unsigned long long, kstrtoull)
NARROW(kstrtoint, int, long long, kstrtoll)
NARROW(kstrtou16, u16, unsigned long long, kstrtoull)
NARROW(kstrtos16, s16, long long, kstrtoll)
NARROW(kstrtou8, u8, unsigned long long, kstrtoull)
NARROW(kstrtos8, s8, long long, kstrtoll)

/**
 * kstrtobool() - truth value
 * @s:		begins with y, t, 1, on or n, f, 0, off in either case; the rest is ignored
 * @res:	changed only on success
 *
 * Return: 0 or -EINVAL.
 */
int kstrtobool(const char *s, bool *res)
{
	if (!s)
		return -EINVAL;
	switch (tolower((unsigned char)s[0])) {
	case 'y':
	case 't':
	case '1':
		*res = true;
		return 0;
	case 'n':
	case 'f':
	case '0':
		*res = false;
		return 0;
	case 'o':
		switch (tolower((unsigned char)s[1])) {
		case 'n':
			*res = true;
			return 0;
		case 'f':
			*res = false;
			return 0;
		}
	}
	return -EINVAL;
}

unsigned long long simple_strtoull(const char *cp, char **endp, unsigned int base)
{
	unsigned long long v;
	bool overflow;

	cp = fix_base(cp, &base);
	cp = digits(cp, base, &v, &overflow);
	if (endp)
		*endp = (char *)cp;
	return v;
}

unsigned long simple_strtoul(const char *cp, char **endp, unsigned int base)
{
	return simple_strtoull(cp, endp, base);
}

long simple_strtol(const char *cp, char **endp, unsigned int base)
{
	return *cp == '-' ? -simple_strtoull(cp + 1, endp, base) : simple_strtoull(cp, endp, base);
}

/* A number with an optional K, M, G, T, P or E. */
unsigned long long memparse(const char *ptr, char **retptr)
{
	static const char units[] = "KMGTPE";
	char *end;
	unsigned long long v = simple_strtoull(ptr, &end, 0);

	for (int i = 0; units[i]; i++)
		if (toupper((unsigned char)*end) == units[i]) {
			v <<= 10 * (i + 1);
			end++;
			break;
		}
	if (retptr)
		*retptr = end;
	return v;
}

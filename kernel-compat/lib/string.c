// SPDX-License-Identifier: GPL-2.0
/*
 * String functions that a C library does not have.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * sized_strscpy() - copy a string, always ended
 * @dst:	where to
 * @src:	from where
 * @count:	room at @dst in bytes
 *
 * Return: length of the copy, or -E2BIG when it was cut short or @count is 0.
 */
ssize_t sized_strscpy(char *dst, const char *src, size_t count)
{
	size_t len;

	if (!count || WARN_ON_ONCE(count > INT_MAX))
		return -E2BIG;
	len = strnlen(src, count);
	if (len == count) {
		memcpy(dst, src, count - 1);
		dst[count - 1] = 0;
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}

ssize_t strscpy_pad_sized(char *dst, const char *src, size_t count)
{
	ssize_t len = sized_strscpy(dst, src, count);

	if (len >= 0 && len + 1 < (ssize_t)count)
		memset(dst + len + 1, 0, count - len - 1);
	return len;
}

/* The first byte that is not @c, or NULL. */
void *memchr_inv(const void *start, int c, size_t bytes)
{
	const u8 *p = start;

	/* equal to its own neighbour all along means all equal to the first */
	if (!bytes || (*p == (u8)c && !memcmp(p, p + 1, bytes - 1)))
		return NULL;
	while (bytes--) {
		if (*p != (u8)c)
			return (void *)p;
		p++;
	}
	return NULL;
}

void *memscan(void *addr, int c, size_t size)
{
	void *p = memchr(addr, c, size);

	return p ?: addr + size;
}

char *skip_spaces(const char *str)
{
	while (isspace((unsigned char)*str))
		str++;
	return (char *)str;
}

/* Cut trailing white space off in place; returns the first other character. */
char *strim(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	s[len] = 0;
	return skip_spaces(s);
}

char *strreplace(char *str, char old, char new)
{
	char *s;

	for (s = str; *s; s++)
		if (*s == old)
			*s = new;
	return str;
}

/* Length without one final newline. */
static size_t sysfs_len(const char *s)
{
	size_t len = strlen(s);

	return len && s[len - 1] == '\n' ? len - 1 : len;
}

/* Equal, one final newline on either side apart. */
bool sysfs_streq(const char *s1, const char *s2)
{
	size_t len = sysfs_len(s1);

	return len == sysfs_len(s2) && !memcmp(s1, s2, len);
}

int match_string(const char *const *array, size_t n, const char *string)
{
	for (size_t i = 0; i < n && array[i]; i++)
		if (!strcmp(array[i], string))
			return i;
	return -EINVAL;
}

int __sysfs_match_string(const char *const *array, size_t n, const char *s)
{
	for (size_t i = 0; i < n && array[i]; i++)
		if (sysfs_streq(array[i], s))
			return i;
	return -EINVAL;
}

size_t str_has_prefix(const char *str, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(str, prefix, len) ? 0 : len;
}

char *kmemdup_nul(const char *s, size_t len, gfp_t gfp)
{
	char *p = s ? kmalloc(len + 1, gfp) : NULL;

	if (p) {
		memcpy(p, s, len);
		p[len] = 0;
	}
	return p;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup_nul(s, strlen(s), gfp) : NULL;
}

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	return s ? kmemdup_nul(s, strnlen(s, max), gfp) : NULL;
}

const char *kstrdup_const(const char *s, gfp_t gfp)
{
	return kstrdup(s, gfp);
}

void kfree_const(const void *x)
{
	kfree(x);
}

void *kmemdup_noprof(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	if (p)
		memcpy(p, src, len);
	return p;
}

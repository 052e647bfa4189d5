/* SPDX-License-Identifier: GPL-2.0 */
/*
 * same: the C library's functions and the kernel's own.
 */
#ifndef _LINUX_STRING_H_
#define _LINUX_STRING_H_

#include <string.h>
#include <strings.h>
#include <linux/array_size.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/types.h>

ssize_t sized_strscpy(char *dst, const char *src, size_t count);
/* Size is that of the array @dst when not given. */
#define __strscpy0(dst, src, ...) \
	sized_strscpy(dst, src, sizeof(dst) + __must_be_array(dst))
#define __strscpy1(dst, src, size) sized_strscpy(dst, src, size)
#define __strscpy_pick(_0, _1, _2, name, ...) name
#define strscpy(dst, ...) \
	__strscpy_pick(dst, ##__VA_ARGS__, __strscpy1, __strscpy0, x)(dst, __VA_ARGS__)
ssize_t strscpy_pad_sized(char *dst, const char *src, size_t count);
#define __strscpy_pad0(dst, src, ...) strscpy_pad_sized(dst, src, sizeof(dst) + __must_be_array(dst))
#define __strscpy_pad1(dst, src, size) strscpy_pad_sized(dst, src, size)
#define strscpy_pad(dst, ...) \
	__strscpy_pick(dst, ##__VA_ARGS__, __strscpy_pad1, __strscpy_pad0, x)(dst, __VA_ARGS__)

void *memchr_inv(const void *start, int c, size_t bytes);
void *memscan(void *addr, int c, size_t size);
char *strim(char *s);
char *skip_spaces(const char *str);
static inline char *strstrip(char *str) { return strim(str); }
char *strreplace(char *str, char old, char new);
bool sysfs_streq(const char *s1, const char *s2);
int match_string(const char *const *array, size_t n, const char *string);
int __sysfs_match_string(const char *const *array, size_t n, const char *s);
#define sysfs_match_string(_a, _s) __sysfs_match_string(_a, ARRAY_SIZE(_a), _s)
size_t str_has_prefix(const char *str, const char *prefix);
static inline bool strstarts(const char *str, const char *prefix)
{
	return strncmp(str, prefix, strlen(prefix)) == 0;
}

static inline const char *kbasename(const char *path)
{
	const char *tail = strrchr(path, '/');

	return tail ? tail + 1 : path;
}

static inline void memzero_explicit(void *s, size_t count)
{
	memset(s, 0, count);
	barrier_data(s);
}

static inline void *memset64(u64 *s, u64 v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s[i] = v;
	return s;
}
#define memset_l(p, v, n) memset64((u64 *)(p), (v), (n))

char *kstrdup(const char *s, gfp_t gfp) __malloc;
const char *kstrdup_const(const char *s, gfp_t gfp);
void kfree_const(const void *x);
char *kstrndup(const char *s, size_t len, gfp_t gfp) __malloc;
void *kmemdup_noprof(const void *src, size_t len, gfp_t gfp);
#define kmemdup(src, len, gfp) kmemdup_noprof(src, len, gfp)
char *kmemdup_nul(const char *s, size_t len, gfp_t gfp);

#endif /* _LINUX_STRING_H_ */

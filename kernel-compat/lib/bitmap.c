// SPDX-License-Identifier: GPL-2.0
/*
 * Bitmaps: lists of ranges as text, and allocation.
 */
#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/slab.h>

unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
					 unsigned long start, unsigned int nr,
					 unsigned long align_mask)
{
	unsigned long from, end;

	for (;;) {
		from = find_next_zero_bit(map, size, start);
		from = (from + align_mask) & ~align_mask;
		end = from + nr;
		if (end > size)
			return end;
		start = find_next_bit(map, end, from);
		if (start >= end)
			return from;
		start++;
	}
}

/* One decimal number. Returns 0, -EINVAL without one, -EOVERFLOW above UINT_MAX. */
static int parse_number(const char **s, unsigned int *val)
{
	unsigned long v = 0;

	if (!isdigit(**s))
		return -EINVAL;
	while (isdigit(**s)) {
		v = v * 10 + *(*s)++ - '0';
		if (v > UINT_MAX)
			return -EOVERFLOW;
	}
	*val = v;
	return 0;
}

/**
 * bitmap_parselist() - read "0-3,7"
 * @buf:	text; white space around items is skipped
 * @map:	where to set the bits; cleared first
 * @nbits:	bits in @map
 *
 * Return: 0, -EINVAL for what is no list, -ERANGE for a bit outside the map,
 * -EOVERFLOW for a number that no map can have.
 */
int bitmap_parselist(const char *buf, unsigned long *map, int nbits)
{
	unsigned int from, to;
	int err;

	bitmap_zero(map, nbits);
	for (;;) {
		while (isspace(*buf) || *buf == ',')
			buf++;
		if (!*buf)
			return 0;
		err = parse_number(&buf, &from);
		if (err)
			return err;
		to = from;
		if (*buf == '-') {
			buf++;
			err = parse_number(&buf, &to);
			if (err)
				return err;
		}
		if (*buf && *buf != ',' && !isspace(*buf))
			return -EINVAL;
		if (from > to || to == UINT_MAX)
			return -EINVAL;
		if (to >= nbits)
			return -ERANGE;
		bitmap_set(map, from, to - from + 1);
	}
}

int bitmap_scnlistprintf(char *buf, size_t size, const unsigned long *map, int nbits)
{
	unsigned int from, to;
	size_t len = 0;

	if (size)
		buf[0] = 0;
	for (from = find_first_bit(map, nbits); from < nbits; from = find_next_bit(map, nbits, to)) {
		to = find_next_zero_bit(map, nbits, from);
		len += snprintf(len < size ? buf + len : NULL, len < size ? size - len : 0,
				to - from > 1 ? "%s%u-%u" : "%s%u", len ? "," : "", from, to - 1);
	}
	return len;
}

int bitmap_print_to_pagebuf(bool list, char *buf, const unsigned long *map, int nbits)
{
	const size_t room = 4096 - ((unsigned long)buf & 4095);

	return list ? scnprintf(buf, room, "%*pbl\n", nbits, map) :
		      scnprintf(buf, room, "%*pb\n", nbits, map);
}

unsigned long *bitmap_alloc(unsigned int nbits, gfp_t flags)
{
	return kmalloc(bitmap_size(nbits), flags);
}

unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags)
{
	return kzalloc(bitmap_size(nbits), flags);
}

void bitmap_free(const unsigned long *bitmap)
{
	kfree(bitmap);
}

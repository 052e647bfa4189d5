// SPDX-License-Identifier: GPL-2.0
/*
 * Small things: sorting, lock-less lists, square root.
 */
#include <linux/kernel.h>
#include <linux/llist.h>
#include <linux/sort.h>
#include <linux/string.h>

enum system_states system_state;

/* Swap two elements of @size bytes. */
static void exchange(void *a, void *b, int size, swap_r_func_t swap_fn, const void *priv)
{
	u8 *x = a, *y = b;

	if (swap_fn) {
		swap_fn(a, b, size, priv);
		return;
	}
	for (int i = 0; i < size; i++)
		swap(x[i], y[i]);
}

/* Let the element at @root sink to its place in the heap of @num elements. */
static void sift_down(u8 *base, size_t root, size_t num, size_t size, cmp_r_func_t cmp,
		      swap_r_func_t swap_fn, const void *priv)
{
	size_t child;

	while ((child = 2 * root + 1) < num) {
		if (child + 1 < num &&
		    cmp(base + child * size, base + (child + 1) * size, priv) < 0)
			child++;
		if (cmp(base + root * size, base + child * size, priv) >= 0)
			return;
		exchange(base + root * size, base + child * size, size, swap_fn, priv);
		root = child;
	}
}

/* Heap sort: no memory, no bad case. */
void sort_r(void *base, size_t num, size_t size, cmp_r_func_t cmp, swap_r_func_t swap_fn,
	    const void *priv)
{
	size_t i;

	for (i = num / 2; i-- > 0; )
		sift_down(base, i, num, size, cmp, swap_fn, priv);
	for (i = num; i-- > 1; ) {
		exchange(base, base + i * size, size, swap_fn, priv);
		sift_down(base, 0, i, size, cmp, swap_fn, priv);
	}
}

/* Adapts functions without the private argument. */
struct plain {
	cmp_func_t cmp;
	swap_func_t swap_fn;
};

static int plain_cmp(const void *a, const void *b, const void *priv)
{
	return ((const struct plain *)priv)->cmp(a, b);
}

static void plain_swap(void *a, void *b, int size, const void *priv)
{
	((const struct plain *)priv)->swap_fn(a, b, size);
}

void sort(void *base, size_t num, size_t size, cmp_func_t cmp, swap_func_t swap_fn)
{
	struct plain plain = { cmp, swap_fn };

	sort_r(base, num, size, plain_cmp, swap_fn ? plain_swap : NULL, &plain);
}

/* Take the newest entry. One consumer at a time, or a lock. */
struct llist_node *llist_del_first(struct llist_head *head)
{
	struct llist_node *entry = smp_load_acquire(&head->first);

	do {
		if (!entry)
			return NULL;
	} while (!try_cmpxchg(&head->first, &entry, READ_ONCE(entry->next)));
	return entry;
}

struct llist_node *llist_reverse_order(struct llist_node *head)
{
	struct llist_node *reversed = NULL, *next;

	for (; head; head = next) {
		next = head->next;
		head->next = reversed;
		reversed = head;
	}
	return reversed;
}

/* Largest integer whose square is not above @x. */
unsigned long int_sqrt(unsigned long x)
{
	unsigned long root = 0, bit;

	for (bit = x ? 1UL << (__fls(x) & ~1UL) : 0; bit; bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

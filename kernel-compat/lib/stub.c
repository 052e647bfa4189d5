// SPDX-License-Identifier: GPL-2.0
/*
 * The table of replaced functions. Readers take no lock: a slot is taken by its function
 * once and for all, and only what replaces that function changes.
 */
#include <asm/barrier.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <machine/stub.h>

static struct stub {
	void *real;
	void *replacement;
} stubs[STUB_MAX];

int stub_nr;

static struct stub *slot_of(void *real)
{
	struct stub *s;

	for (s = stubs; s < stubs + STUB_MAX; s++) {
		void *taken = READ_ONCE(s->real);

		if (!taken || taken == real)
			return s;
	}
	return NULL;
}

void *stub_find(void *real)
{
	struct stub *s = slot_of(real);

	/* Pairs with the release in stub_set(). */
	return s ? smp_load_acquire(&s->replacement) : NULL;
}

void stub_set(void *real, void *replacement)
{
	struct stub *s = slot_of(real);

	BUG_ON(!s);
	WRITE_ONCE(stub_nr, stub_nr + !!replacement - !!s->replacement);
	WRITE_ONCE(s->real, real);
	/* Pairs with the acquire in stub_find(). */
	smp_store_release(&s->replacement, replacement);
}

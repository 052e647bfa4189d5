// SPDX-License-Identifier: GPL-2.0
/*
 * Random numbers: drawn from the machine's stream of choices.
 */
#include <engine/engine.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>

u32 get_random_u32(void)
{
	return exec_engine->choose(1ULL << 32);
}

u64 get_random_u64(void)
{
	return (u64)get_random_u32() << 32 | get_random_u32();
}

u32 get_random_u32_below(u32 ceil)
{
	return exec_engine->choose(ceil);
}

u32 get_random_u32_inclusive(u32 floor, u32 ceil)
{
	return floor + exec_engine->choose((u64)ceil - floor + 1);
}

void get_random_bytes(void *buf, size_t len)
{
	u8 *p = buf;

	while (len--)
		*p++ = get_random_u32();
}

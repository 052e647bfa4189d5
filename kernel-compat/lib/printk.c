// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel log: a ring of text, and standard error for what is urgent.
 */
#include <stdio.h>

#include <exec/snapshot.h>
#include <exec/task.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <linux/string.h>
#include <machine/log.h>
#include <machine/machine.h>
#include <machine/violation.h>

#define LOG_SIZE (64 << 10)

int log_console_level __kept = 4;

static struct xlock log_lock;	/* protects the ring */
static char ring[LOG_SIZE];
static size_t written;		/* bytes since boot */

/* Append to the ring; called under log_lock. */
static void ring_put(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ring[(written + i) % LOG_SIZE] = s[i];
	written += n;
}

/* Level of a message and where its text starts; -1: none given, -2: continuation. */
static int log_level(const char **text)
{
	const char *s = *text;

	if (s[0] != KERN_SOH_ASCII || !s[1])
		return -1;
	*text = s + 2;
	return s[1] == 'c' ? -2 : s[1] - '0';
}

int vprintk(const char *fmt, va_list args)
{
	char line[1024];
	const char *text = line;
	int n = vscnprintf(line, sizeof(line), fmt, args);
	int level = log_level(&text);
	bool console = (level < 0 ? 4 : level) < READ_ONCE(log_console_level);

	n -= text - line;
	xlock(&log_lock);
	ring_put(text, n);
	xunlock(&log_lock);
	if (console)
		fputs(text, stderr);
	return n;
}

int _printk(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vprintk(fmt, args);
	va_end(args);
	return n;
}

size_t log_read(char *buf, size_t size)
{
	size_t n, from;

	if (!size)
		return 0;
	xlock(&log_lock);
	n = min3(written, (size_t)LOG_SIZE, size - 1);
	from = written - n;
	for (size_t i = 0; i < n; i++)
		buf[i] = ring[(from + i) % LOG_SIZE];
	xunlock(&log_lock);
	buf[n] = 0;
	return n;
}

bool log_contains(const char *text)
{
	static char copy[LOG_SIZE + 1];	/* one reader: the test */

	log_read(copy, sizeof(copy));
	return strstr(copy, text);
}

int ___ratelimit(struct ratelimit_state *rs, const char *func)
{
	return __atomic_fetch_add(&rs->printed, 1, __ATOMIC_RELAXED) < rs->burst;
}

static int log_boot(const struct machine_config *cfg)
{
	written = 0;
	return 0;
}

MACHINE_SUBSYS(log, MACHINE_ORDER_EXEC, log_boot, NULL, NULL);

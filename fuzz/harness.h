/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all fuzz targets share: one input, one machine, from power on to power off.
 *
 * Any broken rule ends the process with abort() and a report, machine/violation.h; so does
 * fuzz_fail(). Machines run on the engine "replay" (machine/replay.h), so an input always
 * does the same.
 */
#ifndef _FUZZ_HARNESS_H
#define _FUZZ_HARNESS_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <machine/machine.h>

/**
 * fuzz_machine() - run a program on a machine of its own
 * @config:	what to boot; one that machine_config_check() accepts
 * @fn:		what the program does; it may start others, and waits for them
 * @arg:	its argument
 *
 * The machine is checked and accounted for when the program is over. Tasks are switched
 * where one of them waits, or as fuzz_schedule() says.
 *
 * Return: what @fn returned.
 */
int fuzz_machine(const struct machine_config *config, int (*fn)(void *arg), void *arg);
/* The same on a machine that no other input has. */
int fuzz_new_machine(const struct machine_config *config, int (*fn)(void *arg), void *arg);

/**
 * fuzz_schedule() - who runs when, on the next machine that boots
 * @data:	one byte per decision, see replay_bytes(); stays until the machine is off
 * @size:	how many; nobody is preempted behind the last one
 */
void fuzz_schedule(const u8 *data, size_t size);

/*
 * fuzz_machine() boots once and then brings the machine back, machine_snapshots(). Nothing that
 * an input does is another then; off for who wants to see that, or a debugger.
 */
void fuzz_snapshots(bool on);

/* Check the whole machine while the program is alive; no other task may be in the kernel. */
void fuzz_check(void);

/* Of the schedules since it was asked last: the same input, the same hash. */
u64 fuzz_trace_hash(void);

/* Say what is wrong, one line, and abort. */
__printf(1, 2) __noreturn __cold void fuzz_fail(const char *fmt, ...);

/* Is the program to say what it does? From the environment: FUZZ_VERBOSE is set. */
bool fuzz_verbose(void);

#endif /* _FUZZ_HARNESS_H */

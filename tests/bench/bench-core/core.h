/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench-core: what the core and its machine cost on the host.
 *
 * Times are CPU time of this process, so that other programs do not count; booting is
 * in wall time.  Each figure is the median of several rounds; what it is compared with
 * is measured in the same rounds, in turns, so that a host that becomes slower for a
 * while slows both.
 */
#ifndef _BENCH_CORE_H
#define _BENCH_CORE_H

#include <linux/types.h>

#define MAX_RESULTS	16
#define ROUNDS		9

/**
 * struct core_result - one line of the table
 * @name:	what was measured
 * @unit:	of @value and @against
 * @value:	median
 * @against:	median of what it is compared with; < 0: nothing
 * @what:	what that is, for the table
 * @aim:	largest ratio (or, without @against, value) that is good enough; 0: none
 */
struct core_result {
	const char *name;
	const char *unit;
	double value;
	double against;
	const char *what;
	double aim;
};

/* Add a line. */
void core_add(const struct core_result *r);
/* value / against, or a negative number without @against. */
double core_ratio(const struct core_result *r);

/* host.c: the host's clock and memory, apart from the files that know the simulated ones */
/* CPU time of all threads of this process: what other programs do does not count. */
double host_ns(void);
/* CPU time of the calling thread. Cheaper than host_ns() where threads are thousands. */
double host_thread_ns(void);
/* Time of day, for what others wait for. */
double host_wall_ns(void);
/* One CPU for all threads from now on: hand-overs cost the same in each run. */
void host_pin(void);
/* Memory of this host process that is really there, in bytes. */
double host_resident(void);
/* Run a program with two arguments; the number it prints, or -1. */
double host_run(const char *program, const char *arg1, const char *arg2);
/* Path of a program in the directory of this one. */
const char *host_beside(const char *name, char *path, size_t size);
/* Two buffers of @bytes; ns to copy one to the other, page by page. */
double host_copy_ns(size_t bytes, unsigned int page);
/* ns to write @bytes in pages of the host's, huge or small; < 0 if it has none. */
double host_zero_ns(size_t bytes, bool huge);
/* ns to lock and unlock a mutex of the host's that nobody else wants. */
double host_mutex_ns(unsigned int pairs);

double median(double *values, unsigned int nr);

/* The figures. Each boots what it needs and adds its lines; 0 or -1 with a message. */
int measure_scan(void);
int measure_faults(void);
int measure_migration(void);
int measure_boot(void);
int measure_lock(void);
int measure_zeroing(void);
int measure_memory(void);
int measure_fork(void);

/* Boot a small machine of @nodes nodes, run @fn as a program on CPU 0, shut down. */
int core_on_machine(unsigned int nodes, int (*fn)(void *arg), void *arg);
/* ns of one fork and exit of a process, see fork.c; < 0 on failure. */
double fork_exit_ns(bool registered);
/* Write a knob that must be there; 0 or -1 with a message. */
int core_knob(const char *name, const char *value);
unsigned long long core_counter(const char *name);

#endif /* _BENCH_CORE_H */

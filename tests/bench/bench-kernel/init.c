// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's first and only program: reads from the kernel's command line what to measure, sets
 * who places memory and tasks, runs the programs, prints the kernel's counters, and powers off.
 *
 *	bench.program=NAME bench.policy=NAME bench.nodes=N bench.cpus=N bench.mib=N bench.loops=N
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"
#include "window.h"

#define BALANCING	"/proc/sys/kernel/numa_balancing"
#define BALANCING_KNOBS	"/sys/kernel/debug/sched/numa_balancing/"

static const struct bench_workload *const workloads[] = {
	&workload_numa01, &workload_thread_alloc, &workload_numa02, &workload_numa02_smt,
};

static void power_off(void)
{
	fflush(NULL);
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

void guest_die(const char *what)
{
	printf("bench: failed: %s: %s\n", what, strerror(errno));
	fflush(NULL);
	if (getpid() == 1)
		power_off();
	_exit(1);
}

void guest_mark(unsigned int mark)
{
	((volatile u64 *)WINDOW_BEGIN)[mark] = 1;
}

/* The value of bench.@key on the command line; @fallback if it is not there. */
static const char *argument(const char *cmdline, const char *key, const char *fallback)
{
	char name[64], *value;
	const char *at;
	size_t len;

	len = snprintf(name, sizeof(name), "bench.%s=", key);
	at = strstr(cmdline, name);
	if (!at)
		return fallback;
	value = strdup(at + len);
	if (value)
		value[strcspn(value, " \n")] = '\0';
	return value;
}

static unsigned int number(const char *cmdline, const char *key, const char *fallback)
{
	return strtoul(argument(cmdline, key, fallback), NULL, 10);
}

/* Write @value to a file of the kernel; whether it could be. */
static bool set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);
	bool done = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);

	if (fd >= 0)
		close(fd);
	return done;
}

static void must_set(const char *path, const char *value)
{
	if (!set(path, value))
		guest_die(path);
}

/* Let one of them place memory and tasks, or none. */
static void choose_policy(const struct guest *g)
{
	bool autonuma = !strcmp(g->policy, "autonuma");
	bool balancing = !strcmp(g->policy, "balancing");

	/* A kernel without AutoNUMA is what the others can be compared with. */
	if (!set(GUEST_AUTONUMA "enabled", autonuma ? "1" : "0") && autonuma)
		guest_die(GUEST_AUTONUMA "enabled");
	must_set(BALANCING, balancing ? "1" : "0");
}

/* Costs are counted page by page, and with a pass every 600 ms, whoever makes them. */
static void choose_pace(void)
{
	set(BALANCING_KNOBS "scan_delay_ms", "0");
	set(BALANCING_KNOBS "scan_period_min_ms", "600");
	set(BALANCING_KNOBS "scan_period_max_ms", "600");
	set(GUEST_AUTONUMA "scan_sleep_pass_millisecs", "100");
	set(GUEST_AUTONUMA "scan_pmd", "0");
}

/* Print the lines of a file that begin with one of @names. */
static void print_lines(const char *path, const char *const *names)
{
	char line[256];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		for (const char *const *n = names; *n; n++)
			if (!strncmp(line, *n, strlen(*n)))
				printf("bench: %s", line);
	if (file)
		fclose(file);
}

static void print_counters(void)
{
	static const char *const vmstat[] = { "numa_", "pgmigrate_", "thp_migration", NULL };
	static const char *const files[] = {
		"pages_scanned", "pages_migrated", "full_scans", "hint_faults", "tasks_moved",
		"tasks_swapped", NULL
	};
	static const char *const any[] = { "", NULL };
	char path[128];

	print_lines("/proc/vmstat", vmstat);
	for (const char *const *f = files; *f; f++) {
		snprintf(path, sizeof(path), GUEST_AUTONUMA "%s", *f);
		if (!access(path, R_OK)) {
			printf("bench: autonuma_%s ", *f);
			print_lines(path, any);
		}
	}
}

int main(int argc, char **argv)
{
	static char cmdline[4096];
	const char *name;
	struct guest g;
	int fd;

	/* The program of the forks that are counted. */
	if (argc > 1 && !strcmp(argv[1], "exit"))
		_exit(0);
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd < 0 || read(fd, cmdline, sizeof(cmdline) - 1) < 0)
		guest_die("/proc/cmdline");
	close(fd);

	g = (struct guest){
		.policy = argument(cmdline, "policy", "off"),
		.nodes = number(cmdline, "nodes", "1"),
		.cpus = number(cmdline, "cpus", "1"),
		.threads_per_core = number(cmdline, "threads_per_core", "1"),
		.bytes = (u64)number(cmdline, "mib", "16") << 20,
		.loops = number(cmdline, "loops", "10"),
	};
	name = argument(cmdline, "program", "numa02");
	for (size_t i = 0; i < sizeof(workloads) / sizeof(*workloads); i++)
		if (!strcmp(workloads[i]->name, name))
			g.workload = workloads[i];
	if ((!g.workload && strcmp(name, "cost")) || !g.nodes || g.cpus < g.nodes || !g.threads_per_core)
		guest_die("bad bench.* arguments");
	/* The page of marks is there before anybody writes to it, and in every child. */
	if (mmap((void *)WINDOW_BEGIN, 4096, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)WINDOW_BEGIN)
		guest_die("mmap");
	choose_policy(&g);
	if (g.workload) {
		guest_programs(&g);
	} else {
		guest_cost_of_forks();
		choose_pace();
		guest_cost_of_pages(&g);
	}
	print_counters();
	printf("bench: done\n");
	power_off();
}

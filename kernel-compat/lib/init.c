// SPDX-License-Identifier: GPL-2.0
/*
 * Boot: the command line, then the initcalls.
 */
#include <stdlib.h>

#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <machine/machine.h>

extern const struct initcall_entry __start_initcalls[] __weak, __stop_initcalls[] __weak;
extern const struct obs_kernel_param __start_obs_params[] __weak, __stop_obs_params[] __weak;
extern const struct kernel_param __start_module_params[] __weak, __stop_module_params[] __weak;

extern char __start_init_data[] __weak, __stop_init_data[] __weak;

#define MAX_INITCALLS	256
#define MAX_PARAMS	64
#define MAX_CMDLINE	2048

/* Values of module parameters before this boot, restored at halt. */
static u64 saved_params[MAX_PARAMS];

/* Handlers may keep pointers into it. */
static char command_line[MAX_CMDLINE];

/* The next parameter of *rest: "name" or "name=value", quotes keep white space. */
static char *next_param(char **rest, char **val)
{
	char *s = skip_spaces(*rest), *name = s;
	bool quoted = false;

	*val = NULL;
	if (!*s)
		return NULL;
	for (; *s && (quoted || !isspace((unsigned char)*s)); s++) {
		if (*s == '"')
			quoted = !quoted;
		else if (*s == '=' && !*val)
			*val = s + 1;
	}
	*rest = *s ? s + 1 : s;
	*s = 0;
	if (*val) {
		(*val)[-1] = 0;
		if (**val == '"') {
			char *end = strchr(++*val, '"');

			if (end)
				*end = 0;
		}
	}
	return name;
}

/* __setup("x=", …) matches "x=value", __setup("x", …) matches "x" and what begins so. */
static bool setup_matches(const struct obs_kernel_param *p, const char *name, char *val,
			  char **arg)
{
	size_t n = strlen(p->str);

	if (p->early) {
		*arg = val;
		return !strcmp(p->str, name);
	}
	if (n && p->str[n - 1] == '=') {
		*arg = val;
		return val && strlen(name) == n - 1 && !strncmp(p->str, name, n - 1);
	}
	*arg = val ?: (char *)name + n;
	return !strcmp(p->str, name);
}

static bool run_setups(const char *name, char *val, int early)
{
	const struct obs_kernel_param *p;
	bool found = false;
	char *arg;

	for (p = __start_obs_params; p != __stop_obs_params; p++) {
		if (!!p->early != early || !setup_matches(p, name, val, &arg))
			continue;
		found = true;
		/* early_param() returns 0 for fine, __setup() 1 for handled */
		if (early && p->setup_func(arg))
			pr_warn("Malformed early option '%s'\n", name);
		else if (!early && !p->setup_func(arg))
			pr_warn("Malformed option '%s'\n", name);
	}
	return found;
}

/* "module.param=value" of built-in modules. */
static bool set_module_param(const char *name, const char *val)
{
	const char *dot = strchr(name, '.');
	const struct kernel_param *kp;

	if (!dot)
		return false;
	for (kp = __start_module_params; kp != __stop_module_params; kp++) {
		if (strlen(kp->module) != dot - name ||
		    strncmp(kp->module, name, dot - name) || strcmp(kp->name, dot + 1))
			continue;
		if (kp->ops->set(val, kp))
			pr_err("'%s' invalid for parameter '%s'\n", val ?: "", name);
		return true;
	}
	return false;
}

static void parse_command_line(const char *cmdline, bool early)
{
	char *rest = command_line, *name, *val;

	strscpy(command_line, cmdline ?: "");
	while ((name = next_param(&rest, &val))) {
		if (early)
			run_setups(name, val, 1);
		else if (!run_setups(name, val, 0) && !set_module_param(name, val))
			pr_debug("unknown kernel command line parameter '%s'\n", name);
	}
}

/* A kernel image that is loaded has the values it was linked with. */
static void restore_init_data(void)
{
	static char *pristine;
	size_t size = __stop_init_data - __start_init_data;

	if (!size)
		return;
	if (pristine) {
		memcpy(__start_init_data, pristine, size);
		return;
	}
	pristine = malloc(size);
	memcpy(pristine, __start_init_data, size);
}

static int params_boot(const struct machine_config *cfg)
{
	const struct kernel_param *kp;
	int i = 0;

	restore_init_data();
	for (kp = __start_module_params; kp != __stop_module_params; kp++, i++) {
		if (i == MAX_PARAMS)
			return -ENOSPC;
		memcpy(&saved_params[i], kp->arg, kp->ops->size);
	}
	parse_command_line(cfg->cmdline, true);
	return 0;
}

static void params_halt(void)
{
	const struct kernel_param *kp;
	int i = 0;

	for (kp = __start_module_params; kp != __stop_module_params; kp++, i++)
		memcpy(kp->arg, &saved_params[i], kp->ops->size);
	system_state = SYSTEM_BOOTING;
}

/* Once locks work (a handler may change a static key), before anything that a parameter may change. */
MACHINE_SUBSYS(params, MACHINE_ORDER_LOCK + 5, params_boot, NULL, params_halt);

/* By level, then in link order. */
static int initcall_cmp(const void *a, const void *b)
{
	const struct initcall_entry *x = *(const struct initcall_entry **)a;
	const struct initcall_entry *y = *(const struct initcall_entry **)b;

	if (x->level != y->level)
		return x->level < y->level ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int initcalls_boot(const struct machine_config *cfg)
{
	static const struct initcall_entry *calls[MAX_INITCALLS];
	const struct initcall_entry *e;
	size_t n = 0, i;
	int ret;

	parse_command_line(cfg->cmdline, false);
	for (e = __start_initcalls; e != __stop_initcalls; e++) {
		if (n == MAX_INITCALLS)
			return -ENOSPC;
		calls[n++] = e;
	}
	sort(calls, n, sizeof(calls[0]), initcall_cmp, NULL);
	for (i = 0; i < n; i++) {
		ret = calls[i]->fn();
		if (ret)
			pr_debug("initcall %s returned %d\n", calls[i]->name, ret);
	}
	return 0;
}

MACHINE_SUBSYS(initcalls, MACHINE_ORDER_INITCALLS, initcalls_boot, NULL, NULL);

#define PARAM_SET(type, ctype, parse)						\
int param_set_##type(const char *val, const struct kernel_param *kp)		\
{										\
	return val ? parse(val, 0, (ctype *)kp->arg) : -EINVAL;			\
}										\
const struct kernel_param_ops param_ops_##type = {				\
	.set = param_set_##type, .size = sizeof(ctype),				\
}
PARAM_SET(int, int, kstrtoint);
PARAM_SET(uint, unsigned int, kstrtouint);
PARAM_SET(ulong, unsigned long, kstrtoul);

/* Without a value, true. */
int param_set_bool(const char *val, const struct kernel_param *kp)
{
	return kstrtobool(val ?: "1", kp->arg);
}
const struct kernel_param_ops param_ops_bool = {
	.set = param_set_bool, .size = sizeof(bool),
};

int param_set_charp(const char *val, const struct kernel_param *kp)
{
	if (!val)
		return -EINVAL;
	*(const char **)kp->arg = val;
	return 0;
}
const struct kernel_param_ops param_ops_charp = {
	.set = param_set_charp, .size = sizeof(char *),
};

// SPDX-License-Identifier: GPL-2.0
/*
 * How the sanitizers of this program behave, whoever starts it.  The environment
 * (ASAN_OPTIONS and so on) overrides these.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=0";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1";
}

/*
 * TSan would wait a second at exit for threads that still run into a race. None does when
 * main() returns: the machines are off.
 */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "halt_on_error=1:second_deadlock_stack=1:history_size=4:atexit_sleep_ms=0";
}

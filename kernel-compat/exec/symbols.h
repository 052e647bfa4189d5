/* SPDX-License-Identifier: GPL-2.0 */
/* Names for host addresses, in reports. */
#ifndef _EXEC_SYMBOLS_H
#define _EXEC_SYMBOLS_H

#include <linux/types.h>

/* "function+0x12 (file:line)" as far as known; returns @buf. @ip is a return address. */
const char *exec_symbolize(unsigned long ip, char *buf, size_t size);

/*
 * The function that the return address @ip is in, and how far behind its beginning; NULL if
 * the executable's symbol table has none. *@file: the source file's name, without directory,
 * of a static function, else NULL. Slow.
 */
const char *exec_function(unsigned long ip, unsigned long *offset, const char **file);
/* Is there a function of that name, or one that the compiler made of it ("name.part.0")? */
bool exec_has_function(const char *name, size_t len);

/* Where a task is that does not run; 0 if the engine cannot tell. */
struct task_struct;
unsigned int exec_stack_of(struct task_struct *p, unsigned long *ips, unsigned int nr);

/* All variables of the executable that its symbol table knows. */
void exec_for_each_variable(void (*fn)(const char *name, unsigned long addr, size_t size,
				       void *arg), void *arg);

/* Tests: keep the whole report of the next caught violations. */
void exec_keep_reports(bool on);
const char *exec_kept_report(void);

#endif /* _EXEC_SYMBOLS_H */

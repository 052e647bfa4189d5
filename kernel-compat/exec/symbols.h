/* SPDX-License-Identifier: GPL-2.0 */
/* Names for host addresses, in reports. */
#ifndef _EXEC_SYMBOLS_H
#define _EXEC_SYMBOLS_H

#include <linux/types.h>

/* "function+0x12 (file:line)" as far as known; returns @buf. @ip is a return address. */
const char *exec_symbolize(unsigned long ip, char *buf, size_t size);

/* Tests: keep the whole report of the next caught violations. */
void exec_keep_reports(bool on);
const char *exec_kept_report(void);

#endif /* _EXEC_SYMBOLS_H */

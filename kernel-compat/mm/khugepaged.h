/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon and its files in sysfs. */
#ifndef _MM_KHUGEPAGED_H
#define _MM_KHUGEPAGED_H

/**
 * struct khugepaged_knobs - pace and counts of the daemon
 * @pages_to_scan:		entries looked at in one go; at least 1
 * @scan_sleep_millisecs:	between two goes
 * @alloc_sleep_millisecs:	after the first allocation that failed in a go
 * @pages_collapsed:		huge pages made
 * @full_scans:			rounds through all address spaces
 */
struct khugepaged_knobs {
	unsigned int pages_to_scan;
	unsigned int scan_sleep_millisecs;
	unsigned int alloc_sleep_millisecs;
	unsigned int pages_collapsed;
	unsigned int full_scans;
};
extern struct khugepaged_knobs khugepaged_knobs;

/* Sleeping times changed: sleep anew. */
void khugepaged_wake(void);

#endif /* _MM_KHUGEPAGED_H */

// SPDX-License-Identifier: GPL-2.0
/* Files to be written: looked at before anything is started. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

int file_check(const char *option, const char *file, struct bench_why *why)
{
	const char *slash = strrchr(file, '/');
	char dir[4096] = ".";
	struct stat st;

	if (!*file || strlen(file) >= sizeof(dir))
		return why_set(why, "%s: file name is empty or too long", option);
	if (!stat(file, &st)) {
		if (S_ISDIR(st.st_mode))
			return why_set(why, "%s: cannot write %.150s: %s", option, file,
				       strerror(EISDIR));
		if (!access(file, W_OK))
			return 0;
	} else if (errno == ENOENT) {
		if (slash)
			snprintf(dir, sizeof(dir), "%.*s",
				 slash == file ? 1 : (int)(slash - file), file);
		if (slash && !slash[1])
			errno = EISDIR;
		else if (!stat(dir, &st) && !S_ISDIR(st.st_mode))
			errno = ENOTDIR;
		else if (!access(dir, W_OK | X_OK))
			return 0;
	}
	return why_set(why, "%s: cannot write %.150s: %s", option, file, strerror(errno));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The parsers of autonuma-bench: its command line, and what `numactl -H` prints.
 *
 * An input is a command line, then perhaps a zero byte and the text that --numactl is to
 * read. What is accepted is printed by functions of this target and parsed again, which must
 * give the same; what is refused must come with one line that says why, and leave nothing.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload_text/text.h"

static char *copy_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	return text;
}

/* A reason is one line that can be printed. */
void text_check_why(const struct bench_why *why, const char *who)
{
	if (!why->text[0])
		fuzz_fail("%s refuses without a reason", who);
	if (!memchr(why->text, 0, sizeof(why->text)))
		fuzz_fail("%s: the reason has no end", who);
	for (const char *c = why->text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			fuzz_fail("%s: the reason is not one line: %s", who, why->text);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int null = open("/dev/null", O_RDONLY);

	/* "--numactl -" reads nothing and waits for nobody. */
	if (null > 0) {
		dup2(null, STDIN_FILENO);
		close(null);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t len = end ? (size_t)(end - data) : size;
	char *line = copy_text(data, len);
	char *text = NULL;

	if (end)
		text = copy_text(end + 1, strnlen((const char *)end + 1, size - len - 1));
	if (text)
		topology_text(text);
	if (len || !text)
		options_text(line, text);
	free(text);
	free(line);
	return 0;
}

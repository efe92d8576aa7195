/*
 * A line is "<SEVERITY KEY>TEXT".  The key lives in the memory of our
 * processes only: a program that a tool starts does not inherit it, and a
 * plugin, which could read it, can do to its agent whatever it likes anyway.
 */

#include "common/log_pipe.h"
#include "common/utf8.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/* Stands where a severity does. */
#define TOOL_MARK 't'

static char key[1 + 16 + 1]; /* a blank and digits; or "" */

void
log_pipe_make_key(void)
{
	uint64_t random;

	arc4random_buf(&random, sizeof(random));
	snprintf(key, sizeof(key), " %016" PRIx64, random);
}

static size_t
log_pipe_put(char *line, size_t size, char what, const char *text)
{
	/* Others may not have ended their line. */
	size_t len = (size_t)snprintf(line, size, "%s<%c%s>%s\n",
	    key[0] == '\0' ? "" : "\n", what, key, text);

	if (len < size)
		return (len);
	len = utf8_whole(line, size - 2);
	line[len] = '\n';
	line[len + 1] = '\0';
	return (len + 1);
}

size_t
log_pipe_write(char *line, size_t size, int level, const char *text)
{
	return (log_pipe_put(line, size, (char)('0' + level), text));
}

size_t
log_pipe_write_tool(char *line, size_t size, const char *tool)
{
	return (log_pipe_put(line, size, TOOL_MARK, tool));
}

static bool
log_pipe_is_severity(char c)
{
	return (c >= '0' + LOG_ERR && c <= '0' + LOG_DEBUG);
}

enum log_pipe_kind
log_pipe_read(const char *line, int *level, const char **text)
{
	size_t key_len = strlen(key);
	bool marked = line[0] == '<' &&
		      (log_pipe_is_severity(line[1]) || line[1] == TOOL_MARK);

	*level = LOG_INFO;
	*text = line;
	if (!marked)
		return (LOG_PIPE_OTHER);
	if (log_pipe_is_severity(line[1]))
		*level = line[1] - '0';
	if (strncmp(line + 2, key, key_len) == 0 && line[2 + key_len] == '>') {
		*text = line + 2 + key_len + 1;
		return (line[1] == TOOL_MARK ? LOG_PIPE_TOOL : LOG_PIPE_OURS);
	}
	if (line[1] != TOOL_MARK && line[2] == '>')
		*text = line + 3;
	return (LOG_PIPE_OTHER);
}

/*
 * The form in which lines of children reach the master, and lines as JSON.  A
 * key tells those of our own processes from what programs of tools print, which
 * go through the same descriptor: nobody can write a line as if it were
 * agentd's.
 */

#ifndef COMMON_LOG_FORM_H
#define COMMON_LOG_FORM_H

#include <stddef.h>

/* Chooses the key, before the first fork.  Without one there is none. */
void log_pipe_make_key(void);

/*
 * Writes a line with its newline, and with one before it, into a buffer of at
 * least 64 bytes, cut off if need be; returns its length.
 */
size_t log_pipe_write(char *line, size_t size, int level, const char *text);

/* The same for a line that says whose the lines without a key are from now. */
size_t log_pipe_write_tool(char *line, size_t size, const char *tool);

enum log_pipe_kind {
	LOG_PIPE_OURS, /* text is a message of one of our processes */
	LOG_PIPE_TOOL, /* text is the tool's name */
	LOG_PIPE_OTHER /* text is what somebody else printed */
};

/*
 * Takes a line, without its newline, apart: text is within it.  Others may
 * put a severity in front of what they print, too; without it is LOG_INFO.
 */
enum log_pipe_kind log_pipe_read(
    const char *line, int *level, const char **text);

struct log_json {
	const char *when, *severity;
	const char *process; /* that says it */
	int pid;	     /* of the daemon */
	const char *text;    /* one line of UTF-8; "request a=b c=d" is taken
				apart when fields is true */
	int fields;
};

/*
 * Writes an object and a newline into a buffer of at least 256 bytes, with as
 * much of the text as there is room for; returns the length.
 */
size_t log_json_write(char *line, size_t size, const struct log_json *);

#endif

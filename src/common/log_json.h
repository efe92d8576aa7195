/*
 * Lines of the log as JSON.
 */

#ifndef COMMON_LOG_JSON_H
#define COMMON_LOG_JSON_H

#include <stddef.h>

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

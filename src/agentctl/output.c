/*
 * What agentctl prints.  A terminal never gets a control character that came
 * from the daemon.
 */

#include "agentctl/output.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agentctl/message.h"
#include "agentctl/table.h"
#include "agentctl/visible.h"

void
output_json_part(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	visible_json(stdout, text, len);
}

void
output_json(const char *text, size_t len)
{
	output_json_part(text, len);
	fputc('\n', stdout);
}

void
output_value(struct json_object *value)
{
	const char *text;
	size_t len;

	if (json_object_is_type(value, json_type_string)) {
		output_text(json_object_get_string(value),
		    (size_t)json_object_get_string_len(value));
		return;
	}
	text = json_object_to_json_string_length(value,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		JSON_C_TO_STRING_NOSLASHESCAPE,
	    &len);
	if (text == NULL)
		message_no_memory();
	output_json(text, len);
}

void
output_text(const char *text, size_t len)
{
	if (isatty(STDOUT_FILENO))
		visible_write(stdout, text, len, true);
	else
		visible_plain(stdout, text, len);
	if (len == 0 || text[len - 1] != '\n')
		fputc('\n', stdout);
}

void
output_line(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = message_vformat(fmt, ap);
	va_end(ap);
	visible_write(stdout, text, strlen(text), false);
	fputc('\n', stdout);
	free(text);
}

/* The columns of the terminal; 0 when standard output is none. */
static size_t
output_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return (0);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return (80);
	return (size.ws_col);
}

void
output_table(struct table *table)
{
	table_print(table, stdout, output_width());
	table_free(table);
}

/*
 * Who closed the pipe has seen enough, and needs no message.  The reason for
 * an earlier failure is found out by trying once more.
 */
int
output_finish(void)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return (0);
	if (errno != EPIPE)
		message("standard output: %s",
		    errno == 0 ? "write error" : strerror(errno));
	return (-1);
}

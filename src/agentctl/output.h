/*
 * Standard output.
 */

#ifndef AGENTCTL_OUTPUT_H
#define AGENTCTL_OUTPUT_H

#include <stddef.h>

struct json_object;
struct table;

/* A JSON text as the daemon sent it, and a newline; the same without that. */
void output_json(const char *text, size_t len);
void output_json_part(const char *text, size_t len);

/* A value, indented; a string as plain text. */
void output_value(struct json_object *);

/*
 * Plain text with a newline at its end.  A terminal gets what is visible only;
 * a file or a pipe, which may lead to one, all but orders to terminals.
 */
void output_text(const char *text, size_t len);

/* A line, controls made visible always. */
void output_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The table, as wide as the terminal, and frees it. */
void output_table(struct table *);

/* Whether all of it was written; says why not. */
int output_finish(void) __attribute__((warn_unused_result));

#endif

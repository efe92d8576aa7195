/*
 * The text of one configuration file on its way to the parser.
 */

#ifndef CONF_CONF_TEXT_H
#define CONF_CONF_TEXT_H

#include "common/safe.h"

#include <stddef.h>

struct conf_text {
	char *data; /* ends with a newline and a NUL */
	size_t len; /* without the NUL, at least 1 */
};

/*
 * Reads the file at path, which must be trusted (safe.h), of at most a
 * mebibyte, or takes a copy of string.  Returns 0, or -1; the first with the
 * reason, which goes behind "PATH: ", in why.
 */
int conf_text_read(struct conf_text *, const char *path,
    char why[static SAFE_WHY_SIZE]) __attribute__((warn_unused_result));
int conf_text_copy(struct conf_text *, const char *string)
    __attribute__((warn_unused_result));

/* Overwrites and frees the text, which may hold secrets. */
void conf_text_free(struct conf_text *);

/*
 * The first variable that is used on line (from 1) of the prepared text and
 * set in the environment: its name in buf.  "" when there is none.
 */
void conf_text_variable(
    const struct conf_text *, int line, char *buf, size_t size);

/* The line on which name is first given a value, 0 when nowhere. */
int conf_text_find(const struct conf_text *, const char *name);

/* The line where the section begins that line is in, "tool NAME {". */
int conf_text_section(const struct conf_text *, int line);

#endif

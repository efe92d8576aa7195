/*
 * The text of one configuration file on its way to the parser, and what it may
 * look like below the level of settings: comments, strings, variables.
 */

#ifndef CONF_CONF_SCAN_H
#define CONF_CONF_SCAN_H

#include <stddef.h>

#include "common/safe.h"

/* Room for the reason of conf_scan_prepare(). */
#define CONF_SCAN_WHY_SIZE 320

/* The characters of a variable's name, of which the first is no digit. */
#define CONF_SCAN_NAME \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

/*
 * Blanks out the comments of data, which is len bytes, a newline the last of
 * them, and a NUL.  Checks that strings end on their line, that braces are
 * closed, and that each ${NAME} is well formed and either set or has a default.
 * Returns 0, or the line that is wrong, with the reason in why.
 */
int conf_scan_prepare(char *data, size_t len,
    char why[static CONF_SCAN_WHY_SIZE]) __attribute__((warn_unused_result));

/*
 * For ${NAME:-default}: a variable that is empty is as one that is not set, as
 * in the shell.  libConfuse would take what is empty.
 */
void conf_scan_forget_empty(const char *name);

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

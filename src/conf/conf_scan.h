/*
 * What a configuration may look like below the level of settings: comments,
 * strings, variables.
 */

#ifndef CONF_CONF_SCAN_H
#define CONF_CONF_SCAN_H

#include <stddef.h>

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

#endif

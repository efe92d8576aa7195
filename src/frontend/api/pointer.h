/*
 * JSON Pointer (RFC 6901).
 */

#ifndef FRONTEND_API_POINTER_H
#define FRONTEND_API_POINTER_H

#include "frontend/http/body.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether text is a pointer: "" or tokens that begin with /, ~ as ~0 or ~1. */
bool pointer_valid(const char *text);

/*
 * Takes the first token off a valid pointer: what it stands for goes to token,
 * NUL-terminated.  Returns the rest of the pointer; NULL when there is no
 * token, or it does not fit.
 */
const char *pointer_next(const char *pointer, char *token, size_t size);

/*
 * What a valid pointer finds in a JSON text, as a part of that text.  False:
 * nothing.
 */
bool pointer_find_text(
    const struct slice *value, const char *pointer, struct slice *found);

#endif

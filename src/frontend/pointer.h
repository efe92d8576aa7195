/*
 * JSON Pointer (RFC 6901).
 */

#ifndef FRONTEND_POINTER_H
#define FRONTEND_POINTER_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* Whether text is a pointer: "" or tokens that begin with /, ~ as ~0 or ~1. */
bool pointer_valid(const char *text);

/*
 * Takes the first token off a valid pointer: what it stands for goes to token,
 * NUL-terminated.  Returns the rest of the pointer; NULL when there is no
 * token, or it does not fit.
 */
const char *pointer_next(const char *pointer, char *token, size_t size);

/*
 * What a valid pointer finds, which stays the value's.  False: nothing.  The
 * null that is found is NULL.
 */
bool pointer_find(
    struct json_object *value, const char *pointer, struct json_object **found);

#endif

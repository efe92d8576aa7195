/*
 * A JSON array as the places of its elements in the text.
 */

#ifndef FRONTEND_HTTP_SLICES_H
#define FRONTEND_HTTP_SLICES_H

#include <stddef.h>

struct slice {
	const char *text; /* not terminated */
	size_t len;
};

struct slices {
	struct slice *at; /* freed by the caller */
	size_t count, size;
	size_t max;
};

enum slices_outcome {
	SLICES_READ,
	SLICES_NO_ARRAY,
	SLICES_TOO_MANY,
	SLICES_NO_MEMORY
};

/* Finds the elements of an array, at most max.  Frees nothing at a failure. */
enum slices_outcome slices_read(struct slices *, const char *text, size_t len,
    size_t max) __attribute__((warn_unused_result));

#endif

/*
 * A request's body that is an object with certain members, and arrays.
 */

#ifndef FRONTEND_HTTP_BODY_H
#define FRONTEND_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>

struct conn;
struct refusal;

/* A place in a text, which is not terminated there. */
struct slice {
	const char *text;
	size_t len;
};

/* A JSON array as the places of its elements. */
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

struct body_member {
	const char *name; /* NULL at the end of a table; no escapes needed */
	bool required;
};

/*
 * The body of the request at hand, in one piece, which lives as long as that;
 * "" when there is none.  False: there is no memory for it.
 */
bool body_text(struct conn *, const char **text, size_t *len)
    __attribute__((warn_unused_result));

/*
 * Finds the members in the body of the request at hand, as text that lives as
 * long as that; found has one for each row of the table, with text NULL when
 * it is not there.  Other members, and any query, are refused.  Returns 0, or
 * -1 with the reason in the refusal.
 */
int body_read(struct conn *, const struct body_member *, struct slice *found,
    struct refusal *) __attribute__((warn_unused_result));

/* Finds the elements of an array, at most max.  Frees nothing at a failure. */
enum slices_outcome body_read_array(struct slices *, const char *text,
    size_t len, size_t max) __attribute__((warn_unused_result));

#endif

/*
 * A request's body that is an object with certain members.
 */

#ifndef FRONTEND_HTTP_BODY_H
#define FRONTEND_HTTP_BODY_H

#include "frontend/http/slices.h"

#include <stdbool.h>

struct conn;
struct refusal;

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

#endif

/*
 * Percent-encoding (RFC 3986, section 2).
 */

#ifndef AGENT_KINDS_HTTP_ENCODE_H
#define AGENT_KINDS_HTTP_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Writes len bytes of text, all but unreserved characters as %XX.  Errors
 * are those of the stream.
 */
void http_encode_to(FILE *, const char *text, size_t len);

/* The same as a string, to be freed; NULL when there is no memory. */
char *http_encode(const char *text, size_t len);

/*
 * Whether text may stand in a path, or in a query, as it is: unreserved
 * characters, whole %XX, and what separates there.
 */
bool http_encoded_path(const char *text, size_t len);
bool http_encoded_query(const char *text, size_t len);

#endif

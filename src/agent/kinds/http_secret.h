/*
 * Percent-encoding (RFC 3986, section 2), and secrets: values of the
 * environment that a manifest names as ${NAME}, and that nobody is to see,
 * encoded or not.
 */

#ifndef AGENT_KINDS_HTTP_SECRET_H
#define AGENT_KINDS_HTTP_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A shorter one is not searched for in what a service sends. */
#define HTTP_SECRET_MIN 6

/* The secrets of one tool, in no order; {0} has none. */
struct http_secrets {
	struct http_secret {
		char *name, *value;
	} * items;
	size_t count;
};

/*
 * The value of the variable of this name of len bytes, kept by secrets and
 * borrowed.  NULL, with the reason in why, when it is not set, is empty, has
 * control characters, or there is no memory.
 */
const char *http_secret_get(struct http_secrets *, const char *name, size_t len,
    char *why, size_t why_size);

/*
 * Overwrites with asterisks each secret in data: as it is, percent-encoded,
 * and as it stands in a JSON text.  Without memory for that, all of data.
 */
void http_secrets_scrub(const struct http_secrets *, char *data, size_t len);

/* Overwrites and frees them. */
void http_secrets_fini(struct http_secrets *);

/* Overwrites and frees one string; NULL is nothing. */
void http_secret_free(char *);

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

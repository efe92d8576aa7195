/*
 * Values of the environment that a manifest names as ${NAME}, and that
 * nobody is to see.
 */

#ifndef AGENT_KINDS_HTTP_SECRET_H
#define AGENT_KINDS_HTTP_SECRET_H

#include <stddef.h>

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

#endif

/*
 * The URL of an HTTP tool, with places for parameters and secrets.
 */

#ifndef AGENT_KINDS_HTTP_URL_H
#define AGENT_KINDS_HTTP_URL_H

#include "agent/kinds/http_template.h"

#include <stdbool.h>
#include <stddef.h>

struct http_secrets;
struct json_object;

/* One pair of the query; the name is encoded. */
struct http_pair {
	char *name;
	struct http_template value;
	bool bare; /* without "=" */
};

struct http_url {
	char *origin; /* scheme://host[:port] */
	struct http_template *segments;
	size_t segment_count;
	struct http_pair *pairs;
	size_t pair_count;
};

/*
 * Parses text, an absolute http or https URL.  Places are allowed in its
 * path ({name} only) and in the values of its query.  0; or -1 with the
 * reason in why.  Either way http_url_fini() frees what there is.
 */
int http_url_parse(struct http_url *, const char *text,
    struct http_secrets *secrets, char *why, size_t why_size)
    __attribute__((warn_unused_result));

/* Adds a pair to the query: name and value as they are, not yet encoded. */
int http_url_add(struct http_url *, const char *name, const char *value,
    struct http_secrets *secrets, char *why, size_t why_size)
    __attribute__((warn_unused_result));

void http_url_fini(struct http_url *);

/*
 * The URL for these parameters, to be freed with http_secret_free().  NULL
 * with the reason, in words for the caller, in why.
 */
char *http_url_expand(const struct http_url *, struct json_object *params,
    char *why, size_t why_size);

/*
 * Calls visit for each parameter that the URL names; needed: it cannot do
 * without.  Ends early, with false, when visit does.
 */
bool http_url_params(const struct http_url *,
    bool (*visit)(void *arg, const char *name, bool needed), void *arg);

#endif

/*
 * The headers that an HTTP tool sends.
 */

#ifndef AGENT_KINDS_HTTP_HEADER_H
#define AGENT_KINDS_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct http_secrets;
struct json_object;

/* One header, ready to be sent. */
struct http_header {
	char *line;  /* "Name: value" */
	bool secret; /* holds one: only for the origin of the manifest */
};

struct http_headers {
	struct http_header *items;
	size_t count;
};

/*
 * Parses an object {name: value}, in whose values ${NAME} is a secret.
 * 0; or -1 with the reason in why.  Either way http_headers_fini() frees
 * what there is.
 */
int http_headers_parse(struct http_headers *, struct json_object *object,
    struct http_secrets *secrets, char *why, size_t why_size)
    __attribute__((warn_unused_result));

/* Adds name: value unless there is one of that name. 0, or -1: no memory. */
int http_headers_preset(struct http_headers *, const char *name,
    const char *value) __attribute__((warn_unused_result));

/* Overwrites and frees. */
void http_headers_fini(struct http_headers *);

#endif

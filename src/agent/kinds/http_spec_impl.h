/*
 * Between the files that read the member "http" of a manifest.
 */

#ifndef AGENT_KINDS_HTTP_SPEC_IMPL_H
#define AGENT_KINDS_HTTP_SPEC_IMPL_H

#include "agent/kinds/http_spec.h"

#include <stddef.h>

struct json_object;

/* A manifest while it is read. */
struct http_reading {
	struct http_spec *spec;
	struct json_object *parameters; /* the schema */
	char *why;
	size_t why_size;
};

/* The manifest is refused for this member: -1. */
int http_spec_refuse(
    struct http_reading *, const char *name, const char *reason);

/* Reads all members.  0, or -1 with the reason. */
int http_spec_read(struct http_reading *, struct json_object *object)
    __attribute__((warn_unused_result));

#endif

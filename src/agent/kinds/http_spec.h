/*
 * What an HTTP tool keeps of its manifest.
 */

#ifndef AGENT_KINDS_HTTP_SPEC_H
#define AGENT_KINDS_HTTP_SPEC_H

#include "agent/kinds/http_header.h"
#include "agent/kinds/http_secret.h"
#include "agent/kinds/http_url.h"

#include <stdbool.h>
#include <stddef.h>

struct http_client;
struct json_object;
struct pack;

enum http_body {
	HTTP_BODY_NONE,
	HTTP_BODY_JSON, /* all parameters */
	HTTP_BODY_REST	/* those that the URL does not name */
};

enum http_output { HTTP_OUTPUT_JSON, HTTP_OUTPUT_TEXT, HTTP_OUTPUT_BASE64 };

struct http_spec {
	const struct http_method *method;
	struct http_url url;
	struct http_headers headers;
	struct http_secrets secrets;
	int body;      /* enum http_body */
	int output;    /* enum http_output */
	int redirects; /* at most so many are followed */
	bool allow_local;
	struct http_client *client; /* of this process; made when needed */
};

/*
 * From a whole manifest, as struct kind has it: NULL with the reason in why.
 */
void *http_spec_parse(
    struct json_object *manifest, const char *base, char *why, size_t why_size);
void http_spec_free(void *spec);

/* Packs the names of the variables of the environment that it has read. */
void http_spec_variables(const void *spec, struct pack *);

/* Its name, and what goes with it. */
struct http_method {
	const char *name;
	enum http_body preset;
	bool bodies; /* may have one */
};

#endif

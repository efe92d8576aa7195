/*
 * One HTTP exchange after another, over connections that stay open.
 */

#ifndef AGENT_KINDS_HTTP_CLIENT_H
#define AGENT_KINDS_HTTP_CLIENT_H

#include "agent/kinds/media.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_client;
struct http_headers;
struct json_object;

/* Room for the words of a failure. */
#define HTTP_WHY_SIZE 256

/* All of it is borrowed for the exchange. */
struct http_request {
	const char *method;
	const char *url;
	const struct http_headers *headers;
	struct json_object *passed; /* further ones, secret; may be NULL */
	bool secrets;		    /* send the headers that hold one */
	const char *body;	    /* NULL: none */
	size_t body_len;
	int64_t timeout_ms; /* > 0 */
	size_t max_bytes;   /* of the reply's body */
	bool allow_local;
};

struct http_reply {
	long status;
	char *body; /* with a NUL at its end; NULL: it has none */
	size_t len;
	char *location; /* absolute, where a redirect leads; NULL: nowhere */
	bool too_large; /* body is cut at max_bytes */
	char type[MEDIA_TYPE_MAX + 1]; /* of the body, as told; may be "" */
};

/* NULL when libcurl cannot be loaded, or there is no memory. */
struct http_client *http_client_new(void);
void http_client_free(struct http_client *);

/*
 * Asks and waits for the whole reply, of any status.  False with the reason,
 * which names neither URL nor header, in why (HTTP_WHY_SIZE).  Either way
 * http_reply_fini() frees what there is.
 */
bool http_client_ask(struct http_client *, const struct http_request *,
    struct http_reply *, char *why) __attribute__((warn_unused_result));

void http_reply_fini(struct http_reply *);

#endif

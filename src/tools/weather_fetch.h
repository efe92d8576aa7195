/*
 * For the weather tool: what it asks the service.
 */

#ifndef TOOLS_WEATHER_FETCH_H
#define TOOLS_WEATHER_FETCH_H

#include <stdbool.h>
#include <stddef.h>

struct tool_call;

/* The service and the key for it; the key is "" when there is none. */
struct weather_service {
	char *url;
	char *key;
};

/* What the caller wants to know. */
struct weather_query {
	const char *location;
	size_t location_len;
	const char *units;
};

/* An answer of the service, of any status. */
struct weather_reply {
	long status;
	char *body; /* freed by weather_reply_free() */
	size_t len;
	bool too_large;
};

/*
 * Asks the service, within the time that the call has.  False when there was
 * no answer, and the call has failed.
 */
bool weather_fetch(struct tool_call *, const struct weather_service *,
    const struct weather_query *, struct weather_reply *)
    __attribute__((warn_unused_result));
void weather_reply_free(struct weather_reply *);

#endif

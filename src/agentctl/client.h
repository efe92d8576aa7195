/*
 * HTTP to a daemon, over its control socket or to a URL.
 */

#ifndef AGENTCTL_CLIENT_H
#define AGENTCTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct json_object;

enum client_end {
	CLIENT_ANSWERED,
	CLIENT_UNREACHABLE, /* no connection was made */
	CLIENT_LOST,	    /* it ended before the answer did */
	CLIENT_TIMEOUT,
	CLIENT_INTERRUPTED, /* there is something to read, see client_watch() */
	CLIENT_NO_MEMORY,
};

struct request {
	const char *method, *path; /* with its query */
	const char *body;	   /* JSON; NULL: none */
	size_t body_len;
	const char *id;	    /* X-Request-Id; NULL: the daemon's choice */
	int64_t timeout_ms; /* for all of it; 0: no limit */
	const char *member; /* that an agentd's answer of success has */
	/* Whether to cancel the call of this id when its answer does not come.
	 */
	bool cancel;
};

struct answer {
	long status;
	char *body; /* ends with a NUL that is not in len; may be NULL */
	size_t len;
	struct json_object *json; /* NULL: the body is no JSON, or null */
};

/* Exactly one of the two is not NULL.  Ends when url is none. */
struct client *client_new(const char *socket, const char *url);
void client_free(struct client *);

/*
 * While one of these can be read, requests end as CLIENT_INTERRUPTED; fds
 * stays the caller's.  Before the first call there are none.
 */
void client_watch(struct client *, const int *fds, size_t count);

/*
 * Sends a request and waits for the answer, which client_answer_free() frees,
 * also when there is none.
 */
enum client_end client_ask(struct client *, const struct request *,
    struct answer *) __attribute__((warn_unused_result));
void client_answer_free(struct answer *);

/* Where the daemon is, for people: a path, or a URL without its password. */
const char *client_where(const struct client *);

/* Why the last request was not answered. */
const char *client_why(const struct client *);

#endif

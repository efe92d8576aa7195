/*
 * An HTTP service for the tests of clients.
 */

#ifndef UNIT_HTTP_SERVICE_H
#define UNIT_HTTP_SERVICE_H

#include <stddef.h>
#include <sys/types.h>

struct http_service {
	pid_t pid;
	int request_fd; /* what it was asked comes here */
	char url[64];
	char request[2048]; /* the same, once stopped */
};

/*
 * Starts it; url then leads to it.  It takes one connection and gives the
 * answer as it is; NULL: none at all, until the client gives up.
 */
void http_service_start(struct http_service *, const char *answer, size_t len);

/* Waits until it is done; request then is what it was asked. */
void http_service_stop(struct http_service *);

#endif

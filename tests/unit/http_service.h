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
	char request[4096]; /* the same, once stopped */
};

/*
 * Starts it; url then leads to it.  It takes one connection and gives the
 * answer as it is; NULL: none at all, until the client gives up.
 */
void http_service_start(struct http_service *, const char *answer, size_t len);

/* The same at this address, for so many requests of the connection. */
void http_service_start_at(struct http_service *, const char *host, int times,
    const char *answer, size_t len);

/* A listener that answers nothing, at this address, and where it is. */
int http_service_listen(const char *host, char *url, size_t size);

/* Waits until it is done; request then is what it was asked. */
void http_service_stop(struct http_service *);

#endif

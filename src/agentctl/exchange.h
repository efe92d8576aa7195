/*
 * One request and its answer, on a connection of libcurl.
 */

#ifndef AGENTCTL_EXCHANGE_H
#define AGENTCTL_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "agentctl/client.h"

/* Where requests go; what libcurl calls CURLM is void here. */
struct exchange_place {
	void *multi;
	const char *socket; /* NULL: as base says */
	char *base;	    /* URL without a slash at its end */
	const int *watch;   /* whose readability ends the waiting */
	size_t watch_count;
};

struct exchange;

/* request is borrowed until the end, answer is filled; NULL: no memory. */
struct exchange *exchange_begin(const struct exchange_place *,
    const struct request *request, struct answer *answer);

/* Waits until it is decided; when interrupted, it can be waited for again. */
enum client_end exchange_wait(struct exchange *);

/* In words, after the waiting. */
void exchange_why(
    const struct exchange *, enum client_end, char *why, size_t size);

/* Whether there was a connection to send the request on. */
bool exchange_connected(const struct exchange *);

/* Gives it up when it is not over. */
void exchange_end(struct exchange *);

#endif

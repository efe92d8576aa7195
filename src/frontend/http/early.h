/*
 * Answers that evhttp would give by itself, as pages of HTML, or too late.
 */

#ifndef FRONTEND_HTTP_EARLY_H
#define FRONTEND_HTTP_EARLY_H

#include "frontend/problem.h"

#include <stdbool.h>
#include <stddef.h>

/* Room for what is kept of a request before evhttp has read it. */
#define EARLY_TEXT 136

struct conn;
struct evbuffer;
struct evbuffer_cb_info;

struct early {
	size_t bytes;		 /* of the request that have come so far */
	bool begun;		 /* its first bytes have come */
	char origin[EARLY_TEXT]; /* of the request, from its head; or "" */
	char name[EARLY_TEXT];	 /* its X-Request-Id; or "" */
	bool due;		 /* evhttp has begun to refuse it */
	bool ended;		 /* the client sends no more */
	bool over; /* it was refused: nothing that comes is read any more */
};

/* Shows framing.c the last n bytes of a buffer that holds more before them. */
void early_feed(struct conn *, struct evbuffer *input, size_t before, size_t n);

/*
 * Bytes of a request have come and evhttp has not seen them: refuses it when
 * its head tells enough.
 */
void early_look(struct conn *, struct evbuffer *input, size_t added);

/* A callback of the output buffer: notices what evhttp sends by itself. */
void early_watch(
    struct evbuffer *output, const struct evbuffer_cb_info *, void *conn);

/* Puts a problem in place of what evhttp has begun to send. */
void early_replace(struct conn *);

/*
 * Answers the request that is on its way, takes no more and closes.  evhttp
 * waits for a request, or the rest of one.
 */
void early_refuse(struct conn *, enum problem, const char *words);

/* The request is over. */
void early_reset(struct conn *);

#endif

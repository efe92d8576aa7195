/*
 * A client that has closed its sending side may still wait for its answer.
 */

#ifndef FRONTEND_HTTP_HALF_CLOSE_H
#define FRONTEND_HTTP_HALF_CLOSE_H

#include <stddef.h>

#include <event2/event_struct.h>

struct conn;
struct event_base;

struct half_close {
	struct event check; /* pending while a client that says no more waits */
	int interval_ms;    /* until the next look */
	unsigned int looks; /* so far */
	size_t sent;	    /* bytes, to find out about it */
	size_t ahead;	    /* of those, the first of the answer */
};

void half_close_init(struct conn *, struct event_base *);
void half_close_fini(struct conn *);

/* A request has come in whole. */
void half_close_begin(struct conn *);

/*
 * Puts a callback of ours before that which evhttp has just set: to be called
 * after each function of evhttp that waits, or sends a part of an answer.
 */
void half_close_watch(struct conn *);

/* The status line is in the output buffer: takes away what was sent ahead. */
void half_close_answer(struct conn *);

#endif

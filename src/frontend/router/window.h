/*
 * How many calls of a batch or pipeline may be in flight at once.
 */

#ifndef FRONTEND_ROUTER_WINDOW_H
#define FRONTEND_ROUTER_WINDOW_H

#include <stddef.h>

/* How things stand. */
struct window {
	size_t agents;	  /* idle or busy */
	size_t idle;	  /* of those */
	size_t waiting;	  /* calls */
	size_t queue_max; /* calls that may wait for a busy agent */
};

/*
 * How many more calls may be submitted by one who has in_flight.  It is enough
 * to keep all agents at work, and never more than half of the room that the
 * queue has, so that it is never made full for others.  0 may be the answer to
 * one who has none in flight, too: then it is to be asked again soon.
 */
size_t window_size(const struct window *, size_t in_flight);

/* The same, as things stand now. */
size_t window_more(size_t in_flight);

#endif

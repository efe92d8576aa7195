/*
 * How fast calls end while others wait: what a place in the queue is worth.
 *
 * Only the time in which something waits counts.  How many calls end while
 * nothing does tells how many came, not how many could be done.  What is
 * measured is the present and the last of periods that are as long as it takes
 * to be told something; after a long pause it is forgotten.
 */

#ifndef FRONTEND_ROUTER_RATE_H
#define FRONTEND_ROUTER_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate_period {
	uint64_t ended;
	int64_t busy_ns;
};

/* All zero: nothing is known. */
struct rate {
	bool busy;
	int64_t since_ns; /* of that */
	struct rate_period now, before;
};

/* Whether calls wait.  The clock is read only when that has changed. */
void rate_set_busy(struct rate *, bool);

/* A call has ended. */
void rate_ended(struct rate *);

/*
 * How long it takes now until so many calls have ended, in nanoseconds; 0
 * when nothing waits, or when too little is known to say.
 */
int64_t rate_wait_ns(struct rate *, size_t calls);

/* The same, but as good a guess as there can be, if it is a bad one. */
int64_t rate_guess_ns(struct rate *, size_t calls);

#endif

/*
 * Controlled delay (RFC 8289): whether a queue is a buffer for bursts, or
 * stands and does nothing but make all wait.
 *
 * What waits no longer than the target is never dropped.  Once all has waited
 * longer for a whole interval, what leaves the queue is dropped at times that
 * the control law of RFC 8289 says: the first at once, and after n drops the
 * next in an interval / sqrt(n).
 *
 * That law is made for senders that slow down when something is dropped.
 * Callers need not, and against three times the load the law would take many
 * seconds to drop enough.  So when it has been at work for CODEL_PATIENCE
 * intervals and the queue still stands, everything that has waited longer than
 * the target is dropped, until nothing has for an interval.  A burst passes
 * with few losses; under lasting overload those who get an answer get it soon.
 */

#ifndef FRONTEND_ROUTER_CODEL_H
#define FRONTEND_ROUTER_CODEL_H

#include <stdbool.h>
#include <stdint.h>

#define CODEL_PATIENCE 5

/* The names are those of the RFC.  All zero: a queue that does not stand. */
struct codel {
	int64_t first_above_ns; /* when that is an interval ago; 0: it is not */
	bool dropping;
	int64_t drop_next_ns;
	uint32_t count, lastcount;
	/* Ours. */
	int64_t dropping_since_ns;
	int64_t last_above_ns;
};

/*
 * Whether what leaves the queue now, after it has waited for sojourn_ns, is to
 * be dropped.
 */
bool codel_drops(struct codel *, int64_t target_ns, int64_t interval_ns,
    int64_t sojourn_ns, int64_t now_ns);

#endif

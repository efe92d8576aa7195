/*
 * How many agents the front end could do with, where the pool is elastic: a
 * rule without a clock, a timer or a process, and what tells the master of it.
 */

#ifndef FRONTEND_ROUTER_AUTOSCALE_H
#define FRONTEND_ROUTER_AUTOSCALE_H

#include <stdbool.h>
#include <stdint.h>

/* Fatal when it cannot. */
void autoscale_init(void);

/*
 * Calls came, or agents changed: looks soon whether more agents are wanted, or
 * fewer.  Costs next to nothing.
 */
void autoscale_look(void);

/* What the rule goes by; the first four are what is, the rest what may be. */
struct autoscale_view {
	int64_t idle, busy, starting; /* agents */
	int64_t queued;		      /* calls that wait */
	int64_t min, max;	      /* agents */
	int64_t spare;		      /* idle ones to have at hand */
	int64_t reserve;	      /* idle ones that not every call gets */
	int64_t idle_ns;	      /* how long the one that nobody needed for
				       * longest was idle */
	int64_t patience_ns;	      /* after which one too many goes */
};

/* What was wished for; all zero at first. */
struct autoscale {
	int64_t wish;
	bool growing; /* and not all of them are there */
};

/*
 * The number of agents to wish for, or 0: what was wished for still holds.  As
 * many as there are now ends the growth; fewer means that the one which is idle
 * longest is not needed.
 */
int64_t autoscale_step(struct autoscale *, const struct autoscale_view *);

/*
 * In how many nanoseconds to look again although nothing happens: -1 never,
 * 0 soon, as it is in motion.
 */
int64_t autoscale_rest(const struct autoscale *, const struct autoscale_view *);

#endif

/*
 * How a call can end: one row has all that is to be said of it.
 */

#ifndef FRONTEND_ROUTER_OUTCOME_H
#define FRONTEND_ROUTER_OUTCOME_H

#include "frontend/problem.h"

#include <stdbool.h>
#include <stdint.h>

/* Every way in which an accepted call can end. */
enum outcome {
	OUTCOME_SUCCESS,	  /* text: the result */
	OUTCOME_FAILURE,	  /* text: a JSON string */
	OUTCOME_MALFORMED,	  /* text: a JSON string */
	OUTCOME_INVALID,	  /* text: a JSON array of {pointer, detail} */
	OUTCOME_UNKNOWN_TOOL,	  /* the agent does not know it (any more) */
	OUTCOME_CRASHED,	  /* text: how the agent died, plain */
	OUTCOME_SHED,		  /* it waited for too long under overload */
	OUTCOME_EXPIRED,	  /* its deadline passed in the queue */
	OUTCOME_TIMEOUT,	  /* its deadline passed in an agent */
	OUTCOME_CANCELLED_QUEUED, /* by DELETE, before it ran */
	OUTCOME_CANCELLED,	  /* by DELETE, as it ran */
	OUTCOME_ABANDONED,	  /* its caller went away */
	OUTCOME_DRAINED_QUEUED,	  /* the daemon stops; it never ran */
	OUTCOME_DRAINED_RUNNING,  /* the daemon stops; it was running */
	OUTCOME_UNABLE,		  /* no agent that had it could begin it */
	OUTCOME_NO_MEMORY,	  /* it could not be handed to an agent */
	OUTCOMES
};

/* What statistics count it as. */
enum outcome_counter {
	COUNTED_SUCCESSFUL,
	COUNTED_FAILED,
	COUNTED_CANCELLED,
	COUNTED_REJECTED,
	OUTCOME_COUNTERS
};

struct outcome_kind {
	const char *name; /* in the request log */
	enum outcome_counter counter;
	bool tells;	 /* something about the tool, to its breaker */
	int64_t failure; /* POLICY_CRASH ..., for retries and breakers; or 0 */
	/* The answer, but for those with what the tool gave. */
	enum problem problem;
	const char *detail; /* NULL: the text that came with it */
};

const struct outcome_kind *outcome_kind(enum outcome);

#endif

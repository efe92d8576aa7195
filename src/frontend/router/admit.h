/*
 * The door: whether a call may wait for an agent, by the limits of the daemon
 * and those of its tool: its rate and its circuit breaker.
 */

#ifndef FRONTEND_ROUTER_ADMIT_H
#define FRONTEND_ROUTER_ADMIT_H

#include "frontend/router/call.h"

#include <stdbool.h>
#include <stddef.h>

struct agent;
struct tool_info;

enum router_verdict {
	ROUTER_ACCEPTED,
	ROUTER_QUEUE_FULL,
	ROUTER_TOOL_QUEUE_FULL,
	ROUTER_HOPELESS,
	ROUTER_DRAINING,
	ROUTER_NO_AGENT,
	ROUTER_RATE_LIMITED, /* see retry_after_ns of the call */
	ROUTER_CIRCUIT_OPEN  /* as above */
};

/*
 * Whether the call may be accepted: ROUTER_ACCEPTED, or why not; where that is
 * the tool's rate or breaker, it says in retry_after_ns when it may be tried
 * again.
 */
enum router_verdict admit_call(struct call *);

/* Whether it may be tried once more. */
bool admit_permit(struct call *);

/* An attempt came to this end, or the call did before it was tried. */
void admit_leave(struct call *, enum outcome);

/* What kind of failure this end is, POLICY_CRASH ...; 0: it is none. */
int64_t admit_failure(const struct call *, enum outcome);

/*
 * The tool's policy is new, or may be another: a breaker that differs begins
 * anew.
 */
void admit_configure(struct tool_info *);

/* By an administrator, of a tool that has a breaker. */
void admit_breaker_reset(struct tool_info *);
void admit_breaker_open(struct tool_info *);

/*
 * Whether the reserve, the agents that are kept free for calls of priority 1,
 * is still there when that agent is given that call.
 *
 * What counts is the priority that a call was given, not what it has gained
 * by waiting: otherwise a flood of others would take the reserve after some
 * seconds.  Where there are no more agents than the reserve, one takes all
 * calls nevertheless.
 */
bool admit_reserve_allows(const struct call *, const struct agent *);

/* How things stand for a batch or pipeline. */
struct admit_window {
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
size_t admit_window_size(const struct admit_window *, size_t in_flight);

/* The same, as things stand now. */
size_t admit_window_more(size_t in_flight);

#endif

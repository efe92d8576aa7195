/*
 * Tells agents that their call is cancelled, and keeps the time that they have
 * to answer.  Called by link.c.  A deadline that passed is no matter for this:
 * the tool has known it from the start.
 *
 * The word in shared memory is what counts, and the frame behind it what wakes
 * (claim.h, and live.c in the agent).
 */

#include "frontend/router/soft.h"
#include "common/claim.h"
#include "common/clock.h"
#include "common/frame.h"
#include "common/peer.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/agents/link.h"
#include "frontend/globals.h"

#include <stddef.h>

#include <event2/event.h>

/*
 * Those that leave the caller no better off for a process that dies.  Were a
 * caller who leaves to cost an agent, anybody could have them replaced by
 * hanging up.
 */
static const bool softly[CAUSE_COUNT] = {
    [CAUSE_CANCELLED] = true,
    [CAUSE_ABANDONED] = true,
};

/* For an agent to kill what has lingered for too long, and to say so. */
#define LINGER_MARGIN_MS 1500

static void
soft_over(evutil_socket_t fd, short what, void *arg)
{
	struct agent *agent = arg;

	agent->finishing = false;
	link_doom(agent, agent->cause, NULL);
}

static bool
soft_tell(struct agent *agent)
{
	struct frame_header header;

	claim_cancel(agent->claim);
	frame_header_init(&header, WIRE_CANCEL, agent->number,
	    agent->generation, agent->ended_id, 0);
	return (peer_send(agent->link, &header, NULL, 0, -1) == 0);
}

static void
soft_begin(struct agent *agent, enum wire_cause cause, int64_t grace_ms)
{
	struct timeval tv = clock_timeval(grace_ms);

	agent->finishing = true;
	agent->cause = cause;
	agent->deaf_ns =
	    0; /* it has begun a call, and reads none before its end */
	evtimer_assign(&agent->grace, frontend.base, soft_over, agent);
	evtimer_add(&agent->grace, &tv);
}

bool
soft_cancel(struct agent *agent, enum wire_cause cause)
{
	int64_t grace_ms = frontend.conf->cancel_grace_ms;

	if (!softly[cause] || grace_ms == 0 || agent->link == NULL ||
	    agent->doomed || !soft_tell(agent))
		return (false);
	/* Sending may find that it has gone. */
	if (agent->link == NULL || agent->doomed)
		return (false);
	soft_begin(agent, cause, grace_ms);
	return (true);
}

/* What lingers is killed by its agent; that has a moment more. */
void
soft_linger(struct agent *agent, int64_t grace_ms)
{
	if (agent->link != NULL && !agent->doomed && !agent->finishing)
		soft_begin(agent, CAUSE_TIMEOUT, grace_ms + LINGER_MARGIN_MS);
}

void
soft_end(struct agent *agent)
{
	if (agent->finishing)
		evtimer_del(&agent->grace);
	agent->finishing = agent->lingers = false;
}

/*
 * Counts what the reserve leaves.  Called by the router for each call that it
 * accepts or hands over, so that without a reserve it must cost nothing.
 */

#include "frontend/router/reserve.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"

/* How many agents such a call must leave. */
static size_t
reserve_of(const struct call *call)
{
	size_t reserve = (size_t)frontend.conf->reserve, agents;

	if (reserve == 0 || call->priority == 1)
		return (0);
	agents = agents_capacity();
	if (agents == 0)
		return (0);
	return (reserve < agents ? reserve : agents - 1);
}

bool
reserve_allows(const struct call *call, const struct agent *agent)
{
	return (agents_idle_count() - agent->idle >= reserve_of(call));
}

size_t
reserve_idle(const struct call *call)
{
	size_t idle = agents_idle_count(), reserve = reserve_of(call);

	return (idle > reserve ? idle - reserve : 0);
}

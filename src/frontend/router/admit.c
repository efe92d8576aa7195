/*
 * One reason after the other to refuse a call.  Called by router_submit(); it
 * changes nothing.
 */

#include "frontend/router/admit.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/overload.h"
#include "frontend/router/queue.h"
#include "frontend/router/reserve.h"

/* As many as there are idle agents for it are as good as gone. */
static bool
admit_queue_full(size_t idle)
{
	return (queue_count() >= (size_t)frontend.conf->queue_max + idle);
}

static bool
admit_tool_queue_full(const struct tool_info *tool, size_t idle)
{
	size_t room = catalogue_room(tool);

	if (tool->policy.queue_max == 0)
		return (false);
	return (queue_count_tool(tool) >=
		(size_t)tool->policy.queue_max + (room < idle ? room : idle));
}

enum router_verdict
admit(const struct call *call)
{
	size_t idle = reserve_idle(call);

	if (frontend.draining)
		return (ROUTER_DRAINING);
	if (agents_hopeless())
		return (ROUTER_NO_AGENT);
	if (admit_queue_full(idle))
		return (ROUTER_QUEUE_FULL);
	if (admit_tool_queue_full(call->tool, idle))
		return (ROUTER_TOOL_QUEUE_FULL);
	if (overload_is_hopeless(call))
		return (ROUTER_HOPELESS);
	return (ROUTER_ACCEPTED);
}

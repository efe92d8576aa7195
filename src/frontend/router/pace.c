/*
 * The pace of tools and of clients.
 */

#include "frontend/router/pace.h"
#include "conf/conf.h"
#include "frontend/agents/inbox.h"
#include "frontend/caller.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/call_index.h"
#include "frontend/router/tool.h"

/* A tool is fast when its last so many calls took no longer than this. */
#define FAST_CALLS 16
#define FAST_US 200

/* A client is steady after so many calls of its own with no other beside. */
#define STEADY_CALLS 16

void
pace_learn(struct tool_info *tool, uint32_t run_us)
{
	tool->pace.last_us = run_us;
	if (run_us > FAST_US)
		tool->pace.fast_calls = 0;
	else if (tool->pace.fast_calls < FAST_CALLS)
		tool->pace.fast_calls++;
}

bool
pace_is_fast(const struct call *call)
{
	/* What waits behind another would count as running. */
	return (call->tool->pace.fast_calls == FAST_CALLS &&
		call->tool->policy.max_concurrent == 0);
}

/*
 * Many clients, too, have a single call in hand at times.  Whoever makes each
 * call on a connection of its own is one client nevertheless.
 */
static bool
pace_is_steady(const struct call *call)
{
	static struct caller *last;
	static uint32_t calls;
	bool other = last != NULL && last != call->caller && last->holders > 1;

	if (call_index_count() > 1 || other)
		calls = 0;
	else if (calls < STEADY_CALLS)
		calls++;
	if (last != call->caller) {
		caller_release(last);
		last = caller_hold(call->caller);
	}
	return (calls == STEADY_CALLS);
}

uint32_t
pace_poll_us(const struct call *call)
{
	uint32_t most_us = (uint32_t)frontend.conf->busy_poll_us;

	if (!pace_is_steady(call) || call->tool->pace.last_us > most_us ||
	    inbox_processors() == 1)
		return (0);
	return (most_us);
}

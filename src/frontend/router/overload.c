/*
 * Puts together what is measured (rate.h), what waits (queue.h) and the rule
 * of controlled delay (codel.h).  Called by the router.
 *
 * Calls of a tool with max_concurrent wait for that tool, not for agents: it
 * has a rate and a delay of its own.  All others wait for the same agents, and
 * those of each priority have a delay of their own, because those of a lower
 * one stand in the queue while the others pass them by.
 */

#include "frontend/router/overload.h"
#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/router/call.h"
#include "frontend/router/codel.h"
#include "frontend/router/queue.h"
#include "frontend/router/rate.h"
#include "frontend/router/tool.h"

#define RETRY_AFTER_MAX 60

/* The part of its time that a call should not have to wait. */
#define MARGIN 5

static struct rate rate;
static struct codel codels[QUEUE_PRIORITIES];

/*
 * What waits and goes first.  What has gained on this call by waiting is left
 * out, so that none is refused by mistake.
 */
static size_t
overload_ahead(const struct call *call)
{
	size_t n = 0;

	for (int priority = 1; priority <= call->priority; priority++)
		n += queue_count_priority(priority);
	return (n);
}

static size_t
overload_ahead_of_tool(const struct call *call)
{
	size_t n = 0;

	for (int priority = 1; priority <= call->priority; priority++)
		n += call->tool->lanes[priority - 1].count;
	return (n);
}

/*
 * Whether so much waiting leaves no time.  Calls are let in until that is so,
 * and then all of them are close to their deadlines; those that begin but do
 * not end in time would cost agents.  Hence the margin, for running and for
 * what the rate is wrong by.
 */
static bool
overload_too_long(int64_t wait_ns, int64_t left_ns)
{
	return (wait_ns > left_ns - left_ns / MARGIN);
}

bool
overload_is_hopeless(const struct call *call)
{
	struct tool_info *tool = call->tool;
	int64_t left_ns = call->work.deadline_ns - call->accepted_ns;

	if (rate.busy &&
	    overload_too_long(
		rate_wait_ns(&rate, overload_ahead(call)), left_ns))
		return (true);
	return (tool->overload.rate.busy &&
		overload_too_long(rate_wait_ns(&tool->overload.rate,
				      overload_ahead_of_tool(call)),
		    left_ns));
}

bool
overload_sheds(const struct call *call)
{
	int64_t target_ns = frontend.conf->codel_target_ms * NS_PER_MS;
	int64_t interval_ns = frontend.conf->codel_interval_ms * NS_PER_MS;
	struct codel *codel = &codels[call->priority - 1];
	int64_t now_ns;

	/* One that was tried before may have done something. */
	if (target_ns == 0 || call->tries > 0)
		return (false);
	if (call->tool->policy.max_concurrent != 0)
		codel = &call->tool->overload.codels[call->priority - 1];
	now_ns = clock_now_ns();
	return (codel_drops(
	    codel, target_ns, interval_ns, now_ns - call->accepted_ns, now_ns));
}

void
overload_set_busy(bool busy)
{
	rate_set_busy(&rate, busy);
}

void
overload_check(struct tool_info *tool)
{
	rate_set_busy(&tool->overload.rate,
	    tool_is_full(tool) && queue_count_tool(tool) > 0);
}

void
overload_tool_ended(struct tool_info *tool)
{
	rate_ended(&tool->overload.rate);
}

void
overload_ended(const struct call *call)
{
	if (call->work.agent != NULL)
		rate_ended(&rate);
}

int
overload_retry_after(void)
{
	int64_t wait_ns = rate_guess_ns(&rate, queue_count());
	int64_t seconds = (wait_ns + NS_PER_SEC - 1) / NS_PER_SEC;

	if (seconds < 1)
		return (1);
	return (seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (int)seconds);
}

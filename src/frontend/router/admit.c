/*
 * Decides which calls are let in, one reason to refuse after the other, and
 * tells the breakers what came of those that were.  The rules themselves are
 * in breaker.c, bucket.c and overload.c; here they meet the clock, the policies
 * and the log.
 */

#include "frontend/router/admit.h"
#include "common/bucket.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/memory.h"
#include "frontend/router/call.h"
#include "frontend/router/overload.h"
#include "frontend/router/queue.h"
#include "frontend/router/tool.h"

/* So small a part of its own time may be missing. */
#define OWN_TIME_PART 10

/* One runs and one is next, so that no agent waits for us. */
#define PER_AGENT 2

static struct breaker_conf
admit_breaker_conf(const struct policy *policy)
{
	struct breaker_conf conf;

	conf.by_time = (policy->breaker_window & CONF_WINDOW_TIME) != 0;
	conf.window = (uint32_t)(policy->breaker_window & ~CONF_WINDOW_TIME);
	conf.min_calls = (uint32_t)policy->breaker_min_calls;
	conf.failure_rate = (uint32_t)policy->breaker_failure_rate;
	conf.slow_rate = (uint32_t)policy->breaker_slow_rate;
	conf.slow_ns = policy->breaker_slow_call_ms * NS_PER_MS;
	conf.wait_ns = policy->breaker_wait_ms * NS_PER_MS;
	conf.probes = (uint32_t)policy->breaker_probes;
	return (conf);
}

static bool
admit_same_breaker(const struct breaker_conf *a, const struct breaker_conf *b)
{
	return (a->by_time == b->by_time && a->window == b->window &&
		a->min_calls == b->min_calls &&
		a->failure_rate == b->failure_rate &&
		a->slow_rate == b->slow_rate && a->slow_ns == b->slow_ns &&
		a->wait_ns == b->wait_ns && a->probes == b->probes);
}

void
admit_configure(struct tool_info *tool)
{
	struct breaker_conf conf = admit_breaker_conf(&tool->policy);

	if (tool->policy.breaker && tool->admit.breaker != NULL &&
	    admit_same_breaker(&conf, &tool->admit.conf))
		return;
	breaker_free(tool->admit.breaker);
	tool->admit.breaker = NULL;
	tool->admit.conf = conf;
	if (tool->policy.breaker &&
	    (tool->admit.breaker = breaker_new(&conf)) == NULL)
		log_error("tool %s: no memory for its breaker", tool->name);
}

/* Says it when the breaker is no longer in the state that it was in. */
static void
admit_tell_breaker(const struct tool_info *tool, enum breaker_state was)
{
	const struct breaker *b = tool->admit.breaker;
	const struct breaker_sum *sum =
	    was == BREAKER_HALF_OPEN ? &b->trial.sum : &b->window.sum;

	if (b->state == was)
		return;
	if (b->state == BREAKER_OPEN)
		log_warn("tool %s: breaker %s -> open: of %u calls %u failed "
			 "and %u were slow",
		    tool->name, breaker_state_name(was), sum->calls,
		    sum->failures, sum->slow);
	else
		log_info("tool %s: breaker %s -> %s", tool->name,
		    breaker_state_name(was), breaker_state_name(b->state));
}

bool
admit_permit(struct call *call)
{
	struct breaker *b = call->tool->admit.breaker;
	enum breaker_state was;

	if (b == NULL)
		return (true);
	was = b->state;
	call->turn = breaker_permit(b, clock_now_ns());
	admit_tell_breaker(call->tool, was);
	return (call->turn != 0);
}

/* Takes a token of the tool's, if it is limited. */
static bool
admit_take_token(struct call *call)
{
	const struct policy *policy = &call->tool->policy;

	if (policy->rate == 0)
		return (true);
	call->retry_after_ns = bucket_take(&call->tool->admit.bucket,
	    bucket_rate(policy->rate, policy->burst), 1, clock_now_ns());
	return (call->retry_after_ns == 0);
}

int64_t
admit_failure(const struct call *call, enum outcome end)
{
	if (end == OUTCOME_FAILURE && call->http_5xx)
		return (POLICY_HTTP_5XX);
	return (outcome_kind(end)->failure);
}

/*
 * Whether a tool that did not end in time had the time that is its own, or all
 * but a little of it, and not only what a caller in a hurry or a long queue has
 * left it.
 */
static bool
admit_had_time(const struct call *call, int64_t run_ns)
{
	int64_t own_ns = tool_timeout_ns(call->tool, 0);

	return (run_ns >= own_ns - own_ns / OWN_TIME_PART);
}

/* What an attempt that ran says of its tool. */
static void
admit_record(
    const struct call *call, enum outcome end, uint32_t turn, int64_t now_ns)
{
	struct breaker *b = call->tool->admit.breaker;
	int64_t run_ns = now_ns - call->work.started_ns;
	bool failed =
	    (admit_failure(call, end) & call->tool->policy.breaker_on) != 0;

	if (end != OUTCOME_TIMEOUT || admit_had_time(call, run_ns))
		breaker_record(b, turn, failed, run_ns, now_ns);
	else if (run_ns > b->conf.slow_ns) /* that much is known of it */
		breaker_record(b, turn, false, run_ns, now_ns);
	else
		breaker_release(b, turn);
}

void
admit_leave(struct call *call, enum outcome end)
{
	struct breaker *b = call->tool->admit.breaker;
	uint32_t turn = call->turn;
	enum breaker_state was;

	call->turn = 0;
	if (b == NULL || turn == 0)
		return;
	was = b->state;
	/* One that waits, or waits again, has done nothing. */
	if (!outcome_kind(end)->tells || call->work.started_ns == 0)
		breaker_release(b, turn);
	else
		admit_record(call, end, turn, clock_now_ns());
	admit_tell_breaker(call->tool, was);
}

void
admit_breaker_reset(struct tool_info *tool)
{
	log_info("tool %s: breaker %s -> closed by an administrator",
	    tool->name, breaker_state_name(tool->admit.breaker->state));
	breaker_reset(tool->admit.breaker);
}

void
admit_breaker_open(struct tool_info *tool)
{
	log_warn("tool %s: breaker %s -> open by an administrator", tool->name,
	    breaker_state_name(tool->admit.breaker->state));
	breaker_open(tool->admit.breaker, clock_now_ns());
}

/* How many agents such a call must leave. */
static size_t
admit_reserve(const struct call *call)
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
admit_reserve_allows(const struct call *call, const struct agent *agent)
{
	return (
	    agents_idle_count() - agent_is_idle(agent) >= admit_reserve(call));
}

/* Of the agents that are idle, how many such a call may have. */
static size_t
admit_idle(const struct call *call)
{
	size_t idle = agents_idle_count(), reserve = admit_reserve(call);

	return (idle > reserve ? idle - reserve : 0);
}

/* As many as there are idle agents for it are as good as gone. */
static bool
admit_queue_full(size_t idle)
{
	return (queue_count() >= (size_t)frontend.conf->queue_max + idle);
}

static bool
admit_tool_queue_full(const struct tool_info *tool, size_t idle)
{
	size_t room = tool_room(tool);

	if (tool->policy.queue_max == 0)
		return (false);
	return (queue_count_tool(tool) >=
		(size_t)tool->policy.queue_max + (room < idle ? room : idle));
}

/* What the tool's own limits say. */
static enum router_verdict
admit_by_tool(struct call *call)
{
	if (!admit_permit(call)) {
		call->retry_after_ns =
		    breaker_wait_ns(call->tool->admit.breaker, clock_now_ns());
		return (ROUTER_CIRCUIT_OPEN);
	}
	if (admit_take_token(call))
		return (ROUTER_ACCEPTED);
	admit_leave(call, OUTCOME_SHED);
	return (ROUTER_RATE_LIMITED);
}

enum router_verdict
admit_call(struct call *call)
{
	size_t idle = admit_idle(call);

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
	return (admit_by_tool(call));
}

static size_t
admit_less(size_t from, size_t less)
{
	return (from > less ? from - less : 0);
}

size_t
admit_window_size(const struct admit_window *w, size_t in_flight)
{
	/* As many as there are idle agents are as good as gone. */
	size_t free_agents = admit_less(w->idle, w->waiting);
	size_t queued = admit_less(w->waiting, w->idle);
	size_t room = free_agents + admit_less(w->queue_max, queued) / 2;
	size_t wanted = admit_less(PER_AGENT * w->agents, in_flight);

	return (wanted < room ? wanted : room);
}

/* When calls are refused anyway, that should be heard soon. */
size_t
admit_window_more(size_t in_flight)
{
	struct agents_count n;

	/* What runs gives memory back when it ends. */
	if (in_flight > 0 && memory_is_short())
		return (0);
	if (frontend.draining || agents_hopeless())
		return (1);
	n = agents_count();
	return (admit_window_size(
	    &(struct admit_window){
		.agents = n.in[SHOWN_IDLE] + n.in[SHOWN_BUSY],
		.idle = agents_idle_count(),
		.waiting = queue_count(),
		.queue_max = (size_t)frontend.conf->queue_max},
	    in_flight));
}

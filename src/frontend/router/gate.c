/*
 * Lets calls through or refuses them, tool by tool, and tells the breakers
 * what came of them.  The rules are in breaker.c and bucket.c; here they meet
 * the clock, the policies and the log.
 */

#include "frontend/router/gate.h"
#include "common/bucket.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/router/catalogue.h"

/* So small a part of its own time may be missing. */
#define OWN_TIME_PART 10

static struct breaker_conf
gate_breaker_conf(const struct policy *policy)
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
gate_same(const struct breaker_conf *a, const struct breaker_conf *b)
{
	return (a->by_time == b->by_time && a->window == b->window &&
		a->min_calls == b->min_calls &&
		a->failure_rate == b->failure_rate &&
		a->slow_rate == b->slow_rate && a->slow_ns == b->slow_ns &&
		a->wait_ns == b->wait_ns && a->probes == b->probes);
}

void
gate_configure(struct tool_info *tool)
{
	struct breaker_conf conf = gate_breaker_conf(&tool->policy);

	if (tool->policy.breaker && tool->breaker != NULL &&
	    gate_same(&conf, &tool->breaker_conf))
		return;
	breaker_free(tool->breaker);
	tool->breaker = NULL;
	tool->breaker_conf = conf;
	if (tool->policy.breaker &&
	    (tool->breaker = breaker_new(&conf)) == NULL)
		log_error("tool %s: no memory for its breaker", tool->name);
}

/* Says it when the breaker is no longer in the state that it was in. */
static void
gate_tell(const struct tool_info *tool, enum breaker_state was)
{
	const struct breaker *b = tool->breaker;
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
gate_permit(struct call *call)
{
	struct breaker *b = call->tool->breaker;
	enum breaker_state was;

	if (b == NULL)
		return (true);
	was = b->state;
	call->turn = breaker_permit(b, clock_now_ns());
	gate_tell(call->tool, was);
	return (call->turn != 0);
}

/* Takes a token of the tool's, if it is limited. */
static bool
gate_take(struct call *call)
{
	const struct policy *policy = &call->tool->policy;

	if (policy->rate == 0)
		return (true);
	call->retry_after_ns = bucket_take(&call->tool->bucket,
	    bucket_rate(policy->rate, policy->burst), 1, clock_now_ns());
	return (call->retry_after_ns == 0);
}

enum router_verdict
gate_admit(struct call *call)
{
	if (!gate_permit(call)) {
		call->retry_after_ns =
		    breaker_wait_ns(call->tool->breaker, clock_now_ns());
		return (ROUTER_CIRCUIT_OPEN);
	}
	if (gate_take(call))
		return (ROUTER_ACCEPTED);
	gate_leave(call, OUTCOME_SHED);
	return (ROUTER_RATE_LIMITED);
}

int64_t
gate_failure(const struct call *call, enum outcome end)
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
gate_had_time(const struct call *call, int64_t run_ns)
{
	int64_t own_ns = catalogue_timeout_ns(call->tool, 0);

	return (run_ns >= own_ns - own_ns / OWN_TIME_PART);
}

/* What an attempt that ran says of its tool. */
static void
gate_record(
    const struct call *call, enum outcome end, uint32_t turn, int64_t now_ns)
{
	struct breaker *b = call->tool->breaker;
	int64_t run_ns = now_ns - call->started_ns;
	bool failed =
	    (gate_failure(call, end) & call->tool->policy.breaker_on) != 0;

	if (end != OUTCOME_TIMEOUT || gate_had_time(call, run_ns))
		breaker_record(b, turn, failed, run_ns, now_ns);
	else if (run_ns > b->conf.slow_ns) /* that much is known of it */
		breaker_record(b, turn, false, run_ns, now_ns);
	else
		breaker_release(b, turn);
}

void
gate_leave(struct call *call, enum outcome end)
{
	struct breaker *b = call->tool->breaker;
	uint32_t turn = call->turn;
	enum breaker_state was;

	call->turn = 0;
	if (b == NULL || turn == 0)
		return;
	was = b->state;
	/* One that waits, or waits again, has done nothing. */
	if (!outcome_kind(end)->tells || call->started_ns == 0)
		breaker_release(b, turn);
	else
		gate_record(call, end, turn, clock_now_ns());
	gate_tell(call->tool, was);
}

void
gate_reset(struct tool_info *tool)
{
	log_info("tool %s: breaker %s -> closed by an administrator",
	    tool->name, breaker_state_name(tool->breaker->state));
	breaker_reset(tool->breaker);
}

void
gate_open(struct tool_info *tool)
{
	log_warn("tool %s: breaker %s -> open by an administrator", tool->name,
	    breaker_state_name(tool->breaker->state));
	breaker_open(tool->breaker, clock_now_ns());
}

/*
 * Counts how calls end, and how long they took.  Counters live as long as
 * this front end does.
 */

#include "frontend/router/stats.h"
#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/globals.h"
#include "frontend/router/call_index.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/histogram.h"
#include "frontend/router/queue.h"

#include <json-c/json.h>

static uint64_t counters[OUTCOME_COUNTERS];
static uint64_t ends[OUTCOMES];
static uint64_t late, retries;
static uint64_t runs; /* calls that an agent had in hand to the end */
static int64_t run_ns;
static struct histogram latency, queue_wait;

static void
stats_tool(struct tool_info *tool, enum outcome_counter counter, int64_t ran_ns)
{
	if (counter == COUNTED_SUCCESSFUL)
		tool->stats.successful++;
	else if (counter == COUNTED_FAILED)
		tool->stats.failed++;
	else if (counter == COUNTED_CANCELLED)
		tool->stats.cancelled++;
	else
		return;
	tool->stats.run_ns += ran_ns;
	if (ran_ns > tool->stats.max_ns)
		tool->stats.max_ns = ran_ns;
}

void
stats_call(const struct call *call, enum outcome end)
{
	enum outcome_counter counter = outcome_kind(end)->counter;
	int64_t ran_ns = 0;

	counters[counter]++;
	ends[end]++;
	if (call->work.started_ns != 0) {
		ran_ns = call->ended_ns - call->work.started_ns;
		histogram_add(
		    &queue_wait, call->work.started_ns - call->accepted_ns);
	}
	if (counter == COUNTED_SUCCESSFUL || counter == COUNTED_FAILED) {
		histogram_add(&latency, call->ended_ns - call->accepted_ns);
		runs += call->work.started_ns != 0;
		run_ns += ran_ns;
	}
	stats_tool(call->tool, counter, ran_ns);
}

void
stats_rejected(void)
{
	counters[COUNTED_REJECTED]++;
}

void
stats_retry(void)
{
	retries++;
}

void
stats_late(void)
{
	late++;
}

static void
stats_put(struct json_object *to, const char *name, uint64_t value)
{
	json_object_object_add(to, name, json_object_new_uint64(value));
}

static struct json_object *
stats_quantiles(const struct histogram *h)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return (NULL);
	stats_put(o, "p50", (uint64_t)histogram_quantile(h, 500));
	stats_put(o, "p90", (uint64_t)histogram_quantile(h, 900));
	stats_put(o, "p99", (uint64_t)histogram_quantile(h, 990));
	stats_put(o, "max", (uint64_t)h->max);
	return (o);
}

static struct json_object *
stats_one_tool(const struct tool_info *tool)
{
	struct json_object *o = json_object_new_object();
	uint64_t total =
	    tool->stats.successful + tool->stats.failed + tool->stats.cancelled;

	if (o == NULL)
		return (NULL);
	stats_put(o, "requests", total);
	stats_put(o, "successful", tool->stats.successful);
	stats_put(o, "failed", tool->stats.failed);
	stats_put(o, "cancelled", tool->stats.cancelled);
	stats_put(o, "average_process_time",
	    total == 0 ? 0 : (uint64_t)tool->stats.run_ns / total);
	stats_put(o, "max_process_time", (uint64_t)tool->stats.max_ns);
	return (o);
}

static struct json_object *
stats_tools(void)
{
	struct json_object *o = json_object_new_object();
	const struct tool_info *tool;

	if (o == NULL)
		return (NULL);
	for (size_t i = 0; (tool = catalogue_at(i)) != NULL; i++)
		json_object_object_add(o, tool->name, stats_one_tool(tool));
	return (o);
}

static void
stats_put_calls(struct json_object *o)
{
	uint64_t in_flight = call_index_count();

	/* A call that is in flight is in the total already. */
	stats_put(o, "total_requests",
	    counters[COUNTED_SUCCESSFUL] + counters[COUNTED_FAILED] +
		counters[COUNTED_CANCELLED] + in_flight);
	stats_put(o, "successful_requests", counters[COUNTED_SUCCESSFUL]);
	stats_put(o, "failed_requests", counters[COUNTED_FAILED]);
	stats_put(o, "cancelled", counters[COUNTED_CANCELLED]);
	stats_put(o, "rejected", counters[COUNTED_REJECTED]);
	stats_put(
	    o, "average_process_time", runs == 0 ? 0 : (uint64_t)run_ns / runs);
	stats_put(o, "timeouts", ends[OUTCOME_TIMEOUT] + ends[OUTCOME_EXPIRED]);
	stats_put(o, "crashes", ends[OUTCOME_CRASHED]);
	stats_put(o, "late_results", late);
	stats_put(o, "retries", retries);
	stats_put(o, "in_flight", in_flight);
	stats_put(o, "queue_depth", queue_count());
	stats_put(o, "queue_limit", (uint64_t)frontend.conf->queue_max);
}

static void
stats_put_agents(struct json_object *o)
{
	struct agents_count n = agents_count();

	stats_put(o, "active_agents", n.in[SHOWN_IDLE] + n.in[SHOWN_BUSY]);
	stats_put(o, "idle_agents", n.in[SHOWN_IDLE]);
	stats_put(o, "busy_agents", n.in[SHOWN_BUSY]);
	stats_put(o, "error_agents", n.in[SHOWN_ERROR]);
	stats_put(o, "agent_restarts", n.restarts);
	stats_put(o, "agents_recycled", n.recycled);
}

struct json_object *
stats_to_json(void)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL)
		return (NULL);
	stats_put_calls(o);
	stats_put_agents(o);
	stats_put(
	    o, "uptime", (uint64_t)(clock_now_ns() - frontend.started_ns));
	json_object_object_add(o, "latency", stats_quantiles(&latency));
	json_object_object_add(o, "queue_wait", stats_quantiles(&queue_wait));
	json_object_object_add(o, "tools", stats_tools());
	return (o);
}

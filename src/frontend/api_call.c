/*
 * One call: from a request's body to an accepted call, and from its end to
 * the answer.  The order of members in the answer is part of no contract.
 */

#include "common/clock.h"
#include "common/json.h"
#include "frontend/agents.h"
#include "frontend/api.h"
#include "frontend/call.h"
#include "frontend/catalogue.h"
#include "frontend/clients.h"
#include "frontend/conn.h"
#include "frontend/envelope.h"
#include "frontend/frontend.h"
#include "frontend/reply.h"
#include "frontend/retry.h"
#include "frontend/router.h"
#include "frontend/stats.h"

#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

/* How each end of a call is answered, but for the two with a result. */
static const struct {
	enum problem problem;
	const char *detail; /* NULL: the text that came with it */
} refusals[CALL_ENDS] = {
    [END_UNKNOWN_TOOL] = {PROBLEM_UNKNOWN_TOOL, "there is no such tool"},
    [END_CRASHED] = {PROBLEM_AGENT_CRASHED, NULL},
    [END_EXPIRED] = {PROBLEM_TIMEOUT_QUEUED,
	"the deadline passed before an agent was free"},
    [END_TIMEOUT] = {PROBLEM_TIMEOUT,
	"the tool did not finish within the deadline; it was stopped"},
    [END_CANCELLED_QUEUED] = {PROBLEM_CANCELLED_QUEUED,
	"the request was cancelled before it ran"},
    [END_CANCELLED] = {PROBLEM_CANCELLED, "the request was cancelled"},
    [END_DRAINED_QUEUED] = {PROBLEM_DRAINING,
	"the daemon stops; the request was not started"},
    [END_DRAINED_RUNNING] = {PROBLEM_DRAINING_RUNNING,
	"the daemon stops; the request was running"},
    [END_NO_MEMORY] = {PROBLEM_NO_MEMORY, "out of memory"},
};

static const struct {
	enum problem problem;
	const char *detail;
} verdicts[] = {
    [ROUTER_QUEUE_FULL] = {PROBLEM_QUEUE_FULL,
	"all agents are busy and the queue is full"},
    [ROUTER_DRAINING] = {PROBLEM_DRAINING, "the daemon is shutting down"},
    [ROUTER_NO_AGENT] = {PROBLEM_NO_AGENT, "no agent can be started"},
    [ROUTER_RATE_LIMITED] = {PROBLEM_RATE_LIMITED,
	"the tool is called more often than it may be"},
    [ROUTER_CIRCUIT_OPEN] = {PROBLEM_CIRCUIT_OPEN,
	"the tool has failed too often; it is not called for now"},
};

static void
api_call_answer(struct conn *conn, const struct call *call, const char *member,
    const char *text, size_t len, bool success)
{
	struct evbuffer *body = reply_body(conn);
	char attempts[RETRY_TEXT_SIZE], now[CLOCK_FORMAT_SIZE];
	char before[160], after[160 + RETRY_TEXT_SIZE];
	int n, m;

	clock_format(clock_wall_ns(), now);
	retry_members(call, attempts);
	n = snprintf(before, sizeof(before),
	    "{\"request_id\":\"%s\",\"agent_id\":\"%s\",\"success\":%s,"
	    "\"%s\":",
	    call->id_text, agents_name(call->agent), success ? "true" : "false",
	    member);
	m = snprintf(after, sizeof(after),
	    ",\"processed_at\":\"%s\",\"duration\":%lld,\"queued\":%lld%s}\n",
	    now, (long long)(call->ended_ns - call->started_ns),
	    (long long)(call->started_ns - call->accepted_ns), attempts);
	/* In one piece, unless the result is large. */
	if (evbuffer_expand(body, (size_t)n + len + (size_t)m) == -1 ||
	    evbuffer_add(body, before, (size_t)n) == -1 ||
	    evbuffer_add(body, text, len) == -1 ||
	    evbuffer_add(body, after, (size_t)m) == -1) {
		reply_problem(conn, PROBLEM_NO_MEMORY_RAN, "out of memory");
		return;
	}
	reply_send(conn, 200);
}

static void
api_call_refuse(struct conn *conn, enum problem problem, const char *detail)
{
	stats_rejected();
	reply_problem(conn, problem, "%s", detail);
}

/* The problem says how often it was tried. */
static void
api_call_fail(struct conn *conn, const struct call *call, enum call_end end,
    const char *text, size_t len)
{
	char attempts[RETRY_TEXT_SIZE];

	retry_members(call, attempts);
	conn->members = attempts;
	if (end == END_MALFORMED)
		reply_problem_text(conn, PROBLEM_BAD_REQUEST, text, len);
	else if (end == END_INVALID)
		reply_problem_errors(conn, PROBLEM_INVALID_PARAMS, text, len,
		    "the parameters do not fit the tool's schema");
	else
		reply_problem(conn, refusals[end].problem, "%s",
		    refusals[end].detail != NULL ? refusals[end].detail : text);
}

static void
api_call_done(
    struct call *call, enum call_end end, const char *text, size_t len)
{
	struct conn *conn = call->waiter;

	conn->call = NULL;
	if (end == END_SUCCESS)
		api_call_answer(conn, call, "result", text, len, true);
	else if (end == END_FAILURE)
		api_call_answer(conn, call, "error", text, len, false);
	else
		api_call_fail(conn, call, end, text, len);
}

static void
api_call_submit(struct conn *conn, const struct envelope *envelope)
{
	struct tool_info *tool = catalogue_find(envelope->tool);
	enum router_verdict verdict;
	struct call *call;

	if (tool == NULL) {
		stats_rejected();
		reply_problem(conn, PROBLEM_UNKNOWN_TOOL,
		    "there is no tool %.64s", envelope->tool);
		return;
	}
	if (call_find(conn->id) != NULL) {
		api_call_refuse(conn, PROBLEM_BAD_REQUEST,
		    "X-Request-Id is that of a request in flight");
		return;
	}
	call = call_new(conn->id, tool, envelope->params, envelope->params_len,
	    catalogue_timeout_ns(tool, envelope->timeout_ns));
	if (call == NULL) {
		api_call_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
		return;
	}
	call->priority = envelope->priority;
	call->retries_max = envelope->retries;
	call->done = api_call_done;
	call->waiter = conn;
	conn_wait(conn, call);
	if ((verdict = router_submit(call)) != ROUTER_ACCEPTED) {
		conn->call = NULL;
		if (call->retry_after_ns > 0)
			reply_retry_after(conn, call->retry_after_ns);
		call_free(call);
		api_call_refuse(
		    conn, verdicts[verdict].problem, verdicts[verdict].detail);
	}
}

/* What both ways to call have in common: tool NULL takes it from the body. */
static void
api_call_body(struct conn *conn, const char *tool)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(conn->req);
	size_t len = evbuffer_get_length(in);
	const char *text = (const char *)evbuffer_pullup(in, -1);
	int64_t wait_ns = clients_admit(conn);
	struct envelope envelope;

	if (wait_ns > 0) {
		reply_retry_after(conn, wait_ns);
		api_call_refuse(conn, PROBLEM_RATE_LIMITED,
		    "this client makes calls more often than it may");
		return;
	}
	if (envelope_read(&envelope, text == NULL ? "" : text, len, tool) ==
		0 &&
	    envelope_read_query(&envelope, evhttp_request_get_uri(conn->req),
		tool != NULL) == 0)
		api_call_submit(conn, &envelope);
	else
		api_call_refuse(conn, PROBLEM_BAD_REQUEST, envelope.error);
	envelope_free(&envelope);
}

void
api_call(struct conn *conn, const char *param)
{
	api_call_body(conn, NULL);
}

void
api_call_tool(struct conn *conn, const char *param)
{
	api_call_body(conn, param);
}

/*
 * Makes answers out of the ends of calls, for single calls, batches and
 * pipelines alike.  The order of members is part of no contract.  Keeps
 * nothing; who sends it where is the callers' to know.
 */

#include "frontend/api/answer.h"
#include "common/clock.h"
#include "frontend/agents/agents.h"
#include "frontend/http/reply.h"
#include "frontend/router/retry.h"

#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>

_Static_assert(RETRY_TEXT_SIZE <= REPORT_MEMBERS, "the members fit");

/* How each end of a call is answered, but for the two with a result. */
static const struct {
	enum problem problem;
	const char *detail; /* NULL: the text that came with it */
} refusals[CALL_ENDS] = {
    [END_UNKNOWN_TOOL] = {PROBLEM_UNKNOWN_TOOL, "there is no such tool"},
    [END_CRASHED] = {PROBLEM_AGENT_CRASHED, NULL},
    [END_SHED] = {PROBLEM_QUEUE_FULL,
	"the daemon is overloaded: the request has waited for too long"},
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
    [END_UNABLE] = {PROBLEM_NO_AGENT,
	"no agent could begin the call, for want of processes, descriptors or "
	"memory"},
    [END_NO_MEMORY] = {PROBLEM_NO_MEMORY, "out of memory"},
};

bool
answer_is_problem(const struct call *call, enum call_end end, const char *text,
    size_t len, struct report *report)
{
	*report = (struct report){.problem = refusals[end].problem};
	if (end == END_SUCCESS || end == END_FAILURE)
		return (false);
	retry_members(call, report->members);
	if (end == END_MALFORMED) {
		report->problem = PROBLEM_BAD_REQUEST;
		report->detail = text;
		report->detail_len = len;
	} else if (end == END_INVALID) {
		report->problem = PROBLEM_INVALID_PARAMS;
		report->words = "the parameters do not fit the tool's schema";
		report->errors = text;
		report->errors_len = len;
	} else {
		report->words =
		    refusals[end].detail != NULL ? refusals[end].detail : text;
		if (end == END_TIMEOUT && len > 0 && text[0] == '{') {
			report->partial = text;
			report->partial_len = len;
		}
	}
	return (true);
}

/* What a tool gave, or why it failed. */
static int
answer_write_tool(struct evbuffer *to, const char *first,
    const struct call *call, bool success, const char *text, size_t len)
{
	char now[CLOCK_FORMAT_SIZE], attempts[RETRY_TEXT_SIZE];
	char before[224], after[160 + RETRY_TEXT_SIZE];
	int n, m;

	clock_format(clock_wall_ns(), now);
	retry_members(call, attempts);
	n = snprintf(before, sizeof(before),
	    "\"request_id\":\"%s\",\"agent_id\":\"%s\",\"success\":%s,"
	    "\"%s\":",
	    call->id_text, call->agent->name, success ? "true" : "false",
	    success ? "result" : "error");
	m = snprintf(after, sizeof(after),
	    ",\"processed_at\":\"%s\",\"duration\":%lld,\"queued\":%lld%s}",
	    now, (long long)(call->ended_ns - call->started_ns),
	    (long long)(call->started_ns - call->accepted_ns), attempts);
	/* In one piece, unless the result is large. */
	if (evbuffer_expand(
		to, strlen(first) + 1 + (size_t)n + len + (size_t)m) == -1)
		return (-1);
	evbuffer_add(to, "{", 1);
	evbuffer_add(to, first, strlen(first));
	evbuffer_add(to, before, (size_t)n);
	evbuffer_add(to, text, len);
	evbuffer_add(to, after, (size_t)m);
	return (0);
}

int
answer_write(struct evbuffer *to, const char *first, const struct call *call,
    enum call_end end, const char *text, size_t len)
{
	struct report report;

	if (!answer_is_problem(call, end, text, len, &report))
		return (answer_write_tool(
		    to, first, call, end == END_SUCCESS, text, len));
	return (reply_write_report(to, first, call->id_text, &report));
}

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

bool
answer_is_problem(const struct call *call, enum outcome end, const char *text,
    size_t len, struct report *report)
{
	const struct outcome_kind *kind = outcome_kind(end);

	*report = (struct report){.problem = kind->problem};
	if (end == OUTCOME_SUCCESS || end == OUTCOME_FAILURE)
		return (false);
	retry_members(call, report->members);
	if (end == OUTCOME_MALFORMED) {
		report->detail = text;
		report->detail_len = len;
	} else if (end == OUTCOME_INVALID) {
		report->words = kind->detail;
		report->errors = text;
		report->errors_len = len;
	} else {
		report->words = kind->detail != NULL ? kind->detail : text;
		if (end == OUTCOME_TIMEOUT && len > 0 && text[0] == '{') {
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
	    call->id_text, agent_name(call->work.agent),
	    success ? "true" : "false", success ? "result" : "error");
	m = snprintf(after, sizeof(after),
	    ",\"processed_at\":\"%s\",\"duration\":%lld,\"queued\":%lld%s}",
	    now, (long long)(call->ended_ns - call->work.started_ns),
	    (long long)(call->work.started_ns - call->accepted_ns), attempts);
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
    enum outcome end, const char *text, size_t len)
{
	struct report report;

	if (!answer_is_problem(call, end, text, len, &report))
		return (answer_write_tool(
		    to, first, call, end == OUTCOME_SUCCESS, text, len));
	return (reply_write_report(to, first, call->id_text, &report));
}

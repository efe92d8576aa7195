/*
 * Makes calls out of envelopes and submits them, for single calls, batches and
 * pipelines alike.  Keeps nothing.
 */

#include "frontend/api/submit.h"
#include "common/clock.h"
#include "frontend/api/envelope.h"
#include "frontend/api/passed.h"
#include "frontend/caller.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/problem.h"
#include "frontend/router/call_index.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/router.h"
#include "frontend/router/stats.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	enum problem problem;
	const char *detail;
	bool of_tool; /* its name comes in front */
} verdicts[] = {
    [ROUTER_QUEUE_FULL] = {PROBLEM_QUEUE_FULL,
	"all agents are busy and the queue is full"},
    [ROUTER_TOOL_QUEUE_FULL] = {PROBLEM_QUEUE_FULL,
	"has as many calls waiting as its queue_max allows", true},
    [ROUTER_HOPELESS] = {PROBLEM_QUEUE_FULL,
	"so many calls wait that the deadline would pass before this one's "
	"turn"},
    [ROUTER_DRAINING] = {PROBLEM_DRAINING, "the daemon is shutting down"},
    [ROUTER_NO_AGENT] = {PROBLEM_NO_AGENT, "no agent can be started"},
    [ROUTER_RATE_LIMITED] = {PROBLEM_RATE_LIMITED,
	"the tool is called more often than its rate allows"},
    [ROUTER_CIRCUIT_OPEN] = {PROBLEM_CIRCUIT_OPEN,
	"the tool has failed too often; its calls are refused for now"},
};

/* Sets when its time is over; false: it is. */
static bool
submit_set_deadline(struct call *call, const struct submission *submission)
{
	if (submission->since_ns != 0)
		call->work.deadline_ns -=
		    call->accepted_ns - submission->since_ns;
	if (submission->latest_ns != 0 &&
	    call->work.deadline_ns > submission->latest_ns)
		call->work.deadline_ns = submission->latest_ns;
	return (call->work.deadline_ns > call->accepted_ns);
}

static struct call *
submit_to_router(struct call *call, const struct submission *submission,
    struct refusal *refusal)
{
	enum router_verdict verdict;

	call->priority = submission->envelope->priority;
	call->retries_max = submission->envelope->retries;
	call->done = submission->done;
	call->waiter = submission->waiter;
	if (!submit_set_deadline(call, submission)) {
		call_free(call);
		problem_refuse(refusal, PROBLEM_TIMEOUT_QUEUED,
		    "the deadline passed before the call was begun");
		return (NULL);
	}
	if ((verdict = router_submit(call)) == ROUTER_ACCEPTED)
		return (call);
	problem_refuse(refusal, verdicts[verdict].problem, "%s%s%s%s",
	    verdicts[verdict].of_tool ? "the tool " : "",
	    verdicts[verdict].of_tool ? call->tool->name : "",
	    verdicts[verdict].of_tool ? " " : "", verdicts[verdict].detail);
	refusal->retry_after_ns = call->retry_after_ns;
	call_free(call);
	return (NULL);
}

static struct call *
submit_make(const struct submission *submission, struct tool_info *tool,
    struct refusal *refusal)
{
	const struct envelope *envelope = submission->envelope;
	struct call *call;

	call = call_new(submission->id, tool, envelope->params,
	    envelope->params_len, tool_timeout_ns(tool, envelope->timeout_ns));
	if (call == NULL)
		problem_refuse(refusal, PROBLEM_NO_MEMORY, "out of memory");
	else
		call->caller = caller_hold(submission->conn->caller);
	if (call == NULL || tool->pass_headers == NULL ||
	    passed_collect(call, submission->conn, refusal) == 0)
		return (call);
	call_free(call);
	return (NULL);
}

struct call *
submit_call(const struct submission *submission, struct refusal *refusal)
{
	const char *name = submission->envelope->tool;
	struct tool_info *tool = catalogue_find(name);
	struct call *call = NULL;

	if (tool == NULL)
		problem_refuse(refusal, PROBLEM_UNKNOWN_TOOL,
		    "there is no tool %.64s", name);
	else if (call_index_find(submission->id) != NULL)
		problem_refuse(refusal, PROBLEM_BAD_REQUEST,
		    "X-Request-Id is that of a request in flight");
	else
		call = submit_make(submission, tool, refusal);
	if (call == NULL)
		return (NULL);
	return (submit_to_router(call, submission, refusal));
}

void
submit_refuse(struct conn *conn, enum problem problem, const char *fmt, ...)
{
	char detail[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	stats_rejected();
	reply_problem(conn, problem, "%s", detail);
}

bool
submit_admits(struct conn *conn, size_t calls)
{
	int64_t wait_ns = 0;

	if (!conn->control) /* administrators are bound by no rate */
		wait_ns = clients_admit(
		    conn->fd, conn->local, calls == 0 ? 1 : (int64_t)calls);
	if (wait_ns == 0)
		return (true);
	reply_retry_after(conn, wait_ns);
	submit_refuse(conn, PROBLEM_RATE_LIMITED,
	    "this client makes more calls than client_rate allows");
	return (false);
}

bool
submit_is_late(const struct submission *submission)
{
	const struct envelope *envelope = submission->envelope;
	struct tool_info *tool = catalogue_find(envelope->tool);

	return (tool != NULL &&
		submission->since_ns +
			tool_timeout_ns(tool, envelope->timeout_ns) <=
		    clock_now_ns());
}

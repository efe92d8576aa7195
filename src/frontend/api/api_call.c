/*
 * One call: from a request's body to an accepted call, and from its end to
 * the answer.
 */

#include "frontend/api/answer.h"
#include "frontend/api/api.h"
#include "frontend/api/compatible.h"
#include "frontend/api/envelope.h"
#include "frontend/api/submit.h"
#include "frontend/http/body.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/router/call.h"
#include "frontend/router/router.h"

#include <event2/buffer.h>
#include <event2/http.h>

static void
api_call_done(struct call *call, enum outcome end, const char *text, size_t len)
{
	struct conn *conn = call->waiter;
	struct evbuffer *body = reply_body(conn);
	struct report report;

	if (compatible_answers(conn, call, end, text, len))
		return;
	if (answer_is_problem(call, end, text, len, &report))
		reply_report(conn, &report);
	else if (answer_write(body, "", call, end, text, len) == -1 ||
		 evbuffer_add(body, "\n", 1) == -1)
		reply_problem(conn, PROBLEM_NO_MEMORY_RAN, "out of memory");
	else
		reply_send(conn, 200);
}

static void
api_call_left(void *call)
{
	router_leave(call);
}

static size_t
api_call_size(const void *arg)
{
	const struct call *call = arg;

	return (call->work.params_len + call->work.headers_len);
}

/* Who wants to cancel it finds the call itself. */
static const struct waiter waiter = {
    .left = api_call_left,
    .size = api_call_size,
};

static void
api_call_submit(struct conn *conn, const struct envelope *envelope)
{
	struct submission submission = {.id = conn->id,
	    .envelope = envelope,
	    .conn = conn,
	    .done = api_call_done,
	    .waiter = conn};
	struct refusal refusal;
	struct call *call = submit_call(&submission, &refusal);

	if (call != NULL)
		conn_wait(conn, &waiter, call);
	else if (!compatible_refuses(conn, &refusal)) {
		if (refusal.retry_after_ns > 0)
			reply_retry_after(conn, refusal.retry_after_ns);
		submit_refuse(conn, refusal.problem, "%s", refusal.detail);
	}
}

/* What both ways to call have in common: tool NULL takes it from the body. */
static void
api_call_body(struct conn *conn, const char *tool)
{
	struct envelope envelope;
	const char *text;
	size_t len;

	if (!submit_admits(conn, 1))
		return;
	if (!body_text(conn, &text, &len)) {
		submit_refuse(conn, PROBLEM_NO_MEMORY, "out of memory");
		return;
	}
	if (envelope_read(&envelope, text, len, tool) == 0 &&
	    envelope_read_query(&envelope, evhttp_request_get_uri(conn->req),
		tool != NULL) == 0)
		api_call_submit(conn, &envelope);
	else
		submit_refuse(conn, PROBLEM_BAD_REQUEST, "%s", envelope.error);
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

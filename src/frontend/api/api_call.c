/*
 * One call: from a request's body to an accepted call, and from its end to
 * the answer.  With the setting "compatible", agentd-api(7), some answers are
 * as the Go program of the same design gave them: a call of an unknown tool or
 * with bad parameters is 200 with success false.  What else that setting
 * changes of a request is in envelope.c, of results in the tools.
 */

#include "common/clock.h"
#include "common/json.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/api/answer.h"
#include "frontend/api/api.h"
#include "frontend/api/envelope.h"
#include "frontend/api/submit.h"
#include "frontend/globals.h"
#include "frontend/http/body.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/problem.h"
#include "frontend/router/call.h"
#include "frontend/router/router.h"
#include "frontend/router/stats.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/http.h>

static void
api_call_compatible_fail(
    struct conn *conn, const char *agent, const char *error)
{
	struct json_object *o = json_object_new_object();
	char now[CLOCK_FORMAT_SIZE];

	clock_format(clock_wall_ns(), now);
	json_add(&o, "request_id", json_object_new_string(conn->id_text));
	json_add(&o, "agent_id", json_object_new_string(agent));
	json_add(&o, "success", json_object_new_boolean(false));
	json_add(&o, "error", json_object_new_string(error));
	json_add(&o, "processed_at", json_object_new_string(now));
	json_add(&o, "duration", json_object_new_int64(0));
	reply_json(conn, 200, o);
}

static bool
api_call_compatible_refuses(struct conn *conn, const struct refusal *refusal)
{
	if (!frontend.conf->compatible ||
	    refusal->problem != PROBLEM_UNKNOWN_TOOL)
		return (false);
	stats_rejected();
	api_call_compatible_fail(conn, "", refusal->detail);
	return (true);
}

/* "" when there is no such text: an agent may have said anything. */
static const char *
api_call_compatible_text(struct json_object *error, const char *member)
{
	const char *text = json_string(json_object_object_get(error, member));

	return (text == NULL ? "" : text);
}

static void
api_call_compatible_add(FILE *fp, struct json_object *error)
{
	const char *pointer = api_call_compatible_text(error, "pointer");

	fprintf(fp, "%s: %s", pointer[0] == '/' ? pointer + 1 : "parameters",
	    api_call_compatible_text(error, "detail"));
}

/* The failures in one line; to be freed, NULL without memory. */
static char *
api_call_compatible_words(const char *text, size_t len)
{
	char reason[JSON_REASON_SIZE], *words = NULL;
	struct json_object *errors = NULL;
	size_t size, n = 0;
	FILE *fp = open_memstream(&words, &size);

	if (fp == NULL)
		return (NULL);
	if (json_parse(text, len, &errors, reason))
		n = json_object_array_length(errors);
	else
		fputs("the parameters do not fit", fp);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? "" : "; ", fp);
		api_call_compatible_add(
		    fp, json_object_array_get_idx(errors, i));
	}
	json_object_put(errors);
	if (fclose(fp) != 0) {
		free(words);
		words = NULL;
	}
	return (words);
}

static bool
api_call_compatible_answers(struct conn *conn, const struct call *call,
    enum outcome end, const char *text, size_t len)
{
	char *words;

	if (!frontend.conf->compatible || end != OUTCOME_INVALID)
		return (false);
	words = api_call_compatible_words(text, len);
	if (words == NULL)
		return (false);
	api_call_compatible_fail(conn,
	    call->work.agent == NULL ? "" : agent_name(call->work.agent),
	    words);
	free(words);
	return (true);
}

static void
api_call_done(struct call *call, enum outcome end, const char *text, size_t len)
{
	struct conn *conn = call->waiter;
	struct evbuffer *body = reply_body(conn);
	struct report report;

	if (api_call_compatible_answers(conn, call, end, text, len))
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
	else if (!api_call_compatible_refuses(conn, &refusal)) {
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

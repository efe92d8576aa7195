/*
 * The circuit breakers of tools: looking at them, and an administrator's
 * orders, which only the control socket leads to.
 */

#include "common/clock.h"
#include "common/json.h"
#include "common/utf8.h"
#include "frontend/api/api.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/router/admit.h"
#include "frontend/router/catalogue.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>

/* Long enough for any order. */
#define BODY_MAX 256

static const struct {
	const char *name;
	void (*act)(struct tool_info *);
} actions[] = {
    {"reset", admit_breaker_reset},
    {"open", admit_breaker_open},
};

static void
api_breakers_add_open(
    struct json_object **o, const struct breaker *b, int64_t now)
{
	int64_t wait_ns = breaker_wait_ns(b, now);

	if (b->state != BREAKER_CLOSED)
		json_add(o, "opened_at",
		    api_instant(clock_wall_ns() - (now - b->opened_ns)));
	if (b->state == BREAKER_OPEN)
		json_add(o, "retry_after",
		    json_object_new_int64(
			(wait_ns + NS_PER_SEC - 1) / NS_PER_SEC));
}

static struct json_object *
api_breakers_describe(struct breaker *b)
{
	struct json_object *o = json_object_new_object();
	int64_t now = clock_now_ns();
	struct breaker_sum sum = breaker_sum(b, now);

	json_add(
	    &o, "state", json_object_new_string(breaker_state_name(b->state)));
	json_add(&o, "failures", json_object_new_int64(sum.failures));
	json_add(&o, "slow", json_object_new_int64(sum.slow));
	json_add(&o, "calls", json_object_new_int64(sum.calls));
	api_breakers_add_open(&o, b, now);
	return (o);
}

void
api_breakers(struct conn *conn, const char *param)
{
	struct json_object *o = json_object_new_object();
	struct json_object *all = json_object_new_object();
	const struct tool_info *tool;

	for (size_t i = 0; (tool = catalogue_at(i)) != NULL; i++)
		if (tool->admit.breaker != NULL)
			json_add(&all, tool->name,
			    api_breakers_describe(tool->admit.breaker));
	json_add(&o, "breakers", all);
	reply_json(conn, 200, o);
}

/* The body is an object whose only member, "action", is the name of one. */
static void
api_breakers_take(
    struct conn *conn, struct tool_info *tool, struct json_object *body)
{
	struct json_object *action = NULL;
	const char *name = NULL;

	if (json_object_is_type(body, json_type_object) &&
	    json_object_object_length(body) == 1 &&
	    json_object_object_get_ex(body, "action", &action))
		name = json_string(action);
	for (size_t i = 0;
	     name != NULL && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		actions[i].act(tool);
		reply_json(
		    conn, 200, api_breakers_describe(tool->admit.breaker));
		return;
	}
	reply_problem(conn, PROBLEM_BAD_REQUEST,
	    "the body must be {\"action\": \"reset\"} or "
	    "{\"action\": \"open\"}");
}

void
api_breaker(struct conn *conn, const char *param)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(conn->req);
	size_t len = evbuffer_get_length(in);
	struct tool_info *tool = catalogue_find(param);
	char text[BODY_MAX], reason[JSON_REASON_SIZE];
	struct json_object *body = NULL;

	if (tool == NULL || tool->admit.breaker == NULL) {
		reply_problem(conn,
		    tool == NULL ? PROBLEM_UNKNOWN_TOOL : PROBLEM_NOT_FOUND,
		    tool == NULL ? "there is no tool %.64s"
				 : "the tool %.64s has no breaker",
		    param);
		return;
	}
	if (len <= sizeof(text) && evbuffer_copyout(in, text, len) != -1)
		(void)!json_parse(text, utf8_unmark(text, len), &body, reason);
	api_breakers_take(conn, tool, body);
	json_object_put(body);
}

/*
 * Calls in flight: looking at them, and cancelling one.
 */

#include "common/clock.h"
#include "common/json.h"
#include "common/uuid.h"
#include "frontend/agents/agents.h"
#include "frontend/agents/inbox.h"
#include "frontend/api/api.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/router/call.h"
#include "frontend/router/call_index.h"
#include "frontend/router/progress.h"
#include "frontend/router/router.h"
#include "frontend/router/tool.h"

#include <json-c/json.h>

static struct json_object *
api_requests_describe(const struct call *call)
{
	struct json_object *o = json_object_new_object();
	int64_t now = clock_now_ns();
	bool running = inbox_runs(&call->work);
	const char *state = call->state == CALL_RETRYING ? "retrying"
			    : running			 ? "running"
							 : "queued";

	json_add(&o, "request_id", json_object_new_string(call->id_text));
	json_add(&o, "tool_name", json_object_new_string(call->tool->name));
	json_add(&o, "state", json_object_new_string(state));
	json_add(&o, "priority", json_object_new_int(call->priority));
	json_add(&o, "age", json_object_new_int64(now - call->accepted_ns));
	json_add(&o, "deadline_in",
	    json_object_new_int64(call->work.deadline_ns - now));
	if (running)
		json_add(&o, "agent_id",
		    json_object_new_string(agent_name(call->work.agent)));
	if (running && call->progress != NULL)
		json_add(&o, "progress", progress_json(call));
	json_add(&o, "attempts", json_object_new_int64(call->tries + running));
	return (o);
}

void
api_requests(struct conn *conn, const char *param)
{
	struct json_object *list = json_object_new_array();

	for (struct call *call = call_index_first(); call != NULL;
	     call = call_index_next(call))
		json_append(&list, api_requests_describe(call));
	api_reply_list(conn, "requests", list);
}

/*
 * A call of that id, or what makes several of them.  False: there is none, or
 * it was over before it could be cancelled.
 */
static bool
api_requests_cancel(const uint8_t id[static UUID_SIZE])
{
	struct call *call = call_index_find(id);

	return (call != NULL ? router_cancel(call) : conn_cancel(id));
}

void
api_cancel(struct conn *conn, const char *param)
{
	char text[UUID_TEXT_SIZE];
	uint8_t id[UUID_SIZE];
	struct json_object *o;

	if (!uuid_parse(param, id) || !api_requests_cancel(id)) {
		reply_problem(conn, PROBLEM_NOT_FOUND,
		    "there is no request %.64s, or it is done", param);
		return;
	}
	uuid_format(id, text);
	o = json_object_new_object();
	json_add(&o, "request_id", json_object_new_string(text));
	json_add(&o, "cancelled", json_object_new_boolean(true));
	reply_json(conn, 202, o);
}

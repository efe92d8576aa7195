/*
 * Calls in flight: looking at them, and cancelling one.
 */

#include "common/clock.h"
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
api_describe_call(const struct call *call)
{
	struct json_object *o = json_object_new_object();
	int64_t now = clock_now_ns();
	bool running = inbox_runs(&call->work);
	const char *state = call->state == CALL_RETRYING ? "retrying"
			    : running			 ? "running"
							 : "queued";

	if (o == NULL)
		return (NULL);
	api_put(o, "request_id", json_object_new_string(call->id_text));
	api_put(o, "tool_name", json_object_new_string(call->tool->name));
	api_put(o, "state", json_object_new_string(state));
	api_put(o, "priority", json_object_new_int(call->priority));
	api_put(o, "age", json_object_new_int64(now - call->accepted_ns));
	api_put(o, "deadline_in",
	    json_object_new_int64(call->work.deadline_ns - now));
	if (running)
		api_put(o, "agent_id",
		    json_object_new_string(agent_name(call->work.agent)));
	if (running && call->progress != NULL)
		api_put(o, "progress", progress_json(call));
	api_put(o, "attempts", json_object_new_int64(call->tries + running));
	return (o);
}

void
api_requests(struct conn *conn, const char *param)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct call *call;

	if (!api_have(conn, o, list))
		return;
	for (call = call_index_first(); call != NULL;
	     call = call_index_next(call))
		json_object_array_add(list, api_describe_call(call));
	api_put(o, "count", json_object_new_int64((int64_t)call_index_count()));
	api_put(o, "requests", list);
	reply_json(conn, 200, o);
}

/*
 * A call of that id, or what makes several of them.  False: there is none, or
 * it was over before it could be cancelled.
 */
static bool
api_cancel_id(const uint8_t id[static UUID_SIZE])
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

	if (!uuid_parse(param, id) || !api_cancel_id(id)) {
		reply_problem(conn, PROBLEM_NOT_FOUND,
		    "there is no request %.64s, or it is done", param);
		return;
	}
	uuid_format(id, text);
	if ((o = json_object_new_object()) != NULL) {
		api_put(o, "request_id", json_object_new_string(text));
		api_put(o, "cancelled", json_object_new_boolean(true));
	}
	reply_json(conn, 202, o);
}

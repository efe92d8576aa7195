/*
 * What can be looked at: agents, tools, statistics.
 */

#include "common/clock.h"
#include "common/json.h"
#include "frontend/agents/agents.h"
#include "frontend/api/api.h"
#include "frontend/api/compatible.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/router/call.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/stats.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"

void
api_put(struct json_object *to, const char *name, struct json_object *value)
{
	json_object_object_add(to, name, value);
}

bool
api_have(struct conn *conn, struct json_object *one, struct json_object *other)
{
	if (one != NULL && other != NULL)
		return (true);
	json_object_put(one);
	json_object_put(other);
	reply_json(conn, 200, NULL);
	return (false);
}

/*
 * Resident memory of an agent, from statm (proc(5)), or what it last said,
 * where processes are hidden from each other; 0 when it is gone.
 */
static int64_t
api_rss_bytes(const struct agent_view *agent)
{
	long pages = 0;
	char path[32];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)agent->pid);
	if (agent->pid <= 0)
		return (0);
	if ((f = fopen(path, "re")) == NULL)
		return (agent->resident);
	if (fscanf(f, "%*s %ld", &pages) != 1)
		pages = 0;
	fclose(f);
	return ((int64_t)pages * sysconf(_SC_PAGESIZE));
}

struct json_object *
api_instant(int64_t wall_ns)
{
	char text[CLOCK_FORMAT_SIZE];

	if (wall_ns == 0)
		return (NULL);
	clock_format(wall_ns, text);
	return (json_object_new_string(text));
}

static void
api_put_current(struct json_object *o, const struct call *call)
{
	api_put(o, "current_request", json_object_new_string(call->id_text));
	api_put(o, "current_tool", json_object_new_string(call->tool->name));
	api_put(o, "busy_for",
	    json_object_new_int64(clock_now_ns() - call->work.started_ns));
}

static struct json_object *
api_describe_agent(const struct agent *agent)
{
	struct json_object *o = json_object_new_object();
	struct agent_view view = agent_view(agent);

	if (o == NULL)
		return (NULL);
	api_put(o, "id", json_object_new_string(agent_name(agent)));
	api_put(o, "state", json_object_new_string(view.state));
	api_put(o, "requests_handled", json_object_new_uint64(view.handled));
	api_put(o, "last_active", api_instant(compatible_last_active(&view)));
	if (view.current != NULL)
		api_put_current(o, call_of(view.current));
	api_put(o, "pid", view.pid > 0 ? json_object_new_int(view.pid) : NULL);
	api_put(o, "generation", json_object_new_int64(view.generation));
	api_put(o, "restarts", json_object_new_int64(view.restarts));
	api_put(o, "rss_bytes", json_object_new_int64(api_rss_bytes(&view)));
	return (o);
}

/* {"count": length of list, name: list} */
static void
api_reply_list(struct conn *conn, const char *name, struct json_object *list)
{
	struct json_object *o = json_object_new_object();

	if (o == NULL || list == NULL) {
		json_object_put(list);
		json_object_put(o);
		reply_json(conn, 200, NULL);
		return;
	}
	api_put(o, "count",
	    json_object_new_int64((int64_t)json_object_array_length(list)));
	api_put(o, name, list);
	reply_json(conn, 200, o);
}

void
api_agents(struct conn *conn, const char *param)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t i = 1; list != NULL && i <= agents_last(); i++) {
		const struct agent *agent = agents_find(i);

		if (agent != NULL)
			json_object_array_add(list, api_describe_agent(agent));
	}
	api_reply_list(conn, "agents", list);
}

void
api_agent(struct conn *conn, const char *param)
{
	for (uint32_t i = 1; i <= agents_last(); i++) {
		const struct agent *agent = agents_find(i);

		if (agent != NULL && strcmp(agent_name(agent), param) == 0) {
			reply_json(conn, 200, api_describe_agent(agent));
			return;
		}
	}
	reply_problem(
	    conn, PROBLEM_UNKNOWN_AGENT, "there is no agent %.64s", param);
}

static struct json_object *
api_describe_tool(const struct tool_info *tool)
{
	struct json_object *copy = NULL;

	if (json_object_deep_copy(tool->entry, &copy, NULL) == -1)
		return (NULL);
	api_put(copy, "timeout",
	    json_number((double)tool_timeout_ns(tool, 0) / NS_PER_SEC));
	return (copy);
}

void
api_tools(struct conn *conn, const char *param)
{
	struct json_object *list = json_object_new_array();
	const struct tool_info *tool;

	for (size_t i = 0; list != NULL && (tool = catalogue_at(i)) != NULL;
	     i++)
		json_object_array_add(list, api_describe_tool(tool));
	api_reply_list(conn, "tools", list);
}

void
api_tool(struct conn *conn, const char *param)
{
	const struct tool_info *tool = catalogue_find(param);

	if (tool != NULL)
		reply_json(conn, 200, api_describe_tool(tool));
	else
		reply_problem(conn, PROBLEM_UNKNOWN_TOOL,
		    "there is no tool %.64s", param);
}

void
api_stats(struct conn *conn, const char *param)
{
	reply_json(conn, 200, stats_to_json());
}

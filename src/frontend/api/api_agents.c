/*
 * Looking at the agents.
 */

#include "common/clock.h"
#include "common/json.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/api/api.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/router/call.h"
#include "frontend/router/catalogue.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * Resident memory of an agent, from statm (proc(5)), or what it last said,
 * where processes are hidden from each other; 0 when it is gone.
 */
static int64_t
api_agents_rss_bytes(const struct agent_view *agent)
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

/* Wall clock: the end of its last call, or else when it was ready; 0: never. */
static int64_t
api_agents_last_active(const struct agent_view *agent)
{
	if (!frontend.conf->compatible || agent->last_active_ns != 0 ||
	    agent->idle_since_ns == 0)
		return (agent->last_active_ns);
	return (clock_wall_ns() - (clock_now_ns() - agent->idle_since_ns));
}

static void
api_agents_add_current(struct json_object **o, const struct call *call)
{
	json_add(o, "current_request", json_object_new_string(call->id_text));
	json_add(o, "current_tool", json_object_new_string(call->tool->name));
	json_add(o, "busy_for",
	    json_object_new_int64(clock_now_ns() - call->work.started_ns));
}

static struct json_object *
api_agents_describe(const struct agent *agent)
{
	struct json_object *o = json_object_new_object();
	struct agent_view view = agent_view(agent);
	int64_t active_ns = api_agents_last_active(&view);

	json_add(&o, "id", json_object_new_string(agent_name(agent)));
	json_add(&o, "state", json_object_new_string(view.state));
	json_add(&o, "requests_handled", json_object_new_uint64(view.handled));
	if (active_ns != 0)
		json_add(&o, "last_active", api_instant(active_ns));
	else
		json_add_null(&o, "last_active");
	if (view.current != NULL)
		api_agents_add_current(&o, call_of(view.current));
	if (view.pid > 0)
		json_add(&o, "pid", json_object_new_int(view.pid));
	else
		json_add_null(&o, "pid");
	json_add(&o, "generation", json_object_new_int64(view.generation));
	json_add(&o, "restarts", json_object_new_int64(view.restarts));
	json_add(&o, "rss_bytes",
	    json_object_new_int64(api_agents_rss_bytes(&view)));
	return (o);
}

void
api_agents(struct conn *conn, const char *param)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t i = 1; i <= agents_last(); i++) {
		const struct agent *agent = agents_find(i);

		if (agent != NULL)
			json_append(&list, api_agents_describe(agent));
	}
	api_reply_list(conn, "agents", list);
}

void
api_agent(struct conn *conn, const char *param)
{
	for (uint32_t i = 1; i <= agents_last(); i++) {
		const struct agent *agent = agents_find(i);

		if (agent != NULL && strcmp(agent_name(agent), param) == 0) {
			reply_json(conn, 200, api_agents_describe(agent));
			return;
		}
	}
	reply_problem(
	    conn, PROBLEM_UNKNOWN_AGENT, "there is no agent %.64s", param);
}

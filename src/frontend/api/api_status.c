/*
 * What the daemon says of itself: the entry page and the probes.
 */

#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/api/api.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"

#include <json-c/json.h>

static const struct {
	const char *name, *what;
} endpoints[] = {
    {"request", "POST /api/v1/request"},
    {"call_tool", "POST /api/v1/tools/{name}"},
    {"batch", "POST /api/v1/batch"},
    {"pipeline", "POST /api/v1/pipeline"},
    {"tools", "GET /api/v1/tools"},
    {"tool", "GET /api/v1/tools/{name}"},
    {"agents", "GET /api/v1/agents"},
    {"agent", "GET /api/v1/agents/{id}"},
    {"stats", "GET /api/v1/stats"},
    {"requests", "GET /api/v1/requests"},
    {"breakers", "GET /api/v1/breakers"},
    {"cancel", "DELETE /api/v1/requests/{id}"},
    {"openapi", "GET /openapi.json"},
    {"health", "GET /health"},
    {"livez", "GET /livez"},
    {"readyz", "GET /readyz"},
};

static void
api_put_string(struct json_object *to, const char *name, const char *value)
{
	api_put(to, name, json_object_new_string(value));
}

static bool
api_ready(void)
{
	return (!frontend.draining && agents_serving());
}

void
api_root(struct conn *conn, const char *param)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_object();

	if (!api_have(conn, o, list))
		return;
	api_put_string(o, "service", "Agent Orchestrator");
	api_put_string(o, "version", PACKAGE_VERSION);
	api_put_string(o, "status", frontend.draining ? "draining" : "running");
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		api_put_string(list, endpoints[i].name, endpoints[i].what);
	if (frontend.conf->compatible)
		api_put_string(list, "statistics", "GET /api/v1/stats");
	api_put(o, "endpoints", list);
	reply_json(conn, 200, o);
}

void
api_health(struct conn *conn, const char *param)
{
	struct json_object *o = json_object_new_object();
	char now[CLOCK_FORMAT_SIZE];
	bool ready = api_ready();

	if (o != NULL) {
		clock_format(clock_wall_ns(), now);
		json_object_object_add(
		    o, "healthy", json_object_new_boolean(ready));
		api_put_string(o, "time", now);
	}
	reply_json(conn, ready ? 200 : 503, o);
}

static void
api_probe(struct conn *conn, const char *name, bool good)
{
	struct json_object *o = json_object_new_object();

	if (o != NULL)
		json_object_object_add(o, name, json_object_new_boolean(good));
	reply_json(conn, good ? 200 : 503, o);
}

/* That this answers at all is what it says. */
void
api_livez(struct conn *conn, const char *param)
{
	api_probe(conn, "live", true);
}

void
api_readyz(struct conn *conn, const char *param)
{
	api_probe(conn, "ready", api_ready());
}

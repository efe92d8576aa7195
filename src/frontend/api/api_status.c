/*
 * What the daemon says of itself: the entry page and the probes.
 */

#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/api/api.h"
#include "frontend/api/route_table.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"

#include <json-c/json.h>

#include <stdio.h>

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

/* "POST /api/v1/request", by the name of each. */
static void
api_put_routes(struct json_object *list)
{
	char text[64];

	for (const struct route *r = route_table; r->handle != NULL; r++) {
		if (r->name == NULL)
			continue;
		snprintf(text, sizeof(text), "%s %s", reply_method(r->method),
		    r->path);
		api_put_string(list, r->name, text);
	}
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
	api_put_routes(list);
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

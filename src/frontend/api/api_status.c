/*
 * What the daemon says of itself: the entry page, the probes and the
 * statistics.
 */

#include "common/clock.h"
#include "common/json.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/api/api.h"
#include "frontend/api/route_table.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/reply.h"
#include "frontend/router/stats.h"

#include <json-c/json.h>

#include <stdio.h>

static void
api_status_add(struct json_object **to, const char *name, const char *value)
{
	json_add(to, name, json_object_new_string(value));
}

static bool
api_status_ready(void)
{
	return (!frontend.draining && agents_serving());
}

/* "POST /api/v1/request", by the name of each. */
static void
api_status_add_routes(struct json_object **list)
{
	char text[64];

	for (const struct route *r = route_table; r->handle != NULL; r++) {
		if (r->name == NULL)
			continue;
		snprintf(text, sizeof(text), "%s %s", reply_method(r->method),
		    r->path);
		api_status_add(list, r->name, text);
	}
}

void
api_root(struct conn *conn, const char *param)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_object();

	api_status_add(&o, "service", "Agent Orchestrator");
	api_status_add(&o, "version", PACKAGE_VERSION);
	api_status_add(
	    &o, "status", frontend.draining ? "draining" : "running");
	api_status_add_routes(&list);
	if (frontend.conf->compatible)
		api_status_add(&list, "statistics", "GET /api/v1/stats");
	json_add(&o, "endpoints", list);
	reply_json(conn, 200, o);
}

void
api_health(struct conn *conn, const char *param)
{
	struct json_object *o = json_object_new_object();
	char now[CLOCK_FORMAT_SIZE];
	bool ready = api_status_ready();

	clock_format(clock_wall_ns(), now);
	json_add(&o, "healthy", json_object_new_boolean(ready));
	api_status_add(&o, "time", now);
	reply_json(conn, ready ? 200 : 503, o);
}

static void
api_status_probe(struct conn *conn, const char *name, bool good)
{
	struct json_object *o = json_object_new_object();

	json_add(&o, name, json_object_new_boolean(good));
	reply_json(conn, good ? 200 : 503, o);
}

/* That this answers at all is what it says. */
void
api_livez(struct conn *conn, const char *param)
{
	api_status_probe(conn, "live", true);
}

void
api_readyz(struct conn *conn, const char *param)
{
	api_status_probe(conn, "ready", api_status_ready());
}

void
api_stats(struct conn *conn, const char *param)
{
	reply_json(conn, 200, stats_to_json());
}

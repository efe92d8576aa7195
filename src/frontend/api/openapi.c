/*
 * Makes the document out of the table of routes, openapi_table.c and the
 * catalogue of tools, when it is first asked for, and keeps it as text.
 *
 * Only the operations that call a tool have an operationId: programs that
 * offer functions to a language model offer those that have one.
 */

#include "frontend/api/openapi.h"
#include "common/json.h"
#include "frontend/api/api.h"
#include "frontend/api/openapi_parts.h"
#include "frontend/api/openapi_table.h"
#include "frontend/api/route_table.h"
#include "frontend/http/reply.h"
#include "frontend/router/catalogue.h"

#include <json-c/json.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#define TITLE "Agent Orchestrator"
#define ABOUT                                                               \
	"Runs tool calls for programs and AI agents, each in a process of " \
	"its own.  Spans of time in answers are in nanoseconds."

static char *kept; /* NULL: to be made */
static size_t kept_len;

static struct json_object *
openapi_info(void)
{
	struct json_object *info = json_object_new_object();

	openapi_put(info, "title", json_object_new_string(TITLE));
	openapi_put(info, "version", json_object_new_string(PACKAGE_VERSION));
	openapi_put(info, "description", json_object_new_string(ABOUT));
	openapi_put(info, "license",
	    json_tokener_parse("{\"name\":\"ISC\",\"identifier\":\"ISC\"}"));
	return (info);
}

static void
openapi_parameter(struct json_object *list, const char *name, const char *in,
    const char *type, const char *description)
{
	struct json_object *o = json_object_new_object();
	bool path = strcmp(in, "path") == 0;

	openapi_put(o, "name", json_object_new_string(name));
	openapi_put(o, "in", json_object_new_string(in));
	openapi_put(o, "required", json_object_new_boolean(path));
	openapi_put(o, "description", json_object_new_string(description));
	openapi_put(o, "schema", json_tokener_parse(type));
	openapi_append(list, o);
}

/* What stands for {name} in the path, and what may be in the query. */
static void
openapi_parameters(struct json_object *to, const struct route *route)
{
	struct json_object *list = json_object_new_array();
	const char *brace = strchr(route->path, '{');
	char name[32];

	if (brace != NULL) {
		snprintf(name, sizeof(name), "%.*s",
		    (int)strcspn(brace + 1, "}"), brace + 1);
		openapi_parameter(list, name, "path", "{\"type\":\"string\"}",
		    route->parameter);
	}
	if (route->options)
		for (const struct openapi_member *m = openapi_options;
		     m->name != NULL; m++)
			openapi_parameter(
			    list, m->name, "query", m->type, m->description);
	openapi_put(to, "parameters", list);
}

static void
openapi_operation(struct json_object *paths, const struct route *route)
{
	struct json_object *o;
	char method[8];

	strlcpy(method, reply_method(route->method), sizeof(method));
	for (char *c = method; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	o = openapi_enter(openapi_enter(paths, route->path), method);
	openapi_put(o, "summary", json_object_new_string(route->summary));
	openapi_parameters(o, route);
	if (route->body != NULL)
		openapi_put(o, "requestBody",
		    openapi_body(
			openapi_ref("schemas", route->body), !route->options));
	openapi_answers(o, route->status == 0 ? 200 : route->status,
	    openapi_ref("schemas", route->answer), route->problems);
}

static struct json_object *
openapi_paths(void)
{
	struct json_object *paths = json_object_new_object();
	const struct tool_info *tool;

	for (size_t i = 0; (tool = catalogue_at(i)) != NULL; i++)
		openapi_tool(paths, tool);
	for (const struct route *r = route_table; r->handle != NULL; r++)
		if (!r->admin)
			openapi_operation(paths, r);
	return (paths);
}

static struct json_object *
openapi_document(void)
{
	struct json_object *o = json_object_new_object();

	openapi_put(o, "openapi", json_object_new_string("3.1.0"));
	openapi_put(o, "info", openapi_info());
	openapi_put(o, "servers", json_tokener_parse("[{\"url\":\"/\"}]"));
	openapi_put(o, "security", json_object_new_array()); /* nothing asked */
	openapi_put(o, "paths", openapi_paths());
	openapi_put(o, "components", openapi_components());
	return (o);
}

void
openapi_forget(void)
{
	free(kept);
	kept = NULL;
}

const char *
openapi_text(size_t *len)
{
	struct json_object *document;
	const char *text = NULL;

	if (kept == NULL) {
		document = openapi_document();
		if (!openapi_broken())
			text = json_text(document, &kept_len);
		if (text != NULL)
			kept = strdup(text);
		json_object_put(document);
	}
	*len = kept_len;
	return (kept);
}

void
api_openapi(struct conn *conn, const char *param)
{
	size_t len;
	const char *text = openapi_text(&len);

	if (text == NULL || evbuffer_add(reply_body(conn), text, len) == -1 ||
	    evbuffer_add(reply_body(conn), "\n", 1) == -1)
		reply_problem(conn, PROBLEM_NO_MEMORY, "out of memory");
	else
		reply_send(conn, 200);
}

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
	"its own.  Durations in answers are in nanoseconds."

static char *kept; /* NULL: to be made */
static size_t kept_len;

static bool broken; /* for want of memory */

/*
 * Adds a member; takes over value.  Either may be NULL, for want of memory,
 * which is remembered: so only the whole must be checked.
 */
static void
openapi_put(struct json_object *to, const char *name, struct json_object *value)
{
	if (to == NULL || value == NULL ||
	    json_object_object_add(to, name, value) != 0) {
		json_object_put(value);
		broken = true;
	}
}

/* The same for an element of an array. */
static void
openapi_append(struct json_object *list, struct json_object *value)
{
	if (list == NULL || value == NULL ||
	    json_object_array_add(list, value) != 0) {
		json_object_put(value);
		broken = true;
	}
}

/* The object that is the member name, made when it is missing; borrowed. */
static struct json_object *
openapi_enter(struct json_object *in, const char *name)
{
	if (!json_object_object_get_ex(in, name, NULL))
		openapi_put(in, name, json_object_new_object());
	return (json_object_object_get(in, name));
}

/* {"$ref": "#/components/PART/NAME"} */
static struct json_object *
openapi_ref(const char *part, const char *name)
{
	struct json_object *o = json_object_new_object();
	char ref[128];

	snprintf(ref, sizeof(ref), "#/components/%s/%s", part, name);
	openapi_put(o, "$ref", json_object_new_string(ref));
	return (o);
}

/* {TYPE: {"schema": schema}}, which takes over schema. */
static struct json_object *
openapi_content(const char *type, struct json_object *schema)
{
	struct json_object *content = json_object_new_object();

	openapi_put(openapi_enter(content, type), "schema", schema);
	return (content);
}

/* {"required": true, "content": ...}: a body of JSON. */
static struct json_object *
openapi_body(struct json_object *schema, bool required)
{
	struct json_object *body = json_object_new_object();

	openapi_put(body, "required", json_object_new_boolean(required));
	openapi_put(
	    body, "content", openapi_content("application/json", schema));
	return (body);
}

static void
openapi_refer_problem(struct json_object *answers, unsigned short status)
{
	const struct openapi_problem *p = openapi_problems;
	char text[8] = "default";

	while (p->status != 0 && p->status != status)
		p++;
	if (p->status != 0)
		snprintf(text, sizeof(text), "%u", p->status);
	openapi_put(answers, text, openapi_ref("responses", p->name));
}

/* Adds a good answer, and the problems by their status, ended by 0. */
static void
openapi_answers(struct json_object *operation, int status,
    struct json_object *schema, const unsigned short *problems)
{
	struct json_object *answers = openapi_enter(operation, "responses");
	struct json_object *good;
	char text[8];

	snprintf(text, sizeof(text), "%d", status);
	good = openapi_enter(answers, text);
	openapi_put(good, "description", json_object_new_string("Done"));
	openapi_put(
	    good, "content", openapi_content("application/json", schema));
	for (; *problems != 0; problems++)
		openapi_refer_problem(answers, *problems);
	/* Whatever is asked for, the page or the host may be a wrong one. */
	openapi_refer_problem(answers, 403);
	openapi_refer_problem(answers, 0);
}

static void
openapi_add_member(
    struct json_object *schemas, const struct openapi_member *member)
{
	struct json_object *schema, *type, *required;

	if (member->name == NULL) {
		openapi_put(
		    schemas, member->schema, json_tokener_parse(member->type));
		return;
	}
	schema = openapi_enter(schemas, member->schema);
	if (!json_object_object_get_ex(schema, "type", NULL))
		openapi_put(schema, "type", json_object_new_string("object"));
	type = json_tokener_parse(member->type);
	openapi_put(
	    type, "description", json_object_new_string(member->description));
	openapi_put(openapi_enter(schema, "properties"), member->name, type);
	if (!member->required)
		return;
	if (!json_object_object_get_ex(schema, "required", &required)) {
		required = json_object_new_array();
		openapi_put(schema, "required", required);
	}
	openapi_append(required, json_object_new_string(member->name));
}

static struct json_object *
openapi_problem(const struct openapi_problem *problem)
{
	struct json_object *o = json_object_new_object();

	openapi_put(
	    o, "description", json_object_new_string(problem->description));
	openapi_put(o, "content",
	    openapi_content(
		"application/problem+json", openapi_ref("schemas", "Problem")));
	return (o);
}

/* The schemas and the problems that everything else refers to. */
static struct json_object *
openapi_components(void)
{
	struct json_object *components = json_object_new_object();
	struct json_object *schemas = openapi_enter(components, "schemas");
	struct json_object *answers = openapi_enter(components, "responses");
	const struct openapi_problem *p;

	for (const struct openapi_member *m = openapi_members;
	     m->schema != NULL; m++)
		openapi_add_member(schemas, m);
	for (p = openapi_problems; p->status != 0; p++)
		openapi_put(answers, p->name, openapi_problem(p));
	openapi_put(answers, p->name, openapi_problem(p));
	return (components);
}

/* In a schema, these are about the document that it is the whole of. */
static const char *const rooted[] = {"$ref", "$dynamicRef", "$recursiveRef",
    "$anchor", "$dynamicAnchor", "$schema"};

static const unsigned short tool_problems[] = {
    400, 404, 409, 422, 429, 502, 503, 504, 0};

static bool
openapi_tool_is_rooted(struct json_object *schema)
{
	struct json_object_iterator at, end;

	for (size_t i = 0; json_object_is_type(schema, json_type_array) &&
			   i < json_object_array_length(schema);
	     i++)
		if (openapi_tool_is_rooted(
			json_object_array_get_idx(schema, i)))
			return (true);
	if (!json_object_is_type(schema, json_type_object))
		return (false);
	for (size_t i = 0; i < sizeof(rooted) / sizeof(rooted[0]); i++)
		if (json_object_object_get_ex(schema, rooted[i], NULL))
			return (true);
	at = json_object_iter_begin(schema);
	end = json_object_iter_end(schema);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		if (openapi_tool_is_rooted(json_object_iter_peek_value(&at)))
			return (true);
	return (false);
}

/*
 * A copy of a tool's schema that keeps its meaning inside another document:
 * what refers to its own root needs that root to have a name.
 */
static struct json_object *
openapi_tool_schema(const struct tool_info *tool, const char *member)
{
	struct json_object *schema, *copy = NULL;
	char id[128];

	if (!json_object_object_get_ex(tool->entry, member, &schema) ||
	    json_object_deep_copy(schema, &copy, NULL) == -1)
		return (NULL);
	if (!json_object_is_type(copy, json_type_object) ||
	    json_object_object_get_ex(copy, "$id", NULL) ||
	    !openapi_tool_is_rooted(copy))
		return (copy);
	snprintf(
	    id, sizeof(id), "urn:agentd:tool:%.64s:%s", tool->name, member);
	openapi_put(copy, "$id", json_object_new_string(id));
	return (copy);
}

/* The usual answer; with a tool that says what its result is, that too. */
static struct json_object *
openapi_tool_answer(const struct tool_info *tool)
{
	struct json_object *answer = openapi_ref("schemas", "Answer");
	struct json_object *result, *both, *all;

	if (!json_object_object_get_ex(tool->entry, "result", &result) ||
	    result == NULL)
		return (answer);
	both = json_object_new_object();
	openapi_put(both, "type", json_object_new_string("object"));
	openapi_put(openapi_enter(both, "properties"), "result",
	    openapi_tool_schema(tool, "result"));
	all = json_object_new_array();
	openapi_append(all, answer);
	openapi_append(all, both);
	answer = json_object_new_object();
	openapi_put(answer, "allOf", all);
	return (answer);
}

/*
 * Adds a tool as an operation of its own, with the schema of its parameters in
 * its place, so that a program that knows OpenAPI can offer it as a function.
 * timeout, priority and retries are left out: such programs would take them for
 * parameters of the tool.
 */
static void
openapi_tool(struct json_object *paths, const struct tool_info *tool)
{
	struct json_object *description, *operation;
	char path[128];

	snprintf(path, sizeof(path), "/api/v1/tools/%.64s", tool->name);
	operation = openapi_enter(openapi_enter(paths, path), "post");
	openapi_put(
	    operation, "operationId", json_object_new_string(tool->name));
	openapi_put(operation, "summary", json_object_new_string(tool->name));
	if (json_object_object_get_ex(tool->entry, "description", &description))
		openapi_put(
		    operation, "description", json_object_get(description));
	openapi_put(operation, "requestBody",
	    openapi_body(openapi_tool_schema(tool, "parameters"), true));
	openapi_answers(
	    operation, 200, openapi_tool_answer(tool), tool_problems);
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
openapi_document(void)
{
	struct json_object *o = json_object_new_object(), *info, *paths;
	const struct tool_info *tool;

	openapi_put(o, "openapi", json_object_new_string("3.1.0"));
	info = openapi_enter(o, "info");
	openapi_put(info, "title", json_object_new_string(TITLE));
	openapi_put(info, "version", json_object_new_string(PACKAGE_VERSION));
	openapi_put(info, "description", json_object_new_string(ABOUT));
	openapi_put(info, "license",
	    json_tokener_parse("{\"name\":\"ISC\",\"identifier\":\"ISC\"}"));
	openapi_put(o, "servers", json_tokener_parse("[{\"url\":\"/\"}]"));
	openapi_put(o, "security", json_object_new_array()); /* nothing asked */
	paths = openapi_enter(o, "paths");
	for (size_t i = 0; (tool = catalogue_at(i)) != NULL; i++)
		openapi_tool(paths, tool);
	for (const struct route *r = route_table; r->handle != NULL; r++)
		if (!r->admin)
			openapi_operation(paths, r);
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
		broken = false;
		document = openapi_document();
		if (!broken)
			text = json_text(document, &kept_len);
		if (text != NULL)
			kept = strdup(text);
		json_object_put(document);
	}
	*len = kept_len;
	return (kept);
}

void
openapi_handle(struct conn *conn, const char *param)
{
	size_t len;
	const char *text = openapi_text(&len);

	if (text == NULL || evbuffer_add(reply_body(conn), text, len) == -1 ||
	    evbuffer_add(reply_body(conn), "\n", 1) == -1)
		reply_problem(conn, PROBLEM_NO_MEMORY, "out of memory");
	else
		reply_send(conn, 200);
}

/*
 * A tool as an operation of its own, with the schema of its parameters in its
 * place, so that a program that knows OpenAPI can offer it as a function.
 * Called by openapi.c only.
 *
 * timeout, priority and retries are left out here: such programs would take
 * them for parameters of the tool.
 */

#include "frontend/api/openapi_parts.h"
#include "frontend/router/catalogue.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

/* In a schema, these are about the document that it is the whole of. */
static const char *const rooted[] = {"$ref", "$dynamicRef", "$recursiveRef",
    "$anchor", "$dynamicAnchor", "$schema"};

static const unsigned short problems[] = {
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

void
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
	openapi_answers(operation, 200, openapi_tool_answer(tool), problems);
}

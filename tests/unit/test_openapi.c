/*
 * The OpenAPI document against the table of routes, one the other's check:
 * what can be asked for is described, and what is described is there.  And
 * that schemas of tools keep their meaning in it.
 *
 * With arguments CATALOGUE FILE it writes the document for that catalogue
 * instead, for those who validate it by other means: see openapi.sh.
 */

#include "test.h"

#include <json-c/json.h>
#include <json-c/json_pointer.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>

#include "frontend/api/openapi.h"
#include "frontend/api/openapi_table.h"
#include "frontend/api/route_table.h"
#include "frontend/router/catalogue.h"

#define CATALOGUE "tests/e2e/openapi/catalogue.json"

static struct json_object *document;

static const struct {
	unsigned int method;
	const char *name;
} methods[] = {
    {EVHTTP_REQ_GET, "get"},
    {EVHTTP_REQ_POST, "post"},
    {EVHTTP_REQ_DELETE, "delete"},
};

static const char *
method_name(unsigned int method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].method == method)
			return (methods[i].name);
	fail_msg("a route has a method that the document does not know");
	return (NULL);
}

static struct json_object *
at(const char *pointer)
{
	struct json_object *value;

	if (json_pointer_get(document, pointer, &value) != 0)
		fail_msg("no %s", pointer);
	return (value);
}

static const char *
string_at(const char *pointer)
{
	return (json_object_get_string(at(pointer)));
}

static bool
has(const char *pointer)
{
	struct json_object *value;

	return (json_pointer_get(document, pointer, &value) == 0);
}

/* A path of the document as the routes have it: /a/{id} is /a/{}. */
static void
plain_path(const char *path, char plain[static 128])
{
	size_t len = strcspn(path, "{");

	snprintf(plain, 128, "%.*s%s", (int)len, path,
	    path[len] == '\0' ? "" : "{}");
}

static int
routes_like(const char *method, const char *path)
{
	const struct route *route;
	char plain[128];
	int count = 0;

	plain_path(path, plain);
	for (route = route_table; route->handle != NULL; route++)
		count += !route->admin && strcmp(route->path, plain) == 0 &&
			 strcmp(method_name(route->method), method) == 0;
	return (count);
}

/* How many operations of the document are that route. */
static int
operations_like(const struct route *route)
{
	char plain[128];
	int count = 0;

	json_object_object_foreach (at("/paths"), path, item) {
		plain_path(path, plain);
		count += strcmp(plain, route->path) == 0 &&
			 json_object_object_get_ex(
			     item, method_name(route->method), NULL);
	}
	return (count);
}

static bool
is_tool(const char *path)
{
	const char prefix[] = "/api/v1/tools/";

	return (strncmp(path, prefix, strlen(prefix)) == 0 &&
		catalogue_find(path + strlen(prefix)) != NULL);
}

static void
test_routes_are_described(void **state)
{
	const struct route *route;
	int admin = 0;

	for (route = route_table; route->handle != NULL; route++) {
		if (operations_like(route) != !route->admin)
			fail_msg("%s %s is described %d times",
			    method_name(route->method), route->path,
			    operations_like(route));
		admin += route->admin;
	}
	assert_true(admin > 0);
}

static void
test_described_is_routed(void **state)
{
	json_object_object_foreach (at("/paths"), path, item) {
		json_object_object_foreach (item, method, operation) {
			(void)operation;
			if (is_tool(path))
				assert_string_equal(method, "post");
			else if (routes_like(method, path) != 1)
				fail_msg("%s %s: no route", method, path);
		}
	}
}

/* Every reference of ours leads somewhere, and every component is used. */
static void
count_refs(struct json_object *value, const char *ref, int *count)
{
	if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < json_object_array_length(value); i++)
			count_refs(
			    json_object_array_get_idx(value, i), ref, count);
	if (!json_object_is_type(value, json_type_object))
		return;
	json_object_object_foreach (value, name, member) {
		if (strcmp(name, "$ref") == 0 &&
		    json_object_is_type(member, json_type_string)) {
			const char *target = json_object_get_string(member);

			if (strncmp(target, "#/components/", 13) == 0 &&
			    !has(target + 1))
				fail_msg("%s leads nowhere", target);
			*count += strcmp(target, ref) == 0;
		}
		count_refs(member, ref, count);
	}
}

static void
test_components(void **state)
{
	json_object_object_foreach (at("/components"), part, components) {
		json_object_object_foreach (components, name, value) {
			char ref[128];
			int count = 0;

			(void)value;
			snprintf(
			    ref, sizeof(ref), "#/components/%s/%s", part, name);
			count_refs(document, ref, &count);
			if (count == 0)
				fail_msg("%s is not used", ref);
		}
	}
}

/* Clients that offer functions see the tools, each once, and nothing else. */
static void
test_operation_ids(void **state)
{
	const struct tool_info *tool;
	size_t ids = 0, tools = 0;

	json_object_object_foreach (at("/paths"), path, item) {
		json_object_object_foreach (item, method, operation) {
			(void)method;
			assert_true(
			    json_object_is_type(operation, json_type_object));
			ids += json_object_object_get_ex(
			    operation, "operationId", NULL);
			if (is_tool(path))
				continue;
			assert_false(json_object_object_get_ex(
			    operation, "operationId", NULL));
		}
	}
	for (; (tool = catalogue_at(tools)) != NULL; tools++) {
		char pointer[128];

		snprintf(pointer, sizeof(pointer),
		    "/paths/~1api~1v1~1tools~1%s/post/operationId", tool->name);
		assert_string_equal(string_at(pointer), tool->name);
	}
	assert_int_equal(ids, tools);
}

#define TOOL(name) "/paths/~1api~1v1~1tools~1" name "/post"
#define PARAMETERS(name) \
	TOOL(name) "/requestBody/content/application~1json/schema"
#define RESULT(name) \
	TOOL(name) "/responses/200/content/application~1json/schema"

static void
test_tools(void **state)
{
	assert_string_equal(string_at(TOOL("plain") "/description"), "Plain.");
	assert_string_equal(
	    string_at(PARAMETERS("plain") "/properties/city/type"), "string");
	assert_false(has(TOOL("plain") "/parameters"));
	assert_string_equal(
	    string_at(RESULT("plain") "/$ref"), "#/components/schemas/Answer");
	assert_string_equal(string_at(RESULT("with_result") "/allOf/0/$ref"),
	    "#/components/schemas/Answer");
	assert_string_equal(
	    string_at(RESULT(
		"with_result") "/allOf/1/properties/result/properties/n/type"),
	    "integer");
}

/* A schema gets a name of its own when it needs one, and only then. */
static void
test_ids(void **state)
{
	struct tool_info *tool = catalogue_find("refs");

	assert_false(has(PARAMETERS("plain") "/$id"));
	assert_string_equal(string_at(PARAMETERS("refs") "/$id"),
	    "urn:agentd:tool:refs:parameters");
	assert_string_equal(
	    string_at(RESULT("refs") "/allOf/1/properties/result/$id"),
	    "urn:agentd:tool:refs:result");
	assert_string_equal(string_at(PARAMETERS("draft-07") "/$id"),
	    "urn:agentd:tool:draft-07:parameters");
	assert_string_equal(string_at(PARAMETERS("anchored") "/$id"),
	    "urn:agentd:tool:anchored:parameters");
	assert_string_equal(string_at(PARAMETERS("own_id") "/$id"),
	    "https://example.org/own.json");
	/* The catalogue's own is as it was. */
	assert_false(json_object_object_get_ex(
	    json_object_object_get(tool->entry, "parameters"), "$id", NULL));
}

static void
test_kept(void **state)
{
	size_t len, again;
	const char *text = openapi_text(&len);
	char *copy = strdup(text);

	assert_non_null(copy);
	assert_int_equal(strlen(text), len);
	assert_ptr_equal(openapi_text(&again), text);
	assert_int_equal(again, len);
	openapi_forget();
	assert_string_equal(openapi_text(&again), copy);
	assert_int_equal(again, len);
	free(copy);
}

/* The text of a file; to be freed. */
static char *
slurp(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *fp = fopen(path, "r");

	if (fp == NULL || getdelim(&text, &size, '\0', fp) == -1) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	fclose(fp);
	return (text);
}

/* What the master sends of tools that are to be shown so. */
static struct json_object *
catalogue_of(struct json_object *shown)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(shown); i++) {
		struct json_object *tool = json_object_new_object();

		json_object_object_add(tool, "tool",
		    json_object_get(json_object_array_get_idx(shown, i)));
		json_object_array_add(list, tool);
	}
	return (list);
}

static const char *
make(const char *catalogue)
{
	char *text = slurp(catalogue);
	struct json_object *shown = json_tokener_parse(text);
	struct json_object *list = catalogue_of(shown);
	const char *sent = json_object_to_json_string(list);
	size_t len;

	if (catalogue_load(sent, strlen(sent), 1) == -1) {
		fprintf(stderr, "%s: is no catalogue\n", catalogue);
		exit(1);
	}
	json_object_put(list);
	json_object_put(shown);
	free(text);
	return (openapi_text(&len));
}

static int
setup(void **state)
{
	char path[4096];
	const char *text;

	snprintf(path, sizeof(path), "%s/%s", test_srcdir(), CATALOGUE);
	text = make(path);
	document = text == NULL ? NULL : json_tokener_parse(text);
	return (document == NULL ? -1 : 0);
}

static int
teardown(void **state)
{
	openapi_forget();
	json_object_put(document);
	return (0);
}

/* Writes the document that describes the tools in a catalogue. */
static int
write_document(const char *catalogue, const char *path)
{
	const char *text = make(catalogue);
	FILE *fp = fopen(path, "w");

	if (text == NULL || fp == NULL || fputs(text, fp) < 0)
		return (1);
	return (fclose(fp) == 0 ? 0 : 1);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_routes_are_described),
	    cmocka_unit_test(test_described_is_routed),
	    cmocka_unit_test(test_components),
	    cmocka_unit_test(test_operation_ids),
	    cmocka_unit_test(test_tools),
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_kept),
	};

	if (argc == 3)
		return (write_document(argv[1], argv[2]));
	return (cmocka_run_group_tests(tests, setup, teardown));
}

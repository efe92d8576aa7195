/*
 * The table of routes and the OpenAPI document that is made of it, and that
 * schemas of tools keep their meaning there.  What a daemon answers by them is
 * test_methods' and test_openapi_live's.
 *
 * With arguments CATALOGUE FILE it writes the document for that catalogue
 * instead, for those who validate it by other means: see openapi.sh.
 */

#include "test.h"

#include <json-c/json.h>
#include <json-c/json_pointer.h>

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/http.h>

#include "frontend/api/openapi.h"
#include "frontend/api/openapi_table.h"
#include "frontend/api/route_table.h"
#include "frontend/http/reply.h"
#include "frontend/router/catalogue.h"

#define CATALOGUE "tests/e2e/openapi/catalogue.json"

static struct json_object *document;

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

static bool
is_tool(const char *path)
{
	const char prefix[] = "/api/v1/tools/";

	return (strncmp(path, prefix, strlen(prefix)) == 0 &&
		catalogue_find(path + strlen(prefix)) != NULL);
}

static bool
has_schema(const char *name)
{
	char pointer[128];

	snprintf(pointer, sizeof(pointer), "/components/schemas/%s", name);
	return (has(pointer));
}

/* Nothing that a client or a document needs is missing in a row. */
static void
test_rows(void **state)
{
	const struct route *other;

	for (const struct route *r = route_table; r->handle != NULL; r++) {
		print_message("# %s %s\n", reply_method(r->method), r->path);
		assert_string_not_equal(reply_method(r->method), "-");
		assert_non_null(r->summary);
		assert_true(
		    (strchr(r->path, '{') != NULL) == (r->parameter != NULL));
		assert_int_equal(r->problems[ROUTE_PROBLEMS_MAX - 1], 0);
		for (other = route_table; other != r; other++) {
			assert_false(other->method == r->method &&
				     strcmp(other->path, r->path) == 0);
			assert_false(other->name != NULL && r->name != NULL &&
				     strcmp(other->name, r->name) == 0);
		}
		if (r->admin)
			continue;
		assert_true(has_schema(r->answer));
		assert_true(r->body == NULL || has_schema(r->body));
	}
}

/* Each route is in the document, but for those of administrators. */
static void
test_described(void **state)
{
	struct json_object *item;

	for (const struct route *r = route_table; r->handle != NULL; r++) {
		bool there =
		    json_object_object_get_ex(at("/paths"), r->path, &item);
		char method[16];

		snprintf(method, sizeof(method), "%s", reply_method(r->method));
		for (char *c = method; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		there = there && json_object_object_get_ex(item, method, NULL);
		assert_int_equal(there, !r->admin);
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
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_described),
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

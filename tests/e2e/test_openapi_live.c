/*
 * GET /openapi.json of a running daemon: what it says of the answers against
 * the answers, and both it and a document with stranger tools against a
 * validator, which "./quickstart check" installs.  OPENAPI_VALIDATOR can name
 * another command; it gets a file and exits with 0 when that is good.
 */

#include "harness.h"
#include "routes.h"

#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"

static struct json_object *document;

/* The schema itself, or that which it refers to. */
static struct json_object *
resolve(struct json_object *schema)
{
	struct json_object *ref, *target;

	if (!json_object_object_get_ex(schema, "$ref", &ref))
		return (schema);
	if (json_pointer_get(
		document, json_object_get_string(ref) + 1, &target) != 0)
		fail_msg("%s leads nowhere", json_object_get_string(ref));
	return (target);
}

static void check_value(
    struct json_object *schema, struct json_object *value, const char *where);

/* Every member is described, and every required one is there. */
static void
check_members(
    struct json_object *schema, struct json_object *value, const char *where)
{
	struct json_object *known, *others = NULL, *required, *member;

	if (!json_object_object_get_ex(schema, "properties", &known))
		known = NULL;
	json_object_object_get_ex(schema, "additionalProperties", &others);
	json_object_object_foreach (value, name, inner) {
		if (json_object_object_get_ex(known, name, &member))
			check_value(member, inner, name);
		else if (others != NULL)
			check_value(others, inner, name);
		else if (known != NULL)
			fail_msg("%s: %s is not described", where, name);
	}
	if (!json_object_object_get_ex(schema, "required", &required))
		return;
	for (size_t i = 0; i < json_object_array_length(required); i++) {
		const char *needed = json_object_get_string(
		    json_object_array_get_idx(required, i));

		if (!json_object_object_get_ex(value, needed, NULL))
			fail_msg("%s: %s is missing", where, needed);
	}
}

static void
check_type(
    struct json_object *schema, struct json_object *value, const char *where)
{
	const char *is = json_type_to_name(json_object_get_type(value));
	const char *types;
	struct json_object *type;
	char quoted[32];

	if (!json_object_object_get_ex(schema, "type", &type))
		return;
	types = json_object_to_json_string_ext(type, JSON_C_TO_STRING_PLAIN);
	if (strcmp(is, "int") == 0)
		is = strstr(types, "number") == NULL ? "integer" : "number";
	if (strcmp(is, "double") == 0)
		is = "number";
	snprintf(quoted, sizeof(quoted), "\"%s\"", is);
	if (strstr(types, quoted) == NULL)
		fail_msg("%s: %s instead of %s", where, is, types);
}

static void
check_enum(
    struct json_object *schema, struct json_object *value, const char *where)
{
	struct json_object *words;

	if (!json_object_object_get_ex(schema, "enum", &words))
		return;
	for (size_t i = 0; i < json_object_array_length(words); i++)
		if (json_object_equal(
			json_object_array_get_idx(words, i), value))
			return;
	fail_msg("%s: %s", where, json_object_to_json_string(value));
}

static void
check_value(
    struct json_object *schema, struct json_object *value, const char *where)
{
	struct json_object *items;

	schema = resolve(schema);
	check_type(schema, value, where);
	check_enum(schema, value, where);
	if (json_object_is_type(value, json_type_object))
		check_members(schema, value, where);
	if (json_object_is_type(value, json_type_array) &&
	    json_object_object_get_ex(schema, "items", &items))
		for (size_t i = 0; i < json_object_array_length(value); i++)
			check_value(
			    items, json_object_array_get_idx(value, i), where);
}

/* Holds an answer against what the document says of it; frees it. */
static void
check_answer(struct reply *reply, const char *method, const char *path)
{
	struct json_object *paths, *item, *operation, *schema;
	char pointer[96];

	assert_int_equal(json_pointer_get(document, "/paths", &paths), 0);
	if (!json_object_object_get_ex(paths, path, &item) ||
	    !json_object_object_get_ex(item, method, &operation))
		fail_msg("%s %s is not described", method, path);
	snprintf(pointer, sizeof(pointer),
	    "/responses/%d/content/application~1json/schema", reply->status);
	if (reply->status >= 400)
		assert_int_equal(json_pointer_get(document,
				     "/components/schemas/Problem", &schema),
		    0);
	else if (json_pointer_get(operation, pointer, &schema) != 0)
		fail_msg("%s %s: no %d", method, path, reply->status);
	print_message("# %s %s: %d\n", method, path, reply->status);
	check_value(schema, reply->json, path);
	reply_free(reply);
}

static void
read_document(struct daemon *d)
{
	struct reply *reply = get(d, "/openapi.json");

	assert_int_equal(reply->status, 200);
	assert_string_equal(
	    reply_header(reply, "Content-Type"), "application/json");
	assert_string_equal(reply_string(reply, "/openapi"), "3.1.0");
	document = json_object_get(reply->json);
	reply_free(reply);
}

static void
answers_as_described(void **state)
{
	struct path_row rows[ROUTES_MAX];
	struct daemon *d = daemon_start("");
	size_t count = routes_read(d, rows);
	struct conn *conn;

	read_document(d);
	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID_1, "running");
	for (size_t i = 0; i < count; i++)
		if (rows[i].get)
			check_answer(
			    get(d, rows[i].path), "get", rows[i].pattern);
	check_answer(
	    get(d, "/api/v1/agents/none"), "get", "/api/v1/agents/{id}");
	check_answer(ask(d, "DELETE", "/api/v1/requests/" ID_1, NULL, NULL),
	    "delete", "/api/v1/requests/{id}");
	check_answer(http_answer(conn), "post", "/api/v1/request");
	http_close(conn);
	check_answer(
	    call(d, "echo", "{\"message\": \"x\"}"), "post", "/api/v1/request");
	check_answer(call(d, "calculator",
			 "{\"operation\": \"divide\", \"a\": 1, \"b\": 0}"),
	    "post", "/api/v1/request");
	check_answer(call(d, "echo", "{\"a\": 1}"), "post", "/api/v1/request");
	check_answer(
	    ask(d, "POST", "/api/v1/tools/echo", NULL, "{\"message\": \"x\"}"),
	    "post", "/api/v1/tools/echo");
	json_object_put(document);
	daemon_stop(d);
}

/* Each tool is a function whose parameters are those of the catalogue. */
static void
tools_as_listed(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *tools = get(d, "/api/v1/tools");
	int64_t count = reply_int(tools, "/count");
	char pointer[160];

	read_document(d);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		struct json_object *schema;
		const char *name;

		snprintf(pointer, sizeof(pointer), "/tools/%d/name", i);
		name = reply_string(tools, pointer);
		snprintf(pointer, sizeof(pointer),
		    "/paths/~1api~1v1~1tools~1%s/post/requestBody/content/"
		    "application~1json/schema",
		    name);
		assert_int_equal(
		    json_pointer_get(document, pointer, &schema), 0);
		snprintf(pointer, sizeof(pointer), "/tools/%d/parameters", i);
		if (!json_object_object_get_ex(schema, "$id", NULL))
			assert_true(json_object_equal(
			    schema, reply_at(tools, pointer)));
	}
	reply_free(tools);
	json_object_put(document);
	daemon_stop(d);
}

/* As any other path, for pages of origins that are let in. */
static void
from_a_page(void **state)
{
	struct daemon *d =
	    daemon_start("cors_origins = {\"https://app.example\"}\n");
	struct reply *reply = ask(
	    d, "GET", "/openapi.json", "Origin: https://app.example\r\n", NULL);

	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_header(reply, "Access-Control-Allow-Origin"),
	    "https://app.example");
	reply_free(reply);
	expect(ask(d, "GET", "/openapi.json", "Origin: https://evil\r\n", NULL),
	    403, "forbidden_origin");
	expect(ask(d, "POST", "/openapi.json", NULL, "{}"), 405,
	    "method_not_allowed");
	daemon_stop(d);
}

/* The validator; false, and says so, when there is none. */
static bool
find_validator(char path[static PATH_MAX])
{
	const char *named = getenv("OPENAPI_VALIDATOR");

	if (named != NULL) {
		snprintf(path, PATH_MAX, "%s", named);
		return (true);
	}
	snprintf(path, PATH_MAX, "%s/openapi/node_modules/.bin/validate-api",
	    test_builddir());
	if (access(path, X_OK) == 0 &&
	    system("node --version >/dev/null 2>&1") == 0)
		return (true);
	print_message("# not validated: ./quickstart check installs what is "
		      "needed for that\n");
	return (false);
}

static bool
valid(const char *validator, const char *file)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "'%s' '%s' >'%s.out' 2>&1",
	    validator, file, file);
	return (system(command) == 0);
}

static void
expect_valid(const char *validator, const char *file, bool good)
{
	char out[PATH_MAX], *said;

	if (valid(validator, file) == good)
		return;
	snprintf(out, sizeof(out), "%s.out", file);
	said = file_read(out);
	fail_msg("%s: %s", file, said);
}

/* One that takes everything would be no validator. */
static void
expect_refused(const char *validator, const char *file)
{
	static const char *const bad[] = {
	    "{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"x\"}}",
	    "{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"x\", "
	    "\"version\": \"1\"}, \"paths\": {\"/\": {\"get\": 1}}}",
	    "{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"x\", "
	    "\"version\": \"1\"}, \"paths\": {\"/\": {\"get\": {\"responses\": "
	    "{\"200\": {\"$ref\": \"#/components/responses/X\"}}}}}}",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		file_write(file, bad[i]);
		expect_valid(validator, file, false);
	}
}

static void
is_valid(void **state)
{
	char dir[] = "/tmp/agentd-openapi-XXXXXX", file[64];
	char validator[PATH_MAX], command[3 * PATH_MAX];
	struct daemon *d;
	struct reply *reply;

	if (!find_validator(validator))
		return;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/openapi.json", dir);
	d = daemon_start("");
	reply = get(d, "/openapi.json");
	file_write(file, reply->body);
	expect_valid(validator, file, true);
	reply_free(reply);
	daemon_stop(d);
	snprintf(command, sizeof(command),
	    "'%s/tests/bin/test_openapi' '%s/tests/e2e/openapi/catalogue.json' "
	    "'%s'",
	    test_builddir(), test_srcdir(), file);
	assert_int_equal(system(command), 0);
	expect_valid(validator, file, true);
	expect_refused(validator, file);
	dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(answers_as_described),
	    E2E_TEST(tools_as_listed),
	    E2E_TEST(from_a_page),
	    E2E_TEST(is_valid),
	};

	return (cmocka_run_group_tests_name("openapi", tests, NULL, NULL));
}

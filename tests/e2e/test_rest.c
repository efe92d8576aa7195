/*
 * The REST contract of a call: what an answer holds, what a problem holds,
 * how a request is checked, and what HTTP itself asks of every path.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define CALL_PATH "/api/v1/request"

/* 2026-01-15T10:31:00.123456Z */
static bool
is_instant(const char *text)
{
	int n = 0;

	sscanf(text,
	    "%*4[0-9]-%*2[0-9]-%*2[0-9]T%*2[0-9]:%*2[0-9]:%*2[0-9]"
	    ".%*6[0-9]Z%n",
	    &n);
	return (n == 27 && text[n] == '\0');
}

static bool
is_uuid(const char *text)
{
	return (strlen(text) == 36 && strspn(text, "0123456789abcdef-") == 36 &&
		text[8] == '-' && text[13] == '-' && text[18] == '-' &&
		text[23] == '-');
}

static void
check_answer(struct reply *reply)
{
	const char *id = reply_header(reply, "X-Request-Id");

	if (reply->status != 200)
		fail_msg("%d: %s", reply->status, reply->body);
	assert_non_null(id);
	assert_true(is_uuid(id));
	assert_string_equal(reply_string(reply, "/request_id"), id);
	assert_string_equal(
	    reply_header(reply, "Content-Type"), "application/json");
	assert_memory_equal(reply_string(reply, "/agent_id"), "agent-", 6);
	assert_true(is_instant(reply_string(reply, "/processed_at")));
	assert_true(reply_int(reply, "/duration") > 0);
	assert_true(reply_int(reply, "/queued") >= 0);
	assert_int_equal(reply_int(reply, "/attempts"), 1);
}

static void
rest_call(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply = call(
	    d, "calculator", "{\"operation\": \"add\", \"a\": 10, \"b\": 5}");

	check_answer(reply);
	assert_true(json_object_get_boolean(reply_at(reply, "/success")));
	assert_int_equal(reply_int(reply, "/result/result"), 15);
	assert_string_equal(reply_string(reply, "/result/operation"), "add");
	assert_false(reply_has(reply, "/error"));
	reply_free(reply);
	daemon_stop(d);
}

static void
rest_tool_error(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply = call(
	    d, "calculator", "{\"operation\": \"divide\", \"a\": 1, \"b\": 0}");

	check_answer(reply);
	assert_false(json_object_get_boolean(reply_at(reply, "/success")));
	assert_string_equal(reply_string(reply, "/error"), "division by zero");
	assert_false(reply_has(reply, "/result"));
	reply_free(reply);
	daemon_stop(d);
}

static void
rest_call_by_name(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply =
	    ask(d, "POST", "/api/v1/tools/echo?timeout=2.5&priority=1", NULL,
		"{\"message\": \"by name\"}");

	check_answer(reply);
	assert_string_equal(reply_string(reply, "/result/echo"), "by name");
	reply_free(reply);
	expect(ask(d, "POST", "/api/v1/tools/nothing", NULL, "{}"), 404,
	    "unknown_tool");
	expect(ask(d, "POST", "/api/v1/tools/echo", NULL, "[]"), 400,
	    "bad_request");
	expect(ask(d, "POST", "/api/v1/tools/echo", NULL, "{}"), 422,
	    "invalid_params");
	daemon_stop(d);
}

/* Queries of tools/{name} that are refused. */
static void
rest_query(void **state)
{
	static const char *const bad[] = {"timeout=0", "timeout=-1",
	    "timeout=x", "timeout=", "timeout=1e9", "timeout=nan", "timeout=1x",
	    "priority=0", "priority=6", "priority=1.5",
	    "priority=", "nothing=1"};
	struct daemon *d = daemon_start("");
	char path[80];

	for (size_t i = 0; i < COUNT(bad); i++) {
		snprintf(path, sizeof(path), "/api/v1/tools/echo?%s", bad[i]);
		print_message("# %s\n", path);
		expect(ask(d, "POST", path, NULL, "{\"message\": \"x\"}"), 400,
		    "bad_request");
	}
	daemon_stop(d);
}

static void
rest_ids(void **state)
{
	static const char body[] =
	    "{\"tool_name\": \"echo\", \"params\": {\"message\": \"x\"}}";
	struct daemon *d = daemon_start("");
	struct reply *reply;

	reply = ask(d, "POST", CALL_PATH, "X-Request-Id: " ID "\r\n", body);
	check_answer(reply);
	assert_string_equal(reply_string(reply, "/request_id"), ID);
	reply_free(reply);
	reply = ask(d, "POST", CALL_PATH,
	    "X-Request-Id: 0F8FAD5BD9CB469FA16570867728950E\r\n", body);
	check_answer(reply);
	assert_string_equal(reply_string(reply, "/request_id"),
	    "0f8fad5b-d9cb-469f-a165-70867728950e");
	reply_free(reply);
	daemon_stop(d);
}

/* 128 characters. */
#define NAME_32 "0123456789abcdef0123456789ABCDEF"
#define NAME_128 NAME_32 NAME_32 NAME_32 NAME_32

/* X-Request-Id is the client's own name for a request when it is no UUID. */
static const struct name_row {
	const char *name;
	bool kept;
} name_rows[] = {
    {"x", true},
    {ID "0", true},
    {"{" ID "}", true},
    {"0f8fad5b-d9cb-469f-a165-70867728950g", true},
    {"Root=1-67891233-abcdef012345678912345678;Sampled=1", true},
    {NAME_128, true},
    {NAME_128 "x", false},
    {"two words", false},
    {"a\tb", false},
    {"caf\xc3\xa9", false},
    {"a\x7f", false},
    {"", false},
};

static void
check_name(struct reply *reply, const struct name_row *row)
{
	const char *name = reply_header(reply, "X-Request-Id");

	assert_int_equal(reply->status, 200);
	assert_non_null(name);
	if (row->kept)
		assert_string_equal(name, row->name);
	else
		assert_true(is_uuid(name));
	if (reply_has(reply, "/request_id"))
		assert_true(is_uuid(reply_string(reply, "/request_id")));
	reply_free(reply);
}

static void
rest_names(void **state)
{
	static const char body[] =
	    "{\"tool_name\": \"echo\", \"params\": {\"message\": \"x\"}}";
	struct daemon *d = daemon_start("log_requests = yes\n");
	char header[192], logged[192];

	for (size_t i = 0; i < COUNT(name_rows); i++) {
		const struct name_row *row = &name_rows[i];

		print_message("# %s\n", row->name);
		snprintf(
		    header, sizeof(header), "X-Request-Id: %s\r\n", row->name);
		check_name(ask(d, "POST", CALL_PATH, header, body), row);
		check_name(ask(d, "GET", "/health", header, NULL), row);
		snprintf(logged, sizeof(logged), " name=%s\n", row->name);
		if (row->kept)
			assert_true(daemon_wait_log(d, logged, WAIT_MS));
	}
	daemon_stop(d);
}

/* A name is of one request, not of its connection, and of all in a batch. */
static void
rest_names_on_a_connection(void **state)
{
	struct daemon *d = daemon_start("log_requests = yes\n");
	struct conn *conn = http_open(d);
	struct reply *reply;

	http_request(conn, "POST", "/api/v1/batch", "X-Request-Id: first\r\n",
	    "{\"requests\": [{\"tool_name\": \"echo\", "
	    "\"params\": {\"message\": \"x\"}}, {\"tool_name\": \"echo\", "
	    "\"params\": {\"message\": \"y\"}}]}");
	reply = http_answer(conn);
	assert_string_equal(reply_header(reply, "X-Request-Id"), "first");
	reply_free(reply);
	http_request(
	    conn, "POST", "/api/v1/tools/echo", "", "{\"message\": \"z\"}");
	reply = http_answer(conn);
	check_answer(reply);
	reply_free(reply);
	http_close(conn);
	assert_true(daemon_wait_log(d, " name=-\n", WAIT_MS));
	daemon_check_logged(d, " client=uid:", 3);
	daemon_check_logged(d, " name=first\n", 2);
	daemon_stop(d);
}

/* A problem belongs to its request, and every answer has an id. */
static void
rest_problem(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply =
	    ask(d, "POST", CALL_PATH, "X-Request-Id: " ID "\r\n",
		"{\"tool_name\": \"nothing\", \"params\": {}}");

	check_problem(reply, 404, "unknown_tool");
	assert_string_equal(reply_string(reply, "/instance"), "urn:uuid:" ID);
	assert_string_equal(reply_header(reply, "X-Request-Id"), ID);
	assert_non_null(strstr(reply_string(reply, "/detail"), "nothing"));
	reply_free(reply);
	reply = get(d, "/nothing");
	check_problem(reply, 404, "not_found");
	assert_true(is_uuid(reply_header(reply, "X-Request-Id")));
	reply_free(reply);
	reply = get(d, "/livez");
	assert_true(is_uuid(reply_header(reply, "X-Request-Id")));
	reply_free(reply);
	daemon_stop(d);
}

/* A body, and what the detail of its 400 names. */
static const struct body_row {
	const char *body, *names;
} body_rows[] = {
    {"", ""},
    {"null", ""},
    {"[]", ""},
    {"1", ""},
    {"\"tool_name\"", ""},
    {"{", ""},
    {"{}", "tool_name"},
    {"{\"tool_name\": \"echo\"} x", ""},
    {"{'tool_name': 'echo'}", ""},
    {"{\"tool_name\": \"echo\",}", ""},
    {"{\"tool_name\": 1}", "tool_name"},
    {"{\"tool_name\": null}", "tool_name"},
    {"{\"tool_name\": [\"echo\"]}", "tool_name"},
    {"{\"params\": {}}", "tool_name"},
    {"{\"tool_name\": \"echo\", \"params\": 1}", "params"},
    {"{\"tool_name\": \"echo\", \"params\": []}", "params"},
    {"{\"tool_name\": \"echo\", \"params\": \"{}\"}", "params"},
    {"{\"tool_name\": \"echo\", \"params\": null}", "params"},
    {"{\"tool_name\": \"echo\", \"timeout\": 0}", "timeout"},
    {"{\"tool_name\": \"echo\", \"timeout\": -1}", "timeout"},
    {"{\"tool_name\": \"echo\", \"timeout\": 1e9}", "timeout"},
    {"{\"tool_name\": \"echo\", \"timeout\": 18446744073709551616}", ""},
    {"{\"tool_name\": \"echo\", \"timeout\": \"5\"}", "timeout"},
    {"{\"tool_name\": \"echo\", \"timeout\": true}", "timeout"},
    {"{\"tool_name\": \"echo\", \"timeout\": null}", "timeout"},
    {"{\"tool_name\": \"echo\", \"timeout\": {}}", "timeout"},
    {"{\"tool_name\": \"echo\", \"priority\": 0}", "priority"},
    {"{\"tool_name\": \"echo\", \"priority\": 6}", "priority"},
    {"{\"tool_name\": \"echo\", \"priority\": -1}", "priority"},
    {"{\"tool_name\": \"echo\", \"priority\": 2.5}", "priority"},
    {"{\"tool_name\": \"echo\", \"priority\": \"1\"}", "priority"},
    {"{\"tool_name\": \"echo\", \"priority\": null}", "priority"},
    {"{\"tool_name\": \"echo\", \"retries\": \"x\"}", "retries"},
    {"{\"tool_name\": \"echo\", \"tool\": \"echo\"}", "tool"},
    {"{\"tool_name\": \"echo\", \"Timeout\": 5}", "Timeout"},
};

static void
rest_bodies(void **state)
{
	struct daemon *d = daemon_start("");

	for (size_t i = 0; i < COUNT(body_rows); i++) {
		const struct body_row *row = &body_rows[i];
		struct reply *reply =
		    ask(d, "POST", CALL_PATH, NULL, row->body);

		print_message("# %s\n", row->body);
		check_problem(reply, 400, "bad_request");
		if (strstr(reply_string(reply, "/detail"), row->names) == NULL)
			fail_msg(
			    "does not name %s: %s", row->names, reply->body);
		reply_free(reply);
	}
	assert_int_equal(stat_of(d, "total_requests"), 0);
	assert_int_equal(stat_of(d, "rejected"), COUNT(body_rows));
	daemon_stop(d);
}

static void
rest_invalid_params(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply = call(d, "calculator",
	    "{\"operation\": \"power\", \"a\": \"1\", \"c\": 2}");
	struct json_object *errors;

	check_problem(reply, 422, "invalid_params");
	errors = reply_at(reply, "/errors");
	/* Neither operation nor a is right, b is missing; perhaps c, too. */
	assert_in_range(json_object_array_length(errors), 3, 4);
	assert_non_null(strstr(reply->body, "\"/operation\""));
	assert_non_null(strstr(reply->body, "\"/a\""));
	assert_true(reply_string(reply, "/errors/0/detail")[0] != '\0');
	reply_free(reply);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(rest_call),
	    E2E_TEST(rest_tool_error),
	    E2E_TEST(rest_call_by_name),
	    E2E_TEST(rest_query),
	    E2E_TEST(rest_ids),
	    E2E_TEST(rest_names),
	    E2E_TEST(rest_names_on_a_connection),
	    E2E_TEST(rest_problem),
	    E2E_TEST(rest_bodies),
	    E2E_TEST(rest_invalid_params),
	};

	return (cmocka_run_group_tests_name("rest", tests, NULL, NULL));
}

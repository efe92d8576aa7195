/*
 * Clients of the Go program of the same design: what they ask is answered with
 * and without the setting "compatible", and what that changes is as they know
 * it.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALL(tool, params) \
	"{\"tool_name\": \"" tool "\", \"params\": {" params "}}"

/* What its own script of checks asks for; all of it is 200. */
static const struct {
	const char *path, *body;     /* body NULL: GET */
	const char *pointer, *value; /* something in the answer; "": anything */
} checks[] = {
    {"/health", NULL, "/healthy", "true"},
    {"/", NULL, "/service", "Agent Orchestrator"},
    {"/api/v1/tools", NULL, "/tools/0/name", "calculator"},
    {"/api/v1/agents", NULL, "/agents/0/id", "agent-1"},
    {"/api/v1/stats", NULL, "/total_requests", "0"},
    {"/api/v1/request",
	CALL("calculator", "\"operation\": \"add\", \"a\": 10, \"b\": 5"),
	"/result/result", "15"},
    {"/api/v1/request",
	CALL("calculator", "\"operation\": \"multiply\", \"a\": 7, \"b\": 6"),
	"/result/result", "42"},
    {"/api/v1/request",
	CALL("calculator", "\"operation\": \"divide\", \"a\": 100, \"b\": 5"),
	"/result/result", "20"},
    {"/api/v1/request", CALL("time", "\"action\": \"current\""), "/result/unix",
	""},
    {"/api/v1/request",
	CALL("time",
	    "\"action\": \"timezone\", \"timezone\": \"America/New_York\""),
	"/result/timezone", "America/New_York"},
    {"/api/v1/request",
	CALL("time", "\"action\": \"add_duration\", \"duration\": \"2h30m\""),
	"/result/added_seconds", "9000"},
    {"/api/v1/request",
	CALL("random", "\"type\": \"int\", \"min\": 1, \"max\": 2"),
	"/result/type", "int"},
    {"/api/v1/request", CALL("random", "\"type\": \"uuid\""), "/result/result",
	""},
    {"/api/v1/request",
	CALL("random", "\"type\": \"dice\", \"sides\": 6, \"count\": 3"),
	"/result/count", "3"},
    {"/api/v1/request",
	CALL("random", "\"type\": \"choice\", \"choices\": [\"red\", \"red\"]"),
	"/result/result", "red"},
    {"/api/v1/request",
	CALL("text", "\"operation\": \"uppercase\", \"text\": \"hello\""),
	"/result/result", "HELLO"},
    {"/api/v1/request",
	CALL("text", "\"operation\": \"reverse\", \"text\": \"golang\""),
	"/result/result", "gnalog"},
    {"/api/v1/request",
	CALL("text", "\"operation\": \"word_count\", \"text\": \"a b c\""),
	"/result/word_count", "3"},
    {"/api/v1/request",
	CALL("weather", "\"location\": \"London\", \"units\": \"metric\""),
	"/result/location", "London"},
    {"/api/v1/stats", NULL, "/successful_requests", "14"},
};

static void
check_value(struct reply *reply, const char *pointer, const char *value)
{
	const char *is = json_object_get_string(reply_at(reply, pointer));

	if (value[0] != '\0' && strtod(value, NULL) != 0)
		assert_true(strtod(is, NULL) == strtod(value, NULL));
	else if (value[0] != '\0')
		assert_string_equal(is, value);
}

static void
all_checks_pass(const char *settings)
{
	struct daemon *d = daemon_start(settings);

	for (size_t i = 0; i < COUNT(checks); i++) {
		struct reply *reply =
		    ask(d, checks[i].body == NULL ? "GET" : "POST",
			checks[i].path, NULL, checks[i].body);

		if (reply->status != 200)
			fail_msg("%s %s: %d", checks[i].path, checks[i].body,
			    reply->status);
		if (checks[i].body != NULL)
			assert_true(json_object_get_boolean(
			    reply_at(reply, "/success")));
		check_value(reply, checks[i].pointer, checks[i].value);
		reply_free(reply);
	}
	daemon_stop(d);
}

static void
checks_pass(void **state)
{
	all_checks_pass("");
}

static void
checks_pass_compatibly(void **state)
{
	all_checks_pass("compatible = yes\n");
}

static struct reply *
request(struct daemon *d, const char *body)
{
	return (ask(d, "POST", "/api/v1/request", NULL, body));
}

/* A call that failed, for this reason. */
static void
fails(struct daemon *d, const char *body, const char *error)
{
	struct reply *reply = request(d, body);

	assert_int_equal(reply->status, 200);
	assert_false(json_object_get_boolean(reply_at(reply, "/success")));
	assert_string_equal(reply_string(reply, "/error"), error);
	assert_non_null(reply_string(reply, "/request_id"));
	assert_true(reply_has(reply, "/agent_id"));
	assert_true(reply_has(reply, "/processed_at"));
	assert_int_equal(reply_int(reply, "/duration"), 0);
	assert_false(reply_has(reply, "/result"));
	reply_free(reply);
}

#define UNKNOWN CALL("none", "")
#define UNFIT CALL("calculator", "\"operation\": \"add\", \"a\": \"x\"")
#define EXTRA                                                                \
	"{\"tool_name\": \"calculator\", \"id\": 1, \"params\": "            \
	"{\"operation\": "                                                   \
	"\"add\", \"a\": 1, \"b\": 2, \"c\": 3}, \"timeout\": 0, \"user\": " \
	"{}}"

static void
failures_are_200(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	expect(request(d, UNKNOWN), 404, "unknown_tool");
	expect(request(d, UNFIT), 422, "invalid_params");
	expect(request(d, EXTRA), 400, "bad_request");
	daemon_configure(d, "compatible = yes\n");
	daemon_reload(d);
	fails(d, UNKNOWN, "there is no tool none");
	fails(d, UNFIT,
	    "a: must be number, not string; parameters: member \"b\" is "
	    "required");
	reply = request(d, EXTRA);
	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/result/result"), 3);
	reply_free(reply);
	fails(d, "{\"tool_name\": \"echo\", \"params\": null}",
	    "parameters: member \"message\" is required");
	/* What is no request at all was 400 there, too. */
	expect(request(d, "{\"tool_name\": 1}"), 400, "bad_request");
	expect(request(d, "{"), 400, "bad_request");
	daemon_stop(d);
}

/* What is no time to a call is none to a pipeline. */
static void
pipelines_without_a_time(void **state)
{
	struct daemon *d = daemon_start("compatible = yes\n");
	struct reply *reply = ask(d, "POST", "/api/v1/pipeline", NULL,
	    "{\"timeout\": 0, \"steps\": [" CALL(
		"echo", "\"message\": \"x\"") "]}");

	assert_true(json_object_get_boolean(reply_at(reply, "/success")));
	reply_free(reply);
	daemon_stop(d);
}

/* An agent may say anything. */
static void
failures_of_any_kind(void **state)
{
	struct daemon *d = daemon_start("compatible = yes\n");
	struct health before;

	health_take(d, &before);
	fails(d, CALL("fault", "\"action\": \"errors\""),
	    "parameters: ; parameters: ; parameters: ");
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
check_result(
    struct daemon *d, const char *body, const char *pointer, const char *value)
{
	struct reply *reply = request(d, body);

	assert_int_equal(reply->status, 200);
	assert_string_equal(
	    json_object_get_string(reply_at(reply, pointer)), value);
	reply_free(reply);
}

static bool
result_has(struct daemon *d, const char *body, const char *pointer)
{
	struct reply *reply = request(d, body);
	bool has = reply_has(reply, pointer);

	assert_int_equal(reply->status, 200);
	reply_free(reply);
	return (has);
}

#define COUNTED CALL("text", "\"operation\": \"count\", \"text\": \"ab\"")
#define CHOICE CALL("random", "\"type\": \"choice\", \"choices\": [7]")
#define ONE CALL("random", "\"type\": \"int\", \"min\": 4, \"max\": 5")
#define NOW CALL("time", "")

/* Ends with a unit. */
static void
check_measure(
    struct daemon *d, const char *units, const char *pointer, const char *unit)
{
	char body[160];
	struct reply *reply;
	const char *value;

	snprintf(body, sizeof(body),
	    CALL("weather", "\"location\": \"Rome\", \"units\": \"%s\""),
	    units);
	reply = request(d, body);
	value = reply_string(reply, pointer);
	assert_true(strlen(value) > strlen(unit));
	assert_string_equal(value + strlen(value) - strlen(unit), unit);
	reply_free(reply);
}

static void
results_as_known(void **state)
{
	struct daemon *d = daemon_start("");

	assert_true(result_has(d, COUNTED, "/result/original"));
	assert_false(result_has(d, CHOICE, "/result/choices"));
	daemon_configure(d, "compatible = yes\n");
	daemon_reload(d);
	wait_agents(d, 2, WAIT_MS);
	check_result(d, COUNTED, "/result/text", "ab");
	assert_false(result_has(d, COUNTED, "/result/original"));
	check_result(d, CHOICE, "/result/choices", "[ 7 ]");
	for (int i = 0; i < 8; i++)
		check_result(d, ONE, "/result/result", "4");
	check_result(d, NOW, "/result/timezone", "Local");
	check_measure(d, "metric", "/result/temperature", "\u00b0C");
	check_measure(d, "imperial", "/result/feels_like", "\u00b0F");
	check_measure(d, "imperial", "/result/wind_speed", " mph");
	check_measure(d, "standard", "/result/temperature", "K");
	check_measure(d, "standard", "/result/wind_speed", " m/s");
	daemon_stop(d);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return (len >= n && strcmp(text + len - n, end) == 0);
}

/* An agent that has had no call, and the zone of the daemon. */
static void
instants_as_known(void **state)
{
	struct daemon *d;
	struct reply *reply;

	setenv("TZ", "Asia/Kolkata", 1);
	d = daemon_start("");
	reply = get(d, "/api/v1/agents/agent-1");
	assert_null(reply_at(reply, "/last_active"));
	reply_free(reply);
	reply = get(d, "/health");
	assert_true(ends_with(reply_string(reply, "/time"), "Z"));
	reply_free(reply);
	daemon_configure(d, "compatible = yes\n");
	daemon_reload(d);
	wait_agents(d, 2, WAIT_MS);
	reply = get(d, "/api/v1/agents");
	assert_true(
	    ends_with(reply_string(reply, "/agents/0/last_active"), "+05:30"));
	reply_free(reply);
	reply = request(d, NOW);
	assert_true(ends_with(reply_string(reply, "/processed_at"), "+05:30"));
	reply_free(reply);
	daemon_stop(d);
	unsetenv("TZ");
}

static void
pages_are_let_in(void **state)
{
	struct daemon *d = daemon_start("compatible = yes\n");
	struct reply *reply =
	    ask(d, "GET", "/", "Origin: https://app.example\r\n", NULL);

	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_header(reply, "Access-Control-Allow-Origin"),
	    "https://app.example");
	assert_string_equal(
	    reply_string(reply, "/endpoints/statistics"), "GET /api/v1/stats");
	reply_free(reply);
	/* Those that somebody has named are all. */
	daemon_configure(
	    d, "compatible = yes\ncors_origins = {\"https://app.example\"}\n");
	daemon_reload(d);
	expect(ask(d, "GET", "/", "Origin: https://other.example\r\n", NULL),
	    403, "forbidden_origin");
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(checks_pass),
	    E2E_TEST(checks_pass_compatibly),
	    E2E_TEST(failures_are_200),
	    E2E_TEST(failures_of_any_kind),
	    E2E_TEST(pipelines_without_a_time),
	    E2E_TEST(results_as_known),
	    E2E_TEST(instants_as_known),
	    E2E_TEST(pages_are_let_in),
	};

	return (cmocka_run_group_tests_name("compatible", tests, NULL, NULL));
}

/*
 * The administrators' part of the interface: what it does, what it refuses,
 * and that it is there on the control socket only.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"

static const struct {
	const char *action, *body;
	int status;
	const char *code, *detail;
} refused[] = {
    {"reload", "{\"now\": true}", 400, "bad_request", "\"now\""},
    {"reload", "[]", 400, "bad_request", "object"},
    {"reload", "null", 400, "bad_request", "object"},
    {"reload", "{", 400, "bad_request", "not JSON"},
    {"reload?x=1", "", 400, "bad_request", "query"},
    {"drain", "{\"agents\": 1}", 400, "bad_request", "\"agents\""},
    {"drain", "1", 400, "bad_request", "object"},
    {"agents", "", 400, "bad_request", "agents is missing"},
    {"agents", "{}", 400, "bad_request", "agents is missing"},
    {"agents", "{\"agents\": \"3\"}", 400, "bad_request", "whole number"},
    {"agents", "{\"agents\": 2.5}", 400, "bad_request", "whole number"},
    {"agents", "{\"agents\": true}", 400, "bad_request", "whole number"},
    {"agents", "{\"agents\": null}", 400, "bad_request", "whole number"},
    {"agents", "{\"agents\": 0}", 400, "bad_request", "1 to 1024"},
    {"agents", "{\"agents\": 1025}", 400, "bad_request", "1 to 1024"},
    {"agents", "{\"agents\": -1}", 400, "bad_request", "1 to 1024"},
    {"agents", "{\"agents\": 1e30}", 400, "bad_request", "whole number"},
    {"agents", "{\"agents\": 3, \"level\": \"info\"}", 400, "bad_request",
	"\"level\""},
    {"agents", "agents=3", 400, "bad_request", "not JSON"},
    {"log", "", 400, "bad_request", "level is missing"},
    {"log", "{\"level\": 7}", 400, "bad_request", "a string"},
    {"log", "{\"level\": \"notice\"}", 400, "bad_request", "or debug"},
    {"log", "{\"level\": \"DEBUG\"}", 400, "bad_request", "or debug"},
    {"log", "{\"level\": \"\"}", 400, "bad_request", "or debug"},
    {"", "", 404, "not_found", ""},
    {"stop", "", 404, "not_found", ""},
    {"reload/", "", 404, "not_found", ""},
};

static void
admin_refused(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct reply *reply =
		    administer(d, refused[i].action, refused[i].body);

		print_message("# %s %s\n", refused[i].action, refused[i].body);
		check_problem(reply, refused[i].status, refused[i].code);
		assert_non_null(
		    strstr(reply_string(reply, "/detail"), refused[i].detail));
		reply_free(reply);
	}
	assert_int_equal(daemon_logged(d, "an administrator asks"), 0);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* On every other listener it is as if there were no such paths. */
static void
admin_elsewhere(void **state)
{
	static const char *const methods[] = {"POST", "GET", "OPTIONS"};
	struct daemon *d = daemon_start(
	    "listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n");
	struct conn *conn = http_open_port(daemon_port(d));

	for (size_t i = 0; i < COUNT(methods); i++) {
		expect(ask(d, methods[i], "/api/v1/admin/drain", NULL, NULL),
		    404, "not_found");
		http_request(
		    conn, methods[i], "/api/v1/admin/drain", NULL, NULL);
		expect(http_answer(conn), 404, "not_found");
	}
	http_close(conn);
	assert_int_equal(daemon_logged(d, "an administrator asks"), 0);
	daemon_stop(d);
}

/* The whole interface is on the control socket, by whatever name of a host. */
static void
admin_everything(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = http_open_path(d->control);
	struct reply *reply;

	http_request(
	    conn, "POST", "/api/v1/tools/echo", NULL, "{\"message\": \"x\"}");
	expect(http_answer(conn), 200, NULL);
	http_request(conn, "GET", "/api/v1/admin/agents", NULL, NULL);
	reply = http_answer(conn);
	check_problem(reply, 405, "method_not_allowed");
	assert_string_equal(reply_header(reply, "Allow"), "POST, OPTIONS");
	reply_free(reply);
	http_send(conn, "POST /api/v1/admin/reload HTTP/1.1\r\n"
			"Host: agentd\r\n\r\n");
	expect(http_answer(conn), 200, NULL);
	/* A page in a browser is no administrator. */
	http_request(conn, "POST", "/api/v1/admin/reload",
	    "Origin: http://localhost\r\n", "");
	expect(http_answer(conn), 403, "forbidden_origin");
	http_close(conn);
	daemon_stop(d);
}

static void
admin_agents(void **state)
{
	static const int numbers[] = {5, 1, 3, 2};
	struct daemon *d = daemon_start("");
	struct health before;
	char body[32];

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct reply *reply;

		snprintf(body, sizeof(body), "{\"agents\": %d}", numbers[i]);
		reply = administer(d, "agents", body);
		assert_int_equal(reply->status, 200);
		assert_int_equal(reply_int(reply, "/agents"), numbers[i]);
		reply_free(reply);
		wait_agents(d, numbers[i], WAIT_MS);
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	}
	/* The number stays at a reload whose file says what it said. */
	expect(administer(d, "agents", "{\"agents\": 3}"), 200, NULL);
	expect(administer(d, "reload", ""), 200, NULL);
	wait_agents(d, 3, WAIT_MS);
	expect(administer(d, "agents", "{\"agents\": 2.0}"), 200, NULL);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
admin_log(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;
	int lines;

	assert_int_equal(daemon_logged(d, " debug: "), 0);
	reply = administer(d, "log", "{\"level\": \"debug\"}");
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/level"), "debug");
	reply_free(reply);
	assert_true(daemon_wait_log(d, "] debug: sends", WAIT_MS));
	assert_true(daemon_wait_log(d, "] debug: frontend: ", WAIT_MS));
	expect(administer(d, "agents", "{\"agents\": 3}"), 200, NULL);
	assert_true(daemon_wait_log(d, "] debug: agent-3: ", WAIT_MS));
	/* The file has not changed, and says info. */
	expect(administer(d, "reload", ""), 200, NULL);
	lines = daemon_logged(d, " debug: ");
	expect(administer(d, "agents", "{\"agents\": 2}"), 200, NULL);
	wait_agents(d, 2, WAIT_MS);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(daemon_logged(d, " debug: "), lines);
	daemon_stop(d);
}

static void
admin_reload(void **state)
{
	struct daemon *d = daemon_start("queue_max = 42\n");
	struct conn *conn;
	struct reply *reply;

	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID_1, "running");
	daemon_configure(d, "queue_max = 43\nlog = syslog\n"
			    "log_level = error\n");
	for (int i = 0; i < 5; i++) {
		reply = administer(d, "reload", i % 2 == 0 ? "" : "{}");
		assert_int_equal(reply->status, 200);
		assert_true(
		    json_object_get_boolean(reply_at(reply, "/reloaded")));
		/* What is not logged at this level is still answered. */
		assert_non_null(strstr(reply_string(reply, "/warnings/0"),
		    "log is changed only by a restart"));
		assert_false(reply_has(reply, "/warnings/1"));
		reply_free(reply);
	}
	assert_int_equal(stat_of(d, "queue_limit"), 43);
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	daemon_stop(d);
}

static const struct {
	const char *settings;
	const char *reasons[2];
} broken[] = {
    {"agents = many\n", {":5: agents: \"many\": expected", NULL}},
    {"agents = many\nqueue_max = lots\n", {":5: agents: ", ":6: queue_max: "}},
    {"listen = {\"unix:/nonexistent/socket\"}\n",
	{"cannot listen on unix:/nonexistent/socket: No such file", NULL}},
    {"control = \"/nonexistent/socket\"\n",
	{"cannot listen on /nonexistent/socket: No such file", NULL}},
};

static void
admin_reload_fails(void **state)
{
	struct daemon *d = daemon_start("queue_max = 42\n");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(broken); i++) {
		struct reply *reply;
		char pointer[32];

		daemon_configure(d, broken[i].settings);
		reply = administer(d, "reload", "");
		print_message("# %s", reply->body);
		assert_int_equal(reply->status, 422);
		assert_string_equal(
		    reply_string(reply, "/code"), "reload_failed");
		for (int j = 0; j < 2; j++) {
			snprintf(
			    pointer, sizeof(pointer), "/errors/%d/detail", j);
			assert_int_equal(reply_has(reply, pointer),
			    broken[i].reasons[j] != NULL);
			if (broken[i].reasons[j] != NULL)
				assert_non_null(
				    strstr(reply_string(reply, pointer),
					broken[i].reasons[j]));
		}
		reply_free(reply);
		health_check(d, &before, WAIT_MS);
		assert_int_equal(stat_of(d, "queue_limit"), 42);
	}
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(admin_refused),
	    E2E_TEST(admin_elsewhere),
	    E2E_TEST(admin_everything),
	    E2E_TEST(admin_agents),
	    E2E_TEST(admin_log),
	    E2E_TEST(admin_reload),
	    E2E_TEST(admin_reload_fails),
	};

	return (cmocka_run_group_tests_name("admin", tests, NULL, NULL));
}

/*
 * How far calls are: seen while they run, from tools of each kind that can
 * tell; and agents that tell what is not so.
 */

#include "tools.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define REQUESTS "/api/v1/requests"
#define DO(action) "{\"action\": \"" action "\"}"

static const struct row {
	const char *tool, *params, *progress;
} rows[] = {
    {"fault", DO("report"),
	"{\"value\":2,\"total\":5,\"message\":\"reading\"}"},
    {"fault", DO("report_once"), "{\"value\":0.5}"},
    {"faulty", DO("report"),
	"{\"value\":0.25,\"total\":1,\"message\":\"a quarter\"}"},
    {"co", "{\"do\":\"report\"}",
	"{\"value\":1,\"total\":2,\"message\":\"half way\"}"},
    {"co", "{\"do\":\"report_flood\"}", "{\"value\":3}"},
};

static struct daemon *
start(void)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char text[PATH_MAX + 256];

	snprintf(text, sizeof(text),
	    "\"parameters\": {\"type\": \"object\"}, \"plugin\": \"%s\"",
	    tool_plugin(d, "fault"));
	tool_write_members(d, "faulty", text);
	tool_write(d, "co", "coprocess", "coprocess_echo", "", "");
	daemon_configure(d, "agents = 1\ncancel_grace = \"60s\"\n"
			    "tools_dir = \"@DIR@/tools.d\"\n");
	daemon_spawn(d, &o);
	return (d);
}

static bool
told(void *arg)
{
	struct reply *reply = get(arg, REQUESTS);
	bool there = reply_has(reply, "/requests/0/progress");

	reply_free(reply);
	return (there);
}

static void
progress_rows(void **state)
{
	struct daemon *d = start();
	pid_t agent = proc_any_agent(d);

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct conn *conn =
		    call_begin(d, ID_1, row->tool, row->params, "");
		struct reply *reply;

		print_message("# %s %s\n", row->tool, row->params);
		assert_true(wait_until(told, d, WAIT_MS));
		reply = get(d, REQUESTS);
		assert_string_equal(json_object_to_json_string_ext(
					reply_at(reply, "/requests/0/progress"),
					JSON_C_TO_STRING_PLAIN),
		    row->progress);
		reply_free(reply);
		expect(
		    ask(d, "DELETE", REQUESTS "/" ID_1, NULL, NULL), 202, NULL);
		expect(http_answer(conn), 409, "cancelled");
		http_close(conn);
		wait_agents(d, 1, WAIT_MS);
		assert_int_equal(proc_any_agent(d), agent);
	}
	daemon_stop(d);
}

/* They break the contract, and are killed for it. */
static void
progress_lies(void **state)
{
	static const char *const lies[] = {DO("report_wrong_id"),
	    DO("report_nan"), DO("report_binary"), DO("report_long"),
	    DO("report_short")};
	struct daemon *d = daemon_start("");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(lies); i++) {
		expect(call(d, "fault", lies[i]), 502, "agent_crashed");
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* Of a call that is over already, it is late or a lie. */
static void
progress_late(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;

	health_take(d, &before);
	expect(call(d, "fault", DO("answer_and_report")), 200, NULL);
	wait_stat(d, "agent_restarts", 1);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(progress_rows),
	    E2E_TEST(progress_lies),
	    E2E_TEST(progress_late),
	};

	return (cmocka_run_group_tests_name("progress", tests, NULL, NULL));
}

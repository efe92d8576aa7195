/*
 * What the front end does of a tool's policy: not enabled, its time, and how
 * many calls run at the same time.  The limits of processes are in
 * test_commands.c.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GATE(name) "{\"gate\": \"" name "\"}"

static void
policies_disabled(void **state)
{
	struct daemon *d = daemon_start("tool echo { enabled = no }\n");
	struct reply *reply = get(d, "/api/v1/tools");

	assert_null(strstr(reply->body, "\"echo\""));
	assert_non_null(strstr(reply->body, "\"text\""));
	reply_free(reply);
	expect(get(d, "/api/v1/tools/echo"), 404, "unknown_tool");
	expect(call(d, "echo", "{\"message\": \"x\"}"), 404, "unknown_tool");
	daemon_configure(d, "");
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	expect(get(d, "/api/v1/tools/echo"), 200, NULL);
	daemon_stop(d);
}

static void
check_times_out(struct daemon *d, const char *members)
{
	int64_t begun = now_ms();

	expect(call_with(d, "fault", "{\"action\": \"stop\"}", members), 504,
	    "timeout");
	assert_in_range(now_ms() - begun, 150, WAIT_MS);
}

/* It is what one gets who asks for none, and the most that one gets. */
static void
policies_timeout(void **state)
{
	struct daemon *d = daemon_start("tool fault { timeout = 200ms }\n");
	struct reply *reply = get(d, "/api/v1/tools/fault");

	assert_int_equal(
	    json_object_get_double(reply_at(reply, "/timeout")) * 1000, 200);
	reply_free(reply);
	check_times_out(d, "");
	check_times_out(d, ", \"timeout\": 60");
	expect(call_with(
		   d, "fault", "{\"action\": \"stop\"}", ", \"timeout\": 0.02"),
	    504, "timeout");
	/* Still the caller's mistake. */
	expect(call_with(d, "fault", "{\"action\": \"brief\"}",
		   ", \"timeout\": 100000"),
	    400, "bad_request");
	daemon_stop(d);
}

/* A tool never gets more than max_timeout. */
static void
policies_timeout_of_all(void **state)
{
	struct daemon *d = daemon_start("timeout = 100ms\n"
					"max_timeout = 200ms\n"
					"tool fault { timeout = 1h }\n");
	struct reply *reply = get(d, "/api/v1/tools/fault");

	assert_int_equal(
	    json_object_get_double(reply_at(reply, "/timeout")) * 1000, 200);
	reply_free(reply);
	check_times_out(d, "");
	daemon_stop(d);
}

static const char *const ids[] = {
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
};
static const char *const gates[] = {"a", "b", "c"};

#define CALLS COUNT(ids)

static void
begin(struct daemon *d, struct conn *conns[static CALLS], size_t i)
{
	char params[64];

	gate_make(d, gates[i]);
	snprintf(params, sizeof(params), GATE("%s"), gates[i]);
	conns[i] = call_begin(d, ids[i], "wait", params, "");
}

static void
finish(struct daemon *d, struct conn *conns[static CALLS], size_t i)
{
	gate_open(d, gates[i]);
	expect(http_answer(conns[i]), 200, NULL);
	http_close(conns[i]);
}

/* One by one, while there are agents for everybody else. */
static void
policies_max_concurrent(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 3\ntool wait { max_concurrent = 1 }\n");
	struct conn *conns[CALLS];

	for (size_t i = 0; i < CALLS; i++)
		begin(d, conns, i);
	for (size_t i = 0; i < CALLS; i++) {
		wait_request(d, ids[i], "running");
		wait_stat(d, "queue_depth", (int64_t)(CALLS - 1 - i));
		assert_int_equal(stat_of(d, "busy_agents"), 1);
		for (int j = 0; j < 3; j++)
			expect(
			    call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		finish(d, conns, i);
	}
	wait_agents(d, 3, WAIT_MS);
	daemon_stop(d);
}

/* The end of a call that is cancelled makes room too; so does its deadline. */
static void
policies_max_concurrent_early_end(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 3\ntool wait { max_concurrent = 1 }\n");
	struct conn *conns[CALLS];
	char path[80];

	for (size_t i = 0; i < CALLS; i++)
		begin(d, conns, i);
	for (size_t i = 0; i < CALLS; i++) {
		wait_request(d, ids[i], "running");
		snprintf(path, sizeof(path), "/api/v1/requests/%s", ids[i]);
		expect(ask(d, "DELETE", path, NULL, NULL), 202, NULL);
		expect(http_answer(conns[i]), 409, "cancelled");
		http_close(conns[i]);
	}
	wait_agents(d, 3, WAIT_MS);
	daemon_stop(d);
}

/* More room at a reload: those who wait go on. */
static void
policies_max_concurrent_reload(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 3\ntool wait { max_concurrent = 1 }\n");
	struct conn *conns[CALLS];

	for (size_t i = 0; i < CALLS; i++)
		begin(d, conns, i);
	wait_request(d, ids[0], "running");
	wait_stat(d, "queue_depth", 2);
	daemon_configure(d, "agents = 3\n");
	daemon_reload(d);
	for (size_t i = 0; i < CALLS; i++)
		wait_request(d, ids[i], "running");
	for (size_t i = 0; i < CALLS; i++)
		finish(d, conns, i);
	wait_agents(d, 3, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(policies_disabled),
	    E2E_TEST(policies_timeout),
	    E2E_TEST(policies_timeout_of_all),
	    E2E_TEST(policies_max_concurrent),
	    E2E_TEST(policies_max_concurrent_early_end),
	    E2E_TEST(policies_max_concurrent_reload),
	};

	return (cmocka_run_group_tests_name("policies", tests, NULL, NULL));
}

/*
 * What can be read: service, health and probes, agents, tools, statistics.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static void
read_root(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply = get(d, "/");
	size_t n = 0;

	assert_int_equal(reply->status, 200);
	assert_string_equal(
	    reply_string(reply, "/service"), "Agent Orchestrator");
	assert_true(reply_string(reply, "/version")[0] != '\0');
	assert_true(reply_string(reply, "/status")[0] != '\0');
	json_object_object_foreach (reply_at(reply, "/endpoints"), key, value) {
		const char *text = json_object_get_string(value);

		assert_true(key[0] != '\0');
		assert_non_null(strstr(text, " /"));
		n++;
	}
	assert_true(n >= 8);
	assert_non_null(strstr(reply->body, "POST /api/v1/request"));
	reply_free(reply);
	daemon_stop(d);
}

static void
read_health(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	/* The master is ready a moment before the front end knows it. */
	wait_agents(d, 2, WAIT_MS);
	reply = get(d, "/health");
	assert_int_equal(reply->status, 200);
	assert_true(reply_has(reply, "/healthy"));
	assert_true(json_object_get_boolean(reply_at(reply, "/healthy")));
	assert_true(strlen(reply_string(reply, "/time")) >= 20);
	reply_free(reply);
	expect(get(d, "/livez"), 200, NULL);
	expect(get(d, "/readyz"), 200, NULL);
	daemon_stop(d);
}

static void
check_agent(struct reply *reply, const char *at, const char *id)
{
	static const char *const numbers[] = {
	    "requests_handled", "pid", "generation", "restarts", "rss_bytes"};
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "%s/id", at);
	assert_string_equal(reply_string(reply, pointer), id);
	snprintf(pointer, sizeof(pointer), "%s/state", at);
	assert_string_equal(reply_string(reply, pointer), "idle");
	for (size_t i = 0; i < COUNT(numbers); i++) {
		snprintf(pointer, sizeof(pointer), "%s/%s", at, numbers[i]);
		assert_true(reply_int(reply, pointer) >= 0);
	}
	snprintf(pointer, sizeof(pointer), "%s/rss_bytes", at);
	assert_true(reply_int(reply, pointer) > 4096);
	snprintf(pointer, sizeof(pointer), "%s/current_request", at);
	assert_false(reply_has(reply, pointer));
}

static void
read_agents(void **state)
{
	struct daemon *d = daemon_start("agents = 3\n");
	struct reply *reply;
	char at[32], id[32];

	wait_agents(d, 3, WAIT_MS);
	reply = get(d, "/api/v1/agents");
	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/count"), 3);
	for (int i = 0; i < 3; i++) {
		snprintf(at, sizeof(at), "/agents/%d", i);
		snprintf(id, sizeof(id), "agent-%d", i + 1);
		check_agent(reply, at, id);
		snprintf(at, sizeof(at), "/agents/%d/pid", i);
		assert_int_equal(reply_int(reply, at), proc_agent(d, i + 1));
	}
	assert_false(reply_has(reply, "/agents/3"));
	reply_free(reply);
	reply = get(d, "/api/v1/agents/agent-2");
	assert_int_equal(reply->status, 200);
	check_agent(reply, "", "agent-2");
	reply_free(reply);
	expect(get(d, "/api/v1/agents/agent-4"), 404, "unknown_agent");
	expect(get(d, "/api/v1/agents/2"), 404, "unknown_agent");
	expect(get(d, "/api/v1/agents/agent-02"), 404, "unknown_agent");
	daemon_stop(d);
}

static bool
title_shows_call(void *arg)
{
	return (proc_find(arg, "agent 1 [busy: wait 11111111") != -1);
}

/* A call shows at the agent that runs it, and is counted there. */
static void
read_agent_busy(void **state)
{
	static const char id[] = "11111111-2222-4333-8444-555555555555";
	struct daemon *d = daemon_start("agents = 1\n");
	struct conn *conn;
	struct reply *reply;

	gate_make(d, "gate");
	conn = call_begin(d, id, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, id, "running");
	reply = get(d, "/api/v1/agents/agent-1");
	assert_string_equal(reply_string(reply, "/state"), "busy");
	assert_string_equal(reply_string(reply, "/current_request"), id);
	assert_string_equal(reply_string(reply, "/current_tool"), "wait");
	assert_true(reply_int(reply, "/busy_for") > 0);
	assert_true(wait_until(title_shows_call, d, WAIT_MS));
	reply_free(reply);
	expect(get(d, "/readyz"), 200, NULL);
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	reply = get(d, "/api/v1/agents/agent-1");
	check_agent(reply, "", "agent-1");
	assert_int_equal(reply_int(reply, "/requests_handled"), 1);
	assert_true(reply_string(reply, "/last_active")[0] != '\0');
	reply_free(reply);
	daemon_stop(d);
}

static void
read_tools(void **state)
{
	static const char *const names[] = {
	    "calculator", "echo", "random", "text", "time", "weather"};
	struct daemon_options o = {.program = "agentd"};
	struct daemon *d = daemon_start_with(&o);
	struct reply *reply = get(d, "/api/v1/tools");
	char at[80];

	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/count"), COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(at, sizeof(at), "/tools/%zu/name", i);
		assert_string_equal(reply_string(reply, at), names[i]);
		snprintf(at, sizeof(at), "/tools/%zu/description", i);
		assert_true(reply_string(reply, at)[0] != '\0');
		snprintf(at, sizeof(at), "/tools/%zu/parameters/type", i);
		assert_string_equal(reply_string(reply, at), "object");
		snprintf(at, sizeof(at), "/tools/%zu/kind", i);
		assert_true(reply_string(reply, at)[0] != '\0');
	}
	reply_free(reply);
	reply = get(d, "/api/v1/tools/text");
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/name"), "text");
	assert_true(reply_has(reply, "/parameters/properties/operation"));
	reply_free(reply);
	daemon_stop(d);
}

/* total = successful + failed + cancelled, at rest */
static void
check_sum(const struct reply *stats, int64_t total)
{
	assert_int_equal(reply_int(stats, "/total_requests"), total);
	assert_int_equal(reply_int(stats, "/successful_requests") +
			     reply_int(stats, "/failed_requests") +
			     reply_int(stats, "/cancelled"),
	    total);
	assert_int_equal(reply_int(stats, "/in_flight"), 0);
	assert_int_equal(reply_int(stats, "/queue_depth"), 0);
}

static void
make_history(struct daemon *d)
{
	for (int i = 0; i < 5; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	/* A tool that reports a failure: 200, and failed. */
	expect(call(d, "calculator",
		   "{\"operation\": \"divide\", \"a\": 1, \"b\": 0}"),
	    200, NULL);
	expect(
	    call(d, "fault", "{\"action\": \"abort\"}"), 502, "agent_crashed");
	expect(call_with(
		   d, "fault", "{\"action\": \"stop\"}", ", \"timeout\": 0.1"),
	    504, "timeout");
	expect(call(d, "nothing", "{}"), 404, "unknown_tool");
	expect(call(d, "echo", "{\"message\": 1}"), 422, "invalid_params");
	expect(call_with(d, "echo", "{}", ", \"x\": 1"), 400, "bad_request");
	wait_agents(d, 2, WAIT_MS);
}

static void
read_stats(void **state)
{
	struct daemon *d = daemon_start("queue_max = 17\n");
	struct reply *reply = get(d, "/api/v1/stats");

	check_sum(reply, 0);
	reply_free(reply);
	make_history(d);
	wait_stat(d, "agent_restarts", 2);
	wait_stat(d, "idle_agents", 2);
	reply = get(d, "/api/v1/stats");
	/* 422 is known only after the agent looked: counted or not. */
	check_sum(reply, reply_int(reply, "/total_requests"));
	assert_in_range(reply_int(reply, "/total_requests"), 8, 9);
	assert_int_equal(reply_int(reply, "/successful_requests"), 5);
	assert_int_equal(reply_int(reply, "/timeouts"), 1);
	assert_int_equal(reply_int(reply, "/crashes"), 1);
	assert_in_range(reply_int(reply, "/rejected"), 2, 3);
	assert_int_equal(reply_int(reply, "/cancelled"), 0);
	assert_int_equal(reply_int(reply, "/late_results"), 0);
	assert_int_equal(reply_int(reply, "/agent_restarts"), 2);
	assert_int_equal(reply_int(reply, "/queue_limit"), 17);
	assert_int_equal(reply_int(reply, "/active_agents"), 2);
	assert_int_equal(reply_int(reply, "/idle_agents"), 2);
	assert_int_equal(reply_int(reply, "/busy_agents"), 0);
	assert_int_equal(reply_int(reply, "/error_agents"), 0);
	assert_true(reply_int(reply, "/uptime") > 0);
	assert_true(reply_int(reply, "/average_process_time") > 0);
	reply_free(reply);
	daemon_stop(d);
}

static void
check_percentiles(const struct reply *reply, const char *what)
{
	static const char *const marks[] = {"p50", "p90", "p99", "max"};
	int64_t last = 0, value;
	char at[64];

	for (size_t i = 0; i < COUNT(marks); i++) {
		snprintf(at, sizeof(at), "/%s/%s", what, marks[i]);
		value = reply_int(reply, at);
		if (value < last)
			fail_msg("%s is out of order: %s", at, reply->body);
		last = value;
	}
}

static void
read_percentiles(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	for (int i = 0; i < 100; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	expect(call_with(
		   d, "fault", "{\"action\": \"stop\"}", ", \"timeout\": 0.2"),
	    504, "timeout");
	reply = get(d, "/api/v1/stats");
	check_percentiles(reply, "latency");
	check_percentiles(reply, "queue_wait");
	assert_true(reply_int(reply, "/latency/p50") > 0);
	assert_true(reply_int(reply, "/latency/p50") < 100 * 1000000LL);
	assert_true(reply_has(reply, "/tools/echo"));
	assert_true(reply_has(reply, "/tools/fault"));
	reply_free(reply);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(read_root),
	    E2E_TEST(read_health),
	    E2E_TEST(read_agents),
	    E2E_TEST(read_agent_busy),
	    E2E_TEST(read_tools),
	    E2E_TEST(read_stats),
	    E2E_TEST(read_percentiles),
	};

	return (cmocka_run_group_tests_name("reading", tests, NULL, NULL));
}

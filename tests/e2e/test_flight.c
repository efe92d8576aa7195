/*
 * Calls in flight: the queue and its limit, what GET /api/v1/requests shows,
 * DELETE, and deadlines that pass in the queue and in an agent.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define ID_3 "33333333-3333-4333-8333-333333333333"
#define GATE "{\"gate\": \"gate\"}"
#define REQUESTS "/api/v1/requests"

/* One agent, held by the call ID_1 until the gate is opened. */
static struct daemon *
start_blocked(const char *settings, struct conn **blocker)
{
	struct daemon *d;
	char all[256];

	snprintf(all, sizeof(all), "agents = 1\n%s", settings);
	d = daemon_start(all);
	gate_make(d, "gate");
	*blocker = call_begin(d, ID_1, "wait", GATE, "");
	wait_request(d, ID_1, "running");
	return (d);
}

static void
stop_blocked(struct daemon *d, struct conn *blocker)
{
	gate_open(d, "gate");
	expect(http_answer(blocker), 200, NULL);
	http_close(blocker);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/* The member of the request at this place in the list. */
static const char *
listed(const struct reply *reply, int place, const char *member)
{
	char at[64];

	snprintf(at, sizeof(at), "/requests/%d/%s", place, member);
	return (reply_string(reply, at));
}

static int64_t
listed_int(const struct reply *reply, int place, const char *member)
{
	char at[64];

	snprintf(at, sizeof(at), "/requests/%d/%s", place, member);
	return (reply_int(reply, at));
}

/* The call that runs, and the one that waits behind it. */
static void
check_list(const struct reply *reply)
{
	int first = strcmp(listed(reply, 0, "request_id"), ID_1) == 0 ? 0 : 1;

	assert_int_equal(
	    json_object_array_length(reply_at(reply, "/requests")), 2);
	assert_string_equal(listed(reply, first, "request_id"), ID_1);
	assert_string_equal(listed(reply, first, "tool_name"), "wait");
	assert_string_equal(listed(reply, first, "state"), "running");
	assert_string_equal(listed(reply, first, "agent_id"), "agent-1");
	assert_int_equal(listed_int(reply, first, "priority"), 3);
	assert_int_equal(listed_int(reply, first, "attempts"), 1);
	assert_string_equal(listed(reply, !first, "request_id"), ID_2);
	assert_string_equal(listed(reply, !first, "state"), "queued");
	assert_int_equal(listed_int(reply, !first, "priority"), 2);
	assert_true(listed_int(reply, !first, "age") > 0);
	assert_in_range(listed_int(reply, !first, "deadline_in"),
	    15 * 1000000000LL, 20 * 1000000000LL);
	assert_false(reply_has(reply,
	    first == 0 ? "/requests/1/agent_id" : "/requests/0/agent_id"));
}

static void
flight_list(void **state)
{
	struct conn *blocker, *second;
	struct daemon *d = start_blocked("", &blocker);
	struct reply *reply;

	second = call_begin(d, ID_2, "echo", "{\"message\": \"x\"}",
	    ", \"timeout\": 20, \"priority\": 2");
	wait_request(d, ID_2, "queued");
	reply = get(d, REQUESTS);
	check_list(reply);
	reply_free(reply);
	assert_int_equal(stat_of(d, "in_flight"), 2);
	assert_int_equal(stat_of(d, "queue_depth"), 1);
	assert_int_equal(stat_of(d, "busy_agents"), 1);
	gate_open(d, "gate");
	reply = http_answer(second);
	assert_int_equal(reply->status, 200);
	assert_true(reply_int(reply, "/queued") > 0);
	reply_free(reply);
	expect(http_answer(blocker), 200, NULL);
	http_close(blocker);
	http_close(second);
	wait_request(d, ID_2, "gone");
	assert_int_equal(stat_of(d, "in_flight"), 0);
	daemon_stop(d);
}

static void
check_cancelled(struct conn *conn, const char *id)
{
	struct reply *reply = http_answer(conn);
	char urn[64];

	snprintf(urn, sizeof(urn), "urn:uuid:%s", id);
	check_problem(reply, 409, "cancelled");
	assert_string_equal(reply_string(reply, "/instance"), urn);
	reply_free(reply);
	http_close(conn);
}

static void
flight_delete_queued(void **state)
{
	struct conn *blocker, *second;
	struct daemon *d = start_blocked("", &blocker);

	second = call_begin(d, ID_2, "wait", GATE, "");
	wait_request(d, ID_2, "queued");
	expect(ask(d, "DELETE", REQUESTS "/" ID_2, NULL, NULL), 202, NULL);
	check_cancelled(second, ID_2);
	wait_request(d, ID_2, "gone");
	wait_request(d, ID_1, "running");
	expect(ask(d, "DELETE", REQUESTS "/" ID_2, NULL, NULL), 404, NULL);
	assert_int_equal(stat_of(d, "cancelled"), 1);
	assert_int_equal(stat_of(d, "queue_depth"), 0);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	stop_blocked(d, blocker);
}

static void
flight_delete_running(void **state)
{
	struct conn *blocker;
	struct daemon *d = start_blocked("", &blocker);
	pid_t before = proc_any_agent(d);

	expect(ask(d, "DELETE", REQUESTS "/" ID_1, NULL, NULL), 202, NULL);
	check_cancelled(blocker, ID_1);
	wait_agents(d, 1, WAIT_MS);
	assert_int_not_equal(proc_any_agent(d), before);
	assert_false(fault_exists(d, "gate.done"));
	assert_int_equal(stat_of(d, "cancelled"), 1);
	assert_int_equal(stat_of(d, "total_requests"), 1);
	assert_int_equal(stat_of(d, "crashes"), 0);
	daemon_stop(d);
}

static void
flight_delete_unknown(void **state)
{
	struct daemon *d = daemon_start("");

	expect(
	    ask(d, "DELETE", REQUESTS "/" ID_3, NULL, NULL), 404, "not_found");
	expect(ask(d, "DELETE", REQUESTS "/x", NULL, NULL), 404, "not_found");
	daemon_stop(d);
}

static void
flight_queue_full(void **state)
{
	struct conn *blocker, *second;
	struct daemon *d = start_blocked("queue_max = 1\n", &blocker);
	struct reply *reply;

	second = call_begin(d, ID_2, "echo", "{\"message\": \"x\"}", "");
	wait_request(d, ID_2, "queued");
	reply = call(d, "echo", "{\"message\": \"y\"}");
	check_problem(reply, 503, "queue_full");
	assert_non_null(reply_header(reply, "Retry-After"));
	assert_true(json_object_get_boolean(reply_at(reply, "/retryable")));
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	reply_free(reply);
	assert_int_equal(stat_of(d, "rejected"), 1);
	assert_int_equal(stat_of(d, "total_requests"), 2);
	/* Reading does not queue. */
	expect(get(d, "/readyz"), 200, NULL);
	gate_open(d, "gate");
	expect(http_answer(second), 200, NULL);
	http_close(second);
	expect(http_answer(blocker), 200, NULL);
	http_close(blocker);
	expect(call(d, "echo", "{\"message\": \"y\"}"), 200, NULL);
	daemon_stop(d);
}

static void
flight_timeout_queued(void **state)
{
	struct conn *blocker, *second;
	struct daemon *d = start_blocked("", &blocker);
	struct reply *reply;

	gate_make(d, "other");
	second = call_begin(
	    d, ID_2, "wait", "{\"gate\": \"other\"}", ", \"timeout\": 0.2");
	reply = http_answer(second);
	http_close(second);
	check_problem(reply, 504, "timeout");
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	assert_string_equal(reply_string(reply, "/instance"), "urn:uuid:" ID_2);
	reply_free(reply);
	assert_int_equal(stat_of(d, "timeouts"), 1);
	stop_blocked(d, blocker);
}

static void
flight_timeout_running(void **state)
{
	struct daemon *d = daemon_start("");
	int64_t begin = now_ms();
	struct reply *reply = call_with(
	    d, "fault", "{\"action\": \"loop\"}", ", \"timeout\": 0.25");

	assert_in_range(now_ms() - begin, 249, within_ms(2000));
	check_problem(reply, 504, "timeout");
	assert_string_equal(reply_string(reply, "/outcome"), "unknown");
	reply_free(reply);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* The settings timeout and max_timeout, and a call's own. */
static void
flight_timeout_settings(void **state)
{
	struct daemon *d =
	    daemon_start("timeout = \"200ms\"\nmax_timeout = \"500ms\"\n");
	int64_t begin = now_ms();

	expect(call(d, "fault", "{\"action\": \"stop\"}"), 504, "timeout");
	assert_in_range(now_ms() - begin, 199, within_ms(2000));
	expect(call_with(d, "echo", "{}", ", \"timeout\": 0.6"), 400,
	    "bad_request");
	expect(
	    call_with(d, "echo", "{\"message\": \"x\"}", ", \"timeout\": 0.5"),
	    200, NULL);
	daemon_stop(d);
}

/* An id names one call at a time. */
static void
flight_same_id(void **state)
{
	struct conn *blocker, *second;
	struct daemon *d = start_blocked("", &blocker);

	second = call_begin(d, ID_1, "echo", "{\"message\": \"x\"}", "");
	expect(http_answer(second), 400, "bad_request");
	http_close(second);
	wait_request(d, ID_1, "running");
	stop_blocked(d, blocker);
}

/* What waits is served in the order of its arrival. */
static void
flight_order(void **state)
{
	enum { WAITING = 8 };
	struct conn *blocker, *conn[WAITING];
	struct daemon *d = start_blocked("", &blocker);
	char last[64] = "";
	struct reply *reply;
	char id[37];

	for (int i = 0; i < WAITING; i++) {
		snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", i);
		conn[i] = call_begin(d, id, "echo", "{\"message\": \"x\"}", "");
		wait_request(d, id, "queued");
	}
	gate_open(d, "gate");
	for (int i = 0; i < WAITING; i++) {
		reply = http_answer(conn[i]);
		assert_int_equal(reply->status, 200);
		assert_true(
		    strcmp(reply_string(reply, "/processed_at"), last) > 0);
		snprintf(last, sizeof(last), "%s",
		    reply_string(reply, "/processed_at"));
		reply_free(reply);
		http_close(conn[i]);
	}
	/* One warning for all of them. */
	assert_true(daemon_wait_log(d, "all agents are busy", WAIT_MS));
	daemon_check_logged(d, "all agents are busy", 1);
	expect(http_answer(blocker), 200, NULL);
	http_close(blocker);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(flight_list),
	    E2E_TEST(flight_delete_queued),
	    E2E_TEST(flight_delete_running),
	    E2E_TEST(flight_delete_unknown),
	    E2E_TEST(flight_queue_full),
	    E2E_TEST(flight_timeout_queued),
	    E2E_TEST(flight_timeout_running),
	    E2E_TEST(flight_timeout_settings),
	    E2E_TEST(flight_same_id),
	    E2E_TEST(flight_order),
	};

	return (cmocka_run_group_tests_name("flight", tests, NULL, NULL));
}

/*
 * Calls that are tried again, and those that are not: by policy, by budget, by
 * deadline, by what they have done to agents; and what becomes of a call while
 * it rests between two attempts.
 */

#include "tools.h"

#include <json-c/json.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ID "33333333-3333-4333-8333-333333333333"
#define FRAGILE "{\"action\": \"fragile\"}"
#define ABORT "{\"action\": \"abort\"}"

/* So long that it is seen to rest, in one pause of several. */
#define RESTING "retries = 5\nretry_backoff = 500s\nretry_max = 500s\n"

/* attempts, and as many causes less one, all of them the same. */
static void
check_attempts(struct reply *reply, int attempts, const char *cause)
{
	char pointer[32];

	assert_int_equal(reply_int(reply, "/attempts"), attempts);
	for (int i = 0; i < attempts - 1; i++) {
		snprintf(pointer, sizeof(pointer), "/causes/%d", i);
		assert_string_equal(reply_string(reply, pointer), cause);
	}
	snprintf(pointer, sizeof(pointer), "/causes/%d",
	    attempts > 0 ? attempts - 1 : 0);
	assert_false(reply_has(reply, pointer));
	reply_free(reply);
}

static struct daemon *
start(const char *general, const char *policy)
{
	char settings[512];

	snprintf(settings, sizeof(settings), "%s\ntool fault {\n%s\n}\n",
	    general, policy);
	return (daemon_start(settings));
}

/* A tool that is a command and fails so many times. */
static struct daemon *
start_times(const char *general, int times, const char *members)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char words[192], settings[512];

	snprintf(words, sizeof(words), "\"times\", \"%s/times.log\", \"%d\"",
	    d->dir, times);
	tool_write(d, "tool", "command", "toolbox", words, members);
	snprintf(settings, sizeof(settings),
	    "tools_dir = \"@DIR@/tools.d\"\n%s", general);
	daemon_configure(d, settings);
	daemon_spawn(d, &o);
	return (d);
}

static void
retries_crash(void **state)
{
	struct daemon *d = start("", "retries = 3\nretry_backoff = 1ms");
	struct reply *reply;

	fault_set(d, "fragile", "1\n");
	reply = call(d, "fault", FRAGILE);
	assert_int_equal(reply->status, 200);
	check_attempts(reply, 2, "crash");
	assert_int_equal(stat_of(d, "retries"), 1);
	assert_int_equal(stat_of(d, "successful_requests"), 1);
	assert_int_equal(stat_of(d, "failed_requests"), 0);
	assert_int_equal(stat_of(d, "total_requests"), 1);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* Without a policy, or when the caller wants none. */
static void
retries_none(void **state)
{
	struct daemon *d = start("", "retries = 0");
	struct reply *reply;

	fault_set(d, "fragile", "1\n");
	reply = call(d, "fault", FRAGILE);
	check_problem(reply, 502, "agent_crashed");
	check_attempts(reply, 1, NULL);
	daemon_configure(d, "tool fault { retries = 3 retry_backoff = 1ms }\n");
	daemon_reload(d);
	fault_set(d, "fragile", "1\n");
	reply = call_with(d, "fault", FRAGILE, ", \"retries\": 0");
	check_problem(reply, 502, "agent_crashed");
	check_attempts(reply, 1, NULL);
	/* More than the policy allows is less. */
	fault_set(d, "fragile", "1\n");
	reply = call_with(d, "fault", FRAGILE, ", \"retries\": 100");
	assert_int_equal(reply->status, 200);
	check_attempts(reply, 2, "crash");
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* Two agents may die of a call, or as many as the operator says. */
static void
retries_deaths(void **state)
{
	struct daemon *d = start("", "retries = 5\nretry_backoff = 1ms");
	struct reply *reply = call(d, "fault", ABORT);

	check_problem(reply, 502, "agent_crashed");
	check_attempts(reply, 2, "crash");
	assert_int_equal(stat_of(d, "agent_restarts"), 2);
	daemon_configure(d, "max_deaths = 1\n"
			    "tool fault { retries = 5 retry_backoff = 1ms }\n");
	daemon_reload(d);
	reply = call(d, "fault", ABORT);
	check_problem(reply, 502, "agent_crashed");
	check_attempts(reply, 1, NULL);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* An error of the tool, where that is wanted. */
static void
retries_error(void **state)
{
	struct daemon *d = start_times("", 2,
	    ", \"idempotent\": true, \"retries\": 3, \"retry_backoff\": 0.001, "
	    "\"retry_on\": [\"error\"]");
	struct reply *reply = call(d, "tool", "{}");

	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/result"), 3);
	check_attempts(reply, 3, "error");
	daemon_stop(d);
}

/* The caller's limit is below that of the policy. */
static void
retries_error_again(void **state)
{
	struct daemon *d = start_times("", 2,
	    ", \"idempotent\": true, \"retries\": 3, \"retry_backoff\": 0.001, "
	    "\"retry_on\": [\"error\"]");
	struct reply *reply = call_with(d, "tool", "{}", ", \"retries\": 1");

	assert_int_equal(reply->status, 200);
	assert_true(reply_has(reply, "/error"));
	check_attempts(reply, 2, "error");
	daemon_stop(d);
}

static void
check_not_tried(const char *general, const char *members, const char *more)
{
	struct daemon *d = start_times(general, 1, members);
	struct reply *reply = call_with(d, "tool", "{}", more);

	assert_int_equal(reply->status, 200);
	assert_true(reply_has(reply, "/error"));
	check_attempts(reply, 1, NULL);
	assert_int_equal(stat_of(d, "retries"), 0);
	daemon_stop(d);
}

static void
retries_not_idempotent(void **state)
{
	check_not_tried("",
	    ", \"retries\": 3, \"retry_backoff\": 0.001, "
	    "\"retry_on\": [\"error\", \"crash\"]",
	    "");
}

static void
retries_other_failure(void **state)
{
	check_not_tried("",
	    ", \"idempotent\": true, \"retries\": 3, "
	    "\"retry_backoff\": 0.001",
	    "");
}

/* The pause would end after the deadline: the answer comes at once. */
static void
retries_deadline(void **state)
{
	int64_t begun = now_ms();

	check_not_tried("",
	    ", \"idempotent\": true, \"retries\": 3, \"retry_backoff\": 3600, "
	    "\"retry_max\": 3600, \"retry_on\": [\"error\"]",
	    ", \"timeout\": 5");
	assert_in_range(now_ms() - begun, 0, within_ms(5000));
}

static void
retries_no_budget(void **state)
{
	check_not_tried("retry_budget = 0\n",
	    ", \"idempotent\": true, \"retries\": 3, \"retry_backoff\": 0.001, "
	    "\"retry_on\": [\"error\"]",
	    "");
}

/* Ten in ten seconds, when there are few calls; then no more. */
static void
retries_budget(void **state)
{
	struct daemon *d = start_times("", 1000,
	    ", \"idempotent\": true, \"retries\": 3, \"retry_backoff\": 0.001, "
	    "\"retry_on\": [\"error\"]");
	int64_t begun = now_ms();
	struct reply *reply;

	for (int i = 0; i < 3; i++)
		check_attempts(call(d, "tool", "{}"), 4, "error");
	check_attempts(call(d, "tool", "{}"), 2, "error");
	reply = call(d, "tool", "{}");
	/* A machine that is as slow as that proves nothing. */
	if (now_ms() - begun < 9000)
		assert_int_equal(reply_int(reply, "/attempts"), 1);
	reply_free(reply);
	daemon_stop(d);
}

/* A call that rests, having failed. */
static struct conn *
rest(struct daemon *d)
{
	struct reply *reply;
	struct conn *conn;

	fault_set(d, "fragile", "1000\n");
	conn = call_begin(d, ID, "fault", FRAGILE, ", \"timeout\": 590");
	wait_request(d, ID, "retrying");
	reply = get(d, "/api/v1/requests");
	assert_true(reply_int(reply, "/requests/0/attempts") > 0);
	assert_false(reply_has(reply, "/requests/0/agent_id"));
	reply_free(reply);
	assert_int_equal(stat_of(d, "queue_depth"), 0);
	return (conn);
}

/* It may have done something. */
static void
check_rested(struct conn *conn, int status, const char *code)
{
	struct reply *reply = http_answer(conn);

	check_problem(reply, status, code);
	assert_string_equal(reply_string(reply, "/outcome"), "unknown");
	assert_true(reply_int(reply, "/attempts") > 0);
	assert_string_equal(reply_string(reply, "/causes/0"), "crash");
	reply_free(reply);
	http_close(conn);
}

static void
retries_resting_delete(void **state)
{
	struct daemon *d = start("max_deaths = 100", RESTING);
	struct conn *conn = rest(d);

	expect(ask(d, "DELETE", "/api/v1/requests/" ID, NULL, NULL), 202, NULL);
	check_rested(conn, 409, "cancelled");
	wait_request(d, ID, "gone");
	assert_int_equal(stat_of(d, "cancelled"), 1);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static void
retries_resting_left(void **state)
{
	struct daemon *d = start("max_deaths = 100", RESTING);

	http_close(rest(d));
	wait_request(d, ID, "gone");
	assert_int_equal(stat_of(d, "cancelled"), 1);
	assert_int_equal(stat_of(d, "total_requests"), 1);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static void
retries_resting_drain(void **state)
{
	struct daemon *d =
	    start("max_deaths = 100\nshutdown_timeout = 300ms", RESTING);
	struct conn *conn = rest(d);

	daemon_signal(d, SIGTERM);
	check_rested(conn, 503, "draining");
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

/* The tool goes while its call rests: that finds nothing when it is over. */
static void
retries_resting_removed(void **state)
{
	struct daemon *d = start("max_deaths = 100",
	    "retries = 10\nretry_backoff = 500ms\nretry_max = 500ms");
	struct conn *conn;

	fault_set(d, "fragile", "1000\n");
	conn = call_begin(d, ID, "fault", FRAGILE, ", \"timeout\": 590");
	wait_request(d, ID, "retrying");
	daemon_configure(d, "tool fault { enabled = no }\n");
	daemon_reload(d);
	fault_clear(d, "fragile");
	expect(http_answer(conn), 404, "unknown_tool");
	http_close(conn);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(retries_crash),
	    E2E_TEST(retries_none),
	    E2E_TEST(retries_deaths),
	    E2E_TEST(retries_error),
	    E2E_TEST(retries_error_again),
	    E2E_TEST(retries_not_idempotent),
	    E2E_TEST(retries_other_failure),
	    E2E_TEST(retries_deadline),
	    E2E_TEST(retries_no_budget),
	    E2E_TEST(retries_budget),
	    E2E_TEST(retries_resting_delete),
	    E2E_TEST(retries_resting_left),
	    E2E_TEST(retries_resting_drain),
	    E2E_TEST(retries_resting_removed),
	};

	return (cmocka_run_group_tests_name("retries", tests, NULL, NULL));
}

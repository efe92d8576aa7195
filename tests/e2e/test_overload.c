/*
 * More calls than agents can do: hopeless ones are refused at once, Retry-After
 * tells when the queue will be done with, and with codel_target set what has
 * waited for too long is refused.
 */

#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS 40
#define MORE 15

/* A daemon with one agent and a tool that takes 50 ms. */
static struct daemon *
start_napping(const char *settings)
{
	return (tool_daemon(settings, "command", "/bin/sh",
	    "\"-c\", \"sleep 0.05; echo 1\"", ""));
}

static void
begin(struct daemon *d, struct conn **conns, int from, int to)
{
	char id[37];

	for (int i = from; i < to; i++) {
		snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", i);
		conns[i] = call_begin(d, id, "tool", "{}", "");
	}
}

static bool
ten_done(void *daemon)
{
	return (stat_of(daemon, "successful_requests") >= 10);
}

/* Takes the answer of a call: 200, or 503 that says when to come again. */
static int
finish(struct conn *conn, const char *detail, int *retry_after)
{
	struct reply *reply = http_answer(conn);
	int status = reply->status;

	if (status != 200) {
		check_problem(reply, 503, "queue_full");
		assert_non_null(strstr(reply_string(reply, "/detail"), detail));
		assert_string_equal(
		    reply_string(reply, "/outcome"), "not_started");
		*retry_after = atoi(reply_header(reply, "Retry-After"));
		assert_in_range(*retry_after, 1, 60);
	}
	reply_free(reply);
	http_close(conn);
	return (status);
}

/* The deadline would pass in the queue: it is not even let in. */
static void
overload_hopeless(void **state)
{
	struct daemon *d = start_napping("agents = 1\n");
	struct conn *conns[CALLS];
	struct reply *reply;
	int ignored;

	begin(d, conns, 0, CALLS);
	assert_true(wait_until(ten_done, d, WAIT_MS));
	reply = call_with(d, "tool", "{}", ", \"timeout\": 0.1");
	check_problem(reply, 503, "queue_full");
	assert_non_null(strstr(reply_string(reply, "/detail"), "deadline"));
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	reply_free(reply);
	assert_int_equal(stat_of(d, "timeouts"), 0);
	assert_int_equal(stat_of(d, "rejected"), 1);
	/* One that goes before all others has the time. */
	expect(call_with(d, "tool", "{}", ", \"timeout\": 1, \"priority\": 1"),
	    200, NULL);
	assert_true(stat_of(d, "queue_depth") > 0);
	expect(call_with(d, "tool", "{}", ", \"timeout\": 60"), 200, NULL);
	for (int i = 0; i < CALLS; i++)
		assert_int_equal(finish(conns[i], "", &ignored), 200);
	daemon_stop(d);
}

/* What waits for a tool at its limit waits for that, idle agents or not. */
static void
overload_hopeless_tool(void **state)
{
	struct daemon *d =
	    start_napping("agents = 3\ntool tool { max_concurrent = 1 }\n");
	struct conn *conns[CALLS];
	int ignored;

	begin(d, conns, 0, CALLS);
	assert_true(wait_until(ten_done, d, WAIT_MS));
	expect(call_with(d, "tool", "{}", ", \"timeout\": 0.1"), 503,
	    "queue_full");
	expect(
	    call_with(d, "echo", "{\"message\": \"x\"}", ", \"timeout\": 0.5"),
	    200, NULL);
	for (int i = 0; i < CALLS; i++)
		assert_int_equal(finish(conns[i], "", &ignored), 200);
	expect(call_with(d, "tool", "{}", ", \"timeout\": 5"), 200, NULL);
	daemon_stop(d);
}

/* 40 calls of at least 50 ms: not before 2 seconds. */
static void
overload_retry_after(void **state)
{
	struct daemon *d = start_napping("agents = 1\nqueue_max = 40\n");
	struct conn *conns[CALLS + MORE];
	int refused = 0, retry_after;

	begin(d, conns, 0, CALLS);
	assert_true(wait_until(ten_done, d, WAIT_MS));
	begin(d, conns, CALLS, CALLS + MORE);
	for (int i = 0; i < CALLS + MORE; i++) {
		if (finish(conns[i], "queue is full", &retry_after) == 200)
			continue;
		assert_true(retry_after >= 2);
		refused++;
	}
	assert_in_range(refused, 1, MORE);
	assert_int_equal(stat_of(d, "rejected"), refused);
	/* Nothing waits. */
	daemon_stop(d);
}

static void
overload_codel(void **state)
{
	struct daemon *d = start_napping("agents = 1\ncodel_target = 20ms\n"
					 "codel_interval = 20ms\n");
	struct conn *conns[CALLS];
	int refused = 0, ignored;

	begin(d, conns, 0, CALLS);
	for (int i = 0; i < CALLS; i++)
		if (finish(conns[i], "overloaded", &ignored) == 503)
			refused++;
	assert_in_range(refused, CALLS - 12, CALLS - 2);
	assert_int_equal(stat_of(d, "rejected"), refused);
	assert_int_equal(stat_of(d, "total_requests"), CALLS - refused);
	assert_int_equal(stat_of(d, "successful_requests"), CALLS - refused);
	/* It is over. */
	for (int i = 0; i < 3; i++)
		expect(call(d, "tool", "{}"), 200, NULL);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(overload_hopeless),
	    E2E_TEST(overload_hopeless_tool),
	    E2E_TEST(overload_retry_after),
	    E2E_TEST(overload_codel),
	};

	return (cmocka_run_group_tests_name("overload", tests, NULL, NULL));
}

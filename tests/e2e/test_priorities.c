/*
 * The order of the queue, its limits for single tools, and the reserve, with
 * agents that stop at gates.
 */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS 6

struct waiting {
	struct conn *conn[CALLS];
	char id[CALLS][37];
};

/* Starts a call of "wait" at the gate of that number. */
static void
begin(struct daemon *d, struct waiting *w, int i, int priority)
{
	char gate[16], params[64], members[32];

	snprintf(gate, sizeof(gate), "gate%d", i);
	gate_make(d, gate);
	snprintf(params, sizeof(params), "{\"gate\": \"%s\"}", gate);
	snprintf(members, sizeof(members), ", \"priority\": %d", priority);
	snprintf(
	    w->id[i], sizeof(w->id[i]), "00000000-0000-4000-8000-%012d", i);
	w->conn[i] = call_begin(d, w->id[i], "wait", params, members);
}

/* The same, and it is known to wait. */
static void
queue(struct daemon *d, struct waiting *w, int i, int priority)
{
	begin(d, w, i, priority);
	wait_request(d, w->id[i], "queued");
}

static void
run(struct daemon *d, struct waiting *w, int i, int priority)
{
	begin(d, w, i, priority);
	wait_request(d, w->id[i], "running");
}

static void
finish(struct daemon *d, struct waiting *w, int i)
{
	char gate[16];

	snprintf(gate, sizeof(gate), "gate%d", i);
	gate_open(d, gate);
	expect(http_answer(w->conn[i]), 200, NULL);
	http_close(w->conn[i]);
}

/* Each runs only when those before it in this list are done. */
static void
check_order(struct daemon *d, struct waiting *w, const int *order, int n)
{
	for (int i = 0; i < n; i++) {
		wait_request(d, w->id[order[i]], "running");
		wait_stat(d, "queue_depth", n - 1 - i);
		finish(d, w, order[i]);
	}
}

static void
echo_works(struct daemon *d, const char *members)
{
	expect(
	    call_with(d, "echo", "{\"message\": \"x\"}", members), 200, NULL);
}

static void
priorities_order(void **state)
{
	struct daemon *d = daemon_start("agents = 1\npriority_ageing = 1h\n");
	static const int order[] = {0, 4, 3, 5, 2, 1};
	struct waiting w;

	run(d, &w, 0, 5);
	queue(d, &w, 1, 5);
	queue(d, &w, 2, 3);
	queue(d, &w, 3, 2);
	queue(d, &w, 4, 1);
	queue(d, &w, 5, 2);
	check_order(d, &w, order, CALLS);
	daemon_stop(d);
}

static bool
second_passed(void *since)
{
	return (now_ms() - *(int64_t *)since > 1000);
}

/* What waits for long goes before what comes later. */
static void
priorities_ageing(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 1\npriority_ageing = 100ms\n");
	static const int order[] = {0, 1, 2, 3};
	struct waiting w;
	int64_t since;

	run(d, &w, 0, 1);
	queue(d, &w, 1, 5);
	since = now_ms();
	assert_true(wait_until(second_passed, &since, WAIT_MS));
	queue(d, &w, 2, 1);
	queue(d, &w, 3, 1);
	check_order(d, &w, order, 4);
	daemon_stop(d);
}

static void
priorities_query(void **state)
{
	struct daemon *d = daemon_start("agents = 1\npriority_ageing = 0s\n");
	struct conn *conn = http_open(d);
	struct waiting w;

	run(d, &w, 0, 1);
	queue(d, &w, 1, 2);
	gate_make(d, "q");
	http_request(conn, "POST", "/api/v1/tools/wait?priority=1",
	    "X-Request-Id: 11111111-1111-4111-8111-111111111111\r\n",
	    "{\"gate\": \"q\"}");
	wait_request(d, "11111111-1111-4111-8111-111111111111", "queued");
	finish(d, &w, 0);
	wait_request(d, "11111111-1111-4111-8111-111111111111", "running");
	wait_request(d, w.id[1], "queued");
	gate_open(d, "q");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	finish(d, &w, 1);
	daemon_stop(d);
}

/* A tool at its limit has no more than that of the queue; others have it. */
static void
priorities_queue_max(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 3\nqueue_max = 3\n"
			 "tool wait { max_concurrent = 1 queue_max = 2 }\n");
	struct waiting w;
	struct reply *reply;

	run(d, &w, 0, 3);
	queue(d, &w, 1, 3);
	queue(d, &w, 2, 3);
	reply =
	    call_with(d, "wait", "{\"gate\": \"gate0\"}", ", \"priority\": 1");
	check_problem(reply, 503, "queue_full");
	assert_non_null(strstr(reply_string(reply, "/detail"), "tool wait"));
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	assert_non_null(reply_header(reply, "Retry-After"));
	reply_free(reply);
	echo_works(d, "");
	assert_int_equal(stat_of(d, "rejected"), 1);
	finish(d, &w, 0);
	wait_request(d, w.id[1], "running");
	queue(d, &w, 3, 3);
	for (int i = 1; i <= 3; i++)
		finish(d, &w, i);
	daemon_stop(d);
}

/* The idle agents count as room, up to what the tool may use of them. */
static void
priorities_queue_max_idle(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 3\ntool wait { queue_max = 1 }\n");
	struct waiting w;

	for (int i = 0; i < 3; i++)
		begin(d, &w, i, 3);
	for (int i = 0; i < 3; i++)
		wait_request(d, w.id[i], "running");
	queue(d, &w, 3, 3);
	expect(call(d, "wait", "{\"gate\": \"gate0\"}"), 503, "queue_full");
	for (int i = 0; i <= 3; i++)
		finish(d, &w, i);
	daemon_stop(d);
}

/* One agent stays free for priority 1, whatever waits and however long. */
static void
priorities_reserve(void **state)
{
	struct daemon *d =
	    daemon_start("agents = 2\nreserve = 1\npriority_ageing = 1ms\n");
	struct waiting w;

	run(d, &w, 0, 2);
	queue(d, &w, 1, 2);
	assert_int_equal(stat_of(d, "idle_agents"), 1);
	for (int i = 0; i < 40; i++)
		echo_works(d, ", \"priority\": 1");
	run(d, &w, 2, 1);
	queue(d, &w, 3, 1);
	wait_request(d, w.id[1], "queued");
	finish(d, &w, 0); /* what is free now goes to priority 1 */
	wait_request(d, w.id[3], "running");
	wait_request(d, w.id[1], "queued");
	finish(d, &w, 2); /* what is free now is the reserve */
	wait_stat(d, "idle_agents", 1);
	wait_request(d, w.id[1], "queued");
	finish(d, &w, 3);
	wait_request(d, w.id[1], "running");
	finish(d, &w, 1);
	daemon_stop(d);
}

/* With fast calls, which go several at a time, it is the same. */
static void
priorities_reserve_fast(void **state)
{
	struct daemon *d = daemon_start("agents = 2\nreserve = 1\n");
	struct waiting w;

	for (int i = 0; i < 40; i++)
		echo_works(d, "");
	run(d, &w, 0, 3);
	for (int i = 1; i < 4; i++)
		queue(d, &w, i, 3);
	for (int i = 0; i < 40; i++)
		echo_works(d, ", \"priority\": 1");
	wait_stat(d, "idle_agents", 1);
	wait_stat(d, "queue_depth", 3);
	for (int i = 0; i < 4; i++)
		finish(d, &w, i);
	daemon_stop(d);
}

/* A smaller reserve lets at once go what waits; one too large leaves one. */
static void
priorities_reserve_reload(void **state)
{
	struct daemon *d = daemon_start("agents = 2\nreserve = 9\n");
	struct waiting w;

	run(d, &w, 0, 3);
	queue(d, &w, 1, 3);
	daemon_configure(d, "agents = 2\nreserve = 0\n");
	daemon_reload(d);
	wait_request(d, w.id[1], "running");
	finish(d, &w, 0);
	finish(d, &w, 1);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(priorities_order),
	    E2E_TEST(priorities_ageing),
	    E2E_TEST(priorities_query),
	    E2E_TEST(priorities_queue_max),
	    E2E_TEST(priorities_queue_max_idle),
	    E2E_TEST(priorities_reserve),
	    E2E_TEST(priorities_reserve_fast),
	    E2E_TEST(priorities_reserve_reload),
	};

	return (cmocka_run_group_tests_name("priorities", tests, NULL, NULL));
}

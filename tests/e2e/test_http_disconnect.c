/*
 * Clients that leave, half leave, or send their next request too early: while
 * their call is queued, while it runs, and while its answer is under way.
 */

#include "harness.h"

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define GATE "{\"gate\": \"gate\"}"

static struct daemon *
start_gated(const char *settings)
{
	struct daemon *d = daemon_start(settings);

	gate_make(d, "gate");
	return (d);
}

static void
gone_while_queued(void **state)
{
	struct daemon *d = start_gated("agents = 1\n");
	struct conn *first, *second;
	struct health before;

	health_take(d, &before);
	first = call_begin(d, ID_1, "wait", GATE, "");
	wait_request(d, ID_1, "running");
	second = call_begin(d, ID_2, "wait", GATE, "");
	wait_request(d, ID_2, "queued");
	http_close(second);
	wait_request(d, ID_2, "gone");
	wait_stat(d, "cancelled", 1);
	gate_open(d, "gate");
	expect(http_answer(first), 200, NULL);
	http_close(first);
	health_check(d, &before, WAIT_MS);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

/* By default a call is stopped when nobody waits for it any more. */
static void
gone_while_running_cancel(void **state)
{
	struct daemon *d = start_gated("agents = 1\n");
	struct conn *conn;
	struct health before;
	pid_t agent;

	health_take(d, &before);
	agent = proc_any_agent(d);
	conn = call_begin(d, ID_1, "wait", GATE, "");
	wait_request(d, ID_1, "running");
	http_close(conn);
	wait_request(d, ID_1, "gone");
	health_check(d, &before, WAIT_MS);
	assert_int_not_equal(proc_any_agent(d), agent);
	assert_false(fault_exists(d, "gate.done"));
	assert_int_equal(stat_of(d, "cancelled"), 1);
	daemon_stop(d);
}

/* A call that is about to end is let end, for an agent is worth more. */
static void
gone_while_running_brief(void **state)
{
	enum { ROUNDS = 40 };
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;
	struct conn *conn;
	int64_t restarts;

	health_take(d, &before);
	for (int i = 0; i < ROUNDS; i++) {
		conn =
		    call_begin(d, ID_1, "fault", "{\"action\": \"brief\"}", "");
		/* An answer to another shows that it was read. */
		expect(get(d, "/livez"), 200, NULL);
		http_close(conn);
		health_check(d, &before, WAIT_MS);
	}
	restarts = stat_of(d, "agent_restarts");
	print_message(
	    "# %lld of %d agents lost\n", (long long)restarts, ROUNDS);
	/* On a busy machine even a brief call may take longer. */
	assert_true(restarts < ROUNDS / 4);
	daemon_stop(d);
}

static void
gone_while_running_finish(void **state)
{
	struct daemon *d = start_gated("agents = 1\non_disconnect = finish\n");
	struct conn *conn;
	struct health before;
	pid_t agent;

	health_take(d, &before);
	agent = proc_any_agent(d);
	conn = call_begin(d, ID_1, "wait", GATE, "");
	wait_request(d, ID_1, "running");
	http_close(conn);
	gate_open(d, "gate");
	wait_request(d, ID_1, "gone");
	health_check(d, &before, WAIT_MS);
	assert_int_equal(proc_any_agent(d), agent);
	assert_true(fault_exists(d, "gate.done"));
	daemon_stop(d);
}

/* The deadline ends what is finished for nobody. */
static void
gone_then_timeout(void **state)
{
	struct daemon *d = start_gated("agents = 1\non_disconnect = finish\n");
	struct conn *conn;
	struct health before;

	health_take(d, &before);
	conn = call_begin(d, ID_1, "wait", GATE, ", \"timeout\": 0.3");
	wait_request(d, ID_1, "running");
	http_close(conn);
	wait_request(d, ID_1, "gone");
	health_check(d, &before, WAIT_MS);
	assert_false(fault_exists(d, "gate.done"));
	daemon_stop(d);
}

static void
gone_mid_answer(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	for (int i = 0; i < 20; i++) {
		conn = http_open(d);
		http_request(conn, "POST", "/api/v1/tools/fault", NULL,
		    "{\"action\": \"verbose\", \"size\": 900000}");
		while (conn->len == 0)
			http_fill(conn);
		http_close(conn);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Says that it will send no more: test_half_close has more of them. */
static void
half_close(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < 20; i++) {
		struct conn *conn =
		    call_begin(d, ID_1, "echo", "{\"message\": \"x\"}", "");

		shutdown(conn->fd, SHUT_WR);
		expect(http_answer(conn), 200, NULL);
		http_close(conn);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Many whole requests in one write: as many answers, in their order. */
static void
pipelined(void **state)
{
	enum { CALLS = 20 };
	static const char format[] =
	    "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	    "X-Request-Id: 00000000-0000-4000-8000-%012d\r\n"
	    "Content-Length: %d\r\n\r\n%s";
	static const char body[] =
	    "{\"tool_name\": \"echo\", \"params\": {\"message\": \"x\"}}";
	struct daemon *d = daemon_start("");
	struct conn *conn = http_open(d);
	char all[CALLS * 256], id[37];
	size_t len = 0;

	for (int i = 0; i < CALLS; i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, format, i,
		    (int)strlen(body), body);
	http_write(conn, all, len);
	for (int i = 0; i < CALLS; i++) {
		struct reply *reply = http_answer(conn);

		snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", i);
		assert_int_equal(reply->status, 200);
		assert_string_equal(reply_header(reply, "X-Request-Id"), id);
		reply_free(reply);
	}
	assert_int_equal(conn->len, 0);
	http_close(conn);
	daemon_stop(d);
}

/* The next request arrives while the call before it runs. */
static void
pipelined_while_running(void **state)
{
	struct daemon *d = start_gated("");
	struct health before;
	struct conn *conn;
	pid_t frontend;

	health_take(d, &before);
	frontend = proc_frontend(d);
	conn = call_begin(d, ID_1, "wait", GATE, "");
	wait_request(d, ID_1, "running");
	http_request(conn, "GET", "/livez", NULL, NULL);
	http_request(conn, "GET", "/nothing", NULL, NULL);
	/* An answer to another shows that it has seen these bytes. */
	expect(get(d, "/livez"), 200, NULL);
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	expect(http_answer(conn), 200, NULL);
	expect(http_answer(conn), 404, "not_found");
	http_close(conn);
	assert_int_equal(proc_frontend(d), frontend);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Garbage after a request, and then nobody who waits. */
static void
pipelined_garbage(void **state)
{
	struct daemon *d = start_gated("");
	struct health before;
	struct conn *conn;
	char *garbage = malloc(1 << 20);

	assert_non_null(garbage);
	memset(garbage, '\n', 1 << 20);
	health_take(d, &before);
	conn = call_begin(d, ID_1, "wait", GATE, ", \"timeout\": 2");
	wait_request(d, ID_1, "running");
	send(conn->fd, garbage, 1 << 20, MSG_DONTWAIT | MSG_NOSIGNAL);
	expect(get(d, "/livez"), 200, NULL);
	http_close(conn);
	wait_request(d, ID_1, "gone");
	health_check(d, &before, WAIT_MS);
	free(garbage);
	daemon_stop(d);
}

/* Leaving with a second request already sent is leaving, too. */
static void
pipelined_and_gone(void **state)
{
	struct daemon *d = start_gated("agents = 1\n");
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	conn = call_begin(d, ID_1, "wait", GATE, "");
	wait_request(d, ID_1, "running");
	http_request(conn, "GET", "/livez", NULL, NULL);
	http_close(conn);
	wait_request(d, ID_1, "gone");
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(gone_while_queued),
	    E2E_TEST(gone_while_running_cancel),
	    E2E_TEST(gone_while_running_brief),
	    E2E_TEST(gone_while_running_finish),
	    E2E_TEST(gone_then_timeout),
	    E2E_TEST(gone_mid_answer),
	    E2E_TEST(half_close),
	    E2E_TEST(pipelined),
	    E2E_TEST(pipelined_while_running),
	    E2E_TEST(pipelined_garbage),
	    E2E_TEST(pipelined_and_gone),
	};

	return (
	    cmocka_run_group_tests_name("http_disconnect", tests, NULL, NULL));
}

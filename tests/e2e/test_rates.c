/*
 * Rate limits: of a tool, and of a client.
 */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ECHO "{\"tool_name\": \"echo\", \"params\": {\"message\": \"x\"}}"

static void
check_limited(struct reply *reply, int least, int most)
{
	check_problem(reply, 429, "rate_limited");
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	assert_in_range(atoi(reply_header(reply, "Retry-After")), least, most);
	reply_free(reply);
}

static void
rates_tool(void **state)
{
	struct daemon *d =
	    daemon_start("tool echo {\n rate = 1/m\n burst = 2\n}\n");

	for (int i = 0; i < 2; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	for (int i = 0; i < 2; i++)
		check_limited(call(d, "echo", "{\"message\": \"x\"}"), 50, 60);
	expect(call(d, "text",
		   "{\"operation\": \"word_count\", "
		   "\"text\": \"a b\"}"),
	    200, NULL);
	assert_int_equal(stat_of(d, "rejected"), 2);
	assert_int_equal(stat_of(d, "total_requests"), 3);
	/* Taken away by a reload. */
	daemon_configure(d, "");
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

static bool
goes_through(void *arg)
{
	struct reply *reply = call(arg, "echo", "{\"message\": \"x\"}");
	bool through = reply->status == 200;

	if (!through)
		check_problem(reply, 429, "rate_limited");
	reply_free(reply);
	return (through);
}

/* Time fills the bucket again. */
static void
rates_fill(void **state)
{
	struct daemon *d = daemon_start("tool echo { rate = 2/s burst = 1 }\n");
	int64_t begun = now_ms();

	assert_true(goes_through(d));
	assert_true(wait_until(goes_through, d, WAIT_MS));
	assert_in_range(now_ms() - begun, 499, WAIT_MS);
	daemon_stop(d);
}

static struct reply *
call_port(int port)
{
	struct conn *conn = http_open_port(port);
	struct reply *reply;

	http_request(conn, "POST", "/api/v1/request", NULL, ECHO);
	reply = http_answer(conn);
	http_close(conn);
	return (reply);
}

static struct reply *
call_control(struct daemon *d)
{
	struct conn *conn = http_open_path(d->control);
	struct reply *reply;

	http_request(conn, "POST", "/api/v1/request", NULL, ECHO);
	reply = http_answer(conn);
	http_close(conn);
	return (reply);
}

/* A user through the Unix socket and an address are two clients. */
static void
rates_client(void **state)
{
	struct daemon *d =
	    daemon_start("listen = {\"127.0.0.1:0\", \"unix:@DIR@/api.sock\"}\n"
			 "client_rate = 1/m\nclient_burst = 2\n");
	int port = daemon_port(d);

	for (int i = 0; i < 2; i++)
		expect(call_port(port), 200, NULL);
	check_limited(call_port(port), 50, 60);
	for (int i = 0; i < 2; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	check_limited(call(d, "echo", "{\"message\": \"x\"}"), 50, 60);
	/* To look is free, and so is everything for administrators. */
	for (int i = 0; i < 5; i++) {
		expect(get(d, "/api/v1/tools"), 200, NULL);
		expect(call_control(d), 200, NULL);
	}
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(rates_tool),
	    E2E_TEST(rates_fill),
	    E2E_TEST(rates_client),
	};

	return (cmocka_run_group_tests_name("rates", tests, NULL, NULL));
}

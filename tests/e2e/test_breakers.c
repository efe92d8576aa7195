/*
 * Circuit breakers over HTTP: a tool that fails is refused at once, is tried
 * again after a while, and what an administrator may do.
 */

#include "ctl.h"
#include "tools.h"

#include <json-c/json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BREAKERS "/api/v1/breakers"
#define MESSAGE "{\"message\": \"x\"}"

/* A tool that fails so many times, with a breaker of four calls. */
static struct daemon *
start(int times, const char *wait)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char words[192], settings[512];

	snprintf(words, sizeof(words), "\"times\", \"%s/times.log\", \"%d\"",
	    d->dir, times);
	tool_write(d, "tool", "command", "toolbox", words, "");
	snprintf(settings, sizeof(settings),
	    "tools_dir = \"@DIR@/tools.d\"\n"
	    "tool tool {\n breaker = yes\n breaker_window = 4\n"
	    " breaker_min_calls = 4\n breaker_wait = %s\n"
	    " breaker_probes = 2\n}\n"
	    "tool fault {\n breaker = yes\n breaker_window = 60s\n"
	    " breaker_min_calls = 2\n breaker_wait = 1h\n"
	    " breaker_slow_call = 1ms\n timeout = 100ms\n}\n",
	    wait);
	daemon_configure(d, settings);
	daemon_spawn(d, &o);
	return (d);
}

struct breaker_look {
	struct daemon *daemon;
	const char *tool, *state;
};

static bool
state_is(void *arg)
{
	const struct breaker_look *look = arg;
	struct reply *reply = get(look->daemon, BREAKERS);
	char pointer[64];
	bool is;

	snprintf(pointer, sizeof(pointer), "/breakers/%s/state", look->tool);
	is = strcmp(reply_string(reply, pointer), look->state) == 0;
	reply_free(reply);
	return (is);
}

/* Once it is in that state: the front end hears of a reload a moment later. */
static void
check_state(struct daemon *d, const char *tool, const char *state, int calls,
    int failures)
{
	struct breaker_look look = {d, tool, state};
	struct reply *reply;
	char pointer[64];

	(void)wait_until(state_is, &look, WAIT_MS);
	reply = get(d, BREAKERS);
	snprintf(pointer, sizeof(pointer), "/breakers/%s/state", tool);
	assert_string_equal(reply_string(reply, pointer), state);
	snprintf(pointer, sizeof(pointer), "/breakers/%s/calls", tool);
	assert_int_equal(reply_int(reply, pointer), calls);
	snprintf(pointer, sizeof(pointer), "/breakers/%s/failures", tool);
	assert_int_equal(reply_int(reply, pointer), failures);
	snprintf(pointer, sizeof(pointer), "/breakers/%s/opened_at", tool);
	assert_int_equal(
	    reply_has(reply, pointer), strcmp(state, "closed") != 0);
	snprintf(pointer, sizeof(pointer), "/breakers/%s/retry_after", tool);
	assert_int_equal(reply_has(reply, pointer), strcmp(state, "open") == 0);
	reply_free(reply);
}

static void
fail_calls(struct daemon *d, int n)
{
	while (n-- > 0) {
		struct reply *reply = call(d, "tool", "{}");

		assert_int_equal(reply->status, 200);
		assert_true(reply_has(reply, "/error"));
		reply_free(reply);
	}
}

static void
check_refused(struct daemon *d, const char *tool, int least, int most)
{
	struct reply *reply = call(d, tool, "{\"action\": \"abort\"}");

	check_problem(reply, 503, "circuit_open");
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	assert_true(reply_header(reply, "Retry-After") != NULL);
	assert_in_range(atoi(reply_header(reply, "Retry-After")), least, most);
	assert_false(reply_has(reply, "/attempts"));
	reply_free(reply);
}

static bool
let_through(void *arg)
{
	struct reply *reply = call(arg, "tool", "{}");
	bool through = reply->status == 200;

	if (!through)
		check_problem(reply, 503, "circuit_open");
	else
		assert_true(reply_has(reply, "/result"));
	reply_free(reply);
	return (through);
}

static void
breakers_cycle(void **state)
{
	struct daemon *d = start(4, "300ms");

	check_state(d, "tool", "closed", 0, 0);
	fail_calls(d, 3);
	check_state(d, "tool", "closed", 3, 3);
	fail_calls(d, 1);
	check_state(d, "tool", "open", 4, 4);
	/* Only that tool's. */
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_true(wait_until(let_through, d, WAIT_MS));
	check_state(d, "tool", "half-open", 1, 0);
	assert_true(let_through(d));
	check_state(d, "tool", "closed", 0, 0);
	assert_true(daemon_wait_log(d, "half-open -> closed", WAIT_MS));
	daemon_check_logged(d,
	    "tool tool: breaker closed -> open: "
	    "of 4 calls 4 failed",
	    1);
	daemon_check_logged(d, "tool tool: breaker open -> half-open", 1);
	daemon_check_logged(d, "tool tool: breaker half-open -> closed", 1);
	daemon_check_logged(d, "breaker ", 3);
	daemon_stop(d);
}

/* What is refused is in no total, and no agent has it. */
static void
breakers_refuse(void **state)
{
	struct daemon *d = start(4, "100s");
	struct reply *reply;

	fail_calls(d, 4);
	check_refused(d, "tool", 90, 100);
	assert_int_equal(stat_of(d, "rejected"), 1);
	assert_int_equal(stat_of(d, "total_requests"), 4);
	reply = get(d, BREAKERS);
	assert_in_range(
	    reply_int(reply, "/breakers/tool/retry_after"), 90, 100);
	assert_false(reply_has(reply, "/breakers/echo"));
	reply_free(reply);
	daemon_stop(d);
}

/* Crashes count, and so do deadlines; the caller's mistakes do not. */
static void
breakers_failures(void **state)
{
	struct daemon *d = start(4, "100s");

	expect(call(d, "fault", "{\"action\": 5}"), 422, "invalid_params");
	expect(call(d, "fault", "{}"), 422, "invalid_params");
	check_state(d, "fault", "closed", 0, 0);
	expect(
	    call(d, "fault", "{\"action\": \"abort\"}"), 502, "agent_crashed");
	check_state(d, "fault", "closed", 1, 1);
	expect(call(d, "fault", "{\"action\": \"stop\"}"), 504, "timeout");
	check_state(d, "fault", "open", 2, 2);
	check_refused(d, "fault", 3590, 3600);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* A caller who gives a healthy tool too little time harms nobody else. */
static void
breakers_short_deadlines(void **state)
{
	struct daemon *d =
	    daemon_start("tool wait {\n timeout = 10s\n breaker = yes\n"
			 " breaker_window = 4\n breaker_min_calls = 2\n"
			 " breaker_wait = 1h\n}\n"
			 "tool fault {\n timeout = 10s\n breaker = yes\n"
			 " breaker_window = 4\n breaker_min_calls = 2\n"
			 " breaker_wait = 1h\n breaker_slow_call = 50ms\n}\n");

	gate_make(d, "gate");
	for (int i = 0; i < 4; i++)
		expect(call_with(d, "wait", "{\"gate\": \"gate\"}",
			   ", \"timeout\": 0.05"),
		    504, "timeout");
	check_state(d, "wait", "closed", 0, 0);
	/* That it was slow is known all the same. */
	for (int i = 0; i < 2; i++)
		expect(call_with(d, "fault", "{\"action\": \"stop\"}",
			   ", \"timeout\": 0.3"),
		    504, "timeout");
	check_state(d, "fault", "open", 2, 0);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static struct reply *
order(struct daemon *d, const char *tool, const char *body)
{
	struct conn *conn = http_open_path(d->control);
	struct reply *reply;
	char path[96];

	snprintf(path, sizeof(path), BREAKERS "/%s", tool);
	http_request(conn, "POST", path, NULL, body);
	reply = http_answer(conn);
	http_close(conn);
	return (reply);
}

static bool
orders_logged(void *arg)
{
	return (daemon_logged(arg, "by an administrator") == 3);
}

static void
breakers_orders(void **state)
{
	struct daemon *d = start(4, "100s");

	expect(order(d, "tool", "{\"action\": \"open\"}"), 200, NULL);
	check_refused(d, "tool", 90, 100);
	expect(order(d, "tool", "{\"action\": \"reset\"}"), 200, NULL);
	check_state(d, "tool", "closed", 0, 0);
	fail_calls(d, 4);
	check_refused(d, "tool", 90, 100);
	expect(order(d, "tool", "{\"action\": \"reset\"}"), 200, NULL);
	assert_true(let_through(d));
	assert_true(wait_until(orders_logged, d, WAIT_MS));
	daemon_stop(d);
}

/* What the breaker refuses takes nothing from the rate, nor the reverse. */
static void
breakers_and_rates(void **state)
{
	static const char settings[] =
	    "tool echo {\n rate = 2/h\n burst = 2\n breaker = yes\n"
	    " breaker_wait = %s\n breaker_probes = 2\n}\n";
	char conf[200];
	struct daemon *d;

	snprintf(conf, sizeof(conf), settings, "1h");
	d = daemon_start(conf);
	expect(order(d, "echo", "{\"action\": \"open\"}"), 200, NULL);
	for (int i = 0; i < 3; i++)
		expect(call(d, "echo", MESSAGE), 503, "circuit_open");
	expect(order(d, "echo", "{\"action\": \"reset\"}"), 200, NULL);
	for (int i = 0; i < 2; i++)
		expect(call(d, "echo", MESSAGE), 200, NULL);
	for (int i = 0; i < 3; i++)
		expect(call(d, "echo", MESSAGE), 429, "rate_limited");
	check_state(d, "echo", "closed", 2, 0);
	daemon_stop(d);
}

static void
breakers_bad_orders(void **state)
{
	static const char *const bodies[] = {"", "{}", "[]", "{\"action\": 1}",
	    "{\"action\": \"shut\"}", "{\"action\": \"open\", \"x\": 1}",
	    "{\"action\": \"open\\u0000\"}"};
	struct daemon *d = start(4, "100s");

	for (size_t i = 0; i < COUNT(bodies); i++)
		expect(order(d, "tool", bodies[i]), 400, "bad_request");
	expect(
	    order(d, "nothing", "{\"action\": \"open\"}"), 404, "unknown_tool");
	expect(order(d, "echo", "{\"action\": \"open\"}"), 404, "not_found");
	/* Not for everybody. */
	expect(ask(d, "POST", BREAKERS "/tool", NULL, "{\"action\": \"open\"}"),
	    404, "not_found");
	check_state(d, "tool", "closed", 0, 0);
	daemon_stop(d);
}

/* A reload keeps it unless its settings are others. */
static void
breakers_reload(void **state)
{
	static const char same[] =
	    "tool fault { breaker = yes breaker_window = 2 breaker_wait = 1h "
	    "breaker_slow_call = 1ms }\n";
	struct daemon *d = daemon_start(same);

	for (int i = 0; i < 2; i++)
		expect(call(d, "fault", "{\"action\": \"abort\"}"), 502,
		    "agent_crashed");
	check_state(d, "fault", "open", 2, 2);
	daemon_configure(d, same);
	daemon_reload(d);
	check_state(d, "fault", "open", 2, 2);
	daemon_configure(d, "tool fault { breaker = yes }\n");
	daemon_reload(d);
	check_state(d, "fault", "closed", 0, 0);
	daemon_configure(d, "");
	daemon_reload(d);
	expect(
	    call(d, "fault", "{\"action\": \"abort\"}"), 502, "agent_crashed");
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* An attempt that opens the breaker is the last. */
static void
breakers_retries(void **state)
{
	struct daemon *d = daemon_start(
	    "max_deaths = 100\n"
	    "tool fault { retries = 10 retry_backoff = 1ms breaker = yes "
	    "breaker_window = 3 }\n");
	struct reply *reply = call(d, "fault", "{\"action\": \"abort\"}");

	check_problem(reply, 502, "agent_crashed");
	assert_int_equal(reply_int(reply, "/attempts"), 3);
	reply_free(reply);
	check_state(d, "fault", "open", 3, 3);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static void
breakers_agentctl(void **state)
{
	struct daemon *d = start(4, "9999s");

	ctl_check(d, 0, "TOOL", "", WORDS("breakers"));
	ctl_check(d, 0, "closed", "", WORDS("breakers"));
	ctl_check(
	    d, 0, "", "", WORDS("-s", d->control, "breaker", "tool", "open"));
	ctl_check(d, 0, "\"state\":\"open\"", "", WORDS("-j", "breakers"));
	/* So many seconds are left, or a few less. */
	ctl_check(d, 0, " 99", "", WORDS("breakers"));
	ctl_check(d, 0, "\"state\":\"closed\"", "",
	    WORDS("-j", "-s", d->control, "breaker", "tool", "reset"));
	ctl_check(d, 2, "", "is not reset or open",
	    WORDS("-s", d->control, "breaker", "tool", "shut"));
	ctl_check(d, 4, "", "no tool nothing",
	    WORDS("-s", d->control, "breaker", "nothing", "open"));
	ctl_check(d, 4, "", "no such path", WORDS("breaker", "tool", "open"));
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(breakers_cycle),
	    E2E_TEST(breakers_refuse),
	    E2E_TEST(breakers_failures),
	    E2E_TEST(breakers_short_deadlines),
	    E2E_TEST(breakers_orders),
	    E2E_TEST(breakers_and_rates),
	    E2E_TEST(breakers_bad_orders),
	    E2E_TEST(breakers_reload),
	    E2E_TEST(breakers_retries),
	    E2E_TEST(breakers_agentctl),
	};

	return (cmocka_run_group_tests_name("breakers", tests, NULL, NULL));
}

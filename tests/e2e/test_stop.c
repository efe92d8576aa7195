/*
 * What is stopped at its deadline: by which signal, how long it may live on
 * behind the answer, and that its agent takes no other call meanwhile.
 */

#include "tools.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SOON ", \"timeout\": 0.3"

/* Longer than any test; where it were waited for, the test would fail. */
#define LONG "\"60s\""

/* A shell that cleans up when it is told to by this signal. */
#define CLEANS(signal)                                                 \
	"\"-c\", \"trap 'sleep 0.4; echo done >cleaned; exit' " signal \
	"; sleep 60 & wait\""

static bool
cleaned(struct daemon *d)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/tools.d/cleaned", d->dir);
	return (access(path, F_OK) == 0);
}

/* What the daemon did not make. */
static void
forget(struct daemon *d)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/tools.d/cleaned", d->dir);
	unlink(path);
}

/* The answer is there before the end of the tool, the next call after it. */
static void
check_grace(const char *words, const char *members)
{
	struct daemon *d =
	    tool_daemon("agents = 1\n", "command", "/bin/sh", words, members);

	expect(tool_call(d, "{}", SOON), 504, "timeout");
	assert_false(cleaned(d));
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_true(cleaned(d));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	forget(d);
	daemon_stop(d);
}

static void
stop_grace(void **state)
{
	check_grace(CLEANS("TERM"), ", \"stop_grace\": " LONG);
}

static void
stop_signal(void **state)
{
	check_grace(
	    CLEANS("INT"), ", \"stop_signal\": \"INT\", \"stop_grace\": " LONG);
}

/* One that does not end is killed, and the agent goes on. */
static void
stop_stubborn(void **state)
{
	static const char *const kinds[][2] = {
	    {"command", "\"-c\", \"trap '' TERM; sleep 60; sleep 60\""},
	    {"coprocess", "\"-c\", \"trap '' TERM; sleep 60; sleep 60\""},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct daemon *d = tool_daemon("agents = 1\n", kinds[i][0],
		    "/bin/sh", kinds[i][1], ", \"stop_grace\": \"300ms\"");

		expect(tool_call(d, "{}", SOON), 504, "timeout");
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		assert_int_equal(stat_of(d, "agent_restarts"), 0);
		daemon_stop(d);
	}
}

/* With another agent nobody waits. */
static void
stop_others(void **state)
{
	struct daemon *d = tool_daemon("agents = 2\n", "command", "/bin/sh",
	    "\"-c\", \"trap '' TERM; sleep 60; sleep 60\"",
	    ", \"stop_grace\": " LONG);

	expect(tool_call(d, "{}", SOON), 504, "timeout");
	for (int i = 0; i < 10; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	/* Nor does the end of the daemon: its time is bounded as ever. */
	daemon_stop(d);
}

/* Whoever has the daemon end at once does not wait for a grace, either. */
static void
stop_quit(void **state)
{
	struct daemon *d = tool_daemon("agents = 1\n", "command", "/bin/sh",
	    "\"-c\", \"trap 'echo told >&2' TERM; while :; do sleep 60; done\"",
	    ", \"stop_grace\": " LONG);

	expect(tool_call(d, "{}", SOON), 504, "timeout");
	assert_true(daemon_wait_log(d, "told", WAIT_MS));
	daemon_signal(d, SIGQUIT);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

/* Whoever answers first, the front end or the agent: no agent is lost. */
static void
stop_race(void **state)
{
	static const char *const timeouts[] = {", \"timeout\": 0.002",
	    ", \"timeout\": 0.005", ", \"timeout\": 0.01",
	    ", \"timeout\": 0.015", ", \"timeout\": 0.03"};
	struct daemon *d = tool_daemon("agents = 1\n", "command", "/bin/sh",
	    "\"-c\", \"exec sleep 60\"", ", \"stop_grace\": " LONG);

	/* Between them it has time, or it would pass for one that is stuck. */
	for (size_t i = 0; i < 10 * COUNT(timeouts); i++) {
		expect(tool_call(d, "{}", timeouts[i % COUNT(timeouts)]), 504,
		    NULL);
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	}
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(stop_grace),
	    E2E_TEST(stop_signal),
	    E2E_TEST(stop_stubborn),
	    E2E_TEST(stop_others),
	    E2E_TEST(stop_quit),
	    E2E_TEST(stop_race),
	};

	return (cmocka_run_group_tests_name("stop", tests, NULL, NULL));
}

/*
 * Coprocesses that keep the contract and break it, in a daemon: every caller
 * is answered once and the next call is served; nothing is left running.
 */

#include "tools.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DO(action) "{\"do\":\"" action "\"}"
#define ECHOED(action) "\"result\":" DO(action)
#define FAILED "\"success\":false,\"error\":"

static const struct tool_row rows[] = {
    {.name = "works",
	.params = "{\"a\":[1,{}]}",
	.status = 200,
	.text = "\"result\":{\"a\":[1,{}]}"},
    {.name = "reports an error",
	.params = DO("error"),
	.status = 200,
	.text = FAILED "\"no such thing\""},
    {.name = "dies during a call",
	.params = DO("die"),
	.status = 200,
	.text = FAILED "\"the coprocess exited with status 1 during the call"},
    {.name = "dies after a call",
	.params = DO("answer_and_die"),
	.status = 200,
	.text = ECHOED("answer_and_die")},
    {.name = "answers twice",
	.params = DO("twice"),
	.status = 200,
	.text = ECHOED("twice")},
    {.name = "answers a wrong id, and then the right one",
	.params = DO("wrong_id"),
	.status = 200,
	.text = ECHOED("wrong_id")},
    {.name = "answers a wrong id",
	.params = DO("only_wrong_id"),
	.timeout = ", \"timeout\": 0.3",
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "never answers",
	.params = DO("hang"),
	.timeout = ", \"timeout\": 0.3",
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "writes what is no message",
	.params = DO("banner"),
	.status = 200,
	.text = ECHOED("banner")},
    {.name = "writes half a message",
	.params = DO("half"),
	.status = 200,
	.text = FAILED "\"the coprocess exited with status 0 during the call"},
    {.name = "closes its output",
	.params = DO("close"),
	.status = 200,
	.text = FAILED "\"the coprocess closed its output"},
    {.name = "floods its output",
	.params = DO("flood"),
	.status = 200,
	.text = FAILED "\"the coprocess printed a line that is longer"},
    {.name = "floods its output with lines",
	.params = DO("flood_lines"),
	.timeout = ", \"timeout\": 0.3",
	.status = 504,
	.code = "timeout",
	.text = "\"outcome\":\"unknown\""},
    {.name = "answers the next call",
	.params = DO("ahead"),
	.status = 200,
	.text = ECHOED("ahead")},
    {.name = "notifies",
	.params = DO("notify"),
	.status = 200,
	.text = ECHOED("notify")},
    {.name = "has no secrets",
	.params = DO("environment"),
	.status = 200,
	.text = "\"PATH=",
	.not = "hush"},
};

/* One agent: what the next call finds is what this one left. */
static void
coprocesses_row(void **state)
{
	static const struct tool_row next = {
	    .status = 200, .text = "\"result\":{\"next\":1}"};
	const struct tool_row *row = *state;
	struct health before;
	struct daemon *d;

	setenv("SECRET", "hush", 1);
	d = tool_daemon("agents = 1\n", "coprocess", "coprocess_echo", "", "");
	tool_row_check(&next, tool_call(d, "{\"next\":1}", ""));
	health_take_with(d, &before, 1);
	for (int i = 0; i < 3; i++) {
		tool_row_check(
		    row, tool_call(d, row->params,
			     row->timeout == NULL ? "" : row->timeout));
		tool_row_check(&next, tool_call(d, "{\"next\":1}", ""));
		/* It may be seen only then that the one before is to go. */
		tool_row_check(&next, tool_call(d, "{\"next\":1}", ""));
		health_check(d, &before, WAIT_MS);
	}
	tool_check_restarts(d, row);
	daemon_stop(d);
}

/* The program that serves calls now. */
static pid_t
serving(struct daemon *d)
{
	struct reply *reply = tool_call(d, DO("count"), "");
	pid_t pid = (pid_t)reply_int(reply, "/result/pid");

	reply_free(reply);
	return (pid);
}

static void
coprocesses_stay(void **state)
{
	struct daemon *d =
	    tool_daemon("agents = 1\n", "coprocess", "coprocess_echo", "", "");
	pid_t pid = serving(d);

	for (int i = 0; i < 20; i++)
		assert_int_equal(serving(d), pid);
	daemon_stop(d);
}

/* It has ended, and need not be reaped yet. */
static bool
dead(void *pid)
{
	char state = proc_state(*(pid_t *)pid);

	return (state == 0 || state == 'Z');
}

/* Killed between calls: the next one is served by another. */
static void
coprocesses_killed_between_calls(void **state)
{
	struct daemon *d =
	    tool_daemon("agents = 1\n", "coprocess", "coprocess_echo", "", "");
	struct health before;

	expect(tool_call(d, "{}", ""), 200, NULL);
	health_take_with(d, &before, 1);
	for (int i = 0; i < 5; i++) {
		pid_t pid = serving(d);

		/* Until it is dead the kernel may still read for it. */
		assert_true(proc_kill(pid, SIGKILL));
		assert_true(wait_until(dead, &pid, WAIT_MS));
		assert_int_not_equal(serving(d), pid);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

static bool
alone(void *arg)
{
	pid_t pids[PROC_MAX];

	/* Front end and agent. */
	return (proc_workers(arg, pids) == 2);
}

/*
 * What it has made a daemon of lives as long as it does, and no longer, though
 * no further call may come.
 */
static void
coprocesses_helper(void **state)
{
	struct daemon *d =
	    tool_daemon("agents = 1\n", "coprocess", "coprocess_echo", "", "");
	pid_t pids[PROC_MAX], pid = serving(d);

	for (int i = 0; i < 3; i++) {
		expect(tool_call(d, DO("stray"), ""), 200, NULL);
		expect(tool_call(d, "{}", ""), 200, NULL);
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		assert_int_equal(proc_workers(d, pids), 4 + i);
	}
	assert_int_equal(serving(d), pid);
	assert_true(proc_kill(pid, SIGKILL));
	assert_true(wait_until(alone, d, WAIT_MS));
	assert_true(daemon_wait_log(d,
	    "tool: the coprocess was killed by signal 9 (Killed) between calls",
	    WAIT_MS));
	assert_int_not_equal(serving(d), pid);
	/* When it is killed for a call, they go as well. */
	expect(tool_call(d, DO("stray"), ""), 200, NULL);
	assert_int_equal(proc_workers(d, pids), 4);
	expect(tool_call(d, DO("die"), ""), 200, NULL);
	assert_true(wait_until(alone, d, WAIT_MS));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

/* With its agent it goes, and with the agent it comes. */
static void
coprocesses_agent_killed(void **state)
{
	struct daemon *d =
	    tool_daemon("agents = 1\n", "coprocess", "coprocess_echo", "", "");
	struct health before;

	expect(tool_call(d, DO("helper"), ""), 200, NULL);
	expect(tool_call(d, DO("die"), ""), 200, NULL);
	expect(tool_call(d, "{}", ""), 200, NULL);
	health_take_with(d, &before, 1);
	for (int i = 0; i < 3; i++) {
		pid_t pid = serving(d);

		expect(tool_call(d, DO("helper"), ""), 200, NULL);
		assert_true(proc_kill(proc_any_agent(d), SIGKILL));
		assert_true(wait_until(proc_gone, &pid, WAIT_MS));
		health_check(d, &before, WAIT_MS);
		assert_int_not_equal(serving(d), pid);
	}
	daemon_stop(d);
}

/* One that stops reading, with more to read than its pipe holds. */
static void
coprocesses_deaf(void **state)
{
	struct daemon *d =
	    tool_daemon("agents = 1\n", "coprocess", "coprocess_echo", "", "");
	struct health before;
	char *params = calloc(1, 400000);

	strlcpy(params, "{\"a\": \"", 64);
	memset(params + strlen(params), 'x', 300000);
	strlcat(params, "\"}", 400000);
	expect(tool_call(d, "{}", ""), 200, NULL);
	health_take_with(d, &before, 1);
	expect(tool_call(d, DO("stop_reading"), ""), 200, NULL);
	expect(tool_call(d, params, ", \"timeout\": 0.3"), 504, "timeout");
	expect(tool_call(d, params, ""), 200, NULL);
	health_check(d, &before, WAIT_MS);
	free(params);
	daemon_stop(d);
}

static void
coprocesses_banner(void **state)
{
	struct daemon *d = tool_daemon(
	    "agents = 1\n", "coprocess", "coprocess_echo", "\"banner\"", "");

	expect(tool_call(d, "{}", ""), 200, NULL);
	assert_true(daemon_wait_log(d, "Welcome!", WAIT_MS));
	daemon_stop(d);
}

static bool
flood_cut(void *arg)
{
	return (daemon_logged(arg, "more lines were not logged") >= 3);
}

/* One that writes to the log without end costs the master next to nothing. */
static void
coprocesses_flood_errors(void **state)
{
	struct daemon *d = tool_daemon("agents = 1\n", "coprocess",
	    "coprocess_echo", "", ", \"stderr_tail\": 0");
	int64_t cpu, begun;

	expect(tool_call(d, DO("flood_errors"), ""), 200, NULL);
	cpu = proc_cpu_ms(proc_master(d));
	begun = now_ms();
	assert_true(wait_until(flood_cut, d, WAIT_MS));
	cpu = proc_cpu_ms(proc_master(d)) - cpu;
	print_message(
	    "# %d ms of CPU in %d ms\n", (int)cpu, (int)(now_ms() - begun));
	assert_true(cpu < (now_ms() - begun) / 5);
	expect(tool_call(d, "{}", ""), 200, NULL);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	/* Nor does it hold up the end. */
	assert_true(proc_kill(proc_any_agent(d), SIGKILL));
	expect(tool_call(d, "{}", ""), 200, NULL);
	daemon_stop(d);
}

/* Neither the daemon nor other tools care. */
static void
coprocesses_die_at_start(void **state)
{
	struct daemon *d = tool_daemon(
	    "agents = 1\n", "coprocess", "coprocess_echo", "\"die\"", "");
	struct reply *reply;

	for (int i = 0; i < 5; i++) {
		reply = tool_call(d, "{}", "");
		assert_int_equal(reply->status, 200);
		assert_non_null(strstr(
		    reply->body, FAILED "\"the coprocess exited with status"));
		reply_free(reply);
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	}
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

static void
coprocesses_log(void **state)
{
	struct daemon *d =
	    tool_daemon("agents = 1\n", "coprocess", "coprocess_echo", "", "");

	expect(tool_call(d, DO("notify"), ""), 200, NULL);
	assert_true(daemon_wait_log(d, "tool: mind the gap", WAIT_MS));
	expect(tool_call(d, DO("die"), ""), 200, NULL);
	assert_true(daemon_wait_log(d, "tool: I was told to die", WAIT_MS));
	daemon_stop(d);
}

/* One in each agent. */
static void
coprocesses_many_agents(void **state)
{
	struct daemon *d =
	    tool_daemon("agents = 4\n", "coprocess", "coprocess_echo", "", "");
	struct health before;

	health_take_with(d, &before, 1);
	for (int i = 0; i < 40; i++)
		expect(tool_call(d, "{}", ""), 200, NULL);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
expect_success(struct reply *reply)
{
	if (strstr(reply->body, "\"success\":true") == NULL)
		fail_msg("%d: \"%s\"", reply->status, reply->body);
	reply_free(reply);
}

/* Called by turns, so that each call finds another's process in its place. */
static void
coprocesses_too_many(void **state)
{
	enum { TOOLS = 20, ROUNDS = 3 };
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char name[32];

	for (int i = 0; i < TOOLS; i++) {
		snprintf(name, sizeof(name), "many%d", i);
		tool_write(d, name, "coprocess", "coprocess_echo", "", "");
	}
	tool_write(d, "command", "command", "/bin/echo", "\"1\"", "");
	daemon_configure(d, "tools_dir = \"@DIR@/tools.d\"\n"
			    "agents = 1\nagent_files = 50\n");
	daemon_spawn(d, &o);
	daemon_check_logged(d, "the 20 coprocess tools need 132: at most 3", 1);
	for (int i = 0; i < TOOLS * ROUNDS; i++) {
		snprintf(name, sizeof(name), "many%d", i % TOOLS);
		expect_success(call(d, name, "{\"a\": 1}"));
		expect_success(call(d, "command", "{}"));
	}
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest others[] = {
	    E2E_TEST(coprocesses_stay),
	    E2E_TEST(coprocesses_killed_between_calls),
	    E2E_TEST(coprocesses_helper),
	    E2E_TEST(coprocesses_agent_killed),
	    E2E_TEST(coprocesses_deaf),
	    E2E_TEST(coprocesses_banner),
	    E2E_TEST(coprocesses_flood_errors),
	    E2E_TEST(coprocesses_die_at_start),
	    E2E_TEST(coprocesses_log),
	    E2E_TEST(coprocesses_many_agents),
	    E2E_TEST(coprocesses_too_many),
	};
	struct CMUnitTest tests[COUNT(rows) + COUNT(others)];

	for (size_t i = 0; i < COUNT(rows); i++)
		tests[i] = (struct CMUnitTest){.name = rows[i].name,
		    .test_func = coprocesses_row,
		    .teardown_func = daemon_cleanup,
		    .initial_state = (void *)(uintptr_t)&rows[i]};
	memcpy(tests + COUNT(rows), others, sizeof(others));
	return (cmocka_run_group_tests_name("coprocesses", tests, NULL, NULL));
}

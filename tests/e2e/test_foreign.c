/*
 * What plugins do to their agents beyond their calls: descriptors left open or
 * closed, signals blocked, processes and threads left behind.  It costs the
 * tool's own caller at most, and no other.
 */

#include "tools.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID "7b0e0b7e-0f2f-4f0e-8a55-52fd3c1f6a11"
#define DO(action) "{\"action\": \"" action "\"}"
#define DO_HELPER "{\"do\": \"helper\"}"

/* With the plugin, a command, a coprocess if asked for, and what is built in.*/
static struct daemon *
start(const char *settings, bool coprocess)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char text[512];

	tool_write_plugin(d, "plugin", "fault");
	tool_write(d, "command", "command", "/bin/echo", "\"1\"", "");
	if (coprocess)
		tool_write(
		    d, "coprocess", "coprocess", "coprocess_echo", "", "");
	snprintf(
	    text, sizeof(text), "tools_dir = \"@DIR@/tools.d\"\n%s", settings);
	daemon_configure(d, text);
	daemon_spawn(d, &o);
	return (d);
}

static void
expect_success(struct reply *reply)
{
	if (reply->status != 200 ||
	    strstr(reply->body, "\"success\":true") == NULL)
		fail_msg("%d: %s", reply->status, reply->body);
	reply_free(reply);
}

static bool
some_recycled(void *arg)
{
	return (stat_of(arg, "agents_recycled") >= 4);
}

/* Its agent is replaced before it runs out of them. */
static void
foreign_leak(void **state)
{
	struct daemon *d = start("agents = 2\nagent_files = 64\n", false);

	for (int i = 0; i < 100; i++) {
		expect_success(call(d, "plugin", DO("leak")));
		expect_success(call(d, "command", "{}"));
	}
	assert_true(wait_until(some_recycled, d, WAIT_MS));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_true(
	    daemon_wait_log(d, "plugin has left 17 descriptors open", WAIT_MS));
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* All at once: the call of another tool is still begun, elsewhere. */
static void
foreign_leak_all(void **state)
{
	struct daemon *d = start("agents = 2\nagent_files = 64\n", false);

	for (int i = 0; i < 10; i++) {
		expect_success(call(
		    d, "plugin", "{\"action\": \"leak\", \"status\": 100}"));
		expect_success(call(d, "command", "{}"));
	}
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_int_equal(stat_of(d, "failed_requests"), 0);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static const char *const wants[] = {"pipe2", "fork"};

/*
 * An agent that cannot begin a call, for want of a descriptor or a process of
 * its own, leaves it to another, once; and the tool has not failed.
 */
static void
foreign_unable(void **state)
{
	struct daemon *d = start("agents = 2\n"
				 "tool command {\n breaker = yes\n"
				 " breaker_window = 1\n}\n",
	    false);
	struct reply *reply;

	for (size_t i = 0; i < COUNT(wants); i++) {
		fault_set(d, wants[i], "1");
		reply = call(d, "command", "{}");
		assert_int_equal(reply_int(reply, "/attempts"), 1);
		expect_success(reply);
		assert_false(fault_exists(d, wants[i]));
		wait_agents(d, 2, WAIT_MS);
	}
	fault_set(d, "fork", "2");
	reply = call(d, "command", "{}");
	check_problem(reply, 503, "no_agent");
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	reply_free(reply);
	expect_success(call(d, "command", "{}"));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_int_equal(stat_of(d, "failed_requests"), 0);
	daemon_stop(d);
}

/* The log, the socket, the status pipe. */
static void
foreign_close(void **state)
{
	struct daemon *d = start("agents = 1\n", false);
	char params[64];

	for (int i = 0; i < 3; i++)
		for (int fd = 2; fd <= 4; fd++) {
			snprintf(params, sizeof(params),
			    "{\"action\": \"close\", \"status\": %d}", fd);
			if (fd == 3)
				expect(call(d, "plugin", params), 502,
				    "agent_crashed");
			else
				expect_success(call(d, "plugin", params));
			for (int n = 0; n < 5; n++)
				expect_success(call(d, "command", "{}"));
		}
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/* Only one of the two is an agent. */
static void
foreign_fork(void **state)
{
	struct daemon *d = start("agents = 1\n", false);
	struct health before;
	struct reply *reply;

	expect_success(call(d, "plugin", DO("nothing")));
	health_take(d, &before);
	for (int i = 0; i < 100; i++) {
		reply = call(d, "plugin", DO("fork"));
		assert_int_equal(reply->status, 200);
		assert_int_equal(reply_int(reply, "/result/child"), 0);
		reply_free(reply);
		expect_success(call(d, "echo", "{\"message\": \"x\"}"));
	}
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_int_equal(stat_of(d, "late_results"), 0);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
foreign_thread(void **state)
{
	for (int coprocess = 0; coprocess < 2; coprocess++) {
		struct daemon *d = start("agents = 1\n", coprocess == 1);
		struct reply *reply = call(d, "plugin", DO("thread"));
		pid_t pid;

		assert_int_equal(reply->status, 200);
		pid = (pid_t)reply_int(reply, "/result/child");
		reply_free(reply);
		assert_true(proc_gone(&pid));
		expect_success(call(d, "command", "{}"));
		assert_int_equal(stat_of(d, "agent_restarts"), 0);
		daemon_stop(d);
	}
}

/* Its timer does not go off in the call of another. */
static void
foreign_alarm(void **state)
{
	struct daemon *d = start("agents = 1\n", false);

	tool_write(d, "slow", "command", "/bin/sleep", "\"1.5\"", "");
	daemon_reload(d);
	expect_success(call(d, "plugin", DO("alarm")));
	expect_success(call(d, "slow", "{}"));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

/* An agent that is not what it was does no other call. */
static void
foreign_state(void **state)
{
	struct daemon *d = start("agents = 1\n", false);
	struct reply *reply;
	pid_t pid;

	expect_success(call(d, "plugin", DO("limit")));
	expect_success(call(d, "command", "{}"));
	assert_true(
	    daemon_wait_log(d, "plugin changed a limit of its agent", WAIT_MS));
	reply = call(d, "plugin", DO("disown"));
	assert_int_equal(reply->status, 200);
	pid = (pid_t)reply_int(reply, "/result/child");
	reply_free(reply);
	assert_true(wait_until(proc_gone, &pid, WAIT_MS));
	expect_success(call(d, "command", "{}"));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_int_equal(stat_of(d, "failed_requests"), 0);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/* They are as they were when the call is over. */
static void
foreign_signals(void **state)
{
	struct daemon *d = start("agents = 1\nstop_timeout = \"1h\"\n", false);
	pid_t agent;

	expect_success(call(d, "plugin", DO("block")));
	agent = proc_any_agent(d);
	expect(administer(d, "reload", ""), 200, NULL);
	assert_true(wait_until(proc_gone, &agent, WAIT_MS));
	daemon_stop(d);
}

/* Master and front end die at the same moment. */
static void
kill_both(struct daemon *d)
{
	pid_t frontend = proc_frontend(d);
	int64_t begun_ms;

	assert_true(proc_kill(frontend, SIGSTOP));
	begun_ms = now_ms();
	daemon_signal(d, SIGKILL);
	assert_true(proc_kill(frontend, SIGKILL));
	assert_int_equal(daemon_wait(d, WAIT_MS), 128 + SIGKILL);
	if (!wait_until(proc_no_strays, d, WAIT_MS))
		fail_msg("%zu processes are left", proc_strays(d));
	print_message(
	    "# gone after %lld ms\n", (long long)(now_ms() - begun_ms));
	daemon_discard(d);
}

static const char *const spinners[] = {
    DO("block_and_spin"),
    DO("brood"),
    /* The signal that an agent expects when there is no plugin. */
    "{\"action\": \"brood\", \"status\": 15}",
};

/* In the middle of a call. */
static void
foreign_orphaned(void **state)
{
	for (size_t i = 0; i < COUNT(spinners); i++) {
		struct daemon *d = start("agents = 2\n", false);
		struct conn *conn =
		    call_begin(d, ID, "plugin", spinners[i], "");

		wait_request(d, ID, "running");
		/* It has begun to block what it can. */
		assert_true(daemon_wait_log(d,
		    i == 0 ? "init null for plugin" : "the brood is out",
		    WAIT_MS));
		kill_both(d);
		http_close(conn);
	}
}

static const struct {
	const char *tool, *params;
	const char *words; /* of the command */
} breeders[] = {
    {"command", "{}", "\"daemonise_hang\""},
    {"coprocess", DO_HELPER, "\"exit\""},
};

/* What it has started has daemonised. */
static bool
has_descendants(void *agent)
{
	pid_t pids[PROC_MAX];

	return (proc_tree(*(pid_t *)agent, pids) >= 2);
}

/* Programs that have left others behind, in a call and between two. */
static void
foreign_orphaned_programs(void **state)
{
	for (size_t i = 0; i < COUNT(breeders); i++) {
		struct daemon *d = daemon_prepare();
		struct conn *conn;
		pid_t agent;

		tool_write(
		    d, "command", "command", "toolbox", breeders[i].words, "");
		tool_write(
		    d, "coprocess", "coprocess", "coprocess_echo", "", "");
		daemon_configure(
		    d, "tools_dir = \"@DIR@/tools.d\"\nagents = 1\n");
		daemon_spawn(d, &(struct daemon_options){NULL});
		conn =
		    call_begin(d, ID, breeders[i].tool, breeders[i].params, "");
		agent = proc_any_agent(d);
		if (!wait_until(has_descendants, &agent, WAIT_MS))
			fail_msg("%s has started nothing", breeders[i].tool);
		kill_both(d);
		http_close(conn);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(foreign_leak),
	    E2E_TEST(foreign_leak_all),
	    E2E_TEST(foreign_unable),
	    E2E_TEST(foreign_close),
	    E2E_TEST(foreign_fork),
	    E2E_TEST(foreign_thread),
	    E2E_TEST(foreign_alarm),
	    E2E_TEST(foreign_state),
	    E2E_TEST(foreign_signals),
	    E2E_TEST(foreign_orphaned),
	    E2E_TEST(foreign_orphaned_programs),
	};

	return (cmocka_run_group_tests_name("foreign", tests, NULL, NULL));
}

/*
 * Tools that start processes faster than they can be killed one by one: they
 * end with their call, cost the master little, and keep nobody waiting.  They
 * run as a user whose processes are limited, which takes root.
 */

#include "tools.h"

#include <signal.h>
#include <unistd.h>

#define ID "3f0b1c5e-6a0d-4a39-9d5e-9a1d7c1f2b01"
#define LIMITS ", \"user\": \"daemon\", \"processes\": 80, \"directory\": \"/\""

/* The master may use so many percent of a processor. */
#define SHARE 20

static bool
is_root(void)
{
	if (geteuid() != 0)
		print_message("# not tried: this needs root\n");
	return (geteuid() == 0);
}

/* What all agents and tools of a daemon come to. */
static bool
at_rest(void *arg)
{
	pid_t pids[PROC_MAX];
	struct daemon *d = arg;

	return (agents_idle(d, 2) && proc_workers(d, pids) == 3 &&
		proc_no_strays(d));
}

static void
check_share(struct daemon *d, int64_t cpu, int64_t begun)
{
	cpu = proc_cpu_ms(proc_master(d)) - cpu;
	begun = now_ms() - begun;
	print_message(
	    "# master: %d ms of CPU in %d ms\n", (int)cpu, (int)begun);
	/* The clock of processes ticks in steps. */
	assert_true(cpu <= begun * SHARE / 100 + 20);
}

struct bomb {
	struct daemon *daemon;
	struct conn *conn;
};

/* The call is under way, or is over already. */
static bool
bomb_burns(void *arg)
{
	struct bomb *bomb = arg;

	http_fill(bomb->conn);
	return (bomb->conn->len > 0 || request_in(bomb->daemon, ID, "running"));
}

static void
bombs_end(const char *action)
{
	struct daemon *d =
	    tool_daemon("", "command", "toolbox", action, LIMITS);
	int64_t begun = now_ms(), cpu = proc_cpu_ms(proc_master(d));

	assert_true(wait_until(at_rest, d, WAIT_MS));
	for (int i = 0; i < 3; i++) {
		struct conn *conn =
		    call_begin(d, ID, "tool", "{}", ", \"timeout\": 0.5");
		struct bomb bomb = {d, conn};

		assert_true(wait_until(bomb_burns, &bomb, WAIT_MS));
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		expect(http_answer(conn), 504, "timeout");
		http_close(conn);
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		assert_true(wait_until(at_rest, d, WAIT_MS));
	}
	check_share(d, cpu, begun);
	daemon_stop(d);
}

static void
bombs_bomb(void **state)
{
	if (!is_root())
		return;
	bombs_end("\"bomb\"");
}

static void
bombs_comet(void **state)
{
	struct daemon *d;

	if (!is_root())
		return;
	d = tool_daemon("", "command", "toolbox", "\"comet\"", LIMITS);
	for (int i = 0; i < 10; i++)
		reply_free(tool_call(d, "{}", ", \"timeout\": 2"));
	assert_true(wait_until(at_rest, d, WAIT_MS));
	daemon_stop(d);
}

/* The daemon's end is theirs. */
static void
bombs_shutdown(void **state)
{
	struct daemon *d;
	struct reply *reply;
	struct conn *conn;

	if (!is_root())
		return;
	d = tool_daemon("shutdown_timeout = \"100ms\"\n", "command", "toolbox",
	    "\"bomb\"", LIMITS);
	conn = call_begin(d, ID, "tool", "{}", "");
	wait_request(d, ID, "running");
	daemon_signal(d, SIGTERM);
	/* On a busy machine there may be no time left to say so. */
	reply = http_read(conn, WAIT_MS);
	assert_true(reply->status == 503 || reply->status == HTTP_CLOSED);
	reply_free(reply);
	http_close(conn);
	daemon_wait(d, WAIT_MS);
	daemon_gone(d, WAIT_MS);
}

/* With its agent killed, all of it is the master's. */
static void
bombs_agent_killed(void **state)
{
	struct daemon *d;
	struct conn *conn;
	pid_t agent;

	if (!is_root())
		return;
	d = tool_daemon(
	    "agents = 1\n", "command", "toolbox", "\"bomb\"", LIMITS);
	agent = proc_any_agent(d);
	conn = call_begin(d, ID, "tool", "{}", "");
	wait_request(d, ID, "running");
	assert_true(proc_kill(agent, SIGKILL));
	expect(http_answer(conn), 502, "agent_crashed");
	http_close(conn);
	wait_agents(d, 1, WAIT_MS);
	assert_true(wait_until(proc_no_strays, d, WAIT_MS));
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(bombs_bomb),
	    E2E_TEST(bombs_comet),
	    E2E_TEST(bombs_shutdown),
	    E2E_TEST(bombs_agent_killed),
	};

	return (cmocka_run_group_tests_name("bombs", tests, NULL, NULL));
}

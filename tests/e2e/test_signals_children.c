/*
 * Signals that are the master's to act on, sent to its children: they take no
 * orders but from the master, and none of these ends or stops them.
 */

#include "harness.h"

#include <signal.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"

static struct conn *
begin_gated(struct daemon *d)
{
	struct conn *conn;

	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID_1, "running");
	return (conn);
}

/* Children take no orders from a terminal: the master tells them. */
static void
children_int(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct conn *conn = begin_gated(d);

	assert_true(proc_kill(proc_frontend(d), SIGINT));
	assert_true(proc_kill(proc_frontend(d), SIGHUP));
	expect(get(d, "/livez"), 200, NULL);
	daemon_signal(d, SIGINT);
	assert_true(daemon_notified(d, "STOPPING=1", WAIT_MS));
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

static const int harmless[] = {
    SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU, SIGHUP, SIGINT, SIGQUIT};

/* Its answer shows that the only agent has seen what was sent before. */
static void
children_idle(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	pid_t frontend = proc_frontend(d), agent = proc_any_agent(d);
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(harmless); i++) {
		print_message("# signal %d\n", harmless[i]);
		assert_true(proc_kill(frontend, harmless[i]));
		assert_true(proc_kill(agent, harmless[i]));
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		assert_int_equal(proc_frontend(d), frontend);
		assert_int_equal(proc_any_agent(d), agent);
	}
	health_check(d, &before, WAIT_MS);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

/* Nor do they cut a call short. */
static void
children_busy(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct conn *conn = begin_gated(d);
	pid_t agent = proc_any_agent(d);

	for (size_t i = 0; i < COUNT(harmless); i++)
		assert_true(proc_kill(agent, harmless[i]));
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	assert_int_equal(proc_any_agent(d), agent);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(children_int),
	    E2E_TEST(children_idle),
	    E2E_TEST(children_busy),
	};

	return (
	    cmocka_run_group_tests_name("signals_children", tests, NULL, NULL));
}

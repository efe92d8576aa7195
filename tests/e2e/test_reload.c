/*
 * SIGHUP as a transaction: under load, with a broken file, with agents that
 * come and go.  No call fails because of it, and nothing grows.
 */

#include "harness.h"

#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define RELOADS 200
/* What the heap of a long-lived process may still grow by, each. */
#define GROWTH_KB 512

struct reloads {
	struct daemon *daemon;
	int done;
};

/* Asks for the next reload once the last has been applied. */
static bool
reload_again(void *arg)
{
	struct reloads *reloads = arg;

	if (!daemon_notified(reloads->daemon, "READY=1", 0))
		return (true);
	reloads->done++;
	daemon_signal(reloads->daemon, SIGHUP);
	return (reloads->done < RELOADS);
}

static void
reload_under_load(void **state)
{
	struct daemon *d = daemon_start("");
	struct reloads reloads = {.daemon = d};
	long master, frontend;
	struct health before;
	struct load load;

	for (int i = 0; i < 20; i++)
		daemon_reload(d);
	health_take(d, &before);
	load_init(&load, d, 4);
	load_run(&load, 200);
	master = proc_private_kb(d->pid);
	frontend = proc_private_kb(proc_frontend(d));
	load.tick = reload_again;
	load.tick_arg = &reloads;
	load.tick_ms = 1;
	daemon_signal(d, SIGHUP);
	load_run(&load, 60000);
	load_finish(&load);
	assert_int_equal(reloads.done, RELOADS);
	assert_int_equal(load.succeeded, load.sent);
	assert_int_equal(load.closed + load.refused, 0);
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	health_check(d, &before, WAIT_MS);
	print_message("# master %ld kB, then %ld; front end %ld, then %ld\n",
	    master, proc_private_kb(d->pid), frontend,
	    proc_private_kb(proc_frontend(d)));
	if (!built_with_sanitizers()) {
		assert_true(proc_private_kb(d->pid) <= master + GROWTH_KB);
		assert_true(
		    proc_private_kb(proc_frontend(d)) <= frontend + GROWTH_KB);
	}
	daemon_stop(d);
}

/* Signals that come faster than they can be served. */
static void
reload_burst(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 4);
	for (int i = 0; i < 50; i++) {
		for (int j = 0; j < 4; j++)
			daemon_signal(d, SIGHUP);
		load_run(&load, 1);
	}
	load_finish(&load);
	assert_int_equal(load.succeeded, load.sent);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Files that are refused in whole. */
static const char *const broken[] = {
    "agents = many\n",
    "agents = -1\n",
    "agents = 3\nnothing = 1\n",
    "agents = 3\ntimeout = \"5 parsecs\"\n",
    "agents = 3\nlisten = {\n",
    "agents = 3\nlisten = {\"unix:/nonexistent/directory/socket\"}\n",
    "agents = 3\nlisten = {\"203.0.113.77:0\"}\n",
};

static void
reload_broken(void **state)
{
	struct daemon *d = daemon_start("queue_max = 42\n");
	struct health before;
	pid_t agent;

	health_take(d, &before);
	agent = proc_any_agent(d);
	for (size_t i = 0; i < COUNT(broken); i++) {
		print_message("# %s", broken[i]);
		daemon_configure(d, broken[i]);
		daemon_reload(d);
		health_check(d, &before, WAIT_MS);
		assert_int_equal(proc_any_agent(d), agent);
		assert_int_equal(stat_of(d, "queue_limit"), 42);
	}
	assert_true(daemon_wait_log(d, "agentd.conf:", WAIT_MS));
	unlink(d->conf);
	daemon_reload(d);
	health_check(d, &before, WAIT_MS);
	daemon_configure(d, "queue_max = 43\n");
	daemon_reload(d);
	assert_int_equal(stat_of(d, "queue_limit"), 43);
	daemon_stop(d);
}

static void
reload_agents(void **state)
{
	static const int numbers[] = {5, 1, 3, 2};
	struct daemon *d = daemon_start("");
	struct health before;
	char line[32];

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		snprintf(line, sizeof(line), "agents = %d\n", numbers[i]);
		daemon_configure(d, line);
		daemon_reload(d);
		wait_agents(d, numbers[i], WAIT_MS);
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* A call that runs is finished by its agent, whatever the new file says. */
static void
reload_while_running(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;
	struct conn *conn;
	pid_t agent;

	health_take(d, &before);
	gate_make(d, "gate");
	agent = proc_any_agent(d);
	conn = call_begin(d, ID_1, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID_1, "running");
	daemon_reload(d);
	assert_int_not_equal(proc_state(agent), 0);
	/* The new generation serves others meanwhile. */
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	assert_true(wait_until(proc_gone, &agent, WAIT_MS));
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* What a reload applies at once, in the front end and in agents. */
static void
reload_settings(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	daemon_configure(d, "timeout = \"150ms\"\nmax_result = 1000\n"
			    "max_timeout = \"2s\"\n");
	daemon_reload(d);
	expect(call(d, "fault", "{\"action\": \"stop\"}"), 504, "timeout");
	expect(call_with(d, "echo", "{\"message\": \"x\"}", ", \"timeout\": 3"),
	    400, "bad_request");
	reply = call(d, "fault", "{\"action\": \"verbose\", \"size\": 2000}");
	assert_int_equal(reply->status, 200);
	assert_false(json_object_get_boolean(reply_at(reply, "/success")));
	reply_free(reply);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(reload_under_load),
	    E2E_TEST(reload_burst),
	    E2E_TEST(reload_broken),
	    E2E_TEST(reload_agents),
	    E2E_TEST(reload_while_running),
	    E2E_TEST(reload_settings),
	};

	return (cmocka_run_group_tests_name("reload", tests, NULL, NULL));
}

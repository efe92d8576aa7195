/*
 * What fails inside the daemon, switched on and off while it runs: agents
 * that die at start, fork, socketpair, pipes, memory.  It degrades, says so,
 * goes on answering, and recovers.
 */

#include "harness.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIED "told to die at start"

struct status_search {
	struct daemon *daemon;
	const char *path;
	int status;
};

static bool
status_is(void *arg)
{
	struct status_search *search = arg;
	struct reply *reply = get(search->daemon, search->path);
	bool is = reply->status == search->status;

	reply_free(reply);
	return (is);
}

static void
wait_status(struct daemon *d, const char *path, int status)
{
	struct status_search search = {d, path, status};

	if (!wait_until(status_is, &search, WAIT_MS))
		fail_msg("%s is not %d", path, status);
}

/* At most that many of those that run; waits until they are gone. */
static void
kill_agents(struct daemon *d, size_t most)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_agents(d, pids);

	for (size_t i = 0; i < n && i < most; i++)
		proc_kill(pids[i], SIGKILL);
	for (size_t i = 0; i < n && i < most; i++)
		assert_true(wait_until(proc_gone, &pids[i], WAIT_MS));
}

struct deaths_search {
	struct daemon *daemon;
	int most;
};

static bool
deaths_exceed(void *arg)
{
	struct deaths_search *search = arg;

	return (daemon_logged(search->daemon, DIED) > search->most);
}

/* Two agents that back off from 100 ms on cannot die often in 2 s. */
static void
check_backing_off(struct daemon *d)
{
	struct deaths_search search = {d, 2 * 6};
	int64_t cpu = proc_cpu_ms(proc_master(d));

	if (wait_until(deaths_exceed, &search, 2000))
		fail_msg("agents are started again and again");
	cpu = proc_cpu_ms(proc_master(d)) - cpu;
	print_message("# %d deaths, %lld ms of CPU\n", daemon_logged(d, DIED),
	    (long long)cpu);
	if (!built_with_sanitizers())
		assert_true(cpu < 500);
}

/* For a while a call waits for an agent in vain; then none does. */
static bool
refuses_calls(void *arg)
{
	struct reply *reply = call_with(
	    arg, "echo", "{\"message\": \"x\"}", ", \"timeout\": 0.1");
	bool refused = reply->status == 503;

	check_problem(
	    reply, refused ? 503 : 504, refused ? "no_agent" : "timeout");
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	reply_free(reply);
	return (refused);
}

static void
recover_start(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct reply *reply;

	health_take(d, &before);
	fault_set(d, "start", "1");
	kill_agents(d, 2);
	wait_status(d, "/readyz", 503);
	check_backing_off(d);
	expect(get(d, "/readyz"), 503, NULL);
	expect(get(d, "/health"), 503, NULL);
	expect(get(d, "/livez"), 200, NULL);
	assert_int_equal(stat_of(d, "error_agents"), 2);
	reply = get(d, "/api/v1/agents");
	assert_int_equal(agents_in(reply, "error"), 2);
	reply_free(reply);
	assert_true(wait_until(refuses_calls, d, WAIT_MS));
	fault_clear(d, "start");
	wait_status(d, "/readyz", 200);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* From the very start: not ready, but there. */
static void
recover_start_from_nothing(void **state)
{
	struct daemon_options o = {.unready = true};
	struct daemon *d = daemon_prepare();

	fault_set(d, "start", "1");
	daemon_configure(d, "");
	daemon_spawn(d, &o);
	assert_true(daemon_wait_log(d, DIED, WAIT_MS));
	wait_status(d, "/livez", 200);
	/* It has started, whatever becomes of its agents. */
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	expect(get(d, "/readyz"), 503, NULL);
	assert_true(wait_until(refuses_calls, d, WAIT_MS));
	fault_clear(d, "start");
	wait_status(d, "/readyz", 200);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

/* While nothing starts, it stops as promptly as ever. */
static void
recover_stop_instead(void **state)
{
	struct daemon *d = daemon_start("");

	fault_set(d, "start", "1");
	kill_agents(d, 2);
	wait_status(d, "/readyz", 503);
	daemon_stop(d);
}

struct switch_search {
	struct daemon *daemon;
	const char *name;
};

static bool
switch_used_up(void *arg)
{
	struct switch_search *search = arg;

	return (!fault_exists(search->daemon, search->name));
}

/* System calls that fail twice in a row. */
static const char *const calls[] = {"fork", "socketpair", "pipe2"};

static void
recover_calls(void **state)
{
	struct daemon *d = daemon_start("agents = 3\n");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(calls); i++) {
		struct switch_search search = {d, calls[i]};

		print_message("# %s\n", calls[i]);
		fault_set(d, calls[i], "2");
		kill_agents(d, 1);
		/* The others work on. */
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
		assert_true(wait_until(switch_used_up, &search, WAIT_MS));
		health_check(d, &before, WAIT_MS);
		assert_true(daemon_logged(d, "cannot be started") > (int)i);
	}
	daemon_stop(d);
}

/* A call that comes while the only agent backs off waits for it. */
static void
recover_meanwhile(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");

	for (int i = 0; i < 3; i++) {
		kill_agents(d, 1);
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	}
	daemon_stop(d);
}

/* The same when it is the front end that must come back. */
static void
recover_frontend(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(calls); i++) {
		struct switch_search search = {d, calls[i]};

		print_message("# %s\n", calls[i]);
		fault_set(d, calls[i], "2");
		assert_true(proc_kill(proc_frontend(d), SIGKILL));
		expect(get(d, "/livez"), 200, NULL);
		assert_true(wait_until(switch_used_up, &search, WAIT_MS));
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* A reload that finds that it cannot fork fails, and leaves all as it was. */
static void
recover_reload(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct load load;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(calls); i++) {
		struct switch_search search = {d, calls[i]};

		load_init(&load, d, 2);
		print_message("# %s\n", calls[i]);
		fault_set(d, calls[i], "1");
		daemon_signal(d, SIGHUP);
		load_run(&load, 300);
		assert_true(wait_until(switch_used_up, &search, WAIT_MS));
		assert_true(daemon_notified(d, "READY=1", WAIT_MS));
		assert_int_equal(
		    daemon_logged(d, "reload: cannot be started: "), i + 1);
		load_finish(&load);
		assert_int_equal(load.succeeded, load.sent);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* A call with a message of this many bytes. */
static struct reply *
call_sized(struct daemon *d, int size)
{
	char *params;
	struct reply *reply;

	assert_int_not_equal(
	    asprintf(&params, "{\"message\": \"%0*d\"}", size, 0), -1);
	reply = call(d, "echo", params);
	free(params);
	return (reply);
}

/* Larger and larger allocations fail: errors, then all is well again. */
static void
recover_memory(void **state)
{
	static const char *const limits[] = {"100000", "4000", "100", "0"};
	struct daemon *d = daemon_start("");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct reply *reply;

		fault_set(d, "malloc", limits[i]);
		reply = call_sized(d, 300000);
		print_message("# %s: %d\n", limits[i], reply->status);
		assert_in_range(reply->status, 500, 599);
		reply_free(reply);
		/* Without any memory not even this; but it lives. */
		reply = get(d, "/livez");
		assert_true(reply->status == 200 || reply->status >= 500);
		reply_free(reply);
		fault_clear(d, "malloc");
		health_check(d, &before, WAIT_MS);
		expect(call_sized(d, 300000), 200, NULL);
	}
	daemon_stop(d);
}

/* A body that has no room in one piece is no mistake of the client. */
static void
recover_large_bodies(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	char *body;

	health_take(d, &before);
	assert_int_not_equal(
	    asprintf(&body, "{\"level\": \"%0*d\"}", 300000, 0), -1);
	fault_set(d, "libevent", "100000");
	expect(call_sized(d, 300000), 503, "no_memory");
	expect(ask(d, "POST", "/api/v1/batch", NULL, body), 503, "no_memory");
	expect(administer(d, "log", body), 503, "no_memory");
	assert_int_equal(stat_of(d, "rejected"), 2);
	fault_clear(d, "libevent");
	expect(call_sized(d, 300000), 200, NULL);
	expect(administer(d, "log", body), 400, "bad_request");
	health_check(d, &before, WAIT_MS);
	free(body);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(recover_start),
	    E2E_TEST(recover_start_from_nothing),
	    E2E_TEST(recover_stop_instead),
	    E2E_TEST(recover_calls),
	    E2E_TEST(recover_meanwhile),
	    E2E_TEST(recover_frontend),
	    E2E_TEST(recover_reload),
	    E2E_TEST(recover_memory),
	    E2E_TEST(recover_large_bodies),
	};

	return (cmocka_run_group_tests_name("recovery", tests, NULL, NULL));
}

/*
 * Calls that nobody wants any more: tools of every kind are told, stop, and
 * leave their agent as it was; those that do not listen are killed with it.
 */

#include "service.h"
#include "tools.h"

#include <json-c/json.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define REQUESTS "/api/v1/requests"
#define LONG "cancel_grace = \"60s\"\n"
#define SHORT "cancel_grace = \"100ms\"\n"
#define DO(action) "{\"action\": \"" action "\"}"
#define ECHO "{\"message\": \"x\"}"

static const struct row {
	const char *tool, *params;
	bool asks; /* the service */
} listening[] =
    {
	{"fault", DO("patient")},
	{"faulty", DO("patient")},
	{"niced", DO("patient")},
	{"hang", "{}"},
	{"polite", "{}"},
	{"co", "{\"do\":\"never\"}"},
	{"web", "{}", true},
	{"weather", "{\"location\": \"Oslo\"}", true},
},
  deaf[] = {
      {"fault", DO("stubborn")},
      {"fault", DO("loop")},
      {"faulty", DO("hang")},
      {"deaf", "{}"},
      {"co", "{\"do\":\"hang\"}"},
};

static struct service *service;

static int
start_service(void **state)
{
	service = service_start();
	return (service == NULL ? -1 : 0);
}

static int
stop_service(void **state)
{
	service_stop(service);
	return (0);
}

static void
write_plugin(struct daemon *d, const char *name, const char *members)
{
	char text[PATH_MAX + 256];

	snprintf(text, sizeof(text),
	    "\"parameters\": {\"type\": \"object\"}, \"plugin\": \"%s\"%s",
	    tool_plugin(d, "fault"), members);
	tool_write_members(d, name, text);
}

/* One agent, with tools of every kind. */
static struct daemon *
start(const char *settings)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char text[512];

	write_plugin(d, "faulty", "");
	write_plugin(d, "niced", ", \"nice\": 1");
	tool_write(d, "hang", "command", "toolbox", "\"hang\"", "");
	tool_write(d, "polite", "command", "toolbox", "\"polite\"", "");
	tool_write(d, "deaf", "command", "toolbox", "\"deaf\"", "");
	tool_write(d, "co", "coprocess", "coprocess_echo", "", "");
	snprintf(text, sizeof(text),
	    "\"http\": {\"url\": \"http://127.0.0.1:%d/hang\", "
	    "\"allow_local\": true}",
	    service_port(service));
	tool_write_members(d, "web", text);
	snprintf(text, sizeof(text),
	    "agents = 1\ntools_dir = \"@DIR@/tools.d\"\n"
	    "weather_api_key = \"k\"\n"
	    "weather_url = \"http://127.0.0.1:%d/hang\"\n%s",
	    service_port(service), settings);
	daemon_configure(d, text);
	daemon_spawn(d, &o);
	return (d);
}

static bool
service_asked(void *arg)
{
	return (service_requests(service) > *(int *)arg);
}

static struct conn *
begin(struct daemon *d, const struct row *row)
{
	int requests = service_requests(service);
	struct conn *conn = call_begin(d, ID_1, row->tool, row->params, "");

	print_message("# %s %s\n", row->tool, row->params);
	wait_request(d, ID_1, "running");
	if (strcmp(row->tool, "deaf") == 0)
		assert_true(daemon_wait_log(d, "deaf from now on", WAIT_MS));
	if (row->asks)
		assert_true(wait_until(service_asked, &requests, WAIT_MS));
	return (conn);
}

/* DELETE, and the answer of the one who waited. */
static void
cancel(struct daemon *d, struct conn *conn)
{
	expect(ask(d, "DELETE", REQUESTS "/" ID_1, NULL, NULL), 202, NULL);
	expect(http_answer(conn), 409, "cancelled");
	http_close(conn);
}

static void
cancel_soft(void **state)
{
	struct daemon *d = start(LONG);
	pid_t agent = proc_any_agent(d);
	int64_t begun;

	for (size_t i = 0; i < COUNT(listening); i++) {
		struct conn *conn = begin(d, &listening[i]);

		begun = now_ms();
		cancel(d, conn);
		wait_agents(d, 1, WAIT_MS);
		print_message(
		    "# idle after %lld ms\n", (long long)(now_ms() - begun));
		assert_int_equal(proc_any_agent(d), agent);
		expect(call(d, "echo", ECHO), 200, NULL);
	}
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	assert_int_equal(stat_of(d, "cancelled"), COUNT(listening));
	assert_int_equal(stat_of(d, "late_results"), COUNT(listening));
	daemon_stop(d);
}

/* The process that serves calls of the coprocess. */
static int64_t
serving(struct daemon *d)
{
	struct reply *reply = call(d, "co", "{\"do\":\"count\"}");
	int64_t pid = reply_int(reply, "/result/pid");

	reply_free(reply);
	return (pid);
}

static void
cancel_keeps_the_coprocess(void **state)
{
	static const struct row row = {"co", "{\"do\":\"never\"}"};
	struct daemon *d = start(LONG);
	int64_t pid = serving(d);

	for (int i = 0; i < 5; i++) {
		cancel(d, begin(d, &row));
		assert_int_equal(serving(d), pid);
	}
	daemon_stop(d);
}

static void
cancel_hard(void **state)
{
	struct daemon *d = start(SHORT);
	pid_t agent = proc_any_agent(d);

	for (size_t i = 0; i < COUNT(deaf); i++) {
		cancel(d, begin(d, &deaf[i]));
		assert_true(wait_until(proc_gone, &agent, WAIT_MS));
		wait_agents(d, 1, WAIT_MS);
		agent = proc_any_agent(d);
	}
	assert_int_equal(stat_of(d, "crashes"), 0);
	assert_int_equal(stat_of(d, "cancelled"), COUNT(deaf));
	daemon_stop(d);
}

/* Even one that would listen. */
static void
cancel_without_grace(void **state)
{
	struct daemon *d = start("cancel_grace = 0\n");
	pid_t agent = proc_any_agent(d);

	cancel(d, begin(d, &listening[0]));
	assert_true(wait_until(proc_gone, &agent, WAIT_MS));
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/* The agent is not given another call before it has finished. */
static void
cancel_finishes_first(void **state)
{
	struct daemon *d = start(LONG);
	static const struct row row = {"fault", DO("stop")};
	pid_t agent = proc_any_agent(d);
	struct conn *conn;

	cancel(d, begin(d, &row));
	expect(
	    ask(d, "DELETE", REQUESTS "/" ID_1, NULL, NULL), 404, "not_found");
	conn = call_begin(d, ID_2, "echo", ECHO, "");
	wait_request(d, ID_2, "queued");
	assert_int_equal(stat_of(d, "busy_agents"), 1);
	proc_kill(agent, SIGKILL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	daemon_stop(d);
}

static void
cancel_by_leaving(void **state)
{
	struct daemon *d = start(LONG);
	pid_t agent = proc_any_agent(d);

	for (size_t i = 0; i < COUNT(listening); i++) {
		http_close(begin(d, &listening[i]));
		wait_request(d, ID_1, "gone");
		wait_agents(d, 1, WAIT_MS);
	}
	assert_int_equal(proc_any_agent(d), agent);
	assert_int_equal(stat_of(d, "cancelled"), COUNT(listening));
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

/* Whoever is first wins, and there is one answer. */
static void
cancel_races(void **state)
{
	enum { ROUNDS = 200 };
	struct daemon *d = start(LONG);
	struct conn *other = http_open(d);
	int cancelled = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct conn *conn = call_begin(d, ID_1, "echo", ECHO, "");
		struct reply *reply;

		http_request(other, "DELETE", REQUESTS "/" ID_1, NULL, NULL);
		reply = http_answer(conn);
		if (reply->status != 200)
			check_problem(reply, 409, "cancelled");
		cancelled += reply->status == 409;
		reply_free(reply);
		reply = http_answer(other);
		assert_true(reply->status == 202 || reply->status == 404);
		reply_free(reply);
		http_close(conn);
	}
	print_message("# %d of %d were cancelled\n", cancelled, ROUNDS);
	wait_agents(d, 1, WAIT_MS);
	assert_int_equal(stat_of(d, "cancelled"), cancelled);
	assert_int_equal(stat_of(d, "successful_requests"), ROUNDS - cancelled);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	http_close(other);
	daemon_stop(d);
}

/* Handed to an agent that has not begun it: it never runs. */
static void
cancel_not_begun(void **state)
{
	struct daemon *d = start(LONG);
	pid_t agent = proc_any_agent(d);
	struct reply *reply;
	struct conn *conn;

	/* Otherwise the master tells that it is stopped. */
	assert_true(proc_kill(proc_master(d), SIGSTOP));
	assert_true(proc_kill(agent, SIGSTOP));
	conn = call_begin(d, ID_1, "echo", ECHO, "");
	wait_stat(d, "in_flight", 1);
	assert_int_equal(stat_of(d, "queue_depth"), 0);
	expect(ask(d, "DELETE", REQUESTS "/" ID_1, NULL, NULL), 202, NULL);
	reply = http_answer(conn);
	check_problem(reply, 409, "cancelled");
	assert_string_equal(reply_string(reply, "/outcome"), "not_started");
	reply_free(reply);
	http_close(conn);
	proc_kill(agent, SIGCONT);
	proc_kill(proc_master(d), SIGCONT);
	wait_agents(d, 1, WAIT_MS);
	expect(call(d, "echo", ECHO), 200, NULL);
	assert_int_equal(stat_of(d, "late_results"), 0);
	daemon_stop(d);
}

/* Calls that were handed over behind it go elsewhere, and run once. */
static void
cancel_leaves_neighbours(void **state)
{
	enum { WARM = 20, CALLS = 30 };
	struct daemon *d = daemon_start(LONG);
	struct conn *slow, *conns[CALLS];
	pid_t frontend = proc_frontend(d);
	char id[37], path[200], *done;

	fault_set(d, "free", "");
	for (int i = 0; i < WARM; i++)
		expect(call(d, "wait", "{\"gate\": \"free\"}"), 200, NULL);
	assert_true(proc_kill(frontend, SIGSTOP));
	while (proc_state(frontend) != 'T')
		;
	slow = call_begin(
	    d, ID_1, "wait", "{\"gate\": \"free\", \"soft\": true}", "");
	for (int i = 0; i < CALLS; i++) {
		snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", i);
		conns[i] =
		    call_begin(d, id, "wait", "{\"gate\": \"free\"}", "");
	}
	proc_kill(frontend, SIGCONT);
	cancel(d, slow);
	for (int i = 0; i < CALLS; i++) {
		expect(http_answer(conns[i]), 200, NULL);
		http_close(conns[i]);
	}
	wait_agents(d, 2, WAIT_MS);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	snprintf(path, sizeof(path), "%s/fault/free.done", d->dir);
	assert_non_null(done = file_read(path));
	assert_int_equal(strlen(done), WARM + CALLS);
	free(done);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(cancel_soft),
	    E2E_TEST(cancel_keeps_the_coprocess),
	    E2E_TEST(cancel_hard),
	    E2E_TEST(cancel_without_grace),
	    E2E_TEST(cancel_finishes_first),
	    E2E_TEST(cancel_by_leaving),
	    E2E_TEST(cancel_races),
	    E2E_TEST(cancel_not_begun),
	    E2E_TEST(cancel_leaves_neighbours),
	};

	return (cmocka_run_group_tests_name(
	    "cancel", tests, start_service, stop_service));
}

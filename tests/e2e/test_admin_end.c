/*
 * Draining on request, and what becomes of administrators' requests when their
 * client, the front end or the master does not wait for the end.
 */

#include "harness.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"

static void
admin_drain_idle(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply = administer(d, "drain", "{}");

	assert_int_equal(reply->status, 202);
	assert_true(json_object_get_boolean(reply_at(reply, "/draining")));
	reply_free(reply);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

static bool
refuses(void *arg)
{
	struct daemon *d = arg;
	int fd = http_connect_path(d->socket);

	if (fd != -1)
		close(fd);
	return (fd == -1);
}

/* What is on its way is finished; what is asked meanwhile is refused. */
static void
admin_drain_busy(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn, *probe = http_open(d), *other = http_open(d);
	struct conn *again = http_open_path(d->control),
		    *late = http_open_path(d->control);

	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID_1, "running");
	expect(administer(d, "drain", ""), 202, NULL);
	assert_true(wait_until(refuses, d, WAIT_MS));
	wait_draining(probe);
	http_request(again, "POST", "/api/v1/admin/drain", NULL, "");
	expect(http_answer(again), 202, NULL);
	http_request(late, "POST", "/api/v1/admin/reload", NULL, "");
	expect(http_answer(late), 503, "draining");
	http_request(
	    other, "POST", "/api/v1/tools/echo", NULL, "{\"message\": \"x\"}");
	expect(http_answer(other), 503, "draining");
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	http_close(conn);
	http_close(probe);
	http_close(again);
	http_close(late);
	http_close(other);
	daemon_gone(d, 0);
}

/* Sends a request that the stopped master does not answer yet. */
static struct conn *
begin_waiting(struct daemon *d, const char *action, const char *body)
{
	struct conn *conn = http_open_path(d->control);
	char path[64];

	snprintf(path, sizeof(path), "/api/v1/admin/%s", action);
	http_request(conn, "POST", path, NULL, body);
	/* With the second of these the front end has read the one before. */
	expect(get(d, "/livez"), 200, NULL);
	expect(get(d, "/livez"), 200, NULL);
	assert_true(http_fill(conn));
	assert_int_equal(conn->len, 0);
	return (conn);
}

static bool
stopped(void *arg)
{
	return (proc_state(*(pid_t *)arg) == 'T');
}

static pid_t
stop_master(struct daemon *d)
{
	pid_t master = proc_master(d);

	assert_true(proc_kill(master, SIGSTOP));
	assert_true(wait_until(stopped, &master, WAIT_MS));
	return (master);
}

/* The thing is done all the same, and nobody is told. */
static void
admin_client_leaves(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct conn *conn, *stays;
	struct reply *reply;
	pid_t master;

	health_take(d, &before);
	master = stop_master(d);
	conn = begin_waiting(d, "agents", "{\"agents\": 3}");
	stays = begin_waiting(d, "log", "{\"level\": \"error\"}");
	http_close(conn);
	expect(get(d, "/livez"), 200, NULL);
	assert_true(proc_kill(master, SIGCONT));
	reply = http_answer(stays);
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/level"), "error");
	reply_free(reply);
	http_close(stays);
	wait_agents(d, 3, WAIT_MS);
	expect(administer(d, "agents", "{\"agents\": 2}"), 200, NULL);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Several wait at once, and each gets the answer to what it asked. */
static void
admin_many_wait(void **state)
{
	static const char *const levels[] = {
	    "debug", "info", "warning", "error"};
	struct daemon *d = daemon_start("");
	struct conn *conns[COUNT(levels)];
	pid_t master = stop_master(d);
	char body[32];

	for (size_t i = 0; i < COUNT(levels); i++) {
		snprintf(body, sizeof(body), "{\"level\": \"%s\"}", levels[i]);
		conns[i] = begin_waiting(d, "log", body);
	}
	assert_true(proc_kill(master, SIGCONT));
	for (size_t i = COUNT(levels); i-- > 0;) {
		struct reply *reply = http_answer(conns[i]);

		assert_int_equal(reply->status, 200);
		assert_string_equal(reply_string(reply, "/level"), levels[i]);
		reply_free(reply);
		http_close(conns[i]);
	}
	daemon_stop(d);
}

/* Its requests are lost with it; the next one starts afresh. */
static void
admin_frontend_dies(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct conn *conn;
	pid_t master, frontend = proc_frontend(d);

	health_take(d, &before);
	master = stop_master(d);
	conn = begin_waiting(d, "reload", "");
	assert_true(proc_kill(frontend, SIGKILL));
	assert_true(http_ended(conn, WAIT_MS));
	http_close(conn);
	assert_true(proc_kill(master, SIGCONT));
	health_check(d, &before, WAIT_MS);
	expect(administer(d, "reload", ""), 200, NULL);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* A signal to stop comes before or after it: there is an answer. */
static void
admin_overtaken(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn;
	struct reply *reply;
	pid_t master = stop_master(d);

	conn = begin_waiting(d, "reload", "");
	assert_true(proc_kill(master, SIGTERM));
	assert_true(proc_kill(master, SIGCONT));
	reply = http_answer(conn);
	if (reply->status != 200)
		check_problem(reply, 503, "draining");
	reply_free(reply);
	http_close(conn);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(admin_drain_idle),
	    E2E_TEST(admin_drain_busy),
	    E2E_TEST(admin_client_leaves),
	    E2E_TEST(admin_many_wait),
	    E2E_TEST(admin_frontend_dies),
	    E2E_TEST(admin_overtaken),
	};

	return (cmocka_run_group_tests_name("admin_end", tests, NULL, NULL));
}

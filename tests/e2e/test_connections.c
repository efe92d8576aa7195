/*
 * More connections than are allowed, or than there are descriptors for: idle
 * clients shut nobody out, those with a call keep their place, and agents
 * come before clients.
 */

#include "harness.h"

#include <sys/resource.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GATE "{\"gate\": \"gate\"}"

/* For each process of the daemon; about a dozen are in use at rest. */
#define FILES 40

static void
ask_livez(struct conn *conn)
{
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
}

/* In the child. */
static void
limit_files(struct daemon *d, void *arg)
{
	struct rlimit limit = {FILES, FILES};

	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		_exit(126);
}

struct settling {
	pid_t frontend;
	int fds, same;
};

/* The front end has accepted all that it will. */
static bool
fds_settled(void *arg)
{
	struct settling *settling = arg;
	int fds = proc_fds(settling->frontend);

	settling->same = fds == settling->fds ? settling->same + 1 : 0;
	settling->fds = fds;
	return (settling->same == 50);
}

struct agents_search {
	struct daemon *daemon;
	int count;
};

/* A title tells it: there may be no connection left to ask on. */
static bool
agents_busy(void *arg)
{
	struct agents_search *search = arg;
	pid_t pids[PROC_MAX];
	size_t n = proc_agents(search->daemon, pids);
	char title[256];
	int busy = 0;

	for (size_t i = 0; i < n; i++)
		if (proc_title(pids[i], title, sizeof(title)) &&
		    strstr(title, "[busy") != NULL)
			busy++;
	return (busy >= search->count);
}

static bool
starts_exceed(void *arg)
{
	struct agents_search *search = arg;

	return (daemon_logged(search->daemon, ": ready (pid") > search->count);
}

#define WANTED " wanted"

static bool
is_resized(void *arg)
{
	struct agents_search *search = arg;

	return (daemon_logged(search->daemon, WANTED) > search->count);
}

/* One at a time: signals of a kind that still wait count once. */
static void
resize(struct daemon *d, int signal, int times)
{
	for (int i = 0; i < times; i++) {
		struct agents_search search = {d, daemon_logged(d, WANTED)};

		daemon_signal(d, signal);
		assert_true(wait_until(is_resized, &search, WAIT_MS));
	}
}

/* Three agents more, each of which must get a link and so a call. */
static void
check_more_agents(struct daemon *d)
{
	struct agents_search busy = {d, 5}, starts = {d, 5 + 3};

	resize(d, SIGTTIN, 3);
	if (!wait_until(agents_busy, &busy, WAIT_MS))
		fail_msg("agents got no link: %d were started",
		    daemon_logged(d, ": ready (pid"));
	if (wait_until(starts_exceed, &starts, 1000))
		fail_msg("agents are started again and again");
}

/* Opens the gate for all calls, those to come included. */
static int
gate_hold_open(struct daemon *d)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/fault/gate", d->dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	return (fd);
}

/* All connections wait for a call, so that none may be closed for another. */
static void
connections_files(void **state)
{
	enum { CLIENTS = 60 };
	struct daemon_options o = {
	    .settings = "agent_files = 32\n", .prepare = limit_files};
	struct daemon *d = daemon_start_with(&o);
	struct settling settling = {proc_frontend(d), 0, 0};
	struct conn *conn[CLIENTS];
	struct health before;
	int gate;

	health_take(d, &before);
	gate_make(d, "gate");
	for (int i = 0; i < CLIENTS; i++) {
		conn[i] = http_open(d);
		http_request(conn[i], "POST", "/api/v1/tools/wait", NULL, GATE);
	}
	assert_true(wait_until(fds_settled, &settling, WAIT_MS));
	print_message("# %d descriptors\n", settling.fds);
	check_more_agents(d);
	assert_int_equal(proc_frontend(d), settling.frontend);
	gate = gate_hold_open(d);
	for (int i = 0; i < CLIENTS; i++) {
		expect(http_answer(conn[i]), 200, NULL);
		http_close(conn[i]);
	}
	close(gate);
	resize(d, SIGTTOU, 3);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Idle ones do not shut out the next, nor an agent. */
static void
connections_files_idle(void **state)
{
	enum { CLIENTS = 36 };
	struct daemon_options o = {
	    .settings = "agent_files = 32\n", .prepare = limit_files};
	struct daemon *d = daemon_start_with(&o);
	struct agents_search starts = {d, 3 + 3};
	struct conn *conn[CLIENTS];
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < CLIENTS; i++) {
		conn[i] = http_open(d);
		ask_livez(conn[i]);
	}
	daemon_signal(d, SIGTTIN);
	wait_agents(d, 3, WAIT_MS);
	assert_false(wait_until(starts_exceed, &starts, 500));
	daemon_signal(d, SIGTTOU);
	for (int i = 0; i < CLIENTS; i++)
		http_close(conn[i]);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* The longest idle of those within the limit makes room. */
static void
connections_idle(void **state)
{
	enum { LIMIT = 4 };
	struct daemon *d = daemon_start("max_connections = 4\n");
	struct conn *conn[LIMIT + 1];
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < LIMIT; i++) {
		conn[i] = http_open(d);
		ask_livez(conn[i]);
	}
	ask_livez(conn[0]);
	conn[LIMIT] = http_open(d);
	ask_livez(conn[LIMIT]);
	assert_true(http_ended(conn[1], WAIT_MS));
	http_close(conn[1]);
	conn[1] = conn[LIMIT];
	for (int i = 0; i < LIMIT; i++)
		ask_livez(conn[i]);
	assert_true(proc_fds(proc_frontend(d)) <= before.frontend_fds + LIMIT);
	for (int i = 0; i < LIMIT; i++)
		http_close(conn[i]);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* So do those that never said a word. */
static void
connections_silent(void **state)
{
	enum { SILENT = 20 };
	struct daemon *d = daemon_start("max_connections = 4\n");
	struct conn *conn[SILENT];
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < SILENT; i++)
		conn[i] = http_open(d);
	for (int i = 0; i < 5; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	for (int i = 0; i < SILENT; i++)
		http_close(conn[i]);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* A flood of one client closes its own connections, and none of another. */
static void
connections_flood(void **state)
{
	enum { FLOOD = 60, QUIET = 3 };
	struct daemon *d = daemon_start("max_connections = 12\n"
					"listen = {\"unix:@DIR@/api.sock\", "
					"\"127.0.0.1:0\"}\n");
	struct conn *quiet[QUIET], *flood[FLOOD], *late;
	int port = daemon_port(d);
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < QUIET; i++) {
		quiet[i] = http_open_port(port);
		ask_livez(quiet[i]);
	}
	for (int i = 0; i < FLOOD; i++) {
		flood[i] = http_open(d);
		if (i % 2 == 0) /* a part of a request */
			http_send(
			    flood[i], "POST /api/v1/request HTTP/1.1\r\n");
	}
	late = http_open_port(port);
	ask_livez(late);
	for (int i = 0; i < QUIET; i++)
		ask_livez(quiet[i]);
	for (int i = 0; i < QUIET; i++)
		http_close(quiet[i]);
	for (int i = 0; i < FLOOD; i++)
		http_close(flood[i]);
	http_close(late);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* One with a call keeps its place: the next waits until there is room. */
static void
connections_busy(void **state)
{
	enum { LIMIT = 4 };
	struct daemon *d = daemon_start("max_connections = 4\n");
	struct conn *conn[LIMIT + 1];
	struct health before;
	struct reply *reply;
	int gate;

	health_take(d, &before);
	gate_make(d, "gate");
	for (int i = 0; i < LIMIT; i++) {
		conn[i] = http_open(d);
		http_request(conn[i], "POST", "/api/v1/tools/wait", NULL, GATE);
	}
	conn[LIMIT] = http_open(d);
	http_request(conn[LIMIT], "GET", "/livez", NULL, NULL);
	reply = http_read(conn[LIMIT], 100);
	assert_int_equal(reply->status, HTTP_SILENT);
	reply_free(reply);
	assert_true(proc_fds(proc_frontend(d)) <= before.frontend_fds + LIMIT);
	gate = gate_hold_open(d);
	for (int i = 0; i < LIMIT; i++)
		expect(http_answer(conn[i]), 200, NULL);
	close(gate);
	expect(http_answer(conn[LIMIT]), 200, NULL);
	for (int i = 0; i <= LIMIT; i++)
		http_close(conn[i]);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(connections_files),
	    E2E_TEST(connections_files_idle),
	    E2E_TEST(connections_idle),
	    E2E_TEST(connections_silent),
	    E2E_TEST(connections_flood),
	    E2E_TEST(connections_busy),
	};

	return (cmocka_run_group_tests_name("connections", tests, NULL, NULL));
}

/*
 * A reload whose process hangs or dies, and one that cannot read what it is to
 * read: calls go on, and everything stays as it was.
 */

#include "harness.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAILED "reload failed; the old configuration is in force"
#define DONE "configuration reloaded"

/* The child that is stopped, or -1. */
static pid_t
stopped_child(struct daemon *d)
{
	pid_t pids[PROC_MAX];
	size_t n = proc_tree(proc_master(d), pids);

	for (size_t i = 0; i < n; i++)
		if (proc_state(pids[i]) == 'T')
			return (pids[i]);
	return (-1);
}

static bool
has_stopped_child(void *arg)
{
	return (stopped_child(arg) != -1);
}

/* Begins a reload that hangs; its process. */
static pid_t
begin_hanging(struct daemon *d)
{
	fault_set(d, "stop_child", "1");
	daemon_signal(d, SIGHUP);
	assert_true(wait_until(has_stopped_child, d, WAIT_MS));
	return (stopped_child(d));
}

/* It is served as before, administrators included. */
static void
check_serves(struct daemon *d)
{
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	expect(get(d, "/api/v1/agents"), 200, NULL);
}

static void
helper_hangs(void **state)
{
	struct daemon *d = daemon_start("");
	pid_t pid = begin_hanging(d);

	check_serves(d);
	/* What is asked for meanwhile comes after it. */
	daemon_signal(d, SIGHUP);
	check_serves(d);
	assert_int_equal(daemon_logged(d, DONE), 0);
	assert_true(proc_kill(pid, SIGCONT));
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	assert_true(daemon_wait_log(d, DONE, WAIT_MS));
	assert_int_equal(daemon_logged(d, FAILED), 0);
	daemon_stop(d);
}

static void
helper_dies(void **state)
{
	struct daemon *d = daemon_start("");

	assert_true(proc_kill(begin_hanging(d), SIGKILL));
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	assert_true(daemon_wait_log(
	    d, "the process that reads it died of signal 9", WAIT_MS));
	assert_true(daemon_wait_log(d, FAILED, WAIT_MS));
	check_serves(d);
	daemon_reload(d);
	assert_true(daemon_wait_log(d, DONE, WAIT_MS));
	daemon_stop(d);
}

/* It is given up in time, and its process does not stay. */
static void
helper_takes_long(void **state)
{
	struct daemon_options o = {.settings = ""};
	struct daemon *d = daemon_prepare();
	pid_t pid;

	fault_set(d, "reload_limit", "1000");
	daemon_configure(d, o.settings);
	daemon_spawn(d, &o);
	pid = begin_hanging(d);
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	assert_true(wait_until(proc_gone, &pid, WAIT_MS));
	assert_true(
	    daemon_wait_log(d, "reload: took longer than 1 second", WAIT_MS));
	check_serves(d);
	daemon_stop(d);
}

/* The end does not wait for it. */
static void
helper_at_end(void **state)
{
	struct daemon *d = daemon_start("");

	begin_hanging(d);
	daemon_stop(d);
}

static void
check_tool(struct daemon *d)
{
	expect(call(d, "kept", "{}"), 200, NULL);
}

/* A tool whose manifest cannot be read now is not given up. */
static void
check_unreadable(const char *settings)
{
	struct daemon_options o = {.settings = settings};
	struct daemon *d = daemon_prepare();
	char path[192], away[160], dir[160];

	snprintf(dir, sizeof(dir), "%s/tools.d", d->dir);
	snprintf(path, sizeof(path), "%s/kept.json", dir);
	snprintf(away, sizeof(away), "%s/away", d->dir);
	file_write(
	    path, "{\"name\": \"kept\", \"command\": [\"echo\", \"x\"]}");
	daemon_configure(d, o.settings);
	daemon_spawn(d, &o);
	check_tool(d);
	assert_int_equal(rename(dir, away), 0);
	daemon_reload(d);
	assert_true(daemon_wait_log(d, "no tool is given up", WAIT_MS));
	check_tool(d);
	assert_int_equal(rename(away, dir), 0);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	daemon_reload(d);
	check_tool(d);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(daemon_logged(d, DONE), 0);
	/* One that is wrong leaves out its tool, and so does none. */
	file_write(path, "{");
	daemon_reload(d);
	assert_true(daemon_wait_log(d, DONE, WAIT_MS));
	expect(call(d, "kept", "{}"), 404, "unknown_tool");
	unlink(away);
	daemon_stop(d);
}

/* Whether that directory was named or is the usual one. */
static void
helper_unreadable(void **state)
{
	check_unreadable("tools_dir = \"@DIR@/tools.d\"\n");
	check_unreadable("");
}

static int
free_port(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	close(fd);
	return (ntohs(address.sin_port));
}

/* A front end that has not closed a listener yet keeps nobody from it. */
static void
helper_listener_again(void **state)
{
	struct daemon *d;
	struct conn *conn;
	char with[256];
	static const char without[] = "frontend_timeout = \"30s\"\n";
	int port = free_port();

	snprintf(with, sizeof(with),
	    "%slisten = {\"unix:@DIR@/api.sock\", \"127.0.0.1:%d\"}\n", without,
	    port);
	d = daemon_start(with);
	assert_true(proc_kill(proc_frontend(d), SIGSTOP));
	daemon_configure(d, without);
	daemon_reload(d);
	daemon_configure(d, with);
	daemon_reload(d);
	assert_int_equal(daemon_logged(d, FAILED), 0);
	assert_true(proc_kill(proc_frontend(d), SIGCONT));
	conn = http_open_port(port);
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	/* And when it has, nobody keeps it. */
	daemon_configure(d, without);
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_configure(d, with);
	daemon_reload(d);
	assert_int_equal(daemon_logged(d, FAILED), 0);
	daemon_stop(d);
}

/* The file of a socket that another has made since is not ours to remove. */
static void
helper_foreign_socket(void **state)
{
	struct daemon *d = daemon_start("");
	struct daemon_options o = {.settings = "", .unready = true};
	struct daemon *other = daemon_prepare();
	char settings[256];
	struct conn *conn;

	/* One that serves there is not replaced. */
	snprintf(
	    settings, sizeof(settings), "listen = {\"unix:%s\"}\n", d->socket);
	daemon_configure(other, settings);
	daemon_spawn(other, &o);
	assert_int_equal(daemon_wait(other, WAIT_MS), 1);
	daemon_check_logged(other, "Address already in use", 1);
	check_serves(d);
	/* One whose file was removed leaves alone what comes in its place. */
	assert_int_equal(unlink(d->socket), 0);
	daemon_spawn(other, &o);
	assert_true(daemon_notified(other, "READY=1", WAIT_MS));
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	conn = http_open_path(d->socket);
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	daemon_stop(other);
	daemon_gone(d, WAIT_MS);
}

#define RIVALS 4

/* A file that nobody listens on, as a crash leaves it. */
static void
leave_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strlcpy(address.sun_path, path, sizeof(address.sun_path));
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

struct race {
	struct daemon *daemons[RIVALS];
	int serving, refused;
};

static bool
race_decided(void *arg)
{
	struct race *race = arg;

	race->serving = race->refused = 0;
	for (int i = 0; i < RIVALS; i++) {
		race->serving += daemon_logged(race->daemons[i], "serving");
		race->refused +=
		    daemon_logged(race->daemons[i], "Address already in use");
	}
	return (race->serving + race->refused == RIVALS);
}

/* Of several that start at once, one gets the socket and keeps it. */
static void
race_once(void)
{
	struct daemon_options o = {.settings = "", .unready = true};
	struct race race;
	char settings[256], path[128];

	for (int i = 0; i < RIVALS; i++)
		race.daemons[i] = daemon_prepare();
	snprintf(path, sizeof(path), "%s", race.daemons[0]->socket);
	snprintf(settings, sizeof(settings), "listen = {\"unix:%s\"}\n", path);
	leave_socket(path);
	for (int i = 0; i < RIVALS; i++) {
		daemon_configure(race.daemons[i], settings);
		daemon_spawn(race.daemons[i], &o);
	}
	assert_true(wait_until(race_decided, &race, WAIT_MS));
	assert_int_equal(race.serving, 1);
	for (int i = 0; i < RIVALS; i++) {
		if (daemon_logged(race.daemons[i], "serving") == 0) {
			assert_int_equal(
			    daemon_wait(race.daemons[i], WAIT_MS), 1);
			continue;
		}
		snprintf(race.daemons[i]->socket,
		    sizeof(race.daemons[i]->socket), "%s", path);
		check_serves(race.daemons[i]);
		daemon_signal(race.daemons[i], SIGTERM);
		assert_int_equal(daemon_wait(race.daemons[i], WAIT_MS), 0);
	}
	assert_int_equal(access(path, F_OK), -1);
	for (int i = 0; i < RIVALS; i++)
		daemon_gone(race.daemons[i], WAIT_MS);
}

static void
helper_race(void **state)
{
	for (int i = 0; i < 5; i++)
		race_once();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(helper_hangs),
	    E2E_TEST(helper_dies),
	    E2E_TEST(helper_takes_long),
	    E2E_TEST(helper_at_end),
	    E2E_TEST(helper_unreadable),
	    E2E_TEST(helper_listener_again),
	    E2E_TEST(helper_foreign_socket),
	    E2E_TEST(helper_race),
	};

	return (
	    cmocka_run_group_tests_name("reload_helper", tests, NULL, NULL));
}

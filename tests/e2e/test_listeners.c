/*
 * Listeners that come, go and change with a reload, while others and their
 * connections notice nothing.
 */

#include "harness.h"

#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"

static void
check_listener(const char *path, bool there)
{
	struct conn *conn;

	if (!there) {
		assert_int_equal(http_connect_path(path), -1);
		assert_int_equal(access(path, F_OK), -1);
		return;
	}
	conn = http_open_path(path);
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
}

static void
listeners_reload(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct conn *conn;
	char path[160];

	health_take(d, &before);
	snprintf(path, sizeof(path), "%s/second.sock", d->dir);
	conn = http_open(d);
	for (int i = 0; i < 5; i++) {
		check_listener(path, false);
		/* With unix: or without, it is the same socket. */
		daemon_configure(
		    d, i % 2 == 0 ? "listen = {\"unix:@DIR@/second.sock\", "
				    "\"unix:@DIR@/api.sock\"}\n"
				  : "listen = {\"@DIR@/second.sock\", "
				    "\"@DIR@/api.sock\"}\n");
		daemon_reload(d);
		check_listener(path, true);
		daemon_configure(d, "");
		daemon_reload(d);
		/* A connection to the one that stayed was not disturbed. */
		http_request(conn, "GET", "/livez", NULL, NULL);
		expect(http_answer(conn), 200, NULL);
	}
	check_listener(path, false);
	http_close(conn);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* A call on a listener that goes away still gets its answer. */
static void
listeners_in_use(void **state)
{
	struct daemon *d = daemon_start(
	    "listen = {\"unix:@DIR@/api.sock\", \"unix:@DIR@/second.sock\"}\n");
	struct conn *conn;
	char path[160];

	gate_make(d, "gate");
	snprintf(path, sizeof(path), "%s/second.sock", d->dir);
	conn = http_open_path(path);
	http_request(conn, "POST", "/api/v1/tools/wait",
	    "X-Request-Id: " ID_1 "\r\n", "{\"gate\": \"gate\"}");
	wait_request(d, ID_1, "running");
	daemon_configure(d, "");
	daemon_reload(d);
	check_listener(path, false);
	gate_open(d, "gate");
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	daemon_stop(d);
}

/* A socket whose file somebody removed is made anew, and it alone. */
static void
listeners_lost(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct conn *conn = http_open(d);

	health_take(d, &before);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(unlink(d->socket), 0);
		assert_int_equal(unlink(d->control), 0);
		/* What cannot be loaded does not heal, nor spoil, anything. */
		daemon_configure(d, "agents = none\n");
		daemon_reload(d);
		check_listener(d->socket, false);
		daemon_configure(d, "");
		daemon_reload(d);
		check_listener(d->socket, true);
		check_listener(d->control, true);
	}
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static int
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	return (st.st_mode & 07777);
}

/* A new mode holds for the socket that is there already, too. */
static void
listeners_mode(void **state)
{
	struct daemon *d = daemon_start("socket_mode = 0660\n");
	struct conn *conn = http_open(d);

	assert_int_equal(mode_of(d->socket), 0660);
	daemon_configure(d, "socket_mode = 0600\n");
	daemon_reload(d);
	assert_int_equal(mode_of(d->socket), 0600);
	/* A reload that fails changes nothing. */
	daemon_configure(d, "socket_mode = 0666\nagents = none\n");
	daemon_reload(d);
	assert_int_equal(mode_of(d->socket), 0600);
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

/* A listener beside the control socket, whose directory is made for both. */
static void
listeners_place(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	char path[160];

	setenv("XDG_RUNTIME_DIR", d->dir, 1);
	daemon_configure(d, "control = \"\"\n"
			    "listen = {\"unix:@DIR@/agentd/api.sock\", "
			    "\"unix:@DIR@/api.sock\"}\n");
	daemon_spawn(d, &o);
	snprintf(path, sizeof(path), "%s/agentd/api.sock", d->dir);
	check_listener(path, true);
	unsetenv("XDG_RUNTIME_DIR");
	snprintf(path, sizeof(path), "%s/agentd", d->dir);
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	assert_int_equal(rmdir(path), 0);
	daemon_gone(d, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(listeners_reload),
	    E2E_TEST(listeners_in_use),
	    E2E_TEST(listeners_lost),
	    E2E_TEST(listeners_mode),
	    E2E_TEST(listeners_place),
	};

	return (cmocka_run_group_tests_name("listeners", tests, NULL, NULL));
}

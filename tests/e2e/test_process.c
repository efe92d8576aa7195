/*
 * The daemon as a process among others: in the background with a pidfile,
 * with sockets and a watchdog given by a service manager, and as process 1.
 */

#include "harness.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS(...) ((char *const[]){__VA_ARGS__, NULL})
#define WORD(text) ((char[]){text})

/* An address that is taken, or cannot be: exit 1, and nothing is left. */
static void
process_cannot_listen(void **state)
{
	struct daemon *first = daemon_start(
	    "listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n");
	struct daemon *second = daemon_prepare();
	struct daemon_options o = {.unready = true};
	char line[160];

	snprintf(line, sizeof(line), "listen = {\"127.0.0.1:%d\"}\n",
	    daemon_port(first));
	daemon_configure(second, line);
	daemon_spawn(second, &o);
	assert_int_equal(daemon_wait(second, WAIT_MS), 1);
	daemon_gone(second, 0);
	/* A Unix socket that somebody serves is not taken away from them. */
	second = daemon_prepare();
	snprintf(line, sizeof(line), "listen = {\"unix:%s\"}\n", first->socket);
	daemon_configure(second, line);
	daemon_spawn(second, &o);
	assert_int_equal(daemon_wait(second, WAIT_MS), 1);
	daemon_gone(second, 0);
	expect(call(first, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(first);
}

/* A socket that a killed daemon left is in nobody's way. */
static void
process_stale_socket(void **state)
{
	struct daemon_options o = {0};
	struct daemon *d = daemon_start("");

	daemon_signal(d, SIGKILL);
	assert_int_equal(daemon_wait(d, WAIT_MS), 128 + SIGKILL);
	assert_int_equal(access(d->socket, F_OK), 0);
	/* Its children may still be on their way. */
	assert_true(wait_until(proc_no_strays, d, 2000));
	daemon_spawn(d, &o);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

static bool
pidfile_filled(void *arg)
{
	char *text = file_read(arg);
	bool filled = text != NULL && atoi(text) > 0;

	free(text);
	return (filled);
}

/* In the background: its parent ends with 0 once it is there. */
static void
process_background(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {
	    .arguments = WORDS(WORD("-c"), d->conf), .unready = true};
	char path[160], *text;

	daemon_configure(d, "pidfile = \"@DIR@/agentd.pid\"\n"
			    "log = \"@DIR@/agentd.log\"\n");
	daemon_spawn(d, &o);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	snprintf(path, sizeof(path), "%s/agentd.pid", d->dir);
	assert_true(wait_until(pidfile_filled, path, WAIT_MS));
	text = file_read(path);
	d->pid = atoi(text); /* re-parented to this test program */
	free(text);
	assert_int_equal(getsid(d->pid) == getsid(0), false);
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

/* The second of two with one pidfile. */
static void
process_second(void **state)
{
	struct daemon *d = daemon_start("pidfile = \"@DIR@/agentd.pid\"\n");
	struct daemon *second = daemon_prepare();
	struct daemon_options o = {
	    .arguments = WORDS(WORD("-c"), second->conf), .unready = true};
	char line[200];

	snprintf(line, sizeof(line), "pidfile = \"%s/agentd.pid\"\n", d->dir);
	daemon_configure(second, line);
	daemon_spawn(second, &o);
	assert_int_equal(daemon_wait(second, WAIT_MS), 1);
	assert_true(daemon_logged(second, "running") > 0);
	daemon_gone(second, 0);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

/* In the child: a listening socket as descriptor 3, as systemd gives it. */
static void
pass_socket(struct daemon *d, void *arg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char pid[16];

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/given.sock",
	    d->dir);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    listen(fd, 16) == -1)
		_exit(126);
	if (fd != 3) {
		dup2(fd, 3);
		close(fd);
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
}

static void
process_activation(void **state)
{
	struct daemon_options o = {.prepare = pass_socket};
	struct daemon *d = daemon_start_with(&o);

	snprintf(d->socket, sizeof(d->socket), "%s/given.sock", d->dir);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	/* It survives a reload, and belongs to the manager at the end. */
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	assert_int_equal(access(d->socket, F_OK), 0);
	unlink(d->socket);
	daemon_gone(d, 0);
}

static void
set_watchdog(struct daemon *d, void *arg)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	setenv("WATCHDOG_USEC", "400000", 1);
}

/* Fed while all is well, and not by a master whose front end hangs. */
static void
process_watchdog(void **state)
{
	struct daemon_options o = {.prepare = set_watchdog,
	    .settings = "frontend_timeout = \"30s\"\n"};
	struct daemon *d = daemon_start_with(&o);

	for (int i = 0; i < 5; i++)
		assert_true(daemon_notified(d, "WATCHDOG=1", 400 * 5));
	assert_true(proc_kill(proc_frontend(d), SIGSTOP));
	/* One may be under way, and one more belong to the last answer. */
	daemon_notified(d, "WATCHDOG=1", 400);
	daemon_notified(d, "WATCHDOG=1", 400);
	assert_false(daemon_notified(d, "WATCHDOG=1", 800));
	assert_true(proc_kill(proc_frontend(d), SIGCONT));
	assert_true(daemon_notified(d, "WATCHDOG=1", WAIT_MS));
	daemon_stop(d);
}

/* The words that run a command as process 1, or NULL. */
static char *const *
unshare_words(void)
{
	static char unshare[] = "unshare", as_root[] = "-pf",
		    as_user[] = "-Urpf", mount[] = "--mount-proc";
	static char *const root[] = {unshare, as_root, mount, NULL};
	static char *const user[] = {unshare, as_user, mount, NULL};

	if (system("unshare -pf --mount-proc true 2>/dev/null") == 0)
		return (root);
	if (system("unshare -Urpf --mount-proc true 2>/dev/null") == 0)
		return (user);
	return (NULL);
}

/* As in a container: nobody else reaps there, and TERM must work. */
static void
process_one(void **state)
{
	struct daemon_options o = {.wrapper = unshare_words()};
	struct health before;
	struct daemon *d;

	if (o.wrapper == NULL) {
		print_message("# skipped: unshare is not permitted\n");
		return;
	}
	d = daemon_start_with(&o);
	assert_int_not_equal(proc_master(d), d->pid);
	health_take(d, &before);
	expect(call(d, "fault", "{\"action\": \"daemonise\"}"), 200, NULL);
	expect(call(d, "fault", "{\"action\": \"grandchild_exit\"}"), 502,
	    "agent_crashed");
	expect(
	    call(d, "fault", "{\"action\": \"abort\"}"), 502, "agent_crashed");
	health_check(d, &before, WAIT_MS);
	daemon_reload(d);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(process_cannot_listen),
	    E2E_TEST(process_stale_socket),
	    E2E_TEST(process_background),
	    E2E_TEST(process_second),
	    E2E_TEST(process_activation),
	    E2E_TEST(process_watchdog),
	    E2E_TEST(process_one),
	};

	return (cmocka_run_group_tests_name("process", tests, NULL, NULL));
}

/*
 * The daemon as a process: what keeps it from starting, and running in the
 * background with a pidfile.
 */

#include "harness.h"

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
	assert_true(wait_until(proc_no_strays, d, WAIT_MS));
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
	assert_true(daemon_wait_log(second, "running", WAIT_MS));
	daemon_gone(second, 0);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
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
	};

	return (cmocka_run_group_tests_name("process", tests, NULL, NULL));
}

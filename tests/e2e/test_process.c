/*
 * The daemon as a program: options and exit status, what keeps it from
 * starting, running in the background with a pidfile.
 */

#include "harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS(...) ((char *const[]){__VA_ARGS__, NULL})
#define WORD(text) ((char[]){text})

/* Runs with these arguments to the end; its output is in the log. */
static int
run(struct daemon *d, char *const *arguments)
{
	struct daemon_options o = {
	    .program = "agentd", .arguments = arguments, .unready = true};

	unlink(d->log);
	daemon_spawn(d, &o);
	return (daemon_wait(d, WAIT_MS));
}

static void
process_options(void **state)
{
	struct daemon *d = daemon_prepare();

	assert_int_equal(run(d, WORDS(WORD("-V"))), 0);
	assert_true(daemon_logged(d, "agentd") > 0);
	assert_true(daemon_logged(d, "0.") > 0);
	assert_int_equal(run(d, WORDS(WORD("-h"))), 0);
	assert_true(daemon_logged(d, "usage") > 0);
	assert_int_not_equal(run(d, WORDS(WORD("-?"))), 0);
	assert_int_not_equal(run(d, WORDS(WORD("--nothing"))), 0);
	assert_int_not_equal(run(d, WORDS(WORD("-c"))), 0);
	assert_int_not_equal(run(d, WORDS(WORD("-f"), WORD("more"))), 0);
	daemon_gone(d, 0);
}

static void
process_check(void **state)
{
	struct daemon *d = daemon_prepare();

	daemon_configure(d, "agents = 7\nweather_api_key = \"s3cret\"\n");
	assert_int_equal(run(d, WORDS(WORD("-n"), WORD("-c"), d->conf)), 0);
	assert_int_equal(run(d, WORDS(WORD("-nv"), WORD("-c"), d->conf)), 0);
	assert_int_equal(daemon_logged(d, "agents = 7"), 1);
	assert_int_equal(daemon_logged(d, "s3cret"), 0);
	assert_true(daemon_logged(d, "max_body") > 0);
	daemon_configure(d, "agents = seven\n");
	assert_int_equal(run(d, WORDS(WORD("-n"), WORD("-c"), d->conf)), 1);
	assert_true(daemon_logged(d, "agentd.conf:") > 0);
	assert_int_equal(run(d, WORDS(WORD("-f"), WORD("-c"), d->conf)), 1);
	assert_int_equal(
	    run(d, WORDS(WORD("-n"), WORD("-c"), WORD("/nonexistent"))), 1);
	daemon_gone(d, 0);
}

/* What -nv prints is a configuration, and the same one. */
static void
process_print(void **state)
{
	struct daemon *d = daemon_prepare();
	char *first, *second;

	daemon_configure(d, "agents = 7\ntimeout = \"90s\"\n");
	assert_int_equal(run(d, WORDS(WORD("-nv"), WORD("-c"), d->conf)), 0);
	first = file_read(d->log);
	file_write(d->conf, first);
	assert_int_equal(run(d, WORDS(WORD("-nv"), WORD("-c"), d->conf)), 0);
	second = file_read(d->log);
	assert_string_equal(first, second);
	free(first);
	free(second);
	daemon_gone(d, 0);
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(process_options),
	    E2E_TEST(process_check),
	    E2E_TEST(process_print),
	    E2E_TEST(process_cannot_listen),
	    E2E_TEST(process_stale_socket),
	    E2E_TEST(process_background),
	    E2E_TEST(process_second),
	};

	return (cmocka_run_group_tests_name("process", tests, NULL, NULL));
}

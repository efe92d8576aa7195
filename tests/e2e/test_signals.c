/*
 * Signals to the master: how it stops, politely and at once, and what USR1,
 * TTIN and TTOU do.
 */

#include "harness.h"

#include <sys/stat.h>

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define GATE "{\"gate\": \"gate\"}"

static struct conn *
begin_gated(struct daemon *d)
{
	struct conn *conn;

	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "wait", GATE, "");
	wait_request(d, ID_1, "running");
	return (conn);
}

/* True when nobody is taken in any more: no listener, or 503. */
static bool
refuses(void *arg)
{
	struct daemon *d = arg;
	int fd = http_connect_path(d->socket);
	struct reply *reply;
	struct conn *conn;
	bool refused;

	if (fd == -1)
		return (true);
	conn = http_adopt(fd);
	http_request(
	    conn, "POST", "/api/v1/tools/echo", NULL, "{\"message\": \"x\"}");
	reply = http_read(conn, 100);
	refused = reply->status == 503 || reply->status == HTTP_CLOSED;
	if (reply->status == 503)
		check_problem(reply, 503, "draining");
	reply_free(reply);
	http_close(conn);
	return (refused);
}

/* What was accepted is finished, queued calls included; then it ends. */
static void
stop_politely(int signal)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct conn *conn = begin_gated(d), *second;
	struct reply *reply;

	second = call_begin(d, ID_2, "echo", "{\"message\": \"x\"}", "");
	wait_request(d, ID_2, "queued");
	daemon_signal(d, signal);
	assert_true(daemon_notified(d, "STOPPING=1", WAIT_MS));
	assert_true(wait_until(refuses, d, WAIT_MS));
	gate_open(d, "gate");
	reply = http_answer(conn);
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/result/gate"), "gate");
	reply_free(reply);
	expect(http_answer(second), 200, NULL);
	/* It does not wait for clients to close what is idle. */
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	http_close(conn);
	http_close(second);
	daemon_gone(d, 0);
}

static void
signal_term(void **state)
{
	stop_politely(SIGTERM);
}

static void
signal_int(void **state)
{
	stop_politely(SIGINT);
}

/* Stops with a call that would run for ever, in well under 5 s. */
static void
stop_at_once(int first, int second)
{
	struct daemon *d = daemon_start("");
	struct conn *conn =
	    call_begin(d, ID_1, "fault", "{\"action\": \"stubborn\"}", "");
	struct reply *reply;

	wait_request(d, ID_1, "running");
	daemon_signal(d, first);
	if (second != 0) {
		assert_true(daemon_notified(d, "STOPPING=1", WAIT_MS));
		assert_int_equal(proc_state(d->pid) == 0, false);
		daemon_signal(d, second);
	}
	assert_int_equal(daemon_wait(d, within_ms(2500)), 0);
	reply = http_read(conn, WAIT_MS);
	print_message("# %d\n", reply->status);
	assert_true(reply->status == HTTP_CLOSED || reply->status >= 500);
	reply_free(reply);
	http_close(conn);
	daemon_gone(d, 0);
}

static void
signal_quit(void **state)
{
	stop_at_once(SIGQUIT, 0);
}

struct insisting {
	struct daemon *daemon;
	int signal;
};

/* Sends it again; true when it was taken for another than the first. */
static bool
insist(void *arg)
{
	struct insisting *i = arg;

	if (daemon_logged(i->daemon, "no longer waited for") > 0)
		return (true);
	daemon_signal(i->daemon, i->signal);
	return (false);
}

/* Who waits then gets an answer, and soon: the call would never end. */
static void
stop_twice(int signal)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct insisting i = {d, signal};
	struct conn *conn =
	    call_begin(d, ID_1, "fault", "{\"action\": \"stubborn\"}", "");
	struct conn *queued;
	int64_t begin;

	wait_request(d, ID_1, "running");
	queued = call_begin(d, ID_2, "echo", "{\"message\": \"x\"}", "");
	wait_request(d, ID_2, "queued");
	daemon_signal(d, signal);
	begin = now_ms();
	assert_true(daemon_notified(d, "STOPPING=1", WAIT_MS));
	assert_true(wait_until(insist, &i, WAIT_MS));
	assert_in_range(now_ms() - begin, 990, WAIT_MS);
	expect(http_answer(conn), 503, "draining");
	expect(http_answer(queued), 503, "draining");
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	http_close(conn);
	http_close(queued);
	daemon_gone(d, 0);
}

static void
signal_term_twice(void **state)
{
	stop_twice(SIGTERM);
}

static void
signal_int_twice(void **state)
{
	stop_twice(SIGINT);
}

/* Sends TERM two times; false: this host was too slow to do that soon. */
static bool
double_term(void)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = begin_gated(d);
	int64_t begin = now_ms();
	bool soon;

	daemon_signal(d, SIGTERM);
	assert_true(daemon_notified(d, "STOPPING=1", WAIT_MS));
	daemon_signal(d, SIGTERM);
	soon = now_ms() - begin < 900;
	if (soon)
		assert_true(wait_until(refuses, d, WAIT_MS));
	gate_open(d, "gate");
	if (soon)
		expect(http_answer(conn), 200, NULL);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	http_close(conn);
	daemon_gone(d, 0);
	return (soon);
}

/* timeout(1) sends it to the process and to its group. */
static void
signal_term_doubled(void **state)
{
	bool soon = false;

	for (int i = 0; i < 20 && !soon; i++)
		soon = double_term();
	assert_true(soon);
}

/* Whether the process holds that signal back for later. */
static bool
holds_back(pid_t pid, int signal)
{
	char path[64], *status, *line;
	bool held = false;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (access(path, R_OK) == -1 || (status = file_read(path)) == NULL)
		return (false);
	if ((line = strstr(status, "SigBlk:")) != NULL)
		held = (strtoull(line + strlen("SigBlk:"), NULL, 16) &
			   UINT64_C(1) << (signal - 1)) != 0;
	free(status);
	return (held);
}

/* True when it holds them back, or it is too late to see that. */
static bool
early_enough(void *arg)
{
	struct daemon *d = arg;

	return (holds_back(d->pid, SIGHUP) || daemon_logged(d, "serving") > 0);
}

/* Sends HUP and USR1 while it starts; false: it was ready before. */
static bool
signal_while_starting(void)
{
	struct daemon_options o = {.settings = "", .unready = true};
	struct daemon *d = daemon_prepare();
	char path[160], text[128];
	bool early;

	for (int i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "%s/tools.d/t%d.json", d->dir, i);
		snprintf(text, sizeof(text),
		    "{\"name\": \"t%d\", \"command\": [\"true\"]}", i);
		file_write(path, text);
	}
	daemon_configure(d, o.settings);
	daemon_spawn(d, &o);
	assert_true(wait_until(early_enough, d, WAIT_MS));
	early = holds_back(d->pid, SIGHUP);
	if (early) {
		assert_int_equal(kill(d->pid, SIGHUP), 0);
		assert_int_equal(kill(d->pid, SIGUSR1), 0);
	}
	assert_true(daemon_notified(d, "READY=1", WAIT_MS));
	if (early) {
		assert_true(
		    daemon_wait_log(d, "configuration reloaded", WAIT_MS));
		assert_true(daemon_wait_log(d, "log reopened", WAIT_MS));
	}
	daemon_stop(d);
	return (early);
}

static void
signal_before_ready(void **state)
{
	bool early = false;

	for (int i = 0; i < 20 && !early; i++)
		early = signal_while_starting();
	assert_true(early);
}

static void
signal_term_then_quit(void **state)
{
	stop_at_once(SIGTERM, SIGQUIT);
}

/* The time for finishing is limited; what it cut short is told. */
static void
signal_shutdown_timeout(void **state)
{
	struct daemon *d = daemon_start("shutdown_timeout = \"400ms\"\n");
	struct conn *conn =
	    call_begin(d, ID_1, "fault", "{\"action\": \"stubborn\"}", "");
	struct reply *reply;
	int64_t begin;

	wait_request(d, ID_1, "running");
	begin = now_ms();
	daemon_signal(d, SIGTERM);
	reply = http_answer(conn);
	print_message("# %d after %lld ms: %s\n", reply->status,
	    (long long)(now_ms() - begin), reply->body);
	assert_in_range(now_ms() - begin, 390, within_ms(3000));
	assert_in_range(reply->status, 502, 503);
	assert_string_equal(reply_string(reply, "/instance"), "urn:uuid:" ID_1);
	reply_free(reply);
	http_close(conn);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	assert_true(daemon_logged(d, ID_1) + daemon_logged(d, "kill") > 0);
	daemon_gone(d, 0);
}

/* A front end that hangs does not hold up the end. */
static void
signal_term_frontend_stuck(void **state)
{
	struct daemon *d = daemon_start("shutdown_timeout = \"500ms\"\n");

	assert_true(proc_kill(proc_frontend(d), SIGSTOP));
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

/* TERM with nothing to do is quick, and so is one under load. */
static void
signal_term_under_load(void **state)
{
	struct daemon *d = daemon_start("");
	struct load load;

	load_init(&load, d, 8);
	load_run(&load, 200);
	daemon_signal(d, SIGTERM);
	/* Every call sent by now is answered, or was never read. */
	load_finish(&load);
	assert_int_equal(
	    load.succeeded + load.status[503] + load.closed, load.sent);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

static bool
file_there(void *arg)
{
	return (access(arg, F_OK) == 0);
}

static bool
file_has_text(void *arg)
{
	struct stat st;

	return (stat(arg, &st) == 0 && st.st_size > 0);
}

static void
signal_usr1(void **state)
{
	struct daemon *d = daemon_start("log = \"@DIR@/agentd.log\"\n");
	char path[160], moved[160];

	snprintf(path, sizeof(path), "%s/agentd.log", d->dir);
	snprintf(moved, sizeof(moved), "%s/agentd.log.1", d->dir);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(rename(path, moved), 0);
	daemon_signal(d, SIGUSR1);
	assert_true(wait_until(file_there, path, WAIT_MS));
	daemon_signal(d, SIGTERM);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	/* What came after goes into the new one; its writer ends last. */
	assert_true(wait_until(file_has_text, path, WAIT_MS));
	daemon_gone(d, 0);
}

static void
signal_ttin_ttou(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;

	health_take(d, &before);
	for (int agents = 3; agents <= 5; agents++) {
		daemon_signal(d, SIGTTIN);
		wait_agents(d, agents, WAIT_MS);
	}
	for (int agents = 4; agents >= 2; agents--) {
		daemon_signal(d, SIGTTOU);
		wait_agents(d, agents, WAIT_MS);
	}
	health_check(d, &before, WAIT_MS);
	daemon_signal(d, SIGTTOU);
	wait_agents(d, 1, WAIT_MS);
	/* Never none. */
	daemon_signal(d, SIGTTOU);
	daemon_reload(d);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/* A busy agent finishes first. */
static void
signal_ttou_busy(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = begin_gated(d), *other;

	gate_make(d, "other");
	other = call_begin(d, ID_2, "wait", "{\"gate\": \"other\"}", "");
	wait_request(d, ID_2, "running");
	daemon_signal(d, SIGTTOU);
	gate_open(d, "gate");
	gate_open(d, "other");
	expect(http_answer(conn), 200, NULL);
	expect(http_answer(other), 200, NULL);
	http_close(conn);
	http_close(other);
	wait_agents(d, 1, WAIT_MS);
	daemon_stop(d);
}

/* Whoever starts the daemon may have blocked all signals. */
static void
signal_blocked_at_start(void **state)
{
	struct daemon *d;
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	d = daemon_start("agents = 1\n");
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_true(proc_kill(d->pid, SIGTTIN));
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(signal_term),
	    E2E_TEST(signal_int),
	    E2E_TEST(signal_quit),
	    E2E_TEST(signal_term_twice),
	    E2E_TEST(signal_int_twice),
	    E2E_TEST(signal_term_doubled),
	    E2E_TEST(signal_before_ready),
	    E2E_TEST(signal_term_then_quit),
	    E2E_TEST(signal_shutdown_timeout),
	    E2E_TEST(signal_term_frontend_stuck),
	    E2E_TEST(signal_term_under_load),
	    E2E_TEST(signal_usr1),
	    E2E_TEST(signal_ttin_ttou),
	    E2E_TEST(signal_ttou_busy),
	    E2E_TEST(signal_blocked_at_start),
	};

	return (cmocka_run_group_tests_name("signals", tests, NULL, NULL));
}

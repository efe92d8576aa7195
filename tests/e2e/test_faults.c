/*
 * Agents that break in every way.  Each call gets exactly one answer, the
 * right one, with its own id; the slot is back within a second; no process,
 * no zombie and no descriptor is left.  A table of rows, and what a table
 * cannot say.
 */

#include "harness.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define DO(action) "{\"action\": \"" action "\"}"
#define MID(action) "{\"action\": \"" action "\", \"mid\": true}"
#define SIZED(action, size) "{\"action\": \"" action "\", \"size\": " size "}"

static const struct fault_row {
	const char *params;
	int status;
	const char *code;   /* of the problem; NULL: the call succeeds */
	const char *detail; /* holds this */
	bool survives;	    /* the agent does */
} rows[] = {
    /* after it read the call */
    {DO("exit_0"), 502, "agent_crashed", "exit"},
    {DO("exit_1"), 502, "agent_crashed", "exit"},
    {DO("abort"), 502, "agent_crashed", "signal"},
    {DO("segv"), 502, "agent_crashed", "signal"},
    {DO("kill"), 502, "agent_crashed", "signal"},
    {DO("stop"), 504, "timeout", ""},
    {DO("loop"), 504, "timeout", ""},
    {DO("stubborn"), 504, "timeout", ""},
    /* what it sends */
    {DO("close"), 502, "agent_crashed", ""},
    {DO("close_all"), 502, "agent_crashed", ""},
    {DO("half"), 502, "agent_crashed", ""},
    {DO("garbage"), 502, "agent_crashed", ""},
    {DO("wrong_id"), 502, "agent_crashed", ""},
    {DO("wrong_type"), 502, "agent_crashed", ""},
    {SIZED("oversized", "4294967295"), 502, "agent_crashed", ""},
    {SIZED("oversized", "67108865"), 502, "agent_crashed", ""},
    {SIZED("oversized", "7"), 502, "agent_crashed", ""},
    {SIZED("oversized", "0"), 502, "agent_crashed", ""},
    /* in the middle of its answer */
    {MID("exit_0"), 502, "agent_crashed", "exit"},
    {MID("exit_1"), 502, "agent_crashed", "exit"},
    {MID("abort"), 502, "agent_crashed", "signal"},
    {MID("segv"), 502, "agent_crashed", "signal"},
    {MID("kill"), 502, "agent_crashed", "signal"},
    {MID("stop"), 504, "timeout", ""},
    {MID("loop"), 504, "timeout", ""},
    {MID("stubborn"), 504, "timeout", ""},
    {MID("close"), 502, "agent_crashed", ""},
    {MID("garbage"), 502, "agent_crashed", ""},
    /* after its answer: the call has succeeded */
    {DO("twice"), 200, NULL, ""},
    {DO("answer_and_die"), 200, NULL, ""},
    /* what it says and leaves behind */
    {DO("flood"), 200, NULL, "", true},
    {DO("torrent"), 504, "timeout", ""},
    {DO("grandchild"), 200, NULL, "", true},
    {DO("daemonise"), 200, NULL, "", true},
    {DO("grandchild_exit"), 502, "agent_crashed", "exit"},
    {DO("grandchild_hang"), 504, "timeout", ""},
    {DO("brood"), 504, "timeout", ""},
};

/* The time a slot has to be back, on a machine that has other work too. */
#define SLOT_MS within_ms(5000)

/* Short for what is to pass it, and long for what is not. */
static const char *
row_timeout(const struct fault_row *row)
{
	return (row->status == 504 ? ", \"timeout\": 0.3" : "");
}

static struct reply *
run_fault(struct daemon *d, const char *params, const char *timeout)
{
	struct conn *conn = call_begin(d, ID, "fault", params, timeout);
	struct reply *reply = http_answer(conn);

	/* The same connection answers the next, and nothing else. */
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	assert_int_equal(conn->len, 0);
	http_close(conn);
	return (reply);
}

static void
check_fault(const struct reply *reply, const struct fault_row *row)
{
	assert_string_equal(reply_header(reply, "X-Request-Id"), ID);
	if (row->code == NULL) {
		assert_int_equal(reply->status, row->status);
		assert_string_equal(reply_string(reply, "/request_id"), ID);
		assert_true(
		    json_object_get_boolean(reply_at(reply, "/success")));
		return;
	}
	check_problem(reply, row->status, row->code);
	assert_string_equal(reply_string(reply, "/instance"), "urn:uuid:" ID);
	assert_string_equal(reply_string(reply, "/outcome"), "unknown");
	assert_non_null(strstr(reply_string(reply, "/detail"), row->detail));
}

/* All rows, or those from the first with FAULT=name in the environment. */
static void
faults_rows(void **state)
{
	struct daemon *d = daemon_start("");
	const char *only = getenv("FAULT");
	struct health before;
	int deaths = 0;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply *reply;

		if (only != NULL && strstr(rows[i].params, only) == NULL)
			continue;
		print_message("# %s\n", rows[i].params);
		reply = run_fault(d, rows[i].params, row_timeout(&rows[i]));
		check_fault(reply, &rows[i]);
		reply_free(reply);
		deaths += !rows[i].survives;
		wait_stat(d, "agent_restarts", deaths);
		health_check(d, &before, SLOT_MS);
	}
	daemon_stop(d);
}

/* Every fault at the same time as calls that must not notice. */
static void
faults_beside_calls(void **state)
{
	struct daemon *d = daemon_start("agents = 3\n");
	struct health before;
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 4);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conn *conn;

		/* No row that takes both processors for itself. */
		if (strstr(rows[i].params, "torrent") != NULL)
			continue;
		conn = call_begin(
		    d, ID, "fault", rows[i].params, row_timeout(&rows[i]));
		load_run(&load, 20);
		expect(http_answer(conn), rows[i].status, rows[i].code);
		http_close(conn);
	}
	load_finish(&load);
	/* "twice" and "answer_and_die" may take one more call with them. */
	assert_int_equal(load.succeeded + load.status[502], load.sent);
	assert_in_range(load.status[502], 0, 2);
	health_check(d, &before, SLOT_MS);
	daemon_stop(d);
}

/* A limit of memory: the tool fails by it, the machine does not. */
static void
faults_memory(void **state)
{
	struct daemon *d;
	struct health before;
	struct reply *reply;

	if (built_with_sanitizers()) {
		print_message("# skipped: no limit under sanitizers\n");
		return;
	}
	d = daemon_start("agents = 1\nagent_memory = \"128m\"\n");
	health_take(d, &before);
	reply = run_fault(d, DO("eat"), "");
	print_message("# %d %s\n", reply->status, reply->body);
	if (reply->status == 200) {
		assert_false(
		    json_object_get_boolean(reply_at(reply, "/success")));
		assert_null(strstr(reply->body, "there is no limit"));
	} else {
		check_problem(reply, 502, "agent_crashed");
	}
	reply_free(reply);
	/* It kept all of it; whatever comes next must be served. */
	health_check(d, &before, SLOT_MS);
	daemon_stop(d);
}

/* What happens to the only agent before it reads the call. */
static const struct idle_row {
	int signal, status, other;
} idle_rows[] = {
    {SIGSTOP, 200, 504},
    {SIGKILL, 200, 502},
    {SIGSEGV, 200, 502},
    {SIGTERM, 200, 502},
    {SIGABRT, 200, 502},
};

static void
faults_before_read(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(idle_rows); i++) {
		const struct idle_row *row = &idle_rows[i];
		struct reply *reply;

		print_message("# %s\n", strsignal(row->signal));
		assert_true(proc_kill(proc_any_agent(d), row->signal));
		reply = call_with(
		    d, "echo", "{\"message\": \"x\"}", ", \"timeout\": 5");
		assert_true(reply->status == row->status ||
			    reply->status == row->other);
		reply_free(reply);
		health_check(d, &before, SLOT_MS);
	}
	daemon_stop(d);
}

/* Signals that an agent gets while it runs a call. */
static void
faults_after_read(void **state)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGSEGV, SIGABRT};
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;
	struct reply *reply;
	struct conn *conn;

	health_take(d, &before);
	gate_make(d, "gate");
	for (size_t i = 0; i < COUNT(signals); i++) {
		conn = call_begin(d, ID, "wait", "{\"gate\": \"gate\"}", "");
		wait_request(d, ID, "running");
		assert_true(proc_kill(proc_any_agent(d), signals[i]));
		reply = http_answer(conn);
		check_problem(reply, 502, "agent_crashed");
		assert_string_equal(reply_string(reply, "/outcome"), "unknown");
		reply_free(reply);
		http_close(conn);
		health_check(d, &before, SLOT_MS);
	}
	assert_int_equal(stat_of(d, "crashes"), COUNT(signals));
	daemon_stop(d);
}

/*
 * An answer that comes when the deadline does: the caller gets it, or the
 * 504, and nobody gets it later.
 */
static void
faults_late(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;
	int late = 0;

	health_take(d, &before);
	for (int i = 0; i < 30; i++) {
		struct reply *reply =
		    run_fault(d, DO("late"), ", \"timeout\": 0.05");

		assert_string_equal(reply_header(reply, "X-Request-Id"), ID);
		if (reply->status == 200)
			late++;
		else
			check_problem(reply, 504, "timeout");
		reply_free(reply);
		reply = call(d, "echo", "{\"message\": \"next\"}");
		assert_int_equal(reply->status, 200);
		assert_string_equal(
		    reply_string(reply, "/result/echo"), "next");
		reply_free(reply);
	}
	print_message("# %d of 30 just made it, %lld were dropped\n", late,
	    (long long)stat_of(d, "late_results"));
	health_check(d, &before, SLOT_MS);
	daemon_stop(d);
}

/* Its words are in the log under its name, but not all that many. */
static void
faults_stderr(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");

	expect(call(d, "fault", DO("flood")), 200, NULL);
	assert_true(daemon_wait_log(
	    d, "agent-1: stderr: a tool says far too much", WAIT_MS));
	expect(call(d, "fault", DO("exit_1")), 502, "agent_crashed");
	assert_true(daemon_wait_log(d, "were not logged", WAIT_MS));
	assert_in_range(daemon_logged(d, "far too much"), 1, 10000);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(faults_rows),
	    E2E_TEST(faults_beside_calls),
	    E2E_TEST(faults_memory),
	    E2E_TEST(faults_before_read),
	    E2E_TEST(faults_after_read),
	    E2E_TEST(faults_late),
	    E2E_TEST(faults_stderr),
	};

	return (cmocka_run_group_tests_name("faults", tests, NULL, NULL));
}

/*
 * agentctl against a daemon: each command, and each exit status.
 */

#include "ctl.h"
#include "tools.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ID "550e8400-e29b-41d4-a716-446655440000"

/* Runs it and parses what it printed: exactly one JSON text. */
static struct json_object *
ctl_json(struct daemon *d, int status, const char *const *words)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json;
	struct ctl ctl;
	size_t end;

	ctl_begin(&ctl, d, NULL, words);
	ctl_end(&ctl);
	assert_int_equal(ctl.status, status);
	json = json_tokener_parse_ex(tokener, ctl.out, (int)strlen(ctl.out));
	assert_non_null(json);
	end = json_tokener_get_parse_end(tokener);
	assert_int_equal(ctl.out[strlen(ctl.out) - 1], '\n');
	assert_int_equal(ctl.out[end + strspn(ctl.out + end, "\n")], '\0');
	json_tokener_free(tokener);
	ctl_free(&ctl);
	return (json);
}

static void
ctl_call(void **state)
{
	struct daemon *d = daemon_start("");
	struct ctl ctl;

	ctl_check(d, 0, "\"result\": 15\n", "",
	    WORDS("call", "calculator", "operation=add", "a:=10", "b:=5"));
	ctl_check(d, 0, "\"echo\": \"-x\"", "",
	    WORDS("call", "-T", "5", "-p", "1", "-r", "0", "echo", "--",
		"message=-x"));
	/* Options may come last, and not after "--". */
	ctl_check(d, 0, "\"echo\": \"x\"", "",
	    WORDS("call", "echo", "message=x", "-T", "5"));
	ctl_check(d, 2, "", "-T: is neither",
	    WORDS("call", "echo", "message=x", "--", "-T", "5"));
	ctl_begin(&ctl, d, "{\"message\": \"from input\"}",
	    WORDS("call", "echo", "-"));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 0);
	assert_non_null(strstr(ctl.out, "from input"));
	ctl_free(&ctl);
	daemon_stop(d);
}

/* Nothing of an answer is an order to the terminal, on either stream. */
static void
ctl_call_hostile(void **state)
{
	struct daemon *d = daemon_start("");

	ctl_check(d, 0, "\\u001b[31m\\u009b2J", "",
	    WORDS("call", "echo",
		"message=\033[31m\xc2\x9b"
		"2J"));
	ctl_check(d, 0, "\\u009b2J", "",
	    WORDS("-j", "call", "echo",
		"message=\xc2\x9b"
		"2J"));
	ctl_check(d, 2, "", "\\x1b[2J", WORDS("call", "\033[2J"));
	daemon_stop(d);
}

static void
ctl_call_json(void **state)
{
	struct daemon *d = daemon_start("");
	struct json_object *answer;

	answer = ctl_json(d, 0, WORDS("call", "-j", "echo", "message=x"));
	assert_true(
	    json_object_get_boolean(json_object_object_get(answer, "success")));
	json_object_put(answer);
	answer = ctl_json(d, 1,
	    WORDS("-j", "call", "calculator", "operation=divide", "a:=1",
		"b:=0"));
	assert_string_equal(
	    json_object_get_string(json_object_object_get(answer, "error")),
	    "division by zero");
	json_object_put(answer);
	answer = ctl_json(d, 4, WORDS("-j", "call", "nothing"));
	assert_string_equal(
	    json_object_get_string(json_object_object_get(answer, "code")),
	    "unknown_tool");
	json_object_put(answer);
	daemon_stop(d);
}

/* What the daemon or the tool makes of a call, and the exit status. */
static void
ctl_call_fails(void **state)
{
	struct daemon *d = daemon_start("");

	ctl_check(d, 1, "", "agentctl: calculator: division by zero\n",
	    WORDS("call", "calculator", "operation=divide", "a:=1", "b:=0"));
	ctl_check(d, 1, "", "signal 11", WORDS("call", "fault", "action=segv"));
	ctl_check(d, 4, "", "agentctl: /a: must be number",
	    WORDS("call", "calculator", "operation=add", "a=1"));
	ctl_check(d, 4, "", "\"b\" is required",
	    WORDS("call", "calculator", "operation=add", "a=1"));
	ctl_check(d, 4, "", "no tool nothing", WORDS("call", "nothing"));
	/* Never another path, whatever is in the name. */
	ctl_check(d, 2, "", "\"../agents\": a tool's name has",
	    WORDS("call", "../agents"));
	ctl_check(d, 2, "", "\"echo?timeout=1\": a tool's name has",
	    WORDS("call", "echo?timeout=1"));
	ctl_check(d, 2, "", "\"\": a tool's name has", WORDS("call", ""));
	ctl_check(
	    d, 2, "", "\"../a\": a tool's name has", WORDS("describe", "../a"));
	ctl_check(d, 4, "", "timeout", WORDS("call", "echo", "-T", "3600"));
	ctl_check(d, 4, "", "", WORDS("-q", "call", "nothing"));
	daemon_stop(d);
}

/* The daemon's deadline, and our own: either way the call is over. */
static void
ctl_call_timeout(void **state)
{
	struct daemon *d = daemon_start("");

	gate_make(d, "gate");
	ctl_check(d, 5, "", "deadline",
	    WORDS("call", "-T", "0.1", "wait", "gate=gate"));
	wait_stat(d, "timeouts", 1);
	ctl_check(d, 5, "", "no answer in time",
	    WORDS("-t", "0.1", "call", "wait", "gate=gate"));
	wait_stat(d, "cancelled", 1);
	assert_int_equal(stat_of(d, "in_flight"), 0);
	daemon_stop(d);
}

/* What the tool had written: each stream by its name, on one line. */
static void
ctl_call_partial(void **state)
{
	struct daemon *d = tool_daemon("", "command", "/bin/sh",
	    "\"-c\", \"echo one; echo two; echo three >&2; exec sleep 60\"",
	    ", \"partial\": true, \"timeout\": 1");

	ctl_check(d, 5, "",
	    "\nagentctl: standard output: one\\ntwo\n"
	    "agentctl: standard error: three\n",
	    WORDS("call", "tool"));
	daemon_stop(d);
}

/* on_disconnect = finish shows that it is not the closed connection. */
static void
check_interrupt(int number)
{
	struct daemon *d = daemon_start("on_disconnect = finish\n");
	struct ctl ctl;

	gate_make(d, "gate");
	ctl_begin(&ctl, d, NULL, WORDS("call", "wait", "gate=gate"));
	wait_stat(d, "in_flight", 1);
	assert_true(proc_kill(ctl.pid, number));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 128 + number);
	assert_string_equal(ctl.out, "");
	assert_string_equal(ctl.err, "agentctl: cancelled\n");
	wait_stat(d, "cancelled", 1);
	assert_int_equal(stat_of(d, "in_flight"), 0);
	ctl_free(&ctl);
	daemon_stop(d);
}

static void
ctl_call_interrupted(void **state)
{
	check_interrupt(SIGINT);
	check_interrupt(SIGTERM);
}

/* The front end dies with the call. */
static void
ctl_call_lost(void **state)
{
	struct daemon *d = daemon_start("");
	struct ctl ctl;

	gate_make(d, "gate");
	ctl_begin(&ctl, d, NULL, WORDS("call", "wait", "gate=gate"));
	wait_stat(d, "in_flight", 1);
	assert_true(proc_kill(proc_frontend(d), SIGKILL));
	ctl_end(&ctl);
	assert_int_equal(ctl.status, 3);
	assert_non_null(strstr(ctl.err, "lost"));
	ctl_free(&ctl);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static void
ctl_lists(void **state)
{
	static const char *const commands[] = {
	    "tools", "agents", "requests", "stats", "top"};
	struct daemon *d = daemon_start("");

	ctl_check(d, 0, "calculator\necho\n", "", WORDS("tools", "-1"));
	ctl_check(
	    d, 0, "calculator  builtin    30.0s  Adds", "", WORDS("tools"));
	ctl_check(d, 0, "agent-1  idle ", "", WORDS("agents"));
	ctl_check(d, 0, "0 in flight", "", WORDS("stats"));
	ctl_check(d, 0, "REQUEST  STATE", "", WORDS("requests"));
	ctl_check(d, 0, "", "", WORDS("requests", "-1"));
	for (size_t i = 0; i < COUNT(commands); i++)
		json_object_put(ctl_json(d, 0, WORDS("-j", commands[i])));
	json_object_put(ctl_json(d, 0, WORDS("describe", "-j", "echo")));
	ctl_check(d, 0, "}}\n{\"daemon\":{", "",
	    WORDS("-j", "top", "-n", "2", "-i", "0.01"));
	daemon_stop(d);
}

/* The example that is shown works. */
static void
ctl_describe(void **state)
{
	struct daemon *d = daemon_start("");

	ctl_check(d, 0, "operation=\na:=\nb:=\n", "",
	    WORDS("describe", "-1", "calculator"));
	ctl_check(d, 0, "\nagentctl call calculator operation=add a:=1 b:=1\n",
	    "", WORDS("describe", "calculator"));
	ctl_check(d, 0, "operation  string  yes     -        What", "",
	    WORDS("describe", "calculator"));
	ctl_check(d, 0, "\"result\": 2", "",
	    WORDS("call", "calculator", "operation=add", "a:=1", "b:=1"));
	ctl_check(d, 4, "", "no tool", WORDS("describe", "nothing"));
	daemon_stop(d);
}

static bool
ctl_sees_progress(void *arg)
{
	struct reply *reply = get(arg, "/api/v1/requests");
	bool there = reply_has(reply, "/requests/0/progress");

	reply_free(reply);
	return (there);
}

static void
ctl_check_progress(struct daemon *d)
{
	struct conn *conn =
	    call_begin(d, ID, "fault", "{\"action\": \"report\"}", "");

	assert_true(wait_until(ctl_sees_progress, d, WAIT_MS));
	ctl_check(d, 0, "   40%  agent-", "", WORDS("requests"));
	ctl_check(d, 0, "", "", WORDS("cancel", ID));
	http_close(conn);
}

static void
ctl_requests(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn;

	gate_make(d, "gate");
	conn = call_begin(d, ID, "wait", "{\"gate\": \"gate\"}", "");
	wait_request(d, ID, "running");
	ctl_check(d, 0, ID "\n", "", WORDS("requests", "-1"));
	ctl_check(d, 0, ID "  running", "", WORDS("requests"));
	ctl_check(d, 0, "  wait\n", "", WORDS("agents"));
	ctl_check(d, 0, "", "", WORDS("cancel", ID));
	wait_request(d, ID, "gone");
	ctl_check(d, 4, "", "no request", WORDS("cancel", ID));
	ctl_check(d, 2, "", "no id", WORDS("cancel", "x"));
	http_close(conn);
	ctl_check_progress(d);
	daemon_stop(d);
}

/* Where to connect: options, then the environment. */
static void
ctl_connect(void **state)
{
	struct daemon *d = daemon_start(
	    "listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n");
	char url[64];

	snprintf(url, sizeof(url), "127.0.0.1:%d", daemon_port(d));
	ctl_check(d, 0, "echo\n", "", WORDS("-u", url, "tools", "-1"));
	ctl_check(d, 0, "echo\n", "", WORDS("tools", "-1", "-u", url));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", daemon_port(d));
	ctl_check(d, 0, "echo\n", "", WORDS("-u", url, "tools", "-1"));
	ctl_check(d, 2, "", "-s and -u: only one",
	    WORDS("-u", url, "-s", d->socket, "tools", "-1"));
	ctl_check(d, 2, "", "-s and -u: only one",
	    WORDS("-s", d->socket, "tools", "-1", "-u", url));
	ctl_check(d, 4, "", "only the control socket of the daemon",
	    WORDS("-u", url, "reload"));
	ctl_check(d, 4, "", "only the control socket of the daemon",
	    WORDS("-u", url, "breaker", "echo", "reset"));
	ctl_check(d, 3, "",
	    "agentctl: cannot connect to /nonexistent: No such file or "
	    "directory\n",
	    WORDS("-s", "/nonexistent", "tools"));
	ctl_check(d, 3, "", "cannot connect to http://127.0.0.1:1/:",
	    WORDS("-u", "http://user:secret@127.0.0.1:1", "tools"));
	ctl_check(d, 2, "", "URL", WORDS("-u", "ftp://127.0.0.1", "tools"));
	ctl_check(d, 3, "", "cannot", WORDS("-s", "/nonexistent", "top"));
	daemon_stop(d);
}

static void
ctl_usage(void **state)
{
	static const char *const rows[][5] = {
	    {NULL},
	    {"nothing"},
	    {"-x"},
	    {"-t"},
	    {"-t", "0", "tools"},
	    {"-t", "x", "tools"},
	    {"tools", "-x"},
	    {"tools", "more"},
	    {"call"},
	    {"call", "echo", "message"},
	    {"call", "-T", "x", "echo"},
	    {"call", "-p", "6", "echo"},
	    {"call", "-r", "-1", "echo"},
	    {"describe"},
	    {"cancel"},
	    {"resize"},
	    {"resize", "0"},
	    {"resize", "many"},
	    {"log", "loud"},
	    {"top", "-n", "0"},
	    {"top", "-i", "0"},
	};
	struct daemon *d = daemon_prepare();

	for (size_t i = 0; i < COUNT(rows); i++)
		ctl_check(d, 2, "", NULL, rows[i]);
	ctl_check(d, 0, "usage: agentctl [", "", WORDS("-h"));
	ctl_check(d, 0, "\n  drain       finish", "", WORDS("--help"));
	ctl_check(d, 0, "\n  drain       finish", "", WORDS("help"));
	ctl_check(d, 0, "usage: agentctl call [-T", "", WORDS("call", "-h"));
	ctl_check(d, 0, "\n  -T seconds   give", "", WORDS("call", "--help"));
	ctl_check(d, 0, "name:=json", "", WORDS("help", "call"));
	ctl_check(d, 2, "", "nothing: no such", WORDS("help", "nothing"));
	ctl_check(d, 2, "", "\n  drain       finish", (const char *[]){NULL});
	ctl_check(d, 2, "", "--nothing: no such", WORDS("--nothing"));
	ctl_check(d, 0, "agentctl ", "", WORDS("-V"));
	ctl_check(d, 0, "agentctl ", "", WORDS("--version"));
	/* Nobody has said where the daemon would be. */
	ctl_check(d, 3, "",
	    "agentctl: no agentd is there; -u url or AGENTD_URL",
	    WORDS("tools"));
	daemon_gone(d, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(ctl_call),
	    E2E_TEST(ctl_call_hostile),
	    E2E_TEST(ctl_call_json),
	    E2E_TEST(ctl_call_fails),
	    E2E_TEST(ctl_call_timeout),
	    E2E_TEST(ctl_call_partial),
	    E2E_TEST(ctl_call_interrupted),
	    E2E_TEST(ctl_call_lost),
	    E2E_TEST(ctl_lists),
	    E2E_TEST(ctl_describe),
	    E2E_TEST(ctl_requests),
	    E2E_TEST(ctl_connect),
	    E2E_TEST(ctl_usage),
	};

	return (cmocka_run_group_tests_name("agentctl", tests, NULL, NULL));
}

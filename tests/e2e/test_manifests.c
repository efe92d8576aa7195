/*
 * The directory of manifests and a daemon: bad ones, very many, and such as
 * are changed, added and taken away while calls run.  No call fails because
 * of it.
 */

#include "tools.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"

#define MANY 1000
#define CHANGES 40

/* A tool that gives a number. */
static void
tool_number(struct daemon *d, const char *name, int number)
{
	char words[32];

	snprintf(words, sizeof(words), "\"%d\"", number);
	tool_write(d, name, "command", "/bin/echo", words, "");
}

static void
tool_path(struct daemon *d, const char *name, char path[static 192])
{
	snprintf(path, 192, "%s/tools.d/%s.json", d->dir, name);
}

static void
tool_text(struct daemon *d, const char *name, const char *text)
{
	char path[192];

	tool_path(d, name, path);
	file_write(path, text);
}

static void
tool_remove(struct daemon *d, const char *name)
{
	char path[192];

	tool_path(d, name, path);
	assert_int_equal(unlink(path), 0);
}

/* What the tool gives: a number, or less the status when that is not 200. */
static int64_t
tool_gives(struct daemon *d, const char *name)
{
	struct reply *reply = call(d, name, "{}");
	int64_t number = -reply->status;

	if (reply->status == 200)
		number = reply_int(reply, "/result");
	reply_free(reply);
	return (number);
}

/* Runs agentd -n to the end. */
static int
check(struct daemon *d)
{
	char option[] = "-n", file[] = "-c";
	char *arguments[] = {option, file, d->conf, NULL};
	struct daemon_options o = {
	    .program = "agentd", .arguments = arguments, .unready = true};

	unlink(d->log);
	daemon_spawn(d, &o);
	return (daemon_wait(d, WAIT_MS));
}

/* What is probably a mistake is said, and the tool can be called. */
static void
manifests_odd(void **state)
{
	static const char odd[] =
	    "{\"name\": \"odd\", \"description\": \"x\", \"parameters\": "
	    "{\"properties\": {\"a\": {}}}, \"command\": [\"/bin/echo\", "
	    "\"x={b}\", \"{a}\"], \"output\": \"text\"}";
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.program = "agentd"};
	struct reply *reply;

	daemon_configure(d, "");
	tool_text(d, "odd", odd);
	tool_text(d, "gone",
	    "{\"name\": \"gone\", \"description\": \"x\", \"command\": "
	    "[\"no-such-program\"]}");
	assert_int_equal(check(d), 0);
	daemon_check_logged(d, "odd.json: command: {b} is no parameter", 1);
	daemon_check_logged(d,
	    "gone.json: command: there is no program "
	    "no-such-program in PATH",
	    1);
	daemon_spawn(d, &o);
	daemon_check_logged(d, "odd.json: command: {b} is no parameter", 2);
	reply = call(d, "odd", "{\"a\": 1}");
	assert_string_equal(reply_string(reply, "/result"), "x={b} 1");
	reply_free(reply);
	daemon_stop(d);
}

/* Each is named with its file, and no other tool is missing. */
static void
manifests_bad(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.program = "agentd"};

	daemon_configure(d, "tool nothing {\n}\n");
	tool_number(d, "good", 7);
	assert_int_equal(check(d), 0);
	daemon_check_logged(d, "there is no tool nothing", 1);
	tool_text(d, "broken", "{\"name\": ");
	tool_text(d, "other", "{\"name\": \"another\", \"command\": [\"/x\"]}");
	tool_text(d, "echo", "{\"name\": \"echo\", \"command\": [\"/x\"]}");
	assert_int_equal(check(d), 1);
	daemon_check_logged(d, "tools.d/broken.json: is no JSON", 1);
	daemon_check_logged(d, "tools.d/other.json: name: is \"another\"", 1);
	daemon_check_logged(d, "tools.d/echo.json: name: a built-in tool", 1);
	assert_int_equal(daemon_logged(d, "good.json"), 0);
	unlink(d->log);
	daemon_spawn(d, &o);
	daemon_check_logged(d, "tools.d/broken.json: is no JSON", 1);
	assert_int_equal(tool_gives(d, "good"), 7);
	assert_int_equal(tool_gives(d, "broken"), -404);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	tool_number(d, "broken", 8);
	daemon_reload(d);
	daemon_check_logged(d, "tools.d/other.json: name: is \"another\"", 2);
	assert_int_equal(tool_gives(d, "broken"), 8);
	daemon_stop(d);
}

/* Those that are left out are unknown, and a manifest may have their names. */
static void
manifests_beside_builtins(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.program = "agentd"};

	daemon_configure(d, "builtin_tools = {calculator, time}\n");
	tool_number(d, "random", 7);
	assert_int_equal(check(d), 0);
	unlink(d->log);
	daemon_spawn(d, &o);
	expect(call(d, "time", "{}"), 200, NULL);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 404, "unknown_tool");
	assert_int_equal(tool_gives(d, "random"), 7);
	daemon_configure(d, "builtin_tools = none\n");
	daemon_reload(d);
	expect(call(d, "time", "{}"), 404, "unknown_tool");
	assert_int_equal(tool_gives(d, "random"), 7);
	daemon_stop(d);
}

static void
manifests_shown(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.program = "agentd"};
	struct reply *reply;

	daemon_configure(d, "");
	tool_write(d, "shown", "command", "/bin/echo", "\"1\"",
	    ", \"timeout\": 2.5, \"idempotent\": true,"
	    " \"result\": {\"type\": \"integer\"},"
	    " \"environment\": [\"KEY=hush\"]");
	daemon_spawn(d, &o);
	reply = get(d, "/api/v1/tools/shown");
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/kind"), "command");
	assert_string_equal(reply_string(reply, "/result/type"), "integer");
	assert_true(reply_has(reply, "/parameters/properties/a"));
	assert_true(json_object_get_double(reply_at(reply, "/timeout")) == 2.5);
	assert_true(json_object_get_boolean(reply_at(reply, "/idempotent")));
	assert_null(strstr(reply->body, "hush"));
	assert_null(strstr(reply->body, "/bin/echo"));
	reply_free(reply);
	reply = get(d, "/api/v1/tools/echo");
	assert_int_equal(reply_int(reply, "/timeout"), 30);
	assert_string_equal(reply_string(reply, "/kind"), "builtin");
	reply_free(reply);
	daemon_stop(d);
}

static bool
many_listed(void *arg)
{
	struct reply *reply = get(arg, "/api/v1/tools");
	bool all = reply_int(reply, "/count") >= MANY;

	reply_free(reply);
	return (all);
}

/* They neither slow the start nor hold up the master at a reload. */
static void
manifests_many(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {.program = "agentd"};
	int64_t begun, started, reloaded;
	char name[16];

	daemon_configure(d, "");
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "tool%04d", i);
		tool_number(d, name, i);
	}
	begun = now_us();
	daemon_spawn(d, &o);
	started = now_us();
	assert_true(many_listed(d));
	assert_int_equal(tool_gives(d, "tool0000"), 0);
	assert_int_equal(tool_gives(d, "tool0999"), 999);
	tool_number(d, "tool0500", 12345);
	daemon_reload(d);
	reloaded = now_us();
	daemon_reload(d);
	print_message("# %d manifests: start %lld ms, reload %lld ms\n", MANY,
	    (long long)(started - begun) / 1000,
	    (long long)(now_us() - reloaded) / 1000);
	assert_int_equal(tool_gives(d, "tool0500"), 12345);
	assert_true(many_listed(d));
	daemon_stop(d);
}

struct changes {
	struct daemon *daemon;
	int version;
};

/* Once the last reload has been applied, the next version. */
static bool
change_again(void *arg)
{
	struct changes *changes = arg;
	struct daemon *d = changes->daemon;

	if (!daemon_notified(d, "READY=1", 0))
		return (true);
	if (changes->version == CHANGES)
		return (false);
	changes->version++;
	tool_number(d, "changed", changes->version);
	if (changes->version % 2 == 0)
		tool_number(d, "now_and_then", 1);
	else if (changes->version > 1)
		tool_remove(d, "now_and_then");
	daemon_signal(d, SIGHUP);
	return (true);
}

static void
manifests_change_under_load(void **state)
{
	struct daemon *d = daemon_start("tools_dir = \"tools.d\"\n");
	struct changes changes = {.daemon = d};
	struct health before;
	struct load load;

	health_take(d, &before);
	load_init(&load, d, 4);
	load.tick = change_again;
	load.tick_arg = &changes;
	load.tick_ms = 1;
	daemon_signal(d, SIGHUP);
	load_run(&load, 60000);
	load_finish(&load);
	assert_int_equal(changes.version, CHANGES);
	assert_int_equal(load.succeeded, load.sent);
	assert_int_equal(load.closed + load.refused, 0);
	assert_int_equal(tool_gives(d, "changed"), CHANGES);
	assert_int_equal(tool_gives(d, "now_and_then"), 1);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Each reload is in force when the daemon says so, for all that come. */
static void
manifests_are_in_force(void **state)
{
	struct daemon *d = daemon_start("");

	assert_int_equal(tool_gives(d, "tool"), -404);
	for (int version = 1; version <= 10; version++) {
		tool_number(d, "tool", version);
		daemon_reload(d);
		for (int i = 0; i < 4; i++)
			assert_int_equal(tool_gives(d, "tool"), version);
	}
	tool_remove(d, "tool");
	daemon_reload(d);
	assert_int_equal(tool_gives(d, "tool"), -404);
	daemon_stop(d);
}

/* A program that says its number when a FIFO of the test's is opened. */
static void
tool_gated(struct daemon *d, int number)
{
	char words[256];

	snprintf(words, sizeof(words),
	    "\"-c\", \"read x < %s/fault/gate; echo %d\"", d->dir, number);
	tool_write(d, "gated", "command", "/bin/sh", words, "");
}

/* A call that runs ends as it began, and the next is of the new version. */
static void
manifests_replaced_while_running(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	struct reply *reply;
	struct conn *conn;

	daemon_configure(d, "agents = 1\n");
	tool_gated(d, 1);
	daemon_spawn(d, &o);
	gate_make(d, "gate");
	conn = call_begin(d, ID_1, "gated", "{}", "");
	wait_request(d, ID_1, "running");
	tool_number(d, "gated", 2);
	daemon_reload(d);
	assert_int_equal(tool_gives(d, "gated"), 2);
	gate_open(d, "gate");
	reply = http_answer(conn);
	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/result"), 1);
	reply_free(reply);
	http_close(conn);
	reply = get(d, "/api/v1/stats");
	assert_int_equal(reply_int(reply, "/tools/gated/successful"), 2);
	reply_free(reply);
	daemon_stop(d);
}

/* It runs to its end though it is gone; what waits for it never begins. */
static void
manifests_removed_while_running(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	struct conn *running, *waiting;

	daemon_configure(d, "agents = 1\n");
	tool_gated(d, 1);
	daemon_spawn(d, &o);
	gate_make(d, "gate");
	running = call_begin(d, ID_1, "gated", "{}", "");
	wait_request(d, ID_1, "running");
	waiting = call_begin(d, ID_2, "gated", "{}", "");
	wait_request(d, ID_2, "queued");
	tool_remove(d, "gated");
	daemon_reload(d);
	expect(http_answer(waiting), 404, "unknown_tool");
	assert_int_equal(tool_gives(d, "gated"), -404);
	gate_open(d, "gate");
	expect(http_answer(running), 200, NULL);
	http_close(waiting);
	http_close(running);
	tool_number(d, "gated", 3);
	daemon_reload(d);
	assert_int_equal(tool_gives(d, "gated"), 3);
	daemon_stop(d);
}

/* A result that breaks its promise fails the call, and nothing else. */
static void
manifests_bad_results(void **state)
{
	struct daemon *d = daemon_prepare();
	struct daemon_options o = {NULL};
	struct health before;
	char deep[3 * 33 + 3] = "\"";
	struct reply *reply;

	daemon_configure(d, "");
	for (int i = 0; i < 33; i++)
		strlcat(deep, "[", sizeof(deep));
	for (int i = 0; i < 33; i++)
		strlcat(deep, "]", sizeof(deep));
	strlcat(deep, "\"", sizeof(deep));
	tool_write(d, "deep", "command", "/bin/echo", deep, "");
	tool_write(d, "promise", "command", "/bin/echo", "\"[1]\"",
	    ", \"result\": {\"items\": {\"type\": \"string\"}}");
	daemon_spawn(d, &o);
	health_take(d, &before);
	reply = call(d, "deep", "{}");
	assert_int_equal(reply->status, 200);
	assert_false(json_object_get_boolean(reply_at(reply, "/success")));
	reply_free(reply);
	reply = call(d, "promise", "{}");
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/error"),
	    "the result does not fit its schema: /0: must be string, not "
	    "integer");
	reply_free(reply);
	health_check(d, &before, WAIT_MS);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

/* A front end that comes up later has the tools of the last reload. */
static void
manifests_and_a_new_front_end(void **state)
{
	struct daemon *d = daemon_start("");
	pid_t frontend;

	tool_number(d, "tool", 1);
	daemon_reload(d);
	assert_int_equal(tool_gives(d, "tool"), 1);
	frontend = proc_frontend(d);
	assert_true(proc_kill(frontend, SIGKILL));
	assert_true(wait_until(proc_gone, &frontend, WAIT_MS));
	assert_int_equal(tool_gives(d, "tool"), 1);
	tool_number(d, "tool", 2);
	daemon_reload(d);
	assert_int_equal(tool_gives(d, "tool"), 2);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(manifests_odd),
	    E2E_TEST(manifests_bad),
	    E2E_TEST(manifests_beside_builtins),
	    E2E_TEST(manifests_shown),
	    E2E_TEST(manifests_many),
	    E2E_TEST(manifests_change_under_load),
	    E2E_TEST(manifests_are_in_force),
	    E2E_TEST(manifests_replaced_while_running),
	    E2E_TEST(manifests_removed_while_running),
	    E2E_TEST(manifests_bad_results),
	    E2E_TEST(manifests_and_a_new_front_end),
	};

	return (cmocka_run_group_tests_name("manifests", tests, NULL, NULL));
}

/*
 * Tools that are coprocesses: every way to keep the contract and to break it,
 * and what the next call finds.
 *
 * Wraps: json_parse
 */

#include "kind_call.h"

#include "test.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kinds/coprocess.h"
#include "agent/kinds/kind.h"
#include "agent/registry.h"
#include "agent/tool.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/sweep.h"
#include "open_fds.h"

#define DO(action) "{\"do\":\"" action "\"}"
#define ECHOED(action) "{\"result\":" DO(action) "}"

bool __real_json_parse(
    const char *, size_t, struct json_object **, char *reason);
bool __wrap_json_parse(
    const char *, size_t, struct json_object **, char *reason);

/* There is no memory for the next value. */
static bool json_parse_fails;

bool
__wrap_json_parse(
    const char *text, size_t len, struct json_object **value, char *reason)
{
	if (!json_parse_fails)
		return (__real_json_parse(text, len, value, reason));
	json_parse_fails = false;
	strlcpy(reason, "out of memory", JSON_REASON_SIZE);
	errno = ENOMEM;
	return (false);
}

static int fds_before;
static struct registry_entry *entry;

static int
set_up(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_ERR);
	fds_before = open_fds();
	return (sweep_enable());
}

static int
tear_down(void **state)
{
	if (entry != NULL)
		kind_entry_free(entry);
	entry = NULL;
	assert_int_equal(sweep_all(KIND_CALL_MS), 0);
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

/* The coprocess of the tests, set up as in an agent. */
static void
begin(const char *argument)
{
	char *manifest;

	assert_int_not_equal(
	    asprintf(&manifest, "{\"coprocess\": [\"%s\", \"%s\"]}",
		kind_program("coprocess_echo"), argument),
	    -1);
	entry = kind_entry(&kind_coprocess, "/tmp", manifest);
	entry->kind->setup(entry, NULL);
	free(manifest);
}

static pid_t
serving(void)
{
	const struct coprocess *coprocess = entry->spec;

	return (coprocess->child.pid);
}

static void
expect_alive(void)
{
	kind_expect(entry, "{\"x\":1}", "{\"result\":{\"x\":1}}");
}

/* Until the process is dead, and still to be reaped. */
static void
await_death(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static void
test_refusals(void **state)
{
	kind_refuses(&kind_coprocess, "{\"coprocess\": []}",
	    "coprocess: must be an array of the program and its arguments");
	kind_refuses(&kind_coprocess, "{\"coprocess\": [\"\"]}",
	    "coprocess: the program has no name");
}

/* What is done, what comes of it, and whether the process stays. */
static const struct row {
	const char *params, *outcome;
	bool stays;
} rows[] = {
    {"{}", "{\"result\":{}}", true},
    {"{\"a\":\"x\\ny\"}", "{\"result\":{\"a\":\"x\\ny\"}}", true},
    {DO("error"), "{\"error\":\"no such thing\"}", true},
    {DO("neither"),
	"{\"error\":\"the answer of the coprocess has neither result nor "
	"error\"}",
	true},
    {DO("twice"), ECHOED("twice"), false},
    {DO("ahead"), ECHOED("ahead"), false},
    {DO("wrong_id"), ECHOED("wrong_id"), false},
    {DO("banner"), ECHOED("banner"), true},
    {DO("mark"), ECHOED("mark"), true},
    {DO("notify"), ECHOED("notify"), true},
    {DO("stray"), ECHOED("stray"), true},
    {DO("helper"), ECHOED("helper"), true},
    {DO("garble_others"), ECHOED("garble_others"), true},
    {DO("bare"),
	"{\"error\":\"the answer of the coprocess lacks \\\"jsonrpc\\\": "
	"\\\"2.0\\\"\"}",
	true},
    {DO("pretty"),
	"{\"error\":\"the answer of the coprocess is no JSON: unexpected end "
	"at byte 1: {\"}",
	false},
    {DO("die"),
	"{\"error\":\"the coprocess exited with status 1 during the call: "
	"I was told to die\"}",
	false},
    {DO("half"),
	"{\"error\":\"the coprocess exited with status 0 during the call\"}",
	false},
    {DO("close"),
	"{\"error\":\"the coprocess closed its output during the call\"}",
	false},
    {DO("flood"),
	"{\"error\":\"the coprocess printed a line that is longer than the "
	"output limit\"}",
	false},
};

static void
test_rows(void **state)
{
	begin("");
	for (size_t i = 0; i < COUNT(rows); i++) {
		pid_t before = serving();

		print_message("# %s\n", rows[i].params);
		kind_expect(entry, rows[i].params, rows[i].outcome);
		expect_alive();
		assert_true((serving() == before) == rows[i].stays);
		/* It may be seen only now that it said too much. */
		expect_alive();
	}
}

/* At once, and in its own words. */
static void
test_garbled(void **state)
{
	struct json_object *outcome;
	const char *text;

	begin("");
	outcome = kind_call(entry, DO("nan"), KIND_CALL_MS);
	text = json_object_get_string(json_object_object_get(outcome, "error"));
	assert_non_null(text);
	assert_non_null(strstr(text, "the answer of the coprocess is no JSON"));
	assert_non_null(strstr(text, "\"result\":{\"a\":NaN}}"));
	assert_int_equal(serving(), -1);
	json_object_put(outcome);
	expect_alive();
}

static void
test_no_memory(void **state)
{
	struct tool_call call = {.result = json_object_new_object(),
	    .params = json_object_new_object(),
	    .deadline_ns = clock_now_ns() + KIND_CALL_MS * NS_PER_MS};

	begin("");
	call.entry = entry;
	json_parse_fails = true;
	entry->kind->run(&call);
	assert_false(json_parse_fails);
	assert_int_equal(call.outcome, TOOL_NO_MEMORY);
	assert_int_equal(serving(), -1);
	json_object_put(call.result);
	json_object_put(call.params);
	expect_alive();
}

static void
test_answer_and_die(void **state)
{
	pid_t before;

	begin("");
	before = serving();
	kind_expect(entry, DO("answer_and_die"), ECHOED("answer_and_die"));
	await_death(before);
	expect_alive();
	assert_int_not_equal(serving(), before);
}

/* Its end between calls is nobody's loss. */
static void
test_killed_between_calls(void **state)
{
	begin("");
	for (int i = 0; i < 3; i++) {
		pid_t before = serving();

		expect_alive();
		assert_int_equal(serving(), before);
		kill(before, SIGKILL);
		await_death(before);
		expect_alive();
	}
}

static void
expect_expired(const char *params)
{
	struct json_object *outcome = kind_call(entry, params, 100);

	assert_string_equal(json_object_to_json_string(outcome),
	    "{ \"expired\": \"the coprocess did not answer in time\" }");
	json_object_put(outcome);
	assert_int_equal(serving(), -1);
}

static void
test_expired(void **state)
{
	static const char *const params[] = {
	    DO("only_wrong_id"), DO("hang"), DO("flood_lines")};

	begin("");
	for (size_t i = 0; i < COUNT(params); i++) {
		expect_expired(params[i]);
		expect_alive();
	}
}

/* More than its pipe takes. */
static void
test_stops_reading(void **state)
{
	char *params = calloc(1, 1 << 20);

	strlcpy(params, "{\"a\":\"", 1 << 20);
	memset(params + 6, 'x', 300000);
	strlcat(params, "\"}", 1 << 20);
	begin("");
	kind_expect(entry, DO("stop_reading"), ECHOED("stop_reading"));
	expect_expired(params);
	expect_alive();
	free(params);
	kind_entry_free(entry);
	/* From the start. */
	begin("deaf");
	expect_expired("{}");
	expect_expired("{}");
}

/* More than its pipes hold, both ways. */
static void
test_large(void **state)
{
	char *params = calloc(1, 1 << 20), *outcome = calloc(1, 1 << 20);

	strlcpy(params, "{\"a\":\"", 1 << 20);
	memset(params + 6, 'x', 900000);
	strlcat(params, "\"}", 1 << 20);
	snprintf(outcome, 1 << 20, "{\"result\":%s}", params);
	begin("");
	kind_expect(entry, params, outcome);
	expect_alive();
	free(params);
	free(outcome);
}

/* It is told before the deadline, and what it then says is its answer. */
static void
test_cancel(void **state)
{
	struct json_object *outcome = NULL;

	begin("");
	/* A busy machine may give it too little time. */
	for (int i = 0; i < 50; i++) {
		json_object_put(outcome);
		outcome = kind_call(entry, DO("never"), 200);
		if (json_object_object_get(outcome, "result") != NULL)
			break;
	}
	assert_string_equal(json_object_to_json_string(outcome),
	    "{ \"result\": \"cancelled\" }");
	json_object_put(outcome);
	expect_alive();
}

static void
test_banner_at_start(void **state)
{
	begin("banner");
	expect_alive();
}

/* Not started anew for ever within a call. */
static void
test_dies_at_start(void **state)
{
	struct json_object *outcome;
	const char *text;

	begin("die");
	for (int i = 0; i < 3; i++) {
		outcome = kind_call(entry, "{}", KIND_CALL_MS);
		text = json_object_get_string(
		    json_object_object_get(outcome, "error"));
		assert_non_null(
		    strstr(text, "the coprocess exited with status 1"));
		json_object_put(outcome);
	}
}

static void
test_no_program(void **state)
{
	entry = kind_entry(
	    &kind_coprocess, "/tmp", "{\"coprocess\": [\"/no/such\"]}");
	entry->kind->setup(entry, NULL);
	for (int i = 0; i < 3; i++)
		kind_expect(entry, "{}",
		    "{\"error\":\"cannot run the program: "
		    "No such file or directory\"}");
	assert_int_equal(serving(), -1);
}

/* One process serves them all. */
static void
test_count(void **state)
{
	struct json_object *outcome, *calls;

	begin("");
	for (int i = 0; i < 100; i++)
		expect_alive();
	outcome = kind_call(entry, DO("count"), KIND_CALL_MS);
	assert_int_equal(json_pointer_get(outcome, "/result/calls", &calls), 0);
	assert_int_equal(json_object_get_int(calls), 101);
	json_object_put(outcome);
}

/* Without a tail its standard error is ours. */
static void
test_own_words(void **state)
{
	begin("");
	kind_entry_free(entry);
	begin("");
	entry->policy.stderr_bytes = 0;
	kill(serving(), SIGKILL);
	await_death(serving());
	expect_alive();
	kind_expect(entry, DO("die"),
	    "{\"error\":\"the coprocess exited with status 1 during the "
	    "call\"}");
}

/* The coprocess of one more tool; its entry. */
static struct registry_entry *
another(void)
{
	struct registry_entry *made, *before = entry;

	begin("");
	made = entry;
	entry = before;
	return (made);
}

static bool
runs(const struct registry_entry *e)
{
	const struct coprocess *coprocess = e->spec;

	return (coprocess->child.pid != -1);
}

static void
expect_runs(struct registry_entry *const *entries, const char *wanted)
{
	for (int i = 0; wanted[i] != '\0'; i++)
		assert_int_equal(runs(entries[i]), wanted[i] == '1');
}

/* More tools than files for them: the one used least lately makes room. */
static void
test_room(void **state)
{
	struct registry_entry *entries[4];
	struct rlimit before, limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)coprocess_files(2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int i = 0; i < 4; i++)
		entries[i] = another();
	expect_runs(entries, "1100");
	kind_expect(entries[0], "{}", "{\"result\":{}}");
	kind_expect(entries[3], "{}", "{\"result\":{}}");
	expect_runs(entries, "1001");
	kind_expect(entries[2], "{}", "{\"result\":{}}");
	expect_runs(entries, "0011");
	kind_expect(entries[3], "{}", "{\"result\":{}}");
	kind_expect(entries[0], "{}", "{\"result\":{}}");
	expect_runs(entries, "1001");
	for (int i = 0; i < 4; i++)
		kind_entry_free(entries[i]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void
test_most(void **state)
{
	assert_int_equal(coprocess_most(16), 1);
	assert_int_equal(coprocess_most(256), 44);
	for (size_t i = 1; i < 300; i++) {
		assert_int_equal(coprocess_most(coprocess_files(i)), i);
		assert_true(coprocess_most(coprocess_files(i + 1) - 1) == i);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_refusals),
	    TEST(test_rows),
	    TEST(test_garbled),
	    TEST(test_no_memory),
	    TEST(test_answer_and_die),
	    TEST(test_killed_between_calls),
	    TEST(test_expired),
	    TEST(test_stops_reading),
	    TEST(test_large),
	    TEST(test_cancel),
	    TEST(test_banner_at_start),
	    TEST(test_dies_at_start),
	    TEST(test_no_program),
	    TEST(test_count),
	    TEST(test_own_words),
	    TEST(test_room),
	    TEST(test_most),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

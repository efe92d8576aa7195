/*
 * Pipelines: references, what runs at the same time, what ends it all, and
 * what is refused before anything runs.
 */

#include "many.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADD(a, b)                                                         \
	"\"tool_name\":\"calculator\",\"params\":{\"operation\":\"add\"," \
	"\"a\":" a ",\"b\":" b "}"
#define REF(pointer) "{\"$ref\":\"" pointer "\"}"
#define ECHO(message) \
	"\"tool_name\":\"echo\",\"params\":{\"message\":" message "}"
#define SPLIT                                                             \
	"{\"id\":\"s\",\"tool_name\":\"text\",\"params\":{\"operation\":" \
	"\"split\",\"text\":\"a,b,c\",\"delimiter\":\",\"}}"
#define WAIT(gate) "\"tool_name\":\"wait\",\"params\":{\"gate\":\"" gate "\"}"
#define STEPS(list) "{\"steps\":[" list "]}"

/* Pipelines whose last step is an echo, and what that says. */
static const struct good_row {
	const char *body, *echo;
} good_rows[] = {
    {STEPS("{" ECHO("\"x\"") "}"), "x"},
    {STEPS("{" ECHO("\"x\"") "},{" ECHO(REF("/prev/echo")) "}"), "x"},
    {STEPS("{" ECHO("\"x\"") "},{" ECHO(REF("/steps/0/echo")) "}"), "x"},
    {STEPS(SPLIT ",{" ECHO(REF("/prev/result/1")) "}"), "b"},
    {STEPS(SPLIT ",{" ECHO(REF("/steps/s/result/2")) "}"), "c"},
    /* A reference forwards is as good as one backwards. */
    {STEPS("{\"id\":\"z\"," ECHO(REF("/steps/y/echo")) "},{\"id\":\"y\"," ECHO(
	 "\"f\"") "},{" ECHO(REF("/steps/z/message")) "}"),
	"f"},
    /* What looks like a reference is none with another member beside it. */
    {STEPS("{" ECHO("\"{\\\"$ref\\\":\\\"/x\\\"}\"") "}"), "{\"$ref\":\"/x\"}"},
};

static void
pipeline_good(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	for (size_t i = 0; i < COUNT(good_rows); i++) {
		reply = ask(d, "POST", PIPELINE, NULL, good_rows[i].body);
		if (reply->status != 200 || !reply_has(reply, "/result/echo"))
			fail_msg("%s: %s", good_rows[i].body, reply->body);
		assert_string_equal(
		    reply_string(reply, "/result/echo"), good_rows[i].echo);
		assert_true(
		    json_object_get_boolean(reply_at(reply, "/success")));
		assert_false(reply_has(reply, "/failed_step"));
		reply_free(reply);
	}
	daemon_stop(d);
}

static void
pipeline_example(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply = ask(d, "POST", PIPELINE, NULL,
	    "{\"steps\": [{\"id\": \"words\", \"tool_name\": \"text\", "
	    "\"params\": {\"operation\": \"word_count\", \"text\": "
	    "\"one two three\"}}, {\"tool_name\": \"calculator\", \"params\": "
	    "{\"operation\": \"multiply\", \"a\": {\"$ref\": "
	    "\"/steps/words/word_count\"}, \"b\": 2}}], \"timeout\": 10}");

	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/result/result"), 6);
	assert_string_equal(many_string(reply, "steps", 0, "id"), "words");
	assert_string_equal(many_string(reply, "steps", 1, "id"), "1");
	assert_int_equal(many_int(reply, "steps", 0, "result/word_count"), 3);
	assert_int_equal(many_int(reply, "steps", 0, "attempts"), 1);
	reply_free(reply);
	daemon_stop(d);
}

/* Numbers go from one to the next as they are. */
static void
pipeline_numbers(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply = ask(d, "POST", PIPELINE, NULL,
	    STEPS("{" ADD("9007199254740992", "1") "},{" ADD(
		REF("/prev/result"), "0") "}"));

	assert_int_equal(reply_int(reply, "/result/result"), 9007199254740993);
	reply_free(reply);
	daemon_stop(d);
}

/* What is refused before anything runs, and words that say why. */
static const struct bad_row {
	const char *body;
	int status;
	const char *why;
} bad_rows[] = {
    {"", 400, "not JSON"},
    {"[]", 400, "object"},
    {"{}", 400, "steps is missing"},
    {"{\"steps\":5}", 400, "steps must be"},
    {"{\"steps\":[]}", 400, "steps must be"},
    {"{\"steps\":[],\"x\":1}", 400, "unknown member"},
    {"{\"steps\":[{" ECHO("\"x\"") "}],\"timeout\":0}", 400, "timeout"},
    {"{\"steps\":[{" ECHO("\"x\"") "}],\"timeout\":\"1\"}", 400, "timeout"},
    {STEPS("5"), 400, "step 0: a step must be"},
    {STEPS("{\"tool_name\":\"nope\"}"), 404, "step 0: there is no tool nope"},
    {STEPS("{\"id\":\"a\",\"tool_name\":1}"), 400, "tool_name"},
    {STEPS("{\"id\":\"\"," ECHO("\"x\"") "}"), 400, "id must be"},
    {STEPS("{\"id\":\"a b\"," ECHO("\"x\"") "}"), 400, "id must be"},
    {STEPS("{\"id\":1," ECHO("\"x\"") "}"), 400, "id must be"},
    {STEPS("{\"id\":\"a\"," ECHO("1") "},{\"id\":\"a\"," ECHO("1") "}"), 400,
	"step 1: its id is a"},
    {STEPS("{\"id\":\"1\"," ECHO("1") "},{" ECHO("1") "}"), 400,
	"step 1: its id is 1"},
    {STEPS("{\"id\":\"q\"," ECHO(REF("/steps/q/x")) "}"), 400,
	"step q: waits for itself"},
    {STEPS("{\"id\":\"a\"," ECHO(REF("/steps/b/x")) "},{\"id\":\"b\"," ECHO(
	 REF("/prev/x")) "}"),
	400, "waits for itself"},
    {STEPS("{" ECHO(REF("/steps/nope/x")) "}"), 400,
	"step 0: $ref /steps/nope/x: there is no such step"},
    {STEPS("{" ECHO(REF("/prev/x")) "}"), 400, "there is no step before"},
    {STEPS("{" ECHO(REF("")) "}"), 400, "must begin with"},
    {STEPS("{" ECHO(REF("/steps")) "}"), 400, "must begin with"},
    {STEPS("{" ECHO(REF("/other/0")) "}"), 400, "must begin with"},
    {STEPS("{" ECHO(REF("steps/0")) "}"), 400, "is no JSON Pointer"},
    {STEPS("{" ECHO("1") "},{" ECHO(REF("/prev/~2")) "}"), 400,
	"is no JSON Pointer"},
    {STEPS("{" ECHO("1") "},{" ECHO(REF("/prev/\\u0000")) "}"), 400,
	"is no JSON Pointer"},
    {STEPS("{" ECHO("{\"$ref\":1}") "}"), 400, "$ref must be a string"},
};

static void
pipeline_bad(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	for (size_t i = 0; i < COUNT(bad_rows); i++) {
		reply = ask(d, "POST", PIPELINE, NULL, bad_rows[i].body);
		if (reply->status != bad_rows[i].status ||
		    strstr(reply_string(reply, "/detail"), bad_rows[i].why) ==
			NULL)
			fail_msg("%s: %s", bad_rows[i].body, reply->body);
		reply_free(reply);
	}
	assert_int_equal(stat_of(d, "total_requests"), 0);
	daemon_stop(d);
}

/* Two that do not need one another run at the same time. */
static void
pipeline_parallel(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;
	struct conn *conn;

	gate_make(d, "one");
	gate_make(d, "two");
	conn = many_begin(
	    d, PIPELINE, "", STEPS("{" WAIT("one") "},{" WAIT("two") "}"));
	wait_stat(d, "busy_agents", 2);
	gate_open(d, "two");
	wait_stat(d, "busy_agents", 1);
	gate_open(d, "one");
	reply = http_answer(conn);
	assert_string_equal(reply_string(reply, "/result/gate"), "two");
	reply_free(reply);
	http_close(conn);
	daemon_stop(d);
}

/* One fails: what runs is cancelled, what waits is not begun. */
static void
pipeline_failure(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	gate_make(d, "gate");
	reply = ask(d, "POST", PIPELINE, NULL,
	    STEPS("{\"id\":\"w\"," WAIT(
		"gate") "},{\"id\":\"bad\",\"tool_name\":\"calculator\","
			"\"params\":{\"operation\":\"divide\",\"a\":1,"
			"\"b\":0}},{" ECHO(REF("/steps/w/gate")) "}"));
	assert_int_equal(reply->status, 200);
	assert_false(json_object_get_boolean(reply_at(reply, "/success")));
	assert_false(reply_has(reply, "/result"));
	assert_string_equal(reply_string(reply, "/failed_step"), "bad");
	assert_string_equal(
	    many_string(reply, "steps", 0, "code"), "cancelled");
	assert_string_equal(
	    many_string(reply, "steps", 1, "error"), "division by zero");
	assert_string_equal(
	    many_string(reply, "steps", 2, "code"), "cancelled");
	assert_string_equal(
	    many_string(reply, "steps", 2, "outcome"), "not_started");
	reply_free(reply);
	wait_agents(d, 2, WAIT_MS);
	assert_false(fault_exists(d, "gate.done"));
	assert_int_equal(stat_of(d, "in_flight"), 0);
	daemon_stop(d);
}

/* How a step can fail as it runs, or is about to. */
static const struct failing_row {
	const char *body, *step;
	int place;
	const char *why;
} failing_rows[] = {
    {STEPS("{" ADD("1", "2") "},{" ECHO(REF("/prev/nope")) "}"), "1", 1,
	"there is nothing in the result of step 0"},
    {STEPS(SPLIT ",{" ECHO(REF("/prev/result/3")) "}"), "1", 1,
	"there is nothing"},
    {STEPS(SPLIT ",{" ECHO(REF("/prev/result/01")) "}"), "1", 1,
	"there is nothing"},
    {STEPS(SPLIT ",{" ECHO(REF("/prev/result/-")) "}"), "1", 1,
	"there is nothing"},
    {STEPS("{" ADD("1", "2") "},{\"tool_name\":\"echo\",\"params\":" REF(
	 "/prev/result") "}"),
	"1", 1, "its params are no object"},
    {STEPS("{" ADD("1", "2") "},{" ECHO(REF("/prev/result")) "}"), "1", 1,
	"do not fit"},
    {STEPS("{\"tool_name\":\"fault\",\"params\":{\"action\":\"verbose\","
	   "\"size\":1048577}}"),
	"0", 0, "over 1 MiB"},
    {STEPS("{\"tool_name\":\"fault\",\"params\":{\"action\":\"abort\"}}"), "0",
	0, "died of signal 6"},
    /* 900 kB twice are over max_body. */
    {STEPS("{\"tool_name\":\"fault\",\"params\":{\"action\":\"verbose\","
	   "\"size\":900000}},{\"tool_name\":\"fault\",\"params\":{"
	   "\"action\":" REF("/prev/text") ",\"text\":" REF("/prev/text") "}}"),
	"1", 1, "over max_body"},
};

static void
pipeline_failing(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	for (size_t i = 0; i < COUNT(failing_rows); i++) {
		const struct failing_row *row = &failing_rows[i];

		reply = ask(d, "POST", PIPELINE, NULL, row->body);
		if (reply->status != 200 ||
		    strcmp(reply_string(reply, "/failed_step"), row->step) !=
			0 ||
		    strstr(many_string(reply, "steps", row->place, "error"),
			row->why) == NULL)
			fail_msg("%s: %.2000s", row->body, reply->body);
		reply_free(reply);
	}
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* Just 1 MiB is taken, and may go on as a parameter. */
static void
pipeline_large(void **state)
{
	struct daemon *d = daemon_start("max_body = 2m\n");
	struct reply *reply = ask(d, "POST", PIPELINE, NULL,
	    STEPS("{\"tool_name\":\"fault\",\"params\":{\"action\":"
		  "\"verbose\",\"size\":1048565}},{" ECHO(
		      REF("/prev/text")) "},{" ECHO("\"end\"") "}"));

	assert_int_equal(reply->status, 200);
	/* {"text":"..."} is 1 MiB; the echo of it is twice that. */
	assert_true(
	    json_object_get_boolean(reply_at(reply, "/steps/0/success")));
	assert_string_equal(reply_string(reply, "/failed_step"), "1");
	reply_free(reply);
	daemon_stop(d);
}

/*
 * Many steps that refer to one large result, several times over: the front end
 * hears others meanwhile, and holds no tree of it for each.
 */
static void
pipeline_fan(void **state)
{
	enum { STEPS_OF_IT = 63, AT_ONCE = 4 };
	struct daemon *d = daemon_start("agents = 4\n");
	char body[16384] =
	    "{\"steps\":[{\"id\":\"big\",\"tool_name\":\"fault\","
	    "\"params\":{\"action\":\"verbose\","
	    "\"size\":200000}}";
	struct conn *conns[AT_ONCE];
	int64_t begin, slowest = 0;
	pid_t frontend = proc_frontend(d);

	for (int i = 0; i < STEPS_OF_IT; i++)
		strlcat(
		    body, ",{" ECHO(REF("/steps/big/text")) "}", sizeof(body));
	strlcat(body, "]}", sizeof(body));
	for (int i = 0; i < AT_ONCE; i++) {
		conns[i] = http_open(d);
		http_request(conns[i], "POST", PIPELINE, NULL, body);
	}
	for (int i = 0; i < 50; i++) {
		begin = now_ms();
		expect(get(d, "/livez"), 200, NULL);
		if (now_ms() - begin > slowest)
			slowest = now_ms() - begin;
	}
	print_message(
	    "# the slowest answer to others: %lld ms\n", (long long)slowest);
	assert_true(slowest < 1000);
	for (int i = 0; i < AT_ONCE; i++) {
		struct reply *reply = http_answer(conns[i]);

		assert_int_equal(reply->status, 200);
		assert_null(strstr(reply->body, "failed_step"));
		reply_free(reply);
		http_close(conns[i]);
	}
	assert_int_equal(proc_frontend(d), frontend);
	daemon_stop(d);
}

/* More references than a pipeline may have are refused before it begins. */
static void
pipeline_references(void **state)
{
	struct daemon *d = daemon_start("");
	size_t size = 64 * 1024;
	char *body = malloc(size);

	assert_non_null(body);
	strlcpy(body, "{\"steps\":[{" ECHO("\"x\"") "},{" ECHO("[0"), size);
	body[strlen(body) - 2] = '\0'; /* the end of its params */
	for (int i = 0; i < 1025; i++)
		strlcat(body, "," REF("/prev"), size);
	strlcat(body, "]}}]}", size);
	expect(ask(d, "POST", PIPELINE, NULL, body), 400, "bad_request");
	free(body);
	daemon_stop(d);
}

/* One deadline over all: the second step gets what the first has left. */
static void
pipeline_deadline(void **state)
{
	struct daemon *d = daemon_start("");
	int64_t begin = now_ms();
	struct reply *reply;

	gate_make(d, "gate");
	reply = ask(d, "POST", PIPELINE, NULL,
	    "{\"steps\":[{" WAIT("gate") "},{" ECHO(
		REF("/prev/gate")) "}],\"timeout\":0.3}");
	assert_in_range(now_ms() - begin, 299, within_ms(5000));
	assert_string_equal(reply_string(reply, "/failed_step"), "0");
	assert_int_equal(many_int(reply, "steps", 0, "status"), 504);
	reply_free(reply);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

static void
pipeline_left(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	gate_make(d, "gate");
	conn = many_begin(d, PIPELINE, "",
	    STEPS("{" WAIT("gate") "},{" WAIT("gate") "},{" WAIT("gate") "}"));
	wait_stat(d, "busy_agents", 2);
	http_close(conn);
	wait_stat(d, "in_flight", 0);
	health_check(d, &before, WAIT_MS);
	assert_false(fault_exists(d, "gate.done"));
	daemon_stop(d);
}

static void
pipeline_cancelled(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn;

	gate_make(d, "gate");
	conn = many_begin(d, PIPELINE, "",
	    STEPS("{" WAIT("gate") "},{" ECHO(REF("/prev/gate")) "}"));
	wait_stat(d, "busy_agents", 1);
	expect(ask(d, "DELETE", "/api/v1/requests/" MANY_ID, NULL, NULL), 202,
	    NULL);
	expect(http_answer(conn), 409, "cancelled");
	http_close(conn);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* At a stop, the step that runs may end; the next is refused. */
static void
pipeline_drain(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn, *probe = http_open(d);
	struct reply *reply;

	gate_make(d, "gate");
	conn = many_begin(d, PIPELINE, "",
	    STEPS("{" WAIT("gate") "},{" ECHO(REF("/prev/gate")) "}"));
	wait_stat(d, "busy_agents", 1);
	daemon_signal(d, SIGTERM);
	wait_draining(probe);
	gate_open(d, "gate");
	reply = http_answer(conn);
	assert_string_equal(reply_string(reply, "/failed_step"), "1");
	assert_string_equal(many_string(reply, "steps", 1, "code"), "draining");
	reply_free(reply);
	http_close(conn);
	http_close(probe);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(pipeline_good),
	    E2E_TEST(pipeline_example),
	    E2E_TEST(pipeline_numbers),
	    E2E_TEST(pipeline_bad),
	    E2E_TEST(pipeline_parallel),
	    E2E_TEST(pipeline_failure),
	    E2E_TEST(pipeline_failing),
	    E2E_TEST(pipeline_large),
	    E2E_TEST(pipeline_fan),
	    E2E_TEST(pipeline_references),
	    E2E_TEST(pipeline_deadline),
	    E2E_TEST(pipeline_left),
	    E2E_TEST(pipeline_cancelled),
	    E2E_TEST(pipeline_drain),
	};

	return (cmocka_run_group_tests_name("pipeline", tests, NULL, NULL));
}

/*
 * Batches: the order of answers, what is wrong with one entry and what with
 * the whole, lines that come as they are made, and ends before the end.
 */

#include "many.h"

#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ECHO "{\"tool_name\":\"echo\",\"params\":{\"message\":\"%d\"}}"
#define WAIT_AT(gate) \
	"{\"tool_name\":\"wait\",\"params\":{\"gate\":\"" gate "\"}}"
#define WAIT WAIT_AT("gate")

/* Entries, good and bad, and what is to be said of each. */
static const struct entry_row {
	const char *request;
	int status;	  /* 200: a success; 0: a failure of the tool */
	const char *word; /* in result, error or code */
} entry_rows[] = {
    {"{\"tool_name\":\"echo\",\"params\":{\"message\":\"first\"}}", 200,
	"first"},
    {"{\"tool_name\":\"nope\"}", 404, "unknown_tool"},
    {"{\"tool_name\":\"echo\",\"params\":{}}", 422, "invalid_params"},
    {"{\"tool_name\":\"echo\",\"params\":[]}", 400, "bad_request"},
    {"{\"params\":{}}", 400, "bad_request"},
    {"{}", 400, "bad_request"},
    {"5", 400, "bad_request"},
    {"null", 400, "bad_request"},
    {"[]", 400, "bad_request"},
    {"\"x\"", 400, "bad_request"},
    {"{\"tool_name\":\"echo\",\"other\":1}", 400, "bad_request"},
    {"{\"tool_name\":\"echo\",\"id\":\"x\"}", 400, "bad_request"},
    {"{\"tool_name\":\"echo\",\"timeout\":0}", 400, "bad_request"},
    {"{\"tool_name\":\"echo\",\"priority\":6}", 400, "bad_request"},
    {"{\"tool_name\":\"calculator\",\"params\":{\"operation\":\"divide\","
     "\"a\":1,\"b\":0}}",
	0, "division by zero"},
    {"{\"tool_name\":\"fault\",\"params\":{\"action\":\"abort\"}}", 502,
	"agent_crashed"},
    {"{\"tool_name\":\"fault\",\"params\":{\"action\":\"stop\"},"
     "\"timeout\":0.2}",
	504, "timeout"},
    {"{\"tool_name\":\"echo\",\"params\":{\"message\":\"last\"}}", 200, "last"},
};

static void
check_entry(const struct reply *reply, int place, const struct entry_row *row)
{
	const char *word;

	assert_int_equal(many_int(reply, "results", place, "index"), place);
	if (row->status == 200)
		word = many_string(reply, "results", place, "result/echo");
	else if (row->status == 0)
		word = many_string(reply, "results", place, "error");
	else
		word = many_string(reply, "results", place, "code");
	if (strcmp(word, row->word) != 0)
		fail_msg("%s: %s", row->request, word);
	if (row->status > 200)
		assert_int_equal(
		    many_int(reply, "results", place, "status"), row->status);
}

static void
batch_mixed(void **state)
{
	struct daemon *d = daemon_start("");
	char body[4096] = "{\"requests\":[";
	struct reply *reply;

	for (size_t i = 0; i < COUNT(entry_rows); i++) {
		strcat(body, i > 0 ? " , " : "");
		strcat(body, entry_rows[i].request);
	}
	strcat(body, "]}");
	reply = ask(d, "POST", BATCH, NULL, body);
	assert_int_equal(reply->status, 200);
	assert_int_equal(reply_int(reply, "/count"), COUNT(entry_rows));
	assert_int_equal(reply_int(reply, "/succeeded"), 2);
	assert_int_equal(reply_int(reply, "/failed"), COUNT(entry_rows) - 2);
	assert_int_equal(json_object_array_length(reply_at(reply, "/results")),
	    COUNT(entry_rows));
	for (size_t i = 0; i < COUNT(entry_rows); i++)
		check_entry(reply, (int)i, &entry_rows[i]);
	reply_free(reply);
	wait_agents(d, 2, WAIT_MS);
	daemon_stop(d);
}

/* What is wrong with the whole. */
static const char *const bad_bodies[] = {
    "", "[]", "{}", "5", "{\"requests\":{}}", "{\"requests\":null}",
    "{\"requests\":[],\"requests\":[]}", "{\"requests\":[],\"other\":1}",
    "{\"requests\":[1,]}", "{\"requests\":[{\"tool_name\":\"echo\"}",
    "{\"requests\":[{\"tool_name\":\"echo\",\"params\":{\"x\":01}}]}",
    "{\"requests\":[1,2,3,4]}", /* over batch_max */
};

static void
batch_bad(void **state)
{
	struct daemon *d = daemon_start("batch_max = 3\n");

	for (size_t i = 0; i < COUNT(bad_bodies); i++)
		expect(ask(d, "POST", BATCH, NULL, bad_bodies[i]), 400,
		    "bad_request");
	expect(ask(d, "POST", BATCH "?timeout=1", NULL, "{\"requests\":[]}"),
	    400, "bad_request");
	assert_int_equal(
	    stat_of(d, "rejected"), (int64_t)COUNT(bad_bodies) + 1);
	expect(ask(d, "POST", BATCH, NULL, "{\"requests\":[]}"), 200, NULL);
	expect(ask(d, "POST", BATCH, LINES, "{\"requests\":[]}"), 200, NULL);
	daemon_stop(d);
}

/* Lines come when they are there, the first entry's last. */
static void
batch_lines(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn;
	struct reply *reply;

	gate_make(d, "gate");
	conn = many_begin(d, BATCH, LINES,
	    "{\"requests\":[" WAIT "," ECHO "," ECHO "," ECHO "]}");
	many_wait_text(conn, "\"index\":3");
	many_wait_text(conn, "\"index\":2");
	many_wait_text(conn, "\"index\":1");
	assert_null(memmem(conn->buf, conn->len, "\"index\":0", 9));
	gate_open(d, "gate");
	reply = http_answer(conn);
	assert_string_equal(
	    reply_header(reply, "Content-Type"), "application/x-ndjson");
	assert_string_equal(reply_header(reply, "X-Request-Id"), MANY_ID);
	assert_non_null(strstr(reply->body, "\n{\"index\":0,"));
	assert_int_equal(reply->body[reply->length - 1], '\n');
	reply_free(reply);
	/* The connection goes on. */
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	http_close(conn);
	daemon_stop(d);
}

/* As an array the others wait for the first. */
static void
batch_order(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn;
	struct reply *reply;

	gate_make(d, "gate");
	gate_make(d, "other");
	conn = many_begin(d, BATCH, "",
	    "{\"requests\":[" WAIT "," ECHO "," WAIT_AT("other") "," ECHO "]}");
	wait_stat(d, "busy_agents", 2);
	gate_open(d, "gate");
	gate_open(d, "other");
	reply = http_answer(conn);
	for (int i = 0; i < 4; i++)
		assert_int_equal(many_int(reply, "results", i, "index"), i);
	assert_int_equal(reply_int(reply, "/succeeded"), 4);
	reply_free(reply);
	http_close(conn);
	daemon_stop(d);
}

/* What has no chunks gets an answer that its end delimits. */
static void
batch_old_version(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = http_open(d);
	const char *body = "{\"requests\":[" ECHO "]}";
	struct reply *reply;

	http_send(conn,
	    "POST " BATCH " HTTP/1.0\r\nConnection: keep-alive\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	reply = http_answer(conn);
	assert_int_equal(reply->status, 200);
	assert_null(reply_header(reply, "Content-Length"));
	assert_int_equal(reply_int(reply, "/succeeded"), 1);
	reply_free(reply);
	assert_true(http_ended(conn, WAIT_MS));
	http_close(conn);
	daemon_stop(d);
}

/* A batch that is waiting leaves room in the queue for a single call. */
static void
batch_leaves_room(void **state)
{
	struct daemon *d = daemon_start("queue_max = 4\n");
	struct conn *many, *single;

	gate_make(d, "gate");
	gate_make(d, "other");
	many = many_begin(d, BATCH, "",
	    "{\"requests\":[" WAIT
	    "," WAIT_AT("other") "," ECHO "," ECHO "," ECHO "," ECHO "," ECHO
				 "," ECHO "," ECHO "," ECHO "]}");
	wait_stat(d, "busy_agents", 2);
	wait_stat(d, "queue_depth", 2);
	single = call_begin(d, "11111111-1111-4111-8111-111111111111", "echo",
	    "{\"message\": \"x\"}", "");
	wait_stat(d, "queue_depth", 3);
	gate_open(d, "gate");
	gate_open(d, "other");
	expect(http_answer(single), 200, NULL);
	expect(http_answer(many), 200, NULL);
	http_close(single);
	http_close(many);
	assert_int_equal(stat_of(d, "rejected"), 0);
	daemon_stop(d);
}

/* A queue that takes none at all is no hindrance. */
static void
batch_no_queue(void **state)
{
	struct daemon *d = daemon_start("queue_max = 0\n");
	char *body = batch_body(100, ECHO);
	struct reply *reply = ask(d, "POST", BATCH, NULL, body);

	assert_int_equal(reply_int(reply, "/succeeded"), 100);
	reply_free(reply);
	free(body);
	daemon_stop(d);
}

/* The client leaves: what runs ends, the rest is never begun. */
static void
batch_left(void **state)
{
	struct daemon *d = daemon_start("");
	char *body = batch_body(100, WAIT);
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	gate_make(d, "gate");
	conn = many_begin(d, BATCH, "", body);
	wait_stat(d, "busy_agents", 2);
	http_close(conn);
	wait_stat(d, "in_flight", 0);
	health_check(d, &before, WAIT_MS);
	assert_in_range(stat_of(d, "cancelled"), 2, 4);
	assert_false(fault_exists(d, "gate.done"));
	free(body);
	daemon_stop(d);
}

static void
batch_cancelled(void **state)
{
	struct daemon *d = daemon_start("");
	char *body = batch_body(20, WAIT);
	struct reply *reply;
	struct conn *conn;

	gate_make(d, "gate");
	conn = many_begin(d, BATCH, "", body);
	wait_stat(d, "busy_agents", 2);
	expect(ask(d, "DELETE", "/api/v1/requests/" MANY_ID, NULL, NULL), 202,
	    NULL);
	reply = http_answer(conn);
	assert_int_equal(reply_int(reply, "/failed"), 20);
	for (int i = 0; i < 20; i++)
		assert_string_equal(
		    many_string(reply, "results", i, "code"), "cancelled");
	reply_free(reply);
	http_close(conn);
	expect(ask(d, "DELETE", "/api/v1/requests/" MANY_ID, NULL, NULL), 404,
	    NULL);
	wait_agents(d, 2, WAIT_MS);
	free(body);
	daemon_stop(d);
}

/* The time of each counts from the acceptance of all. */
static void
batch_timeout(void **state)
{
	struct daemon *d = daemon_start("timeout = \"300ms\"\n");
	char *body = batch_body(20, WAIT);
	int64_t begin = now_ms();
	struct reply *reply;

	gate_make(d, "gate");
	reply = ask(d, "POST", BATCH, NULL, body);
	assert_in_range(now_ms() - begin, 299, within_ms(5000));
	for (int i = 0; i < 20; i++)
		assert_int_equal(many_int(reply, "results", i, "status"), 504);
	assert_string_equal(
	    many_string(reply, "results", 19, "outcome"), "not_started");
	reply_free(reply);
	wait_agents(d, 2, WAIT_MS);
	free(body);
	daemon_stop(d);
}

/* At a stop, what runs may end, and the answer comes whole. */
static void
batch_drain(void **state)
{
	struct daemon *d = daemon_start("");
	char *body = batch_body(20, WAIT);
	struct conn *conn, *probe = http_open(d);
	struct reply *reply;
	int64_t good;
	int gate;

	gate_make(d, "gate");
	conn = many_begin(d, BATCH, "", body);
	wait_stat(d, "busy_agents", 2);
	daemon_signal(d, SIGTERM);
	wait_draining(probe);
	gate = gate_keep_open(d, "gate");
	reply = http_answer(conn);
	good = reply_int(reply, "/succeeded");
	assert_in_range(good, 2, 4);
	assert_string_equal(
	    many_string(reply, "results", (int)good, "code"), "draining");
	assert_int_equal(reply_int(reply, "/failed"), 20 - good);
	reply_free(reply);
	http_close(conn);
	free(body);
	http_close(probe);
	close(gate);
	assert_int_equal(daemon_wait(d, WAIT_MS), 0);
	daemon_gone(d, 0);
}

/* 63 bytes, so that names are cut in the midst of what follows. */
#define LONG_NAME                       \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define E_ACUTE "\xc3\xa9"
#define LONG_E LONG_NAME E_ACUTE E_ACUTE E_ACUTE

static void
check_uncut(struct reply *reply)
{
	const char *at = reply->body;

	assert_non_null(strstr(reply->body, LONG_NAME));
	while ((at = strchr(at, E_ACUTE[0])) != NULL)
		assert_int_equal(*++at, E_ACUTE[1]);
	reply_free(reply);
}

/* What is cut out of a client's words stays UTF-8. */
static void
batch_cut_names(void **state)
{
	static const char *const entries[] = {
	    "{\"tool_name\":\"" LONG_E "\"}",
	    "{\"" LONG_E "\":1}",
	};
	struct daemon *d = daemon_start("");
	char body[512];

	for (size_t i = 0; i < COUNT(entries); i++) {
		check_uncut(
		    ask(d, "POST", "/api/v1/request", NULL, entries[i]));
		snprintf(body, sizeof(body), "{\"requests\":[%s]}", entries[i]);
		check_uncut(ask(d, "POST", "/api/v1/batch", NULL, body));
		snprintf(body, sizeof(body), "{\"steps\":[%s]}", entries[i]);
		check_uncut(ask(d, "POST", "/api/v1/pipeline", NULL, body));
	}
	check_uncut(
	    ask(d, "POST", "/api/v1/batch", NULL, "{\"" LONG_E "\":1}"));
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(batch_mixed),
	    E2E_TEST(batch_bad),
	    E2E_TEST(batch_lines),
	    E2E_TEST(batch_order),
	    E2E_TEST(batch_old_version),
	    E2E_TEST(batch_leaves_room),
	    E2E_TEST(batch_no_queue),
	    E2E_TEST(batch_left),
	    E2E_TEST(batch_cancelled),
	    E2E_TEST(batch_timeout),
	    E2E_TEST(batch_drain),
	    E2E_TEST(batch_cut_names),
	};

	return (cmocka_run_group_tests_name("batch", tests, NULL, NULL));
}

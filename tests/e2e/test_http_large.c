/*
 * Too much of something: nesting, body, headers, lines without end.  Each is
 * refused with a clear 4xx while it arrives, and nothing of it is kept.
 */

#include "harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1 << 20)

/* Nested in the parameters, in the request itself, and never closed. */
static void
large_nesting(void **state)
{
	static const char *const starts[] = {
	    "{\"tool_name\":\"echo\",\"params\":{\"message\":", "", "{\"x\":"};
	struct daemon *d = daemon_start("");
	struct health before;
	char *body = malloc(20100);
	size_t len;

	assert_non_null(body);
	health_take(d, &before);
	for (size_t i = 0; i < COUNT(starts); i++) {
		len = strlen(starts[i]);
		memcpy(body, starts[i], len);
		memset(body + len, '[', 10000);
		memset(body + len + 10000, ']', 10000);
		expect(ask_bytes(d, body, len + 20000), 400, "bad_request");
		expect(ask_bytes(d, body, len + 10000), 400, "bad_request");
	}
	free(body);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Parameters that nest so deep, for a tool that gives them back. */
static void
deep(char text[static 1024], int depth)
{
	size_t len = (size_t)snprintf(text, 1024, "{\"a\":");

	for (int i = 1; i < depth; i++)
		text[len++] = '[';
	for (int i = 1; i < depth; i++)
		text[len++] = ']';
	text[len++] = '}';
	text[len] = '\0';
}

static const struct {
	const char *path, *before, *after;
} deep_ways[] = {
    {"/api/v1/request", "{\"tool_name\":\"deep\",\"params\":", "}"},
    {"/api/v1/tools/deep", "", ""},
    {"/api/v1/batch",
	"{\"requests\":[{\"tool_name\":\"deep\",\"params\":", "}]}"},
    {"/api/v1/pipeline",
	"{\"steps\":[{\"tool_name\":\"deep\",\"params\":", "}]}"},
};

/* A call by each way, whose answer must have that text. */
static void
nested_calls(struct daemon *d, const char *params, const char *text)
{
	for (size_t i = 0; i < COUNT(deep_ways); i++) {
		char body[2048];
		struct reply *reply;

		snprintf(body, sizeof(body), "%s%s%s", deep_ways[i].before,
		    params, deep_ways[i].after);
		reply = ask(d, "POST", deep_ways[i].path, NULL, body);
		if (strstr(reply->body, text) == NULL)
			fail_msg("%s: %s", deep_ways[i].path, reply->body);
		reply_free(reply);
	}
}

/* Down to the limit, whatever is around the parameters; and not below it. */
static void
nesting_to(struct daemon *d, int limit)
{
	char params[1024], result[1040];

	deep(params, limit);
	snprintf(result, sizeof(result), "\"result\":%s,", params);
	nested_calls(d, params, result);
	deep(params, limit + 1);
	nested_calls(d, params, "nesting deeper than ");
}

static void
nesting_at(const char *settings, int limit)
{
	struct daemon *d = daemon_prepare();
	char path[128];

	daemon_configure(d, settings);
	snprintf(path, sizeof(path), "%s/tools.d/deep.json", d->dir);
	file_write(path,
	    "{\"name\": \"deep\", \"description\": \"x\", \"command\": "
	    "[\"/bin/cat\"]}");
	daemon_spawn(d, &(struct daemon_options){.settings = NULL});
	nesting_to(d, limit);
	daemon_stop(d);
}

static void
large_max_nesting(void **state)
{
	nesting_at("tools_dir = \"@DIR@/tools.d\"\n", 32);
	nesting_at("tools_dir = \"@DIR@/tools.d\"\nmax_nesting = 128\n", 128);
}

/* Sends mebibytes until an answer, or the end, comes. */
static struct reply *
flood(struct daemon *d, const char *head, const char *frame, int mebibytes)
{
	struct conn *conn = http_open(d);
	char *piece = malloc(MIB);
	struct reply *reply;
	int64_t end = now_ms() + WAIT_MS;

	assert_non_null(piece);
	memset(piece, 'x', MIB);
	http_send(conn, "%s", head);
	for (int i = 0; i < mebibytes && now_ms() < end; i++) {
		if (frame != NULL)
			http_send(conn, "%s", frame);
		for (int j = 0; j < 16 && conn->len == 0; j++)
			http_write(conn, piece + j * (MIB / 16), MIB / 16);
		if (conn->len > 0 || conn->ended)
			break;
		if (frame != NULL)
			http_send(conn, "\r\n");
	}
	reply = http_read(conn, WAIT_MS);
	free(piece);
	http_close(conn);
	return (reply);
}

static void
large_body(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	long private;

	health_take(d, &before);
	private = proc_private_kb(proc_frontend(d));
	expect(flood(d,
		   "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
		   "Content-Length: 104857600\r\n\r\n",
		   NULL, 100),
	    413, "too_large");
	health_check(d, &before, WAIT_MS);
	expect(flood(d,
		   "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n",
		   "100000\r\n", 100),
	    413, "too_large");
	health_check(d, &before, WAIT_MS);
	/* It was not kept: a few times max_body at most. */
	if (!built_with_sanitizers())
		assert_true(
		    proc_private_kb(proc_frontend(d)) < private + 8 * 1024);
	daemon_stop(d);
}

/* What is just allowed goes through whole, both ways. */
static void
large_body_limit(void **state)
{
	enum { LIMIT = 64 << 10, LONGEST = LIMIT - 53 };
	struct daemon *d = daemon_start("max_body = \"64k\"\n");
	char *text = malloc(LIMIT + 1), *body;
	struct reply *reply;

	assert_non_null(text);
	memset(text, 'm', LIMIT);
	text[LONGEST] = '\0';
	assert_int_not_equal(
	    asprintf(&body,
		"{\"tool_name\": \"echo\", \"params\": {\"message\": \"%s\"}}",
		text),
	    -1);
	assert_in_range(strlen(body), LIMIT - 16, LIMIT);
	reply = ask_bytes(d, body, strlen(body));
	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_string(reply, "/result/echo"), text);
	reply_free(reply);
	free(body);
	assert_non_null(body = malloc(LIMIT + 1));
	memset(body, ' ', LIMIT + 1);
	expect(ask_bytes(d, body, LIMIT + 1), 413, "too_large");
	free(body);
	free(text);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	daemon_stop(d);
}

static void
large_many_headers(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;
	struct reply *reply;
	struct conn *conn;

	health_take(d, &before);
	conn = http_open(d);
	http_send(conn, "GET /livez HTTP/1.1\r\nHost: localhost\r\n");
	for (int i = 0; i < 10000 && !conn->ended; i++)
		http_send(conn, "X-Header-%d: some value\r\n", i);
	http_send(conn, "\r\n");
	reply = http_read(conn, WAIT_MS);
	print_message("# %d\n", reply->status);
	assert_in_range(reply->status, 400, 499);
	reply_free(reply);
	http_close(conn);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* One line that never ends, in the request and in a header. */
static void
large_long_lines(void **state)
{
	static const char *const heads[] = {
	    "GET /", "GET /livez HTTP/1.1\r\nHost: localhost\r\nX: "};
	struct daemon *d = daemon_start("");
	struct health before;
	struct reply *reply;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(heads); i++) {
		reply = flood(d, heads[i], NULL, 10);
		print_message("# %d\n", reply->status);
		assert_in_range(reply->status, 400, 499);
		reply_free(reply);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* Far more to say of the parameters than an answer may hold. */
static void
large_errors(void **state)
{
	enum { ERRORS = 500 };
	struct daemon *d = daemon_start("agents = 1\nmax_result = \"1k\"\n");
	char params[ERRORS * 16] = "{\"message\": \"x\"";
	size_t len = strlen(params);
	struct reply *reply;
	pid_t agent;

	agent = proc_any_agent(d);
	for (int i = 0; i < ERRORS; i++)
		len += (size_t)snprintf(
		    params + len, sizeof(params) - len, ", \"m%d\": 1", i);
	snprintf(params + len, sizeof(params) - len, "}");
	reply = call(d, "echo", params);
	print_message("# %d: %.200s\n", reply->status, reply->body);
	if (reply->status == 422)
		check_problem(reply, 422, "invalid_params");
	else
		assert_false(
		    json_object_get_boolean(reply_at(reply, "/success")));
	reply_free(reply);
	expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	assert_int_equal(proc_any_agent(d), agent);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(large_nesting),
	    E2E_TEST(large_max_nesting),
	    E2E_TEST(large_body),
	    E2E_TEST(large_body_limit),
	    E2E_TEST(large_many_headers),
	    E2E_TEST(large_long_lines),
	    E2E_TEST(large_errors),
	};

	return (cmocka_run_group_tests_name("http_large", tests, NULL, NULL));
}

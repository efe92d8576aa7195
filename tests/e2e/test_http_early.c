/*
 * Requests that are refused before they are there: each gets a problem as all
 * others do, that the page which sent it may read, and at once.
 */

#include "harness.h"

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define PAGE "https://page.example"
#define SETTINGS                          \
	"cors_origins = {\"" PAGE "\"}\n" \
	"max_body = \"64k\"\nmax_headers = \"1k\"\n"

#define POST "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
#define FROM "Origin: " PAGE "\r\nX-Request-Id: mine\r\n"

/* What is sent in two pieces, the second of which may be empty. */
static const struct row {
	const char *name, *first, *second;
	int status;
	const char *code;
	bool readable; /* by the page: its head comes in one piece */
} rows[] = {
    {"no version", "GET /livez\r\n" FROM "\r\n", "", 400, "bad_request", true},
    {"no colon", "GET /livez HTTP/1.1\r\n" FROM "nonsense\r\n\r\n", "", 400,
	"bad_request", true},
    {"no method", "BREW /livez HTTP/1.1\r\nHost: localhost\r\n" FROM "\r\n", "",
	501, "not_implemented", true},
    {"negative length", POST FROM "Content-Length: -1\r\n\r\n{}", "", 400,
	"bad_request", true},
    {"length over 2^64",
	POST FROM "Content-Length: 99999999999999999999\r\n\r\n", "", 413,
	"too_large", true},
    {"length and chunks",
	POST FROM "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", "",
	400, "bad_request", true},
    {"bad chunk", POST FROM "Transfer-Encoding: chunked\r\n\r\n", "zz\r\n", 400,
	"bad_request", true},
    {"too large, in two pieces", POST "Expect: 100-continue\r\n",
	"Content-Length: 200000\r\n\r\n", 413, "too_large", false},
    {"too large, nothing of it sent", POST FROM "Content-Length: 65537\r\n\r\n",
	"", 413, "too_large", true},
    {"too large, and asked before",
	POST FROM "Expect: 100-continue\r\ncontent-length: 65537\r\n\r\n", "",
	413, "too_large", true},
    {"too large chunk", POST FROM "Transfer-Encoding: chunked\r\n\r\n",
	"10001\r\n", 413, "too_large", true},
    {"other expectation",
	POST FROM "Expect: miracles\r\nContent-Length: 2\r\n"
		  "\r\n{}",
	"", 417, "expectation_failed", true},
    {"gzip", POST FROM "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n",
	"\x1f\x8b", 415, "unsupported_encoding", true},
    {"in two pieces", POST "Origin: " PAGE "\r\n", "Content-Length: -5\r\n\r\n",
	400, "bad_request", false},
};

static void
check_header(const struct reply *reply, const char *name, const char *value)
{
	const char *is = reply_header(reply, name);

	assert_non_null(is);
	assert_string_equal(is, value);
}

static void
check_early(const struct reply *reply, const struct row *row)
{
	check_problem(reply, row->status, row->code);
	if (!row->readable)
		return;
	check_header(reply, "Access-Control-Allow-Origin", PAGE);
	check_header(reply, "Access-Control-Expose-Headers",
	    "X-Request-Id, Retry-After");
	check_header(reply, "X-Request-Id", "mine");
	assert_non_null(reply_header(reply, "Date"));
}

static void
early_rows(void **state)
{
	struct daemon *d = daemon_start(SETTINGS);
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conn *conn = http_open(d);
		struct reply *reply;

		print_message("# %s\n", rows[i].name);
		http_send(conn, "%s", rows[i].first);
		if (rows[i].second[0] != '\0')
			http_send(conn, "%s", rows[i].second);
		reply = http_answer(conn);
		check_early(reply, &rows[i]);
		reply_free(reply);
		http_close(conn);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* A connection that has had an answer before gets no page of HTML either. */
static void
early_later(void **state)
{
	static const char *const requests[] = {
	    "BREW /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
	    "GET /livez\r\n\r\n", POST "Content-Length: -1\r\n\r\n{}"};
	static const char first[] =
	    "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct daemon *d = daemon_start(SETTINGS);

	for (size_t i = 0; i < 2 * COUNT(requests); i++) {
		struct conn *conn = http_open(d);

		/* Behind the answer, or ahead of it. */
		http_send(
		    conn, "%s%s", first, i % 2 == 0 ? "" : requests[i / 2]);
		expect(http_answer(conn), 200, NULL);
		if (i % 2 == 0)
			http_send(conn, "%s", requests[i / 2]);
		expect(http_answer(conn), i / 2 == 0 ? 501 : 400,
		    i / 2 == 0 ? "not_implemented" : "bad_request");
		assert_true(http_ended(conn, WAIT_MS));
		http_close(conn);
	}
	daemon_stop(d);
}

/* The answer comes although no byte of the body does, and 100 comes before. */
static void
early_expect(void **state)
{
	static const char body[] =
	    "{\"tool_name\": \"echo\", \"params\": {\"message\": \"x\"}}";
	struct daemon *d = daemon_start(SETTINGS);
	struct conn *conn = http_open(d);
	struct reply *reply;

	http_send(conn,
	    POST "Expect: 100-continue\r\nContent-Length: %zu\r\n\r\n",
	    strlen(body));
	conn->head_only = true; /* 100 has no body */
	reply = http_answer(conn);
	assert_int_equal(reply->status, 100);
	reply_free(reply);
	conn->head_only = false;
	http_send(conn, "%s", body);
	expect(http_answer(conn), 200, NULL);
	/* And the connection is as good as before. */
	http_send(
	    conn, POST "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	expect(http_answer(conn), 200, NULL);
	http_send(conn,
	    POST "X-Request-Id: " ID "\r\nContent-Length: 100000\r\n\r\n");
	reply = http_answer(conn);
	check_problem(reply, 413, "too_large");
	check_header(reply, "X-Request-Id", ID);
	assert_string_equal(reply_string(reply, "/instance"), "urn:uuid:" ID);
	reply_free(reply);
	assert_true(http_ended(conn, WAIT_MS));
	http_close(conn);
	daemon_stop(d);
}

/* Who sends on, or says that it was all, still gets the answer. */
static void
early_deaf(void **state)
{
	struct daemon *d = daemon_start(SETTINGS);
	struct conn *conn = http_open(d);
	char *bytes = calloc(1, 1 << 20);

	assert_non_null(bytes);
	http_send(conn, POST "Content-Length: 1048576\r\n\r\n");
	http_write(conn, bytes, 1 << 20);
	expect(http_answer(conn), 413, "too_large");
	http_close(conn);
	conn = http_open(d);
	http_send(conn, POST "Content-Length: 1048576\r\n\r\n");
	assert_int_equal(shutdown(conn->fd, SHUT_WR), 0);
	expect(http_answer(conn), 413, "too_large");
	http_close(conn);
	free(bytes);
	daemon_stop(d);
}

static void
early_headers(void **state)
{
	struct daemon *d = daemon_start(SETTINGS);
	static char value[8192];

	memset(value, 'x', sizeof(value) - 1);
	for (size_t len = 1024; len < sizeof(value); len += 7167) {
		struct conn *conn = http_open(d);
		struct reply *reply;

		http_send(conn,
		    "GET /livez HTTP/1.1\r\nHost: localhost\r\n" FROM
		    "X: %.*s\r\n\r\n",
		    (int)len, value);
		reply = http_answer(conn);
		check_early(reply, &(struct row){.status = 431,
				       .code = "headers_too_large",
				       .readable = true});
		reply_free(reply);
		http_close(conn);
	}
	daemon_stop(d);
}

static void
early_slow(void **state)
{
	struct daemon *d =
	    daemon_start(SETTINGS "request_timeout = \"100ms\"\n");
	struct conn *conn = http_open(d);
	struct reply *reply;

	http_send(conn, POST FROM "Content-Length: 10\r\n\r\n{");
	reply = http_answer(conn);
	check_early(reply,
	    &(struct row){
		.status = 408, .code = "request_timeout", .readable = true});
	reply_free(reply);
	assert_true(http_ended(conn, WAIT_MS));
	http_close(conn);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(early_rows),
	    E2E_TEST(early_later),
	    E2E_TEST(early_expect),
	    E2E_TEST(early_deaf),
	    E2E_TEST(early_headers),
	    E2E_TEST(early_slow),
	};

	return (cmocka_run_group_tests_name("http_early", tests, NULL, NULL));
}

/*
 * Bad input on the wire: requests that are malformed, truncated, or not what
 * they say.  Each gets a clear 4xx or the end of its connection, and
 * after each the daemon is as healthy as before.
 */

#include "harness.h"

#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

/* Bytes as they are sent, a NUL included, and the answers that will do. */
static const struct raw_row {
	const char *name, *bytes;
	size_t len;
	int status, other; /* other: as good; HTTP_CLOSED counts, too */
} raw_rows[] = {
#define RAW(name, bytes, status, other)                       \
	{                                                     \
		name, bytes, sizeof(bytes) - 1, status, other \
	}
    RAW("nothing at all", "", HTTP_CLOSED, HTTP_CLOSED),
    RAW("empty lines", "\r\n\r\n\r\n", 400, HTTP_CLOSED),
    RAW("one word", "GET\r\n\r\n", 400, HTTP_CLOSED),
    RAW("no version", "GET /livez\r\n\r\n", 400, HTTP_CLOSED),
    RAW("odd version", "GET /livez HTTP/9.9\r\n\r\n", 400, HTTP_CLOSED),
    RAW("no number", "GET /livez HTTP/x\r\n\r\n", 400, HTTP_CLOSED),
    RAW("other protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", 400, HTTP_CLOSED),
    RAW("binary", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400,
	HTTP_CLOSED),
    RAW("NUL in the line", "GET /li\0vez HTTP/1.1\r\nHost: localhost\r\n\r\n",
	400, 404),
    RAW("NUL in a header",
	"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400, 200),
    RAW("header without colon",
	"GET /livez HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n", 400,
	HTTP_CLOSED),
    RAW("header without name",
	"GET /livez HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n", 400, 200),
    RAW("no Host", "GET /livez HTTP/1.1\r\n\r\n", 400, 400),
    RAW("unknown method", "BREW /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
	405, 501),
    RAW("method in small letters",
	"get /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, 501),
    RAW("CONNECT", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
	501, 501),
    RAW("TRACE", "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, 501),
    RAW("negative length",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Content-Length: -1\r\n\r\n{}",
	400, HTTP_CLOSED),
    RAW("length that is no number",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Content-Length: x\r\n\r\n{}",
	400, HTTP_CLOSED),
    RAW("length of 2^64",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Content-Length: 18446744073709551616\r\n\r\n{}",
	413, 408),
    RAW("length and chunks",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
	"2\r\n{}\r\n0\r\n\r\n",
	400, HTTP_CLOSED),
    RAW("chunk that is no number",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
	400, 413),
    RAW("negative chunk",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
	400, 413),
    RAW("chunk of 2^64",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
	413, 400),
    RAW("no body", "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n\r\n",
	400, 411),
    RAW("truncated in the line", "POST /api/v1/req", HTTP_CLOSED, 400),
    RAW("truncated in a header", "POST /api/v1/request HTTP/1.1\r\nHost: loc",
	HTTP_CLOSED, 400),
    RAW("truncated before the body",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Content-Length: 100\r\n\r\n",
	HTTP_CLOSED, 400),
    RAW("truncated in the body",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Content-Length: 100\r\n\r\n{\"tool_name\":",
	HTTP_CLOSED, 400),
    RAW("truncated in a chunk",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Transfer-Encoding: chunked\r\n\r\n40\r\n{\"tool_na",
	HTTP_CLOSED, 400),
    RAW("Host: evil", "GET /livez HTTP/1.1\r\nHost: evil\r\n\r\n", 403, 403),
    RAW("two Hosts",
	"GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", 400,
	403),
    RAW("Origin: evil",
	"GET /livez HTTP/1.1\r\nHost: localhost\r\nOrigin: evil\r\n\r\n", 403,
	403),
    RAW("bad escape", "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, 400),
    RAW("escaped NUL", "GET /livez%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404,
	400),
#undef RAW
};

/* Sends, says that this was all if it was too little, takes what comes. */
static struct reply *
send_raw(int port, const struct raw_row *row)
{
	struct conn *conn = http_open_port(port);
	struct reply *reply;

	http_write(conn, row->bytes, row->len);
	if (row->status == HTTP_CLOSED)
		shutdown(conn->fd, SHUT_WR);
	reply = http_read(conn, WAIT_MS);
	http_close(conn);
	return (reply);
}

static void
http_raw(void **state)
{
	struct daemon *d =
	    daemon_start("listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n"
			 "request_timeout = \"500ms\"\n");
	int port = daemon_port(d);
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(raw_rows); i++) {
		const struct raw_row *row = &raw_rows[i];
		struct reply *reply = send_raw(port, row);

		print_message("# %s: %d\n", row->name, reply->status);
		if (reply->status != row->status && reply->status != row->other)
			fail_msg("%s: %d instead of %d: %s", row->name,
			    reply->status, row->status, reply->body);
		reply_free(reply);
		health_check(d, &before, WAIT_MS);
	}
	assert_int_equal(stat_of(d, "failed_requests"), 0);
	daemon_stop(d);
}

/* Bodies that are well-formed HTTP and bad JSON, or JSON at its edges. */
static const struct body_row {
	const char *name, *body;
	size_t len;
	int status, other;
} body_rows[] = {
#define BODY(name, body, status, other)                     \
	{                                                   \
		name, body, sizeof(body) - 1, status, other \
	}
#define ECHO(value) \
	"{\"tool_name\":\"echo\",\"params\":{\"message\":" value "}}"
#define ADD(value)                                                         \
	"{\"tool_name\":\"calculator\",\"params\":{\"operation\":\"add\"," \
	"\"a\":" value ",\"b\":1}}"
    BODY("NUL", ECHO("\"a\0b\""), 400, 400),
    BODY("NUL after it", ECHO("\"a\"") "\0", 400, 400),
    BODY("bad UTF-8", ECHO("\"\xff\xfe\""), 400, 400),
    BODY("overlong UTF-8", ECHO("\"\xc0\x80\""), 400, 400),
    BODY("surrogate as UTF-8", ECHO("\"\xed\xa0\x80\""), 400, 400),
    BODY("half a character", ECHO("\"\xe2\x82\""), 400, 400),
    BODY("bad UTF-8 in a name", "{\"\xff\":1}", 400, 400),
    BODY("escaped NUL", ECHO("\"a\\u0000b\""), 200, 400),
    BODY("lone surrogate", ECHO("\"\\ud800\""), 400, 200),
    BODY("raw newline", ECHO("\"a\nb\""), 400, 400),
    BODY("bad escape", ECHO("\"\\x41\""), 400, 400),
    BODY("1e999", ADD("1e999"), 400, 422),
    BODY("-1e999", ADD("-1e999"), 400, 422),
    BODY("2^64", ADD("18446744073709551616"), 400, 422),
    BODY("NaN", ADD("NaN"), 400, 400),
    BODY("Infinity", ADD("Infinity"), 400, 400),
    BODY("hexadecimal", ADD("0x10"), 400, 400),
    BODY("leading zero", ADD("010"), 400, 400),
    BODY("plus", ADD("+1"), 400, 400),
    BODY("point without digits", ADD("1."), 400, 400),
    BODY("comment", "/* */" ECHO("\"a\""), 400, 400),
    BODY("byte order mark", "\xef\xbb\xbf" ECHO("\"a\""), 200, 200),
    BODY("two marks", "\xef\xbb\xbf\xef\xbb\xbf" ECHO("\"a\""), 400, 400),
    BODY("two values", ECHO("\"a\"") ECHO("\"b\""), 400, 400),
#undef BODY
};

static void
http_bodies(void **state)
{
	struct daemon *d = daemon_start("");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(body_rows); i++) {
		const struct body_row *row = &body_rows[i];
		struct reply *reply = ask_bytes(d, row->body, row->len);

		print_message("# %s: %d\n", row->name, reply->status);
		if (reply->status != row->status && reply->status != row->other)
			fail_msg("%s: %d instead of %d: %s", row->name,
			    reply->status, row->status, reply->body);
		if (reply->status == 400)
			check_problem(reply, 400, "bad_request");
		reply_free(reply);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(http_raw),
	    E2E_TEST(http_bodies),
	};

	return (cmocka_run_group_tests_name("http", tests, NULL, NULL));
}

/*
 * Where a request ends must never be in doubt: what somebody in front of us
 * reads as its body, and we as the next request, would be a request that
 * nobody checked.  Each doubtful one gets one 400 and the end of its
 * connection, and what follows it is never run.
 */

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The tool leaves a file behind: see framing_refused(). */
#define NEXT                                                  \
	"POST /api/v1/tools/wait HTTP/1.1\r\nHost: localhost" \
	"\r\nContent-Length: 16\r\n\r\n{\"gate\": \"gate\"}"
#define START " HTTP/1.1\r\nHost: localhost\r\n"
#define CALL "POST /api/v1/tools/echo" START
#define ECHO_BODY "{\"message\": \"x\"}" /* 16 bytes */
#define CHUNKED(size)                                                   \
	CALL "Transfer-Encoding: chunked\r\n\r\n" size "\r\n" ECHO_BODY \
	     "\r\n0\r\n\r\n"

static const struct framing_row {
	const char *name, *request;
} framing_rows[] = {
    {"two lengths",
	CALL "Content-Length: 0\r\nContent-Length: 16\r\n\r\n" ECHO_BODY},
    {"two lengths, the longer first",
	CALL "Content-Length: 16\r\nContent-Length: 0\r\n\r\n" ECHO_BODY},
    {"a list of lengths", CALL "Content-Length: 16, 0\r\n\r\n" ECHO_BODY},
    {"blank before the colon", CALL "Content-Length : 16\r\n\r\n" ECHO_BODY},
    {"plus", CALL "Content-Length: +16\r\n\r\n" ECHO_BODY},
    {"minus", CALL "Content-Length: -16\r\n\r\n" ECHO_BODY},
    {"hexadecimal", CALL "Content-Length: 0x10\r\n\r\n" ECHO_BODY},
    {"number and more", CALL "Content-Length: 16 x\r\n\r\n" ECHO_BODY},
    {"no number", CALL "Content-Length: \r\n\r\n" ECHO_BODY},
    {"length, then coding",
	CALL "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
	     "0\r\n\r\n"},
    {"coding, then length",
	CALL "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
	     "0\r\n\r\n"},
    {"two codings", CALL "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"two codings, two lines",
	CALL "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
	     "0\r\n\r\n"},
    {"unknown coding", CALL "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"},
    {"identity", CALL "Transfer-Encoding: identity\r\n\r\n"},
    {"coding with a blank before its colon",
	CALL "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
    {"unknown coding and a length",
	CALL "Content-Length: 0\r\nTransfer-Encoding: xchunked\r\n\r\n"},
    {"GET with a body", "GET /livez" START "Content-Length: 16\r\n\r\n"},
    {"GET in chunks",
	"GET /livez" START "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"HEAD with a body", "HEAD /livez" START "Content-Length: 16\r\n\r\n"},
    {"HEAD in chunks",
	"HEAD /livez" START "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"DELETE with a body",
	"DELETE /api/v1/requests/11111111-1111-4111-8111-111111111111" START
	"Content-Length: 16\r\n\r\n"},
    {"OPTIONS with a body",
	"OPTIONS /livez" START "Content-Length: 16\r\n\r\n"},
    {"chunks of HTTP/1.0",
	"POST /api/v1/tools/echo HTTP/1.0\r\nConnection: keep-alive\r\n"
	"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"OPTIONS in chunks",
	"OPTIONS /livez" START "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"size of a chunk with 0x", CHUNKED("0x10")},
    {"size of a chunk with plus", CHUNKED("+10")},
    {"size of a chunk with a word", CHUNKED("10 foo")},
    {"size of a chunk behind a blank", CHUNKED(" 10")},
    {"a chunk that does not end where it should",
	CALL "Transfer-Encoding: chunked\r\n\r\n10\r\n" ECHO_BODY "0\r\n\r\n"},
    {"LF alone after a size", CALL
	"Transfer-Encoding: chunked\r\n\r\n10\n" ECHO_BODY "\r\n0\r\n\r\n"},
    {"field on two lines",
	CALL "X-Long: a\r\n b\r\nContent-Length: 16\r\n\r\n" ECHO_BODY},
    {"coding on two lines",
	CALL "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
};

static bool
framing_ended(void *arg)
{
	return (!http_fill(arg));
}

static void
framing_refused(struct daemon *d, const struct framing_row *row)
{
	struct conn *conn = http_open(d);
	struct reply *reply;

	conn->head_only = strncmp(row->request, "HEAD", 4) == 0;
	http_send(conn, "%s%s", row->request, NEXT);
	reply = http_read(conn, WAIT_MS);
	print_message("# %s: %d\n", row->name, reply->status);
	if (reply->status != 400)
		fail_msg("%s: %d instead of 400: %s", row->name, reply->status,
		    reply->body);
	reply_free(reply);
	if (!wait_until(framing_ended, conn, WAIT_MS))
		fail_msg("%s: still connected", row->name);
	if (memmem(conn->buf, conn->len, "HTTP/", 5) != NULL)
		fail_msg("%s: answered twice: %s", row->name, conn->buf);
	http_close(conn);
	/* By now the only agent would have run it. */
	expect(call(d, "echo", ECHO_BODY), 200, NULL);
	if (fault_exists(d, "gate.done"))
		fail_msg("%s: the next request was run", row->name);
}

static void
framing_doubtful(void **state)
{
	struct daemon *d = daemon_start("agents = 1\n");
	struct health before;

	fault_set(d, "gate", "open");
	health_take(d, &before);
	for (size_t i = 0; i < COUNT(framing_rows); i++)
		framing_refused(d, &framing_rows[i]);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* What is in no doubt, and the connection stays. */
static const struct framing_row good_rows[] = {
    {"one length", CALL "Content-Length: 16\r\n\r\n" ECHO_BODY},
    {"no blank", CALL "Content-Length:16\r\n\r\n" ECHO_BODY},
    {"blanks after it", CALL "Content-Length: 16  \r\n\r\n" ECHO_BODY},
    {"small letters", CALL "content-length: 16\r\n\r\n" ECHO_BODY},
    {"chunks", CALL "Transfer-Encoding: chunked\r\n\r\n10\r\n" ECHO_BODY
		    "\r\n0\r\n\r\n"},
    {"large letters", CALL "Transfer-Encoding: Chunked\r\n\r\n10\r\n" ECHO_BODY
			   "\r\n0\r\n\r\n"},
    {"GET without a body", "GET /livez" START "\r\n"},
    {"GET with a body of no bytes",
	"GET /livez" START "Content-Length: 0\r\n\r\n"},
};

static void
framing_clear(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = http_open(d);

	for (size_t i = 0; i < COUNT(good_rows); i++) {
		print_message("# %s\n", good_rows[i].name);
		http_send(conn, "%s", good_rows[i].request);
		expect(http_answer(conn), 200, NULL);
	}
	http_close(conn);
	daemon_stop(d);
}

/* What looks like a head, of 43 bytes, and a request in doubt behind it. */
#define LIKE_HEAD "POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\n"
#define HIDING(length) CALL length "\r\n\r\n" LIKE_HEAD CHUNKED("0x10")

/* Whatever is thought of the length, the second request is not overlooked. */
static const struct framing_row hiding_rows[] = {
    {"blanks after it", HIDING("Content-Length: 43  ")},
    {"many blanks before it",
	HIDING("Content-Length:                                           "
	       "                                                        43")},
    {"many zeros before it", HIDING("Content-Length: 00000000000000000043")},
    {"CONNECT", "CONNECT localhost:80" START
		"Content-Length: 43\r\n\r\n" LIKE_HEAD CHUNKED("10")},
};

static void
framing_hidden(void **state)
{
	struct daemon *d = daemon_start("");

	for (size_t i = 0; i < COUNT(hiding_rows); i++) {
		struct conn *conn = http_open(d);

		http_send(conn, "%s", hiding_rows[i].request);
		if (!wait_until(framing_ended, conn, WAIT_MS))
			fail_msg("%s: still connected", hiding_rows[i].name);
		if (memmem(conn->buf, conn->len, " 200 ", 5) != NULL)
			fail_msg("%s: %s", hiding_rows[i].name, conn->buf);
		assert_non_null(memmem(conn->buf, conn->len, "HTTP/", 5));
		http_close(conn);
	}
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(framing_doubtful),
	    E2E_TEST(framing_clear),
	    E2E_TEST(framing_hidden),
	};

	return (cmocka_run_group_tests_name("http_framing", tests, NULL, NULL));
}

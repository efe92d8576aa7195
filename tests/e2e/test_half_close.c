/*
 * Clients that close their sending side and wait for their answer, as nc -N
 * does, get it, on a Unix socket and on TCP; those that have gone have their
 * calls cancelled, which only a byte of ours can tell on TCP.
 */

#include "many.h"

#include <sys/socket.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_1 "11111111-1111-4111-8111-111111111111"
#define ID_2 "22222222-2222-4222-8222-222222222222"
#define LISTEN "listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n"
#define WAIT "{\"tool_name\": \"wait\", \"params\": {\"gate\": \"gate\"}}"
#define ECHO "{\"tool_name\": \"echo\", \"params\": {\"message\": \"x\"}}"

/* Each test is done over both. */
enum way { UNIX, TCP, WAYS };

static const char *const way_names[] = {"Unix", "TCP"};

static struct daemon *
start_gated(const char *settings)
{
	struct daemon *d;
	char all[512];

	snprintf(all, sizeof(all), LISTEN "%s", settings);
	d = daemon_start(all);
	gate_make(d, "gate");
	return (d);
}

static struct conn *
open_way(struct daemon *d, enum way way)
{
	print_message("# %s\n", way_names[way]);
	return (way == UNIX ? http_open(d) : http_open_port(daemon_port(d)));
}

/* A request with this id that is left waiting. */
static struct conn *
begin(struct daemon *d, enum way way, const char *path, const char *id,
    const char *body)
{
	struct conn *conn = open_way(d, way);
	char header[80];

	snprintf(header, sizeof(header), "X-Request-Id: %s\r\n", id);
	http_request(conn, "POST", path, header, body);
	return (conn);
}

static struct conn *
begin_call(struct daemon *d, enum way way, const char *id, const char *body)
{
	return (begin(d, way, "/api/v1/request", id, body));
}

static void
say_no_more(struct conn *conn)
{
	assert_int_equal(shutdown(conn->fd, SHUT_WR), 0);
}

struct probe {
	struct conn *conn;
	char byte;
};

static bool
probe_is_last(void *arg)
{
	struct probe *probe = arg;
	struct conn *conn = probe->conn;

	return (http_fill(conn) && conn->len > 0 &&
		conn->buf[conn->len - 1] == probe->byte);
}

/* Until the daemon has looked whether the client is there. */
static void
wait_probe(struct daemon *d, struct conn *conn, enum way way, char byte)
{
	struct probe probe = {conn, byte};

	/* An answer to another shows that it has seen the end. */
	if (way == UNIX)
		expect(get(d, "/livez"), 200, NULL);
	else
		assert_true(wait_until(probe_is_last, &probe, WAIT_MS));
}

/* Its answer, and then the end. */
static void
expect_last(struct conn *conn, int status, const char *code)
{
	expect(http_answer(conn), status, code);
	assert_true(http_ended(conn, WAIT_MS));
	assert_int_equal(conn->len, 0);
	http_close(conn);
}

/* What is sent in one write with the end behind it. */
static const struct at_once_row {
	const char *bytes;
	int statuses[3];
} at_once_rows[] = {
    {"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", {200}},
    {"GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n", {200}},
    {"GET /livez HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
	{200}},
    {"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", {404}},
    {"POST /api/v1/tools/echo HTTP/1.1\r\nHost: localhost\r\n"
     "Content-Length: 15\r\n\r\n{\"message\":\"x\"}",
	{200}},
    {"POST /api/v1/tools/echo HTTP/1.0\r\nHost: localhost\r\n"
     "Content-Length: 15\r\n\r\n{\"message\":\"x\"}",
	{200}},
    {"POST /api/v1/tools/echo HTTP/1.1\r\nHost: localhost\r\n"
     "Transfer-Encoding: chunked\r\n\r\nf\r\n{\"message\":\"x\"}\r\n"
     "0\r\n\r\n",
	{200}},
    /* Several, of which each is answered. */
    {"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
     "POST /api/v1/tools/echo HTTP/1.1\r\nHost: localhost\r\n"
     "Content-Length: 15\r\n\r\n{\"message\":\"x\"}"
     "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
	{200, 200, 404}},
    /* The end of a connection that asks for it comes no sooner. */
    {"POST /api/v1/tools/echo HTTP/1.1\r\nHost: localhost\r\n"
     "Connection: close\r\nContent-Length: 15\r\n\r\n{\"message\":\"x\"}",
	{200}},
    /* What evhttp refuses by itself. */
    {"rubbish\r\n\r\n", {400}},
    {"POST /api/v1/tools/echo HTTP/1.1\r\nHost: localhost\r\n"
     "Content-Length: 999999999\r\n\r\nx",
	{413}},
    /* A whole request, and a part of one, which gets nothing. */
    {"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /liv", {200}},
    {"POST /api/v1/tools/echo HTTP/1.1\r\nHost: localhost\r\n"
     "Content-Length: 15\r\n\r\n{\"message",
	{0}},
};

static void
half_close_at_once(void **state)
{
	struct daemon *d = daemon_start(LISTEN);
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(at_once_rows) * WAYS; i++) {
		const struct at_once_row *row = &at_once_rows[i / WAYS];
		struct conn *conn = open_way(d, i % WAYS);

		http_write(conn, row->bytes, strlen(row->bytes));
		say_no_more(conn);
		for (int n = 0; n < 3 && row->statuses[n] != 0; n++) {
			struct reply *reply = http_answer(conn);

			if (reply->status != row->statuses[n])
				fail_msg("%d, not %d: %s", reply->status,
				    row->statuses[n], row->bytes);
			reply_free(reply);
		}
		if (!http_ended(conn, WAIT_MS) || conn->len > 0)
			fail_msg("no end: %s", row->bytes);
		http_close(conn);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* The bytes that are sent ahead are those of the version that was asked for. */
static void
half_close_running(void **state)
{
	for (int i = 0; i < WAYS * 2; i++) {
		enum way way = i % WAYS;
		struct daemon *d = start_gated("agents = 1\n");
		struct conn *conn = open_way(d, way);

		http_send(conn,
		    "POST /api/v1/request HTTP/1.%d\r\nHost: localhost\r\n"
		    "X-Request-Id: " ID_1 "\r\nContent-Length: %zu\r\n\r\n%s",
		    i / WAYS, strlen(WAIT), WAIT);
		wait_request(d, ID_1, "running");
		say_no_more(conn);
		wait_probe(d, conn, way, 'T');
		wait_request(d, ID_1, "running");
		gate_open(d, "gate");
		expect_last(conn, 200, NULL);
		assert_int_equal(stat_of(d, "cancelled"), 0);
		daemon_stop(d);
	}
}

/* An administrator's question, which is the master's to answer. */
static void
half_close_admin(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = http_open_path(d->control);

	http_request(conn, "POST", "/api/v1/admin/reload", NULL, "");
	say_no_more(conn);
	expect_last(conn, 200, NULL);
	daemon_stop(d);
}

/* Behind another, and then with a second request behind its own. */
static void
half_close_queued(void **state)
{
	for (int way = 0; way < WAYS; way++) {
		struct daemon *d = start_gated("agents = 1\n");
		struct conn *first = begin_call(d, UNIX, ID_1, WAIT);
		struct conn *second;

		wait_request(d, ID_1, "running");
		second = begin_call(d, way, ID_2, ECHO);
		wait_request(d, ID_2, "queued");
		http_request(second, "GET", "/nothing", NULL, NULL);
		say_no_more(second);
		wait_probe(d, second, way, 'T');
		wait_request(d, ID_2, "queued");
		gate_open(d, "gate");
		expect(http_answer(first), 200, NULL);
		http_close(first);
		expect(http_answer(second), 200, NULL);
		expect_last(second, 404, "not_found");
		daemon_stop(d);
	}
}

/* Every way in which a call ends without its result. */
static void
half_close_refused(void **state)
{
	for (int way = 0; way < WAYS; way++) {
		struct daemon *d = start_gated("");
		struct conn *conn = begin_call(d, way, ID_1, WAIT);

		wait_request(d, ID_1, "running");
		say_no_more(conn);
		wait_probe(d, conn, way, 'T');
		expect(ask(d, "DELETE", "/api/v1/requests/" ID_1, NULL, NULL),
		    202, NULL);
		expect_last(conn, 409, "cancelled");
		conn = begin_call(d, way, ID_2,
		    "{\"tool_name\": \"wait\", \"timeout\": 0.3, "
		    "\"params\": {\"gate\": \"gate\"}}");
		say_no_more(conn);
		expect_last(conn, 504, "timeout");
		daemon_stop(d);
	}
}

/* The answer has begun, and goes on after the end: as one document, or by
 * lines, as chunks or, before HTTP/1.1, without. */
static void
half_close_batch(void **state)
{
	static const char body[] =
	    "{\"requests\":[" ECHO "," WAIT "," ECHO "]}";

	for (int way = 0; way < WAYS; way++) {
		struct daemon *d = start_gated("");
		struct conn *conn = begin(d, way, BATCH, MANY_ID, body);
		struct reply *reply;

		many_wait_text(conn, "\"success\":true");
		wait_stat(d, "busy_agents", 1);
		say_no_more(conn);
		wait_probe(d, conn, way, '0');
		wait_stat(d, "busy_agents", 1);
		gate_open(d, "gate");
		reply = http_answer(conn);
		assert_int_equal(reply_int(reply, "/succeeded"), 3);
		reply_free(reply);
		assert_true(http_ended(conn, WAIT_MS));
		http_close(conn);
		daemon_stop(d);
	}
}

static void
half_close_old_batch(void **state)
{
	static const char body[] = "{\"requests\":[" ECHO "," WAIT "]}";

	for (int way = 0; way < WAYS; way++) {
		struct daemon *d = start_gated("");
		struct conn *conn = open_way(d, way);

		http_send(conn,
		    "POST " BATCH " HTTP/1.0\r\nHost: localhost\r\n"
		    "Content-Length: %zu\r\n\r\n%s",
		    strlen(body), body);
		say_no_more(conn);
		many_wait_text(conn, "\"success\":true");
		wait_stat(d, "busy_agents", 1);
		gate_open(d, "gate");
		many_wait_text(conn, "\"succeeded\":2");
		wait_stat(d, "in_flight", 0);
		http_close(conn);
		daemon_stop(d);
	}
}

static void
half_close_pipeline(void **state)
{
	static const char body[] = "{\"steps\":[" WAIT "," ECHO "]}";

	for (int way = 0; way < WAYS; way++) {
		struct daemon *d = start_gated("");
		struct conn *conn = begin(d, way, PIPELINE, MANY_ID, body);

		wait_stat(d, "busy_agents", 1);
		say_no_more(conn);
		wait_probe(d, conn, way, 'T');
		gate_open(d, "gate");
		expect_last(conn, 200, NULL);
		daemon_stop(d);
	}
}

/* More than all buffers hold, taken after the end. */
static void
half_close_large(void **state)
{
	struct daemon *d = daemon_start(LISTEN);
	struct health before;

	health_take(d, &before);
	for (int way = 0; way < WAYS; way++) {
		struct conn *conn = begin_call(d, way, ID_1,
		    "{\"tool_name\": \"fault\", \"params\": "
		    "{\"action\": \"verbose\", \"size\": 900000}}");
		struct reply *reply;

		say_no_more(conn);
		wait_stat(d, "in_flight", 0);
		reply = http_answer(conn);
		assert_int_equal(reply->status, 200);
		assert_int_equal(
		    json_object_get_string_len(reply_at(reply, "/result/text")),
		    900000);
		reply_free(reply);
		http_close(conn);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* Two calls, of which one runs and one waits, and nobody who waits for them. */
static void
leave_both(enum way way, bool half)
{
	struct daemon *d = start_gated("agents = 1\n");
	struct conn *first, *second;
	struct health before;

	health_take(d, &before);
	first = begin_call(d, way, ID_1, WAIT);
	wait_request(d, ID_1, "running");
	second = begin_call(d, way, ID_2, WAIT);
	wait_request(d, ID_2, "queued");
	if (half) {
		say_no_more(first);
		say_no_more(second);
		wait_probe(d, first, way, 'T');
		wait_probe(d, second, way, 'T');
		wait_request(d, ID_2, "queued");
	}
	http_close(second);
	wait_request(d, ID_2, "gone");
	http_close(first);
	wait_request(d, ID_1, "gone");
	assert_int_equal(stat_of(d, "cancelled"), 2);
	assert_false(fault_exists(d, "gate.done"));
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
gone_at_once(void **state)
{
	for (int way = 0; way < WAYS; way++)
		leave_both(way, false);
}

static void
gone_after_half_close(void **state)
{
	for (int way = 0; way < WAYS; way++)
		leave_both(way, true);
}

/* An answer in pieces of which the next is long in coming. */
static void
gone_from_batch(void **state)
{
	static const char body[] = "{\"requests\":[" ECHO "," WAIT "]}";

	for (int i = 0; i < WAYS * 2; i++) {
		enum way way = i % WAYS;
		struct daemon *d = start_gated("");
		struct conn *conn = begin(d, way, BATCH, MANY_ID, body);

		many_wait_text(conn, "\"success\":true");
		wait_stat(d, "busy_agents", 1);
		if (i >= WAYS) {
			say_no_more(conn);
			wait_probe(d, conn, way, '0');
		}
		http_close(conn);
		wait_stat(d, "in_flight", 0);
		assert_int_equal(stat_of(d, "cancelled"), 1);
		assert_false(fault_exists(d, "gate.done"));
		daemon_stop(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(half_close_at_once),
	    E2E_TEST(half_close_running),
	    E2E_TEST(half_close_admin),
	    E2E_TEST(half_close_queued),
	    E2E_TEST(half_close_refused),
	    E2E_TEST(half_close_batch),
	    E2E_TEST(half_close_old_batch),
	    E2E_TEST(half_close_pipeline),
	    E2E_TEST(half_close_large),
	    E2E_TEST(gone_at_once),
	    E2E_TEST(gone_after_half_close),
	    E2E_TEST(gone_from_batch),
	};

	return (cmocka_run_group_tests_name("half_close", tests, NULL, NULL));
}

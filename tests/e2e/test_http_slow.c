/*
 * Clients that take their time: bytes that dribble in, a connection that says
 * nothing, an answer that is never read.  None of them may hold anything for
 * longer than the settings say.
 */

#include "many.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Larger than all buffers. */
#define LARGE "{\"action\": \"verbose\", \"size\": 900000}"

/* And larger than what the kernel has for a connection. */
#define VAST "{\"action\": \"verbose\", \"size\": 7000000}"

/* Sends one byte at each look; true when the daemon has hung up. */
struct dribble {
	struct conn *conn;
	const char *rest; /* starts again at its end */
	size_t at;
};

static bool
dribble_ended(void *arg)
{
	struct dribble *dribble = arg;
	const char *byte = &dribble->rest[dribble->at];

	if (*byte == '\0') {
		dribble->at = 0;
		byte = dribble->rest;
	}
	dribble->at++;
	if (send(dribble->conn->fd, byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == -1)
		return (true);
	return (!http_fill(dribble->conn));
}

/* A start that is sent at once, and what dribbles after it. */
static const struct dribble_row {
	const char *name, *start, *rest;
} dribble_rows[] = {
    {"request line", "GET /", "x"},
    {"headers", "GET /livez HTTP/1.1\r\nHost: localhost\r\n", "X: y\r\n"},
    {"one header", "GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ", "y"},
    {"body",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Content-Length: 100000\r\n\r\n",
	" "},
    {"chunks",
	"POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	"Transfer-Encoding: chunked\r\n\r\n",
	"1\r\n \r\n"},
};

static void
slow_dribble(void **state)
{
	struct daemon *d = daemon_start("request_timeout = \"300ms\"\n");
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(dribble_rows); i++) {
		const struct dribble_row *row = &dribble_rows[i];
		struct dribble dribble = {http_open(d), row->rest, 0};
		int64_t begin = now_ms();

		http_send(dribble.conn, "%s", row->start);
		if (!wait_until(dribble_ended, &dribble, WAIT_MS))
			fail_msg("%s: still connected", row->name);
		print_message("# %s: after %lld ms\n", row->name,
		    (long long)(now_ms() - begin));
		assert_in_range(now_ms() - begin, 290, within_ms(3000));
		http_close(dribble.conn);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* The second request of a connection has the same limit as the first. */
static void
slow_second_request(void **state)
{
	struct daemon *d = daemon_start("request_timeout = \"300ms\"\n");
	struct dribble dribble = {http_open(d), "x", 0};

	http_request(dribble.conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(dribble.conn), 200, NULL);
	http_send(dribble.conn, "GET /");
	assert_true(wait_until(dribble_ended, &dribble, WAIT_MS));
	http_close(dribble.conn);
	daemon_stop(d);
}

/* While others dribble, a call goes through as if they were not there. */
static void
slow_many(void **state)
{
	enum { SLOW = 50 };
	struct daemon *d = daemon_start("request_timeout = \"2s\"\n");
	struct conn *conn[SLOW];
	struct health before;

	health_take(d, &before);
	for (int i = 0; i < SLOW; i++) {
		conn[i] = http_open(d);
		http_send(conn[i], "POST /api/v1/request HTTP/1.1\r\n");
	}
	for (int i = 0; i < 20; i++)
		expect(call(d, "echo", "{\"message\": \"x\"}"), 200, NULL);
	for (int i = 0; i < SLOW; i++) {
		assert_true(http_ended(conn[i], WAIT_MS) || conn[i]->len > 0);
		http_close(conn[i]);
	}
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

static void
slow_idle(void **state)
{
	struct daemon *d = daemon_start("idle_timeout = \"200ms\"\n");
	struct health before;
	struct conn *conn;
	int64_t begin;

	health_take(d, &before);
	conn = http_open(d);
	http_request(conn, "GET", "/livez", NULL, NULL);
	expect(http_answer(conn), 200, NULL);
	begin = now_ms();
	assert_true(http_ended(conn, WAIT_MS));
	assert_in_range(now_ms() - begin, 150, within_ms(3000));
	http_close(conn);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* A call may take longer than any timeout of its connection. */
static void
slow_call(void **state)
{
	struct daemon *d = daemon_start(
	    "idle_timeout = \"100ms\"\nrequest_timeout = \"100ms\"\n"
	    "reply_timeout = \"100ms\"\n");

	expect(call_with(
		   d, "fault", "{\"action\": \"stop\"}", ", \"timeout\": 0.6"),
	    504, "timeout");
	daemon_stop(d);
}

/* True once the front end has as many descriptors as before. */
struct fds_search {
	struct daemon *daemon;
	int most;
};

static bool
fds_are_few(void *arg)
{
	struct fds_search *search = arg;

	return (proc_fds(proc_frontend(search->daemon)) <= search->most);
}

/* Asks for an answer larger than all buffers, and reads none of it. */
static struct conn *
ask_and_ignore(struct daemon *d)
{
	struct conn *conn = http_open(d);

	http_request(conn, "POST", "/api/v1/tools/fault", NULL, LARGE);
	return (conn);
}

static void
slow_reader(void **state)
{
	struct daemon *d = daemon_start("reply_timeout = \"300ms\"\n");
	struct fds_search search = {.daemon = d};
	struct health before;
	struct conn *conn;

	health_take(d, &before);
	conn = ask_and_ignore(d);
	wait_stat(d, "successful_requests", 2);
	search.most = before.frontend_fds;
	assert_true(wait_until(fds_are_few, &search, WAIT_MS));
	http_close(conn);
	health_check(d, &before, WAIT_MS);
	daemon_stop(d);
}

/* A connection as the kernel has it, be it nobody's any more. */
struct socket_search {
	int daemon_port, client_port;
};

static bool
socket_is_gone(void *arg)
{
	const struct socket_search *search = arg;
	int local, remote;
	char line[256];
	bool gone = true;
	FILE *file = fopen("/proc/net/tcp", "r");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, " %*d: %*x:%x %*x:%x", &local, &remote) == 2 &&
		    local == search->daemon_port &&
		    remote == search->client_port)
			gone = false;
	fclose(file);
	return (gone);
}

/* One that takes little ahead of who reads it. */
static struct conn *
open_narrow(int port, int *own_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), bytes = 4096;
	socklen_t len = sizeof(address);

	assert_int_not_equal(fd, -1);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*own_port = ntohs(address.sin_port);
	return (http_adopt(fd));
}

/* Takes a little at each look. */
struct sipper {
	struct socket_search search;
	struct conn *conn;
	size_t taken;
};

static bool
sipped_until_gone(void *arg)
{
	struct sipper *sipper = arg;
	char some[512];
	ssize_t n = recv(sipper->conn->fd, some, sizeof(some), MSG_DONTWAIT);

	if (n > 0)
		sipper->taken += (size_t)n;
	return (socket_is_gone(&sipper->search));
}

/* What the kernel has of a late answer is given up, too. */
static void
slow_reader_tcp(void **state)
{
	static const char *const requests[][2] = {
	    {"/api/v1/tools/fault", VAST},
	    {BATCH, "{\"requests\":[{\"tool_name\":\"fault\",\"params\":" VAST
		    "}]}"},
	};
	struct daemon *d =
	    daemon_start("listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n"
			 "max_result = 8m\nreply_timeout = \"300ms\"\n");
	struct sipper sipper = {.search.daemon_port = daemon_port(d)};
	struct health before;

	health_take(d, &before);
	for (size_t i = 0; i < COUNT(requests); i++) {
		sipper.conn = open_narrow(
		    sipper.search.daemon_port, &sipper.search.client_port);
		assert_false(socket_is_gone(&sipper.search));
		http_request(
		    sipper.conn, "POST", requests[i][0], NULL, requests[i][1]);
		sipper.taken = 0;
		assert_true(wait_until(sipped_until_gone, &sipper, WAIT_MS));
		print_message("# %zu bytes were taken\n", sipper.taken);
		http_close(sipper.conn);
		health_check(d, &before, WAIT_MS);
	}
	daemon_stop(d);
}

/* Nor does the kernel keep one that it has taken whole, open or closed. */
static void
slow_reader_sent(void **state)
{
	static const char *const headers[] = {NULL, "Connection: close\r\n"};
	struct daemon *d =
	    daemon_start("listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n"
			 "reply_timeout = \"300ms\"\n");
	struct socket_search search = {.daemon_port = daemon_port(d)};

	for (size_t i = 0; i < COUNT(headers); i++) {
		struct conn *conn =
		    open_narrow(search.daemon_port, &search.client_port);

		http_request(conn, "POST", "/api/v1/tools/fault", headers[i],
		    "{\"action\": \"verbose\", \"size\": 30000}");
		assert_true(wait_until(socket_is_gone, &search, WAIT_MS));
		http_close(conn);
	}
	daemon_stop(d);
}

/* One who reads it gets it whole, be it in small pieces. */
static void
slow_large_answer(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = ask_and_ignore(d);
	struct reply *reply = http_answer(conn);

	assert_int_equal(reply->status, 200);
	assert_int_equal(
	    json_object_get_string_len(reply_at(reply, "/result/text")),
	    900000);
	reply_free(reply);
	http_close(conn);
	daemon_stop(d);
}

/* A result over the limit is a failure of the call, not of the agent. */
static void
slow_max_result(void **state)
{
	struct daemon *d = daemon_start("max_result = \"64k\"\n");
	struct reply *reply;

	reply = call(d, "fault", "{\"action\": \"verbose\", \"size\": 65536}");
	assert_int_equal(reply->status, 200);
	assert_false(json_object_get_boolean(reply_at(reply, "/success")));
	reply_free(reply);
	reply = call(d, "fault", "{\"action\": \"verbose\", \"size\": 65000}");
	assert_int_equal(reply->status, 200);
	assert_true(json_object_get_boolean(reply_at(reply, "/success")));
	reply_free(reply);
	assert_int_equal(stat_of(d, "agent_restarts"), 0);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(slow_dribble),
	    E2E_TEST(slow_second_request),
	    E2E_TEST(slow_many),
	    E2E_TEST(slow_idle),
	    E2E_TEST(slow_call),
	    E2E_TEST(slow_reader),
	    E2E_TEST(slow_reader_tcp),
	    E2E_TEST(slow_reader_sent),
	    E2E_TEST(slow_large_answer),
	    E2E_TEST(slow_max_result),
	};

	return (cmocka_run_group_tests_name("http_slow", tests, NULL, NULL));
}

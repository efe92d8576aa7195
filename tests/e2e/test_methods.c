/*
 * What HTTP asks of every path: methods, Allow, HEAD, OPTIONS; who may ask
 * (Host, Origin, CORS); and connections that are used again.
 */

#include "harness.h"
#include "routes.h"

#include <stdio.h>
#include <string.h>

#define ECHO_BODY "{\"tool_name\": \"echo\", \"params\": {\"message\": \"x\"}}"

static void
check_allow(const struct reply *reply, const struct path_row *row)
{
	const char *allow = reply_header(reply, "Allow");

	assert_non_null(allow);
	assert_non_null(strstr(allow, "OPTIONS"));
	assert_true((strstr(allow, "GET") != NULL) == row->get);
	assert_true((strstr(allow, "HEAD") != NULL) == row->get);
	assert_true((strstr(allow, "POST") != NULL) == row->post);
	assert_true((strstr(allow, "DELETE") != NULL) == row->delete);
	assert_null(strstr(allow, "PUT"));
}

static void
methods_refuse(struct daemon *d, const struct path_row *row, const char *method,
    const char *body)
{
	struct reply *reply = ask(d, method, row->path, NULL, body);

	check_problem(reply, 405, "method_not_allowed");
	check_allow(reply, row);
	reply_free(reply);
}

static void
methods_not_allowed(void **state)
{
	struct path_row rows[ROUTES_MAX];
	struct daemon *d = daemon_start("");
	size_t count = routes_read(d, rows);

	for (size_t i = 0; i < count; i++) {
		const struct path_row *row = &rows[i];

		print_message("# %s\n", row->path);
		methods_refuse(d, row, "PUT", "{}");
		methods_refuse(d, row, "PATCH", "{}");
		if (!row->post)
			methods_refuse(d, row, "POST", "{}");
		if (!row->get)
			methods_refuse(d, row, "GET", NULL);
		if (!row->delete)
			methods_refuse(d, row, "DELETE", NULL);
	}
	daemon_stop(d);
}

static void
methods_options(void **state)
{
	struct path_row rows[ROUTES_MAX];
	struct daemon *d = daemon_start("");
	size_t count = routes_read(d, rows);

	for (size_t i = 0; i < count; i++) {
		struct reply *reply =
		    ask(d, "OPTIONS", rows[i].path, NULL, NULL);

		print_message("# %s\n", rows[i].path);
		assert_int_equal(reply->status, 204);
		check_allow(reply, &rows[i]);
		assert_int_equal(reply->length, 0);
		reply_free(reply);
	}
	daemon_stop(d);
}

/* On one connection: a body after HEAD would be taken for an answer. */
static void
methods_head(void **state)
{
	struct path_row rows[ROUTES_MAX];
	struct daemon *d = daemon_start("");
	size_t count = routes_read(d, rows);
	struct conn *conn = http_open(d);

	for (size_t i = 0; i < count; i++) {
		struct reply *head, *full;

		if (!rows[i].get)
			continue;
		print_message("# %s\n", rows[i].path);
		http_request(conn, "HEAD", rows[i].path, NULL, NULL);
		head = http_answer(conn);
		http_request(conn, "GET", rows[i].path, NULL, NULL);
		full = http_answer(conn);
		assert_int_equal(head->status, 200);
		assert_int_equal(full->status, 200);
		assert_true(full->length > 0);
		assert_non_null(reply_header(head, "Content-Type"));
		assert_non_null(reply_header(head, "X-Request-Id"));
		reply_free(head);
		reply_free(full);
	}
	http_close(conn);
	daemon_stop(d);
}

static void
methods_not_found(void **state)
{
	static const char *const paths[] = {"/nothing", "/api", "/api/v1",
	    "/api/v1/", "/api/v1/request/", "/api/v1/tools/", "/api/v2/request",
	    "/api/v1/tools/echo/more", "/health/", "/../etc/passwd",
	    "/%2e%2e/etc/passwd", "/api/v1/agents/"};
	struct daemon *d = daemon_start("");

	for (size_t i = 0; i < COUNT(paths); i++) {
		print_message("# %s\n", paths[i]);
		expect(get(d, paths[i]), 404, "not_found");
	}
	expect(get(d, "/api/v1/tools/nothing"), 404, "unknown_tool");
	expect(get(d, "/api/v1/agents/agent-99"), 404, "unknown_agent");
	daemon_stop(d);
}

static void
ask_host(struct daemon *d, const char *host, int status)
{
	struct conn *conn = http_open_port(daemon_port(d));

	print_message("# Host: %s\n", host);
	http_send(conn, "GET /livez HTTP/1.1\r\nHost: %s\r\n\r\n", host);
	expect(http_answer(conn), status,
	    status == 403 ? "forbidden_origin" : NULL);
	http_close(conn);
}

/* A name that resolves to this host must not be enough. */
static void
methods_host(void **state)
{
	struct daemon *d =
	    daemon_start("listen = {\"unix:@DIR@/api.sock\", \"127.0.0.1:0\"}\n"
			 "allowed_hosts = {\"agent.example\", "
			 "\"*.ex.test\", \"root.test.\"}\n");
	char host[64];

	snprintf(host, sizeof(host), "127.0.0.1:%d", daemon_port(d));
	ask_host(d, host, 200);
	ask_host(d, "127.0.0.1", 200);
	ask_host(d, "localhost", 200);
	ask_host(d, "LocalHost:80", 200);
	ask_host(d, "[::1]", 200);
	ask_host(d, "agent.example", 200);
	ask_host(d, "agent.example:8080", 200);
	ask_host(d, "agent.example.", 200);
	ask_host(d, "A.EX.TEST.:1", 200);
	ask_host(d, "root.test", 200);
	ask_host(d, "root.test.:80", 200);
	ask_host(d, "localhost.", 200);
	ask_host(d, "agent.example..", 403);
	ask_host(d, "ex.test.", 403);
	ask_host(d, ".ex.test.", 403);
	ask_host(d, ".", 403);
	ask_host(d, "evil", 403);
	ask_host(d, "evil.example:8080", 403);
	ask_host(d, "localhost.evil.example", 403);
	ask_host(d, "agent.example.evil", 403);
	daemon_stop(d);
}

static struct reply *
ask_origin(struct daemon *d, const char *method, const char *origin)
{
	bool call = strcmp(method, "POST") == 0;
	char header[160];

	snprintf(header, sizeof(header), "Origin: %s\r\n%s", origin,
	    strcmp(method, "OPTIONS") == 0
		? "Access-Control-Request-Method: POST\r\n"
		  "Access-Control-Request-Headers: content-type\r\n"
		: "");
	return (
	    ask(d, method, "/api/v1/request", header, call ? ECHO_BODY : NULL));
}

static void
methods_origin(void **state)
{
	struct daemon *d = daemon_start("");
	struct reply *reply;

	expect(ask_origin(d, "POST", "http://evil.example"), 403,
	    "forbidden_origin");
	expect(ask_origin(d, "POST", "null"), 403, "forbidden_origin");
	reply = ask_origin(d, "OPTIONS", "http://evil.example");
	assert_null(reply_header(reply, "Access-Control-Allow-Origin"));
	reply_free(reply);
	assert_int_equal(stat_of(d, "total_requests"), 0);
	daemon_stop(d);
}

static void
methods_cors(void **state)
{
	struct daemon *d =
	    daemon_start("cors_origins = {\"https://app.example\"}\n");
	struct reply *reply;
	const char *value;

	reply = ask_origin(d, "POST", "https://app.example");
	assert_int_equal(reply->status, 200);
	value = reply_header(reply, "Access-Control-Allow-Origin");
	assert_non_null(value);
	assert_string_equal(value, "https://app.example");
	reply_free(reply);
	reply = ask_origin(d, "OPTIONS", "https://app.example");
	assert_int_equal(reply->status, 204);
	value = reply_header(reply, "Access-Control-Allow-Methods");
	assert_non_null(value);
	assert_non_null(strstr(value, "POST"));
	value = reply_header(reply, "Access-Control-Allow-Headers");
	assert_non_null(value);
	assert_non_null(strcasestr(value, "content-type"));
	reply_free(reply);
	reply = ask(d, "OPTIONS", "/api/v1/request",
	    "Origin: https://app.example\r\n"
	    "Access-Control-Request-Method: POST\r\n"
	    "Access-Control-Request-Headers: authorization,x-tenant\r\n",
	    NULL);
	assert_int_equal(reply->status, 204);
	value = reply_header(reply, "Access-Control-Allow-Headers");
	assert_non_null(value);
	assert_string_equal(value, "authorization,x-tenant");
	reply_free(reply);
	/* Of no use to others. */
	reply = ask(d, "OPTIONS", "/api/v1/request",
	    "Access-Control-Request-Headers: authorization\r\n", NULL);
	assert_null(reply_header(reply, "Access-Control-Allow-Headers"));
	reply_free(reply);
	expect(ask_origin(d, "POST", "https://app.example.evil"), 403,
	    "forbidden_origin");
	daemon_stop(d);
}

static void
methods_keep_alive(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = http_open(d);

	for (int i = 0; i < 50; i++) {
		http_request(conn, "POST", "/api/v1/request", NULL, ECHO_BODY);
		expect(http_answer(conn), 200, NULL);
		http_request(conn, "GET", "/nothing", NULL, NULL);
		expect(http_answer(conn), 404, "not_found");
		http_request(conn, "POST", "/api/v1/request", NULL, "{}");
		expect(http_answer(conn), 400, "bad_request");
	}
	http_request(conn, "GET", "/livez", "Connection: close\r\n", NULL);
	expect(http_answer(conn), 200, NULL);
	assert_true(http_ended(conn, WAIT_MS));
	http_close(conn);
	daemon_stop(d);
}

static void
methods_http_1_0(void **state)
{
	struct daemon *d = daemon_start("");
	struct conn *conn = http_open(d);

	http_send(conn, "GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n");
	expect(http_answer(conn), 200, NULL);
	assert_true(http_ended(conn, WAIT_MS));
	http_close(conn);
	daemon_stop(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    E2E_TEST(methods_not_allowed),
	    E2E_TEST(methods_options),
	    E2E_TEST(methods_head),
	    E2E_TEST(methods_not_found),
	    E2E_TEST(methods_host),
	    E2E_TEST(methods_origin),
	    E2E_TEST(methods_cors),
	    E2E_TEST(methods_keep_alive),
	    E2E_TEST(methods_http_1_0),
	};

	return (cmocka_run_group_tests_name("methods", tests, NULL, NULL));
}

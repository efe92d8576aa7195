/*
 * One call or question at a time, each on a connection of its own that is
 * read to its end: once this returns, the daemon has closed it too.
 */

#include "harness.h"

#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE_CALL "{\"tool_name\": \"%s\", \"params\": %s%s}"

struct reply *
ask(struct daemon *d, const char *method, const char *path, const char *headers,
    const char *body)
{
	struct conn *conn = http_open(d);
	struct reply *reply;
	char *all;

	assert_int_not_equal(asprintf(&all, "Connection: close\r\n%s",
				 headers == NULL ? "" : headers),
	    -1);
	http_request(conn, method, path, all, body);
	free(all);
	reply = http_answer(conn);
	if (!http_ended(conn, WAIT_MS))
		fail_msg("%s %s: more than one answer", method, path);
	http_close(conn);
	return (reply);
}

struct reply *
administer(struct daemon *d, const char *action, const char *body)
{
	struct conn *conn = http_open_path(d->control);
	struct reply *reply;
	char path[64];

	snprintf(path, sizeof(path), "/api/v1/admin/%s", action);
	http_request(conn, "POST", path, NULL, body);
	reply = http_answer(conn);
	http_close(conn);
	return (reply);
}

struct reply *
ask_bytes(struct daemon *d, const char *body, size_t len)
{
	struct conn *conn = http_open(d);
	struct reply *reply;

	http_send(conn,
	    "POST /api/v1/request HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    len);
	http_write(conn, body, len);
	reply = http_answer(conn);
	http_close(conn);
	return (reply);
}

struct reply *
get(struct daemon *d, const char *path)
{
	return (ask(d, "GET", path, NULL, NULL));
}

static char *
call_body(const char *tool, const char *params, const char *members)
{
	char *body;

	assert_int_not_equal(
	    asprintf(&body, ONE_CALL, tool, params, members), -1);
	return (body);
}

struct reply *
call_with(
    struct daemon *d, const char *tool, const char *params, const char *members)
{
	char *body = call_body(tool, params, members);
	struct reply *reply;

	reply = ask(d, "POST", "/api/v1/request", NULL, body);
	free(body);
	return (reply);
}

struct reply *
call(struct daemon *d, const char *tool, const char *params)
{
	return (call_with(d, tool, params, ""));
}

struct conn *
call_begin(struct daemon *d, const char *id, const char *tool,
    const char *params, const char *members)
{
	struct conn *conn = http_open(d);
	char *body = call_body(tool, params, members);
	char header[80];

	snprintf(header, sizeof(header), "X-Request-Id: %s\r\n", id);
	http_request(conn, "POST", "/api/v1/request", header, body);
	free(body);
	return (conn);
}

bool
reply_has(const struct reply *reply, const char *pointer)
{
	struct json_object *value;

	return (json_pointer_get(reply->json, pointer, &value) == 0);
}

struct json_object *
reply_at(const struct reply *reply, const char *pointer)
{
	struct json_object *value;

	if (json_pointer_get(reply->json, pointer, &value) != 0)
		fail_msg("no %s in %d %s", pointer, reply->status, reply->body);
	return (value);
}

const char *
reply_string(const struct reply *reply, const char *pointer)
{
	struct json_object *value = reply_at(reply, pointer);

	if (!json_object_is_type(value, json_type_string))
		fail_msg("%s is no string in %s", pointer, reply->body);
	return (json_object_get_string(value));
}

int64_t
reply_int(const struct reply *reply, const char *pointer)
{
	struct json_object *value = reply_at(reply, pointer);

	if (!json_object_is_type(value, json_type_int))
		fail_msg("%s is no integer in %s", pointer, reply->body);
	return (json_object_get_int64(value));
}

void
check_problem(const struct reply *reply, int status, const char *code)
{
	const char *type;

	if (reply->status != status)
		fail_msg(
		    "%d instead of %d: %s", reply->status, status, reply->body);
	type = reply_header(reply, "Content-Type");
	assert_non_null(type);
	assert_string_equal(type, "application/problem+json");
	assert_string_equal(reply_string(reply, "/code"), code);
	assert_int_equal(reply_int(reply, "/status"), status);
	assert_true(reply_string(reply, "/title")[0] != '\0');
	assert_true(reply_string(reply, "/type")[0] != '\0');
	assert_string_equal(
	    reply_string(reply, "/error"), reply_string(reply, "/detail"));
	assert_true(json_object_is_type(
	    reply_at(reply, "/retryable"), json_type_boolean));
	/* Nothing internal leaks. */
	assert_null(strstr(reply->body, "/tmp"));
	assert_null(strstr(reply->body, ".c:"));
	assert_null(strstr(reply->body, "0x"));
}

void
expect(struct reply *reply, int status, const char *code)
{
	if (code != NULL)
		check_problem(reply, status, code);
	else if (reply->status != status)
		fail_msg(
		    "%d instead of %d: %s", reply->status, status, reply->body);
	reply_free(reply);
}

struct request_search {
	struct daemon *daemon;
	const char *id, *state;
};

static bool
request_is(void *arg)
{
	struct request_search *search = arg;
	struct reply *reply = get(search->daemon, "/api/v1/requests");
	const char *state = "gone";
	char pointer[64];
	bool same;

	for (int i = 0;; i++) {
		snprintf(
		    pointer, sizeof(pointer), "/requests/%d/request_id", i);
		if (!reply_has(reply, pointer))
			break;
		if (strcmp(reply_string(reply, pointer), search->id) != 0)
			continue;
		snprintf(pointer, sizeof(pointer), "/requests/%d/state", i);
		state = reply_string(reply, pointer);
	}
	same = strcmp(state, search->state) == 0;
	reply_free(reply);
	return (same);
}

bool
request_in(struct daemon *d, const char *id, const char *state)
{
	struct request_search search = {d, id, state};

	return (request_is(&search));
}

void
wait_request(struct daemon *d, const char *id, const char *state)
{
	struct request_search search = {d, id, state};

	if (!wait_until(request_is, &search, WAIT_MS))
		fail_msg("request %s is not %s", id, state);
}

static bool
says_unready(void *conn)
{
	struct reply *reply;
	bool unready;

	http_request(conn, "GET", "/readyz", NULL, NULL);
	reply = http_answer(conn);
	unready = reply->status == 503;
	reply_free(reply);
	return (unready);
}

void
wait_draining(struct conn *conn)
{
	assert_true(wait_until(says_unready, conn, WAIT_MS));
}

int64_t
stat_of(struct daemon *d, const char *name)
{
	struct reply *reply = get(d, "/api/v1/stats");
	char pointer[64];
	int64_t value;

	snprintf(pointer, sizeof(pointer), "/%s", name);
	value = reply_int(reply, pointer);
	reply_free(reply);
	return (value);
}

struct stat_search {
	struct daemon *daemon;
	const char *name;
	int64_t value;
};

static bool
stat_is(void *arg)
{
	struct stat_search *search = arg;

	return (stat_of(search->daemon, search->name) == search->value);
}

void
wait_stat(struct daemon *d, const char *name, int64_t value)
{
	struct stat_search search = {d, name, value};

	if (!wait_until(stat_is, &search, WAIT_MS))
		fail_msg("%s is %lld instead of %lld", name,
		    (long long)stat_of(d, name), (long long)value);
}

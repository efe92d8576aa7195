/*
 * Puts answers together.  Every answer of ours goes through reply_finish(),
 * which sets what all have in common.
 */

#include "frontend/reply.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/utf8.h"
#include "frontend/caller.h"
#include "frontend/conn.h"
#include "frontend/frontend.h"
#include "frontend/overload.h"
#include "frontend/request_log.h"
#include "frontend/stream.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/util.h>

#define DETAIL_MAX 512

/* What pages may read besides the body. */
#define EXPOSED "X-Request-Id, Retry-After"

/* What a problem is called and what its caller may make of it. */
static const struct problem_kind {
	int status;
	const char *code;
	const char *title;
	bool retryable;
	const char *outcome; /* of the call; NULL: there is none */
	bool retry_after;
} kinds[PROBLEMS] = {
    [PROBLEM_BAD_REQUEST] = {400, "bad_request", "Bad request", false, NULL,
	false},
    [PROBLEM_FORBIDDEN_ORIGIN] = {403, "forbidden_origin", "Forbidden origin",
	false, NULL, false},
    [PROBLEM_UNKNOWN_TOOL] = {404, "unknown_tool", "Unknown tool", false, NULL,
	false},
    [PROBLEM_UNKNOWN_AGENT] = {404, "unknown_agent", "Unknown agent", false,
	NULL, false},
    [PROBLEM_NOT_FOUND] = {404, "not_found", "Not found", false, NULL, false},
    [PROBLEM_METHOD_NOT_ALLOWED] = {405, "method_not_allowed",
	"Method not allowed", false, NULL, false},
    [PROBLEM_CANCELLED_QUEUED] = {409, "cancelled", "Cancelled", true,
	"not_started", false},
    [PROBLEM_CANCELLED] = {409, "cancelled", "Cancelled", false, "unknown",
	false},
    [PROBLEM_INVALID_PARAMS] = {422, "invalid_params", "Invalid parameters",
	false, NULL, false},
    [PROBLEM_RELOAD_FAILED] = {422, "reload_failed", "Reload failed", false,
	NULL, false},
    [PROBLEM_REQUEST_TIMEOUT] = {408, "request_timeout", "Request timeout",
	true, "not_started", false},
    [PROBLEM_TOO_LARGE] = {413, "too_large", "Body too large", false, NULL,
	false},
    [PROBLEM_ENCODING] = {415, "unsupported_encoding", "Unsupported encoding",
	false, NULL, false},
    [PROBLEM_EXPECTATION] = {417, "expectation_failed", "Expectation failed",
	false, NULL, false},
    [PROBLEM_HEADERS_TOO_LARGE] = {431, "headers_too_large",
	"Header fields too large", false, NULL, false},
    [PROBLEM_RATE_LIMITED] = {429, "rate_limited", "Too many requests", true,
	"not_started", true},
    [PROBLEM_NOT_IMPLEMENTED] = {501, "not_implemented", "Not implemented",
	false, NULL, false},
    [PROBLEM_AGENT_CRASHED] = {502, "agent_crashed", "Agent crashed", false,
	"unknown", false},
    [PROBLEM_QUEUE_FULL] = {503, "queue_full", "Queue full", true,
	"not_started", true},
    [PROBLEM_CIRCUIT_OPEN] = {503, "circuit_open", "Circuit open", true,
	"not_started", true},
    [PROBLEM_DRAINING] = {503, "draining", "Shutting down", true, "not_started",
	true},
    [PROBLEM_DRAINING_RUNNING] = {503, "draining", "Shutting down", false,
	"unknown", true},
    [PROBLEM_NO_AGENT] = {503, "no_agent", "No agent", true, "not_started",
	true},
    [PROBLEM_NO_MEMORY] = {503, "no_memory", "Out of memory", true,
	"not_started", true},
    [PROBLEM_NO_MEMORY_RAN] = {503, "no_memory", "Out of memory", false,
	"unknown", true},
    [PROBLEM_TIMEOUT_QUEUED] = {504, "timeout", "Timeout", true, "not_started",
	false},
    [PROBLEM_TIMEOUT] = {504, "timeout", "Timeout", false, "unknown", false},
};

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

static const char *
reply_phrase(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return (phrases[i].phrase);
	return ("Unknown");
}

struct evbuffer *
reply_body(struct conn *conn)
{
	return (evhttp_request_get_output_buffer(conn->req));
}

void
reply_header(struct conn *conn, const char *name, const char *value)
{
	evhttp_add_header(
	    evhttp_request_get_output_headers(conn->req), name, value);
}

/* evhttp does not tell the length of what answers HEAD. */
static void
reply_add_length(struct conn *conn)
{
	struct evbuffer *body = reply_body(conn);
	size_t len = evbuffer_get_length(body);
	char text[24];

	if (evhttp_request_get_command(conn->req) != EVHTTP_REQ_HEAD)
		return;
	snprintf(text, sizeof(text), "%zu", len);
	reply_header(conn, "Content-Length", text);
	evbuffer_drain(body, len);
}

/* The client's name for its request, or else ours. */
static const char *
reply_id(const struct conn *conn)
{
	return (conn->caller != NULL && conn->caller->name[0] != '\0'
		    ? conn->caller->name
		    : conn->id_text);
}

/* What all answers have. */
static void
reply_add_common(struct conn *conn)
{
	reply_header(conn, "X-Request-Id", reply_id(conn));
	if (conn->origin != NULL) {
		reply_header(conn, "Access-Control-Allow-Origin", conn->origin);
		reply_header(conn, "Access-Control-Expose-Headers", EXPOSED);
		reply_header(conn, "Vary", "Origin");
	}
	if (frontend.draining)
		reply_header(conn, "Connection", "close");
}

static void
reply_finish(struct conn *conn, int status)
{
	reply_add_common(conn);
	reply_add_length(conn);
	conn_reply(conn, status, reply_phrase(status));
}

/*
 * Only HTTP/1.1 knows chunks: to others the end of the connection tells, even
 * if they want to keep it.
 */
void
reply_stream(struct conn *conn, const char *type)
{
	reply_header(conn, "Content-Type", type);
	reply_add_common(conn);
	if (conn_is_old(conn))
		evhttp_remove_header(
		    evhttp_request_get_input_headers(conn->req), "Connection");
	stream_begin(conn, 200, reply_phrase(200));
}

void
reply_send(struct conn *conn, int status)
{
	reply_header(conn, "Content-Type", "application/json");
	reply_finish(conn, status);
}

void
reply_empty(struct conn *conn, int status)
{
	reply_finish(conn, status);
}

void
reply_json(struct conn *conn, int status, struct json_object *value)
{
	const char *text = NULL;
	size_t len;

	if (value != NULL)
		text = json_text(value, &len);
	if (text == NULL || evbuffer_add(reply_body(conn), text, len) == -1 ||
	    evbuffer_add(reply_body(conn), "\n", 1) == -1)
		reply_problem(conn, PROBLEM_NO_MEMORY, "out of memory");
	else
		reply_send(conn, status);
	json_object_put(value);
}

static bool
reply_has_header(struct conn *conn, const char *name)
{
	return (evhttp_find_header(evhttp_request_get_output_headers(conn->req),
		    name) != NULL);
}

void
reply_retry_after(struct conn *conn, int64_t wait_ns)
{
	int64_t seconds = (wait_ns + NS_PER_SEC - 1) / NS_PER_SEC;
	char text[24];

	snprintf(
	    text, sizeof(text), "%lld", (long long)(seconds < 1 ? 1 : seconds));
	reply_header(conn, "Retry-After", text);
}

/* Plain words as a JSON string; without memory, as none. */
static void
reply_add_words(struct evbuffer *to, const char *words)
{
	struct json_object *string = json_object_new_string(words);
	const char *text = NULL;
	size_t len;

	if (string != NULL)
		text = json_text(string, &len);
	if (text == NULL) {
		text = "null";
		len = strlen(text);
	}
	evbuffer_add(to, text, len);
	json_object_put(string);
}

static void
reply_add_detail(struct evbuffer *to, const struct report *report)
{
	if (report->words != NULL)
		reply_add_words(to, report->words);
	else
		evbuffer_add(to, report->detail, report->detail_len);
}

void
reply_write_report(struct evbuffer *to, const char *first, const char *id_text,
    const struct report *report)
{
	const struct problem_kind *kind = &kinds[report->problem];

	evbuffer_add_printf(to,
	    "{%s\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,"
	    "\"detail\":",
	    first, kind->title, kind->status);
	reply_add_detail(to, report);
	evbuffer_add_printf(to, ",\"error\":");
	reply_add_detail(to, report);
	evbuffer_add_printf(to,
	    ",\"instance\":\"urn:uuid:%s\",\"code\":\"%s\",\"retryable\":%s",
	    id_text, kind->code, kind->retryable ? "true" : "false");
	if (kind->outcome != NULL)
		evbuffer_add_printf(to, ",\"outcome\":\"%s\"", kind->outcome);
	if (report->errors != NULL) {
		evbuffer_add_printf(to, ",\"errors\":");
		evbuffer_add(to, report->errors, report->errors_len);
	}
	if (report->partial != NULL) {
		evbuffer_add_printf(to, ",\"partial\":");
		evbuffer_add(to, report->partial, report->partial_len);
	}
	evbuffer_add_printf(to, "%s}", report->members);
}

/* Unless whoever refuses it has said it already. */
static void
reply_add_retry_after(struct conn *conn)
{
	if (!reply_has_header(conn, "Retry-After"))
		reply_retry_after(conn, overload_retry_after() * NS_PER_SEC);
}

void
reply_report(struct conn *conn, const struct report *report)
{
	const struct problem_kind *kind = &kinds[report->problem];
	struct evbuffer *body = reply_body(conn);

	evbuffer_drain(body, evbuffer_get_length(body));
	reply_write_report(body, "", conn->id_text, report);
	evbuffer_add(body, "\n", 1);
	if (kind->retry_after)
		reply_add_retry_after(conn);
	reply_header(conn, "Content-Type", "application/problem+json");
	reply_finish(conn, kind->status);
}

void
reply_problem(struct conn *conn, enum problem problem, const char *fmt, ...)
{
	char detail[DETAIL_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	utf8_clean(detail);
	request_log_refusal(conn, kinds[problem].status, kinds[problem].code);
	reply_report(
	    conn, &(struct report){.problem = problem, .words = detail});
}

void
reply_problem_errors(struct conn *conn, enum problem problem,
    const char *errors, size_t len, const char *detail)
{
	request_log_refusal(conn, kinds[problem].status, kinds[problem].code);
	reply_report(conn, &(struct report){.problem = problem,
			       .words = detail,
			       .errors = errors,
			       .errors_len = len});
}

/* The same for all answers, as text. */
static void
reply_write_head(
    struct evbuffer *to, const struct conn *conn, int status, size_t len)
{
	char date[50];

	evutil_date_rfc1123(date, sizeof(date), NULL);
	evbuffer_add_printf(to,
	    "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\n"
	    "Date: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
	    "X-Request-Id: %s\r\n",
	    status, reply_phrase(status), date, len, reply_id(conn));
	if (conn->origin != NULL)
		evbuffer_add_printf(to,
		    "Access-Control-Allow-Origin: %s\r\n"
		    "Access-Control-Expose-Headers: " EXPOSED "\r\n"
		    "Vary: Origin\r\n",
		    conn->origin);
	evbuffer_add(to, "\r\n", 2);
}

int
reply_raw(struct conn *conn, struct evbuffer *to, enum problem problem,
    const char *words)
{
	struct report report = {.problem = problem, .words = words};
	struct evbuffer *body = evbuffer_new();
	int rc;

	request_log_refusal(conn, kinds[problem].status, kinds[problem].code);
	if (body == NULL)
		return (-1);
	reply_write_report(body, "", conn->id_text, &report);
	evbuffer_add(body, "\n", 1);
	reply_write_head(
	    to, conn, kinds[problem].status, evbuffer_get_length(body));
	rc = evbuffer_add_buffer(to, body);
	evbuffer_free(body);
	return (rc);
}

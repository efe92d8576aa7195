/*
 * Puts answers together.  Every answer of ours goes through reply_finish(),
 * which sets what all have in common.
 */

#include "frontend/http/reply.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/utf8.h"
#include "frontend/caller.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/send.h"
#include "frontend/request_log.h"

#include <json-c/json.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/util.h>

#define DETAIL_MAX 512

#define NO_MEMORY_WORDS "\"out of memory\""

/* What pages may read besides the body. */
#define EXPOSED "X-Request-Id, Retry-After"

static int (*retry_after_s)(void);

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

static const struct {
	unsigned int method;
	const char *name;
} methods[] = {
    {EVHTTP_REQ_GET, "GET"},
    {EVHTTP_REQ_HEAD, "HEAD"},
    {EVHTTP_REQ_POST, "POST"},
    {EVHTTP_REQ_DELETE, "DELETE"},
    {EVHTTP_REQ_OPTIONS, "OPTIONS"},
};

static const char *
reply_phrase(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return (phrases[i].phrase);
	return ("Unknown");
}

void
reply_init(int (*retry_after)(void))
{
	retry_after_s = retry_after;
}

struct evbuffer *
reply_body(struct conn *conn)
{
	return (evhttp_request_get_output_buffer(conn->req));
}

void
reply_header(struct conn *conn, const char *name, const char *value)
{
	if (evhttp_add_header(evhttp_request_get_output_headers(conn->req),
		name, value) == -1)
		send_lose(conn);
}

void
reply_allow(struct conn *conn, unsigned int allowed)
{
	char text[64] = "";

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!(allowed & methods[i].method))
			continue;
		if (text[0] != '\0')
			strlcat(text, ", ", sizeof(text));
		strlcat(text, methods[i].name, sizeof(text));
	}
	reply_header(conn, "Allow", text);
	if (conn->origin != NULL)
		reply_header(conn, "Access-Control-Allow-Methods", text);
}

/* evhttp may lack the memory for it, and does not tell it for HEAD. */
static void
reply_add_length(struct conn *conn, int status)
{
	struct evbuffer *body = reply_body(conn);
	size_t len = evbuffer_get_length(body);
	char text[24];

	if (status == HTTP_NOCONTENT)
		return;
	snprintf(text, sizeof(text), "%zu", len);
	reply_header(conn, "Content-Length", text);
	if (evhttp_request_get_command(conn->req) == EVHTTP_REQ_HEAD)
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
	reply_add_length(conn, status);
	send_answer(conn, status, reply_phrase(status));
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
	send_begin(conn, 200, reply_phrase(200));
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

void
reply_retry_after(struct conn *conn, int64_t wait_ns)
{
	int64_t seconds = (wait_ns + NS_PER_SEC - 1) / NS_PER_SEC;
	char text[24];

	snprintf(
	    text, sizeof(text), "%lld", (long long)(seconds < 1 ? 1 : seconds));
	reply_header(conn, "Retry-After", text);
}

/* What a report says, as a JSON string. */
struct words {
	struct json_object *string; /* whose text it is, or NULL */
	const char *text;
	size_t len;
};

/* 0, or -1 without memory; the string is to be put. */
static int
reply_find_words(const struct report *report, struct words *words)
{
	*words = (struct words){NULL, report->detail, report->detail_len};
	if (report->words == NULL)
		return (0);
	if ((words->string = json_object_new_string(report->words)) == NULL)
		return (-1);
	words->text = json_text(words->string, &words->len);
	return (words->text == NULL ? -1 : 0);
}

static void
reply_add_named(
    struct evbuffer *to, const char *name, const char *text, size_t len)
{
	if (text == NULL)
		return;
	evbuffer_add_printf(to, ",\"%s\":", name);
	evbuffer_add(to, text, len);
}

/* There is room for all of it. */
static void
reply_add_report(struct evbuffer *to, const char *first, const char *id_text,
    const struct report *report, const struct words *words)
{
	const struct problem_kind *kind = problem_kind(report->problem);

	evbuffer_add_printf(to,
	    "{%s\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d", first,
	    kind->title, kind->status);
	reply_add_named(to, "detail", words->text, words->len);
	reply_add_named(to, "error", words->text, words->len);
	evbuffer_add_printf(to,
	    ",\"instance\":\"urn:uuid:%s\",\"code\":\"%s\",\"retryable\":%s",
	    id_text, kind->code, kind->retryable ? "true" : "false");
	if (kind->outcome != NULL)
		evbuffer_add_printf(to, ",\"outcome\":\"%s\"", kind->outcome);
	reply_add_named(to, "errors", report->errors, report->errors_len);
	reply_add_named(to, "partial", report->partial, report->partial_len);
	evbuffer_add_printf(to, "%s}", report->members);
}

/*
 * More than all in a report that is ours to say, and in a head but for the
 * origin, with what printf asks for.
 */
#define REPORT_ROOM 1024
#define HEAD_ROOM 1024

int
reply_write_report(struct evbuffer *to, const char *first, const char *id_text,
    const struct report *report)
{
	struct words words;
	int rc = reply_find_words(report, &words);

	if (rc == 0)
		rc = evbuffer_expand(
		    to, REPORT_ROOM + strlen(first) + 2 * words.len +
			    report->errors_len + report->partial_len);
	if (rc == 0)
		reply_add_report(to, first, id_text, report, &words);
	json_object_put(words.string);
	return (rc);
}

/* Unless whoever refuses it has said it already. */
static void
reply_add_retry_after(struct conn *conn)
{
	if (evhttp_find_header(evhttp_request_get_output_headers(conn->req),
		"Retry-After") == NULL)
		reply_retry_after(conn, retry_after_s() * NS_PER_SEC);
}

static int
reply_set_report(struct conn *conn, const struct report *report)
{
	struct evbuffer *body = reply_body(conn);

	evbuffer_drain(body, evbuffer_get_length(body));
	if (reply_write_report(body, "", conn->id_text, report) == -1)
		return (-1);
	return (evbuffer_add(body, "\n", 1));
}

/* What needs least memory of all that can be said. */
static const struct report no_memory[] = {
    {.problem = PROBLEM_NO_MEMORY,
	.detail = NO_MEMORY_WORDS,
	.detail_len = sizeof(NO_MEMORY_WORDS) - 1},
    {.problem = PROBLEM_NO_MEMORY_RAN,
	.detail = NO_MEMORY_WORDS,
	.detail_len = sizeof(NO_MEMORY_WORDS) - 1},
};

static const struct report *
reply_no_memory(const struct report *instead)
{
	const char *outcome = problem_kind(instead->problem)->outcome;

	return (&no_memory[outcome != NULL && strcmp(outcome, "unknown") == 0]);
}

void
reply_report(struct conn *conn, const struct report *report)
{
	if (reply_set_report(conn, report) == -1) {
		report = reply_no_memory(report);
		if (reply_set_report(conn, report) == -1)
			send_lose(conn);
	}
	if (problem_kind(report->problem)->retry_after)
		reply_add_retry_after(conn);
	reply_header(conn, "Content-Type", "application/problem+json");
	reply_finish(conn, problem_kind(report->problem)->status);
}

const char *
reply_method(unsigned int method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].method == method)
			return (methods[i].name);
	return ("-");
}

static void
reply_log(const struct conn *conn, enum problem problem)
{
	struct request_log refused = {
	    .id = conn->id_text,
	    .caller = conn->caller,
	    .outcome = problem_kind(problem)->code,
	    .status = problem_kind(problem)->status,
	};

	if (conn->req != NULL) { /* evhttp gives it to us */
		refused.uri = evhttp_request_get_uri(conn->req);
		refused.method =
		    reply_method(evhttp_request_get_command(conn->req));
	}
	request_log_refusal(&refused);
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
	reply_log(conn, problem);
	reply_report(
	    conn, &(struct report){.problem = problem, .words = detail});
}

void
reply_problem_errors(struct conn *conn, enum problem problem,
    const char *errors, size_t len, const char *detail)
{
	reply_log(conn, problem);
	reply_report(conn, &(struct report){.problem = problem,
			       .words = detail,
			       .errors = errors,
			       .errors_len = len});
}

/* The same for all answers, as text; 0, or -1 without memory. */
static int
reply_write_head(
    struct evbuffer *to, const struct conn *conn, int status, size_t len)
{
	const char *origin = conn->origin == NULL ? "" : conn->origin;
	char date[50];

	evutil_date_rfc1123(date, sizeof(date), NULL);
	if (evbuffer_expand(to, HEAD_ROOM + strlen(origin)) == -1)
		return (-1);
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
		    origin);
	return (evbuffer_add(to, "\r\n", 2));
}

int
reply_raw(struct conn *conn, struct evbuffer *to, enum problem problem,
    const char *words)
{
	struct report report = {.problem = problem, .words = words};
	struct evbuffer *body = evbuffer_new();
	int rc, status = problem_kind(problem)->status;

	reply_log(conn, problem);
	if (body == NULL)
		return (-1);
	rc = reply_write_report(body, "", conn->id_text, &report);
	if (rc == 0)
		rc = evbuffer_add(body, "\n", 1);
	if (rc == 0)
		rc = reply_write_head(
		    to, conn, status, evbuffer_get_length(body));
	if (rc == 0)
		rc = evbuffer_add_buffer(to, body);
	evbuffer_free(body);
	return (rc);
}

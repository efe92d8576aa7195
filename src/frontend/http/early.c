/*
 * evhttp 2.1 refuses some requests with a page of HTML that it gives us no
 * chance to see, and what is too large only when all of it was sent.  So its
 * output is watched: what it sends while no request is ours to answer is such a
 * page, of which only the status is kept.  And where a request's head comes in
 * one piece, as it mostly does, a body that is too large is refused before it
 * is sent.  In both cases the connection is taken away from evhttp.
 */

#include "frontend/http/early.h"
#include "common/clock.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"
#include "frontend/http/framing.h"
#include "frontend/http/reply.h"

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

/* How evhttp's own answers are put; the first is of the others. */
static const struct {
	int status;
	enum problem problem;
	const char *words;
} pages[] = {
    {400, PROBLEM_BAD_REQUEST, "this is not an HTTP/1.1 request"},
    {413, PROBLEM_TOO_LARGE, "the body is over max_body"},
    {417, PROBLEM_EXPECTATION, "Expect can only be 100-continue"},
    {501, PROBLEM_NOT_IMPLEMENTED, "there is no such method"},
};

static const char too_many_headers[] =
    "the request line and the header fields are over max_headers";

static const char in_doubt[] =
    "the request does not say clearly where its body ends";

/* Some parts of the buffer, as many as are mostly there. */
#define PARTS 4

void
early_feed(struct conn *conn, struct evbuffer *input, size_t before, size_t n)
{
	struct evbuffer_iovec parts[PARTS];
	struct evbuffer_ptr at;
	int found;

	if (framing_skip(&conn->framing, n))
		return;
	while (n > 0 &&
	       evbuffer_ptr_set(input, &at, before, EVBUFFER_PTR_SET) == 0) {
		found = evbuffer_peek(input, -1, &at, parts, PARTS);
		for (int i = 0; i < found && i < PARTS; i++) {
			framing_feed(&conn->framing, parts[i].iov_base,
			    parts[i].iov_len);
			before += parts[i].iov_len;
			n -= parts[i].iov_len;
		}
		if (found <= 0)
			return;
	}
}

void
early_reset(struct conn *conn)
{
	struct early *early = &conn->early;

	early->begun = false;
	early->bytes = 0;
	early->origin[0] = early->name[0] = '\0';
}

/* The value of a field, to its end, if the line is that field. */
static const char *
early_value(const char *line, size_t len, const char *name, size_t *value_len)
{
	size_t name_len = strlen(name), i = name_len + 1;

	if (len <= name_len || line[name_len] != ':' ||
	    strncasecmp(line, name, name_len) != 0)
		return (NULL);
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	while (len > i && strchr(" \t\r", line[len - 1]) != NULL)
		len--;
	*value_len = len - i;
	return (line + i);
}

static bool
early_has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 127)
			return (true);
	return (false);
}

static void
early_keep(char kept[static EARLY_TEXT], const char *line, size_t len,
    const char *name)
{
	size_t n;
	const char *value = early_value(line, len, name, &n);

	if (value == NULL || n >= EARLY_TEXT || early_has_control(value, n))
		return;
	memcpy(kept, value, n);
	kept[n] = '\0';
}

/* Whether the line says that the body is too large. */
static bool
early_is_too_large(const char *line, size_t len)
{
	char digits[24], *end;
	size_t n;
	const char *value = early_value(line, len, "Content-Length", &n);

	if (value == NULL || n >= sizeof(digits))
		return (false);
	memcpy(digits, value, n);
	digits[n] = '\0';
	if (digits[0] < '0' || digits[0] > '9')
		return (false);
	return (strtoull(digits, &end, 10) >
		    (unsigned long long)frontend.conf->max_body_bytes &&
		*end == '\0');
}

/* Goes over the lines of a head; true: it is to be refused. */
static bool
early_read(struct early *early, const char *head, size_t len)
{
	bool too_large = false;
	const char *end;

	for (; (end = memchr(head, '\n', len)) != NULL; head = end + 1) {
		size_t n = (size_t)(end - head);

		switch (*head | 0x20) {
		case 'c':
			too_large = too_large || early_is_too_large(head, n);
			break;
		case 'o':
			early_keep(early->origin, head, n, "Origin");
			break;
		case 'x':
			early_keep(early->name, head, n, "X-Request-Id");
			break;
		}
		len -= n + 1;
	}
	return (too_large);
}

/* In a head that has come in one piece; the framing knows of others. */
static bool
early_sees_too_large(struct conn *conn, struct evbuffer *input, size_t added)
{
	struct early *early = &conn->early;
	const struct framing *framing = &conn->framing;
	struct evbuffer_iovec part;
	const char *end;
	bool first = !early->begun;

	early->begun = true;
	early->bytes += added;
	if (!first || evbuffer_get_length(input) != added ||
	    evbuffer_peek(input, -1, NULL, &part, 1) < 1)
		return (
		    framing->place == FRAMING_BODY && !framing->chunked &&
		    framing->number == conn->requests &&
		    framing->left > (uint64_t)frontend.conf->max_body_bytes);
	end = memmem(part.iov_base, part.iov_len, "\r\n\r\n", 4);
	if (end != NULL)
		return (early_read(early, part.iov_base,
		    (size_t)(end + 2 - (const char *)part.iov_base)));
	(void)early_read(early, part.iov_base, part.iov_len);
	return (false);
}

void
early_look(struct conn *conn, struct evbuffer *input, size_t added)
{
	if (early_sees_too_large(conn, input, added))
		early_refuse(
		    conn, PROBLEM_TOO_LARGE, "the body is over max_body");
}

void
early_watch(
    struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *conn = arg;

	if (info->n_added == 0 || conn->early.over || conn->early.due ||
	    conn->state == CONN_HANDLING || conn->state == CONN_REPLYING)
		return;
	/* Not in here: evhttp is in the midst of it; but before it is sent. */
	conn->early.due = true;
	event_active(&conn->limit, EV_TIMEOUT, 0);
}

/*
 * Whether evhttp, whose limit is far over ours, gave up before the end of the
 * head: a line that is malformed has been read to its end.
 */
static bool
early_is_in_head(const struct conn *conn)
{
	return (conn->early.bytes > (size_t)frontend.conf->max_header_bytes &&
		conn->framing.place <= FRAMING_HEADER);
}

void
early_replace(struct conn *conn)
{
	struct evbuffer *output = bufferevent_get_output(conn->bev);
	size_t i = sizeof(pages) / sizeof(pages[0]);
	char line[32] = "";
	int status = 0; /* what evhttp sends; 0: nothing */

	/* Once something was sent, libevent guards what is to be sent. */
	evbuffer_unfreeze(output, 1);
	evbuffer_copyout(output, line, sizeof(line) - 1);
	if (sscanf(line, "HTTP/1.%*1d %d ", &status) != 1)
		status = 0;
	conn->early.due = false;
	if (status == 100 || status == 0) { /* go on */
		conn_limit_again(conn);
		return;
	}
	while (--i > 0 && pages[i].status != status)
		;
	evbuffer_drain(output, evbuffer_get_length(output));
	if (conn->framing.bad)
		early_refuse(conn, PROBLEM_BAD_REQUEST, in_doubt);
	else if (i == 0 && early_is_in_head(conn))
		early_refuse(conn, PROBLEM_HEADERS_TOO_LARGE, too_many_headers);
	else
		early_refuse(conn, pages[i].problem, pages[i].words);
}

/* What still comes is of no use, but must be read, or the answer is lost. */
static void
early_discard(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(bev);

	evbuffer_drain(input, evbuffer_get_length(input));
}

/* The client may go on to send for as long as a request may take. */
static void
early_sent(struct bufferevent *bev, void *arg)
{
	struct timeval linger =
	    clock_timeval(frontend.conf->request_timeout_ms);
	struct conn *conn = arg;

	if (conn->early.ended) {
		evhttp_connection_free(conn->evcon); /* and conn with it */
		return;
	}
	shutdown(conn->fd, SHUT_WR);
	conn_set_state(conn, CONN_IDLE);
	evtimer_add(&conn->limit, &linger);
}

static void
early_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *conn = arg;

	/* It has said all that it wanted, and may still listen. */
	if (what == (BEV_EVENT_READING | BEV_EVENT_EOF) &&
	    evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		conn->early.ended = true;
	else
		evhttp_connection_free(conn->evcon);
}

void
early_refuse(struct conn *conn, enum problem problem, const char *words)
{
	struct early *early = &conn->early;

	early->over = true;
	conn_identify(conn, early->name[0] == '\0' ? NULL : early->name);
	conn->origin = client_may_read(early->origin) ? early->origin : NULL;
	early_discard(conn->bev, conn);
	conn_set_state(conn, CONN_REPLYING);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, 0);
	bufferevent_setcb(
	    conn->bev, early_discard, early_sent, early_event, conn);
	if (reply_raw(
		conn, bufferevent_get_output(conn->bev), problem, words) == -1)
		shutdown(conn->fd, SHUT_RDWR);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}

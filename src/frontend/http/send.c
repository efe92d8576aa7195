/*
 * Hands answers to evhttp.  Without memory it leaves out a header field, a
 * piece of a chunk or the whole body, and does not say so.  So what it has
 * added to a connection's output is measured: an answer is sent as it was
 * meant, or the connection is reset, so that no client takes a part for the
 * whole.
 */

#include "frontend/http/send.h"
#include "common/clock.h"
#include "common/log.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/stream.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

/* Warnings that an answer was lost come at most so often. */
#define WARN_EVERY_NS (10 * NS_PER_SEC)

static const char last_chunk[] = "0\r\n\r\n";

static struct event *reset;

void
send_reset(struct conn *conn)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	(void)!setsockopt(
	    conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	evhttp_connection_free(conn->evcon); /* and conn with it */
}

static void
send_reset_lost(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn;

	for (int i = 0; i < conn_end(); i++)
		if ((conn = conn_at(i)) != NULL && conn->lost)
			send_reset(conn);
}

void
send_init(void)
{
	reset = event_new(frontend.base, -1, 0, send_reset_lost, NULL);
	if (reset == NULL)
		log_fatal("out of memory");
}

void
send_lose(struct conn *conn)
{
	static struct log_limit limit;
	struct evbuffer *output = bufferevent_get_output(conn->bev);
	unsigned long held;

	if (!conn->lost && log_limit_admit(&limit, WARN_EVERY_NS, &held))
		log_warn("no memory for an answer: its connection is closed; "
			 "%lu more were since the last such warning",
		    held);
	conn->lost = true;
	evbuffer_unfreeze(output, 1);
	evbuffer_drain(output, evbuffer_get_length(output));
	evbuffer_freeze(output, 1);
	event_active(reset, 0, 0);
}

/* How long the head must be that evhttp has written; 0: it is not whole. */
static size_t
send_head_length(struct evhttp_request *req)
{
	const char *phrase = evhttp_request_get_response_code_line(req);
	const struct evkeyval *field;
	size_t len;

	if (phrase == NULL)
		return (0);
	len = (size_t)snprintf(NULL, 0, "HTTP/%d.%d %d %s\r\n\r\n", req->major,
	    req->minor, evhttp_request_get_response_code(req), phrase);
	TAILQ_FOREACH (field, evhttp_request_get_output_headers(req), next)
		len += strlen(field->key) + strlen(field->value) + 4;
	return (len);
}

void
send_answer(struct conn *conn, int status, const char *phrase)
{
	struct evhttp_request *req = conn->req;
	size_t before = stream_pending(conn), body, head;

	if (conn->lost)
		return;
	body = evbuffer_get_length(evhttp_request_get_output_buffer(req));
	evhttp_send_reply(req, status, phrase, NULL);
	head = send_head_length(req);
	if (head == 0 || stream_pending(conn) != before + head + body)
		send_lose(conn);
}

/* A client of HTTP/1.1 would take the sizes of chunks for the body. */
static bool
send_is_framed(struct evhttp_request *req)
{
	return (!req->chunked ||
		evhttp_find_header(evhttp_request_get_output_headers(req),
		    "Transfer-Encoding") != NULL);
}

void
send_begin(struct conn *conn, int status, const char *phrase)
{
	struct evhttp_request *req = conn->req;
	size_t before = stream_pending(conn), head;

	if (conn->lost)
		return;
	evhttp_send_reply_start(req, status, phrase);
	head = send_head_length(req);
	if (head == 0 || stream_pending(conn) != before + head ||
	    !send_is_framed(req))
		send_lose(conn);
}

void
send_piece(struct conn *conn, struct evbuffer *piece,
    void (*drained)(struct evhttp_connection *, void *))
{
	size_t before = stream_pending(conn);
	size_t len = evbuffer_get_length(piece), frame = 0;

	if (conn->lost || len == 0) {
		evbuffer_drain(piece, len);
		return;
	}
	if (conn->req->chunked)
		frame = (size_t)snprintf(NULL, 0, "%zx\r\n\r\n", len);
	evhttp_send_reply_chunk_with_cb(conn->req, piece, drained, conn);
	if (stream_pending(conn) != before + len + frame)
		send_lose(conn);
}

void
send_end(struct conn *conn)
{
	if (!conn->lost && conn->req->chunked &&
	    evbuffer_expand(bufferevent_get_output(conn->bev),
		sizeof(last_chunk) - 1) == -1)
		send_lose(conn);
	if (!conn->lost)
		evhttp_send_reply_end(conn->req);
}

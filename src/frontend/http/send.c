/*
 * Hands answers to evhttp, whole or in pieces, which go in chunks as HTTP/1.1
 * has them.  A client that has not taken after reply_timeout what there was
 * loses its connection; how much is sent ahead of it is for those to judge who
 * make the pieces.
 *
 * Without memory evhttp leaves out a header field, a piece of a chunk or the
 * whole body, and does not say so.  So what it has added to a connection's
 * output is measured: an answer is sent as it was meant, or the connection is
 * reset, so that no client takes a part for the whole.
 *
 * A client that has closed its sending side and waits for its answer (RFC 9112,
 * section 9.6) must be told from one that has gone: both send an end of file.
 * On a Unix socket the kernel knows the difference.  On TCP only a byte that
 * we send tells: whoever is gone answers it with a reset.  When an answer does
 * not come at once we therefore send its first bytes ahead, one at a time,
 * which are "HTTP/1.1 " whatever the answer will be; between the chunks of an
 * answer they are zeros before the size of the next.
 */

#include "frontend/http/send.h"
#include "common/clock.h"
#include "common/log.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/memory.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

/* Warnings that an answer was lost come at most so often. */
#define WARN_EVERY_NS (10 * NS_PER_SEC)

/* The first look for a client, by which most answers are there; the longest
 * pause between two. */
#define FIRST_MS 10
#define MOST_MS 1000

/* Of "HTTP/1.1 ", where clients may claim other versions. */
#define VERSION_SIZE 16

#define END_OF_FILE (BEV_EVENT_READING | BEV_EVENT_EOF)

static const char last_chunk[] = "0\r\n\r\n";

static struct event *reset;

/* evhttp's own, the same for all its connections. */
static bufferevent_event_cb evhttp_event;

/* Whether neither side can be used any more. */
static bool
send_is_gone(const struct conn *conn)
{
	struct pollfd p = {.fd = conn->fd};

	return (poll(&p, 1, 0) == 1);
}

static int
send_arm_check(struct half_close *half)
{
	struct timeval tv = clock_timeval(half->interval_ms);

	half->interval_ms *= 2;
	if (half->interval_ms > MOST_MS)
		half->interval_ms = MOST_MS;
	return (evtimer_add(&half->check, &tv));
}

/* The byte to send next; '\0': all that are known have been sent. */
static char
send_byte_ahead(const struct conn *conn)
{
	char line[VERSION_SIZE];
	int len = snprintf(line, sizeof(line), "HTTP/%d.%d ", conn->req->major,
	    conn->req->minor);

	if (len < 0 || conn->half.sent >= (size_t)len ||
	    conn->half.sent >= sizeof(line) - 1)
		return ('\0');
	if (!conn->streaming)
		return (line[conn->half.sent]);
	return (conn_is_old(conn) ? '\0' : '0');
}

/*
 * At the 1st, 2nd, 4th, 8th look and so on.  What is on its way to the client
 * anyhow is as good as a byte of ours.
 */
static void
send_probe(struct conn *conn)
{
	struct half_close *half = &conn->half;
	char byte;

	half->looks++;
	if (conn->local || conn->state != CONN_HANDLING ||
	    (half->looks & (half->looks - 1)) != 0 ||
	    evbuffer_get_length(bufferevent_get_output(conn->bev)) > 0 ||
	    (byte = send_byte_ahead(conn)) == '\0' ||
	    send(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
		return;
	half->sent++;
	if (!conn->streaming)
		half->ahead++;
}

static void
send_check(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	/* Else evhttp reads, or early.c, and both see the end themselves. */
	if (conn->early.over ||
	    (conn->state != CONN_HANDLING && conn->state != CONN_REPLYING))
		return;
	send_probe(conn);
	if (send_is_gone(conn) || send_arm_check(&conn->half) == -1)
		evhttp_event(conn->bev, END_OF_FILE, conn->evcon);
}

/* At an end of file: a client that is still there is looked after. */
static void
send_event(struct bufferevent *bev, short what, void *evcon)
{
	struct conn *conn = conn_at(bufferevent_getfd(bev));

	if (what != END_OF_FILE || conn == NULL || send_is_gone(conn)) {
		evhttp_event(bev, what, evcon);
	} else if (!evtimer_pending(&conn->half.check, NULL)) {
		conn->half.interval_ms = FIRST_MS;
		if (send_arm_check(&conn->half) == -1)
			evhttp_event(bev, what, evcon);
	}
}

void
send_prepare(struct conn *conn)
{
	evtimer_assign(&conn->half.check, frontend.base, send_check, conn);
}

void
send_forget(struct conn *conn)
{
	evtimer_del(&conn->half.check);
}

void
send_await(struct conn *conn)
{
	evtimer_del(&conn->half.check);
	conn->half.sent = conn->half.ahead = 0;
	conn->half.looks = 0;
}

/*
 * Puts a callback of ours before that which evhttp has just set: it closes at
 * an end of file, and sets its callbacks whenever it waits or sends.
 */
void
send_watch(struct conn *conn)
{
	bufferevent_data_cb writable;
	bufferevent_event_cb event;
	void *evcon;

	bufferevent_getcb(conn->bev, NULL, &writable, &event, &evcon);
	if (event != send_event)
		evhttp_event = event;
	bufferevent_setcb(conn->bev, NULL, writable, send_event, evcon);
}

/* The status line is in the output buffer: takes away what was sent ahead. */
static void
send_skip_ahead(struct conn *conn)
{
	struct evbuffer *output = bufferevent_get_output(conn->bev);

	if (conn->half.ahead == 0)
		return;
	evbuffer_unfreeze(output, 1); /* libevent keeps it for itself */
	evbuffer_drain(output, conn->half.ahead);
	evbuffer_freeze(output, 1);
	conn->half.ahead = 0;
}

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

size_t
send_pending(const struct conn *conn)
{
	return (evbuffer_get_length(bufferevent_get_output(conn->bev)));
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
	size_t before, body, head;

	conn_replying_now(conn);
	if (!conn->lost) {
		before = send_pending(conn);
		body =
		    evbuffer_get_length(evhttp_request_get_output_buffer(req));
		evhttp_send_reply(req, status, phrase, NULL);
		head = send_head_length(req);
		if (head == 0 || send_pending(conn) != before + head + body)
			send_lose(conn);
	}
	send_skip_ahead(conn);
	send_watch(conn);
	/* There is mostly room for it: try that before asking for a sign. */
	if (!conn->lost)
		event_active(&conn->bev->ev_write, EV_WRITE, 0);
	memory_look();
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
	size_t before, head;

	conn->streaming = true;
	conn->streamed = 0;
	if (!conn->lost) {
		before = send_pending(conn);
		evhttp_send_reply_start(req, status, phrase);
		head = send_head_length(req);
		if (head == 0 || send_pending(conn) != before + head ||
		    !send_is_framed(req))
			send_lose(conn);
	}
	send_skip_ahead(conn);
	send_watch(conn);
}

static void
send_drained(struct evhttp_connection *evcon, void *arg)
{
	struct conn *conn = arg;

	if (!conn->streaming)
		return;
	conn_limit_taking(conn, false);
	if (conn->waiter->drained != NULL)
		conn->waiter->drained(conn->waiter_arg);
}

/* Whoever takes all that there is now has time for what comes meanwhile. */
static void
send_limit(struct conn *conn)
{
	conn->stream_target = conn->streamed;
	conn_limit_taking(conn, true);
}

void
send_piece(struct conn *conn, struct evbuffer *piece)
{
	size_t before = send_pending(conn);
	size_t len = evbuffer_get_length(piece), frame = 0;

	if (len == 0)
		return;
	if (conn->lost) {
		evbuffer_drain(piece, len);
		return;
	}
	if (conn->req->chunked)
		frame = (size_t)snprintf(NULL, 0, "%zx\r\n\r\n", len);
	evhttp_send_reply_chunk_with_cb(conn->req, piece, send_drained, conn);
	if (send_pending(conn) != before + len + frame)
		send_lose(conn);
	send_watch(conn);
	if (conn->lost)
		return;
	conn->streamed += send_pending(conn) - before;
	if (!conn_is_limited(conn))
		send_limit(conn);
}

bool
send_moves(struct conn *conn)
{
	if (conn->streamed - send_pending(conn) < conn->stream_target)
		return (false);
	send_limit(conn);
	return (true);
}

void
send_end(struct conn *conn)
{
	bool chunked = !conn_is_old(conn);

	conn_replying_now(conn);
	if (!conn->lost && conn->req->chunked &&
	    evbuffer_expand(bufferevent_get_output(conn->bev),
		sizeof(last_chunk) - 1) == -1)
		send_lose(conn);
	if (!conn->lost)
		evhttp_send_reply_end(conn->req);
	if (chunked) /* or else conn may be gone by now */
		send_watch(conn);
}

/*
 * Tells a client that has closed its sending side, and waits for its answer
 * (RFC 9112, section 9.6), from one that has gone.  Both send an end of file.
 * On a Unix socket the kernel knows the difference.  On TCP only a byte that
 * we send tells: whoever is gone answers it with a reset.  When an answer does
 * not come at once we therefore send its first bytes ahead, one at a time,
 * which are "HTTP/1.1 " whatever the answer will be; between the chunks of an
 * answer they are zeros before the size of the next.
 *
 * evhttp closes at an end of file, and sets its callbacks again whenever it
 * sends: ours stands before its own, and passes on all else.
 */

#include "frontend/http/half_close.h"
#include "common/clock.h"
#include "frontend/http/conn.h"

#include <sys/socket.h>

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>

/* The first look, by which most answers are there, and the longest pause. */
#define FIRST_MS 10
#define MOST_MS 1000

/* Of "HTTP/1.1 ", where clients may claim other versions. */
#define VERSION_SIZE 16

#define END_OF_FILE (BEV_EVENT_READING | BEV_EVENT_EOF)

/* evhttp's own, the same for all its connections. */
static bufferevent_event_cb evhttp_event;

/* Whether neither side can be used any more. */
static bool
half_close_is_gone(const struct conn *conn)
{
	struct pollfd p = {.fd = conn->fd};

	return (poll(&p, 1, 0) == 1);
}

static int
half_close_arm(struct half_close *half)
{
	struct timeval tv = clock_timeval(half->interval_ms);

	half->interval_ms *= 2;
	if (half->interval_ms > MOST_MS)
		half->interval_ms = MOST_MS;
	return (evtimer_add(&half->check, &tv));
}

/* The byte to send next; '\0': all that are known have been sent. */
static char
half_close_byte(const struct conn *conn)
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
half_close_probe(struct conn *conn)
{
	struct half_close *half = &conn->half;
	char byte;

	half->looks++;
	if (conn->local || conn->state != CONN_HANDLING ||
	    (half->looks & (half->looks - 1)) != 0 ||
	    evbuffer_get_length(bufferevent_get_output(conn->bev)) > 0 ||
	    (byte = half_close_byte(conn)) == '\0' ||
	    send(conn->fd, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
		return;
	half->sent++;
	if (!conn->streaming)
		half->ahead++;
}

static void
half_close_check(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	/* Else evhttp reads, or early.c, and both see the end themselves. */
	if (conn->early.over ||
	    (conn->state != CONN_HANDLING && conn->state != CONN_REPLYING))
		return;
	half_close_probe(conn);
	if (half_close_is_gone(conn) || half_close_arm(&conn->half) == -1)
		evhttp_event(conn->bev, END_OF_FILE, conn->evcon);
}

/* False: it is gone. */
static bool
half_close_keep(struct conn *conn)
{
	if (half_close_is_gone(conn))
		return (false);
	if (evtimer_pending(&conn->half.check, NULL))
		return (true);
	conn->half.interval_ms = FIRST_MS;
	return (half_close_arm(&conn->half) == 0);
}

static void
half_close_event(struct bufferevent *bev, short what, void *evcon)
{
	struct conn *conn = conn_at(bufferevent_getfd(bev));

	if (what != END_OF_FILE || conn == NULL || !half_close_keep(conn))
		evhttp_event(bev, what, evcon);
}

void
half_close_init(struct conn *conn, struct event_base *base)
{
	evtimer_assign(&conn->half.check, base, half_close_check, conn);
}

void
half_close_fini(struct conn *conn)
{
	evtimer_del(&conn->half.check);
}

void
half_close_begin(struct conn *conn)
{
	evtimer_del(&conn->half.check);
	conn->half.sent = conn->half.ahead = 0;
	conn->half.looks = 0;
}

void
half_close_watch(struct conn *conn)
{
	bufferevent_data_cb writable;
	bufferevent_event_cb event;
	void *evcon;

	bufferevent_getcb(conn->bev, NULL, &writable, &event, &evcon);
	if (event != half_close_event)
		evhttp_event = event;
	bufferevent_setcb(conn->bev, NULL, writable, half_close_event, evcon);
}

void
half_close_answer(struct conn *conn)
{
	struct evbuffer *output = bufferevent_get_output(conn->bev);

	if (conn->half.ahead == 0)
		return;
	evbuffer_unfreeze(output, 1); /* libevent keeps it for itself */
	evbuffer_drain(output, conn->half.ahead);
	evbuffer_freeze(output, 1);
	conn->half.ahead = 0;
}

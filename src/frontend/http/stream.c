/*
 * Sends an answer in pieces, in chunks as HTTP/1.1 has them.  A client that
 * has not taken after reply_timeout what there was loses its connection.  How
 * much is sent ahead of a client is for those to judge who make the pieces.
 */

#include "frontend/http/stream.h"
#include "frontend/http/conn.h"
#include "frontend/http/half_close.h"
#include "frontend/http/send.h"

#include <stdbool.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>

static void
stream_drained(struct evhttp_connection *evcon, void *arg)
{
	struct conn *conn = arg;

	if (!conn->streaming)
		return;
	conn_limit_taking(conn, false);
	if (conn->waiter->drained != NULL)
		conn->waiter->drained(conn->waiter_arg);
}

void
stream_begin(struct conn *conn, int status, const char *phrase)
{
	conn->streaming = true;
	conn->streamed = 0;
	send_begin(conn, status, phrase);
	half_close_answer(conn);
	half_close_watch(conn);
}

size_t
stream_pending(const struct conn *conn)
{
	return (evbuffer_get_length(bufferevent_get_output(conn->bev)));
}

/* Whoever takes all that there is now has time for what comes meanwhile. */
static void
stream_limit(struct conn *conn)
{
	conn->stream_target = conn->streamed;
	conn_limit_taking(conn, true);
}

void
stream_write(struct conn *conn, struct evbuffer *piece)
{
	size_t before = stream_pending(conn);

	if (evbuffer_get_length(piece) == 0)
		return;
	send_piece(conn, piece, stream_drained);
	half_close_watch(conn);
	if (conn->lost)
		return;
	conn->streamed += stream_pending(conn) - before;
	if (!conn_is_limited(conn))
		stream_limit(conn);
}

bool
stream_moves(struct conn *conn)
{
	if (conn->streamed - stream_pending(conn) < conn->stream_target)
		return (false);
	stream_limit(conn);
	return (true);
}

void
stream_end(struct conn *conn)
{
	bool chunked = !conn_is_old(conn);

	conn_replying_now(conn);
	send_end(conn);
	if (chunked) /* or else conn may be gone by now */
		half_close_watch(conn);
}

/*
 * Sends an answer in pieces, in chunks as HTTP/1.1 has them.  A client that
 * leaves what there is untaken for reply_timeout loses its connection.  How
 * much is sent ahead of a client is for those to judge who make the pieces.
 */

#include "frontend/stream.h"
#include "frontend/conn.h"

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
	if (conn->ops->drained != NULL)
		conn->ops->drained(conn->many);
}

void
stream_begin(struct conn *conn, int status, const char *phrase)
{
	conn->streaming = true;
	evhttp_send_reply_start(conn->req, status, phrase);
}

void
stream_write(struct conn *conn, struct evbuffer *piece)
{
	if (evbuffer_get_length(piece) == 0)
		return;
	conn_limit_taking(conn, true);
	evhttp_send_reply_chunk_with_cb(conn->req, piece, stream_drained, conn);
}

size_t
stream_pending(const struct conn *conn)
{
	return (evbuffer_get_length(bufferevent_get_output(conn->bev)));
}

void
stream_end(struct conn *conn)
{
	conn_replying_now(conn);
	evhttp_send_reply_end(conn->req);
}

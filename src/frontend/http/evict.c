/*
 * Chooses among connections when they are too many, or hold too much.  First
 * the client is chosen, by address or user, and then its connection, so that
 * who opens many cannot have those of others closed.  Administrators' are
 * passed over.
 */

#include "frontend/http/evict.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/http/clients.h"
#include "frontend/http/conn.h"
#include "frontend/http/early.h"
#include "frontend/http/reply.h"
#include "frontend/http/send.h"

#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>

static const char too_much[] =
    "frontend_memory is used up, and this client holds most of it";

/* What it must be worth to end a connection. */
#define WORTH_BYTES 4096

static bool
evict_may(const struct conn *conn)
{
	return (conn != NULL && !conn->control && conn->share != NULL &&
		conn->evcon != NULL);
}

/* Bytes that would be free without it, about. */
static size_t
evict_size(const struct conn *conn)
{
	struct evhttp_request *req = conn->req;
	size_t size;

	size = evbuffer_get_length(bufferevent_get_input(conn->bev)) +
	       evbuffer_get_length(bufferevent_get_output(conn->bev));
	if (req != NULL) {
		size +=
		    evbuffer_get_length(evhttp_request_get_input_buffer(req));
		size +=
		    evbuffer_get_length(evhttp_request_get_output_buffer(req));
	} else {
		size += conn->early.bytes; /* chunks are kept elsewhere */
	}
	if (conn->waiter != NULL && conn->waiter->size != NULL)
		size += conn->waiter->size(conn->waiter_arg);
	return (size);
}

static struct conn *
evict_find_largest(void)
{
	struct conn *conn, *largest = NULL;

	for (int fd = 0; fd < conn_end(); fd++)
		if (evict_may(conn = conn_at(fd)))
			conn->share->bytes = 0;
	for (int fd = 0; fd < conn_end(); fd++)
		if (evict_may(conn = conn_at(fd)))
			conn->share->bytes += conn->size = evict_size(conn);
	for (int fd = 0; fd < conn_end(); fd++) {
		conn = conn_at(fd);
		if (!evict_may(conn) || conn->size < WORTH_BYTES)
			continue;
		if (largest == NULL ||
		    conn->share->bytes > largest->share->bytes ||
		    (conn->share == largest->share &&
			conn->size > largest->size))
			largest = conn;
	}
	return (largest);
}

static void
evict_end(struct conn *conn)
{
	struct evbuffer *buffer;

	if (conn->early.over || conn->state == CONN_REPLYING ||
	    conn->streaming) {
		send_reset(conn);
	} else if (conn->state == CONN_HANDLING) {
		conn_leave(conn);
		buffer = evhttp_request_get_input_buffer(conn->req);
		evbuffer_drain(buffer, evbuffer_get_length(buffer));
		reply_problem(conn, PROBLEM_NO_MEMORY_RAN, "%s", too_much);
	} else {
		early_refuse(conn, PROBLEM_NO_MEMORY, too_much);
		if (!conn->framing.chunked)
			return;
		/* evhttp holds chunks until the connection ends: at once. */
		buffer = bufferevent_get_output(conn->bev);
		evbuffer_unfreeze(buffer, 1);
		(void)!evbuffer_write(buffer, conn->fd);
		evhttp_connection_free(conn->evcon);
	}
}

size_t
evict_largest(void)
{
	struct conn *conn = evict_find_largest();
	size_t size;

	if (conn == NULL)
		return (0);
	size = conn->size;
	evict_end(conn);
	return (size);
}

/* Whether its client has sent something that we have not read yet. */
static bool
evict_has_unread(const struct conn *conn)
{
	char byte;

	return (recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1);
}

static bool
evict_goes_before(const struct conn *conn, const struct conn *best)
{
	return (evict_may(conn) &&
		(best == NULL ||
		    conn->share->connections > best->share->connections) &&
		!evict_has_unread(conn));
}

static bool
evict_has_many(const struct conn *conn)
{
	return (conn->share->connections * 4 >
		(size_t)frontend.conf->max_connections);
}

/* Whether one of a client that has more is yet to be read, and so judged. */
static bool
evict_is_early(const struct conn *best)
{
	struct conn *conn;

	for (conn = conn_idle_first(); conn != NULL;
	     conn = conn_idle_next(conn))
		if (evict_may(conn) && evict_has_many(conn) &&
		    conn->share->connections > best->share->connections &&
		    evict_has_unread(conn))
			return (true);
	return (false);
}

/* One whose request comes slowly, if its client has very many. */
static struct conn *
evict_find_slow(struct conn *best)
{
	struct conn *conn;

	for (int fd = 0; fd < conn_end(); fd++) {
		conn = conn_at(fd);
		if (conn == NULL || conn->state != CONN_RECEIVING ||
		    !evict_goes_before(conn, best))
			continue;
		if (evict_has_many(conn))
			best = conn;
	}
	return (best);
}

bool
evict_idle(void)
{
	struct conn *conn, *best = NULL;

	for (conn = conn_idle_first(); conn != NULL;
	     conn = conn_idle_next(conn))
		if (evict_goes_before(conn, best))
			best = conn;
	best = evict_find_slow(best);
	if (best == NULL || evict_is_early(best))
		return (false);
	evhttp_connection_free(best->evcon); /* and best with it */
	return (true);
}

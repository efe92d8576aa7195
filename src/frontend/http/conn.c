/*
 * Watches over every connection: how long it may be idle, how long a request
 * may take to arrive and an answer to be taken, and whether its client is
 * still there.  evhttp has a timeout of inactivity only, which a client that
 * sends a byte a second never meets, so none of it is used: each state here
 * has a limit of its own, and one function changes the state.
 */

#include "frontend/http/conn.h"
#include "common/clock.h"
#include "common/sys.h"
#include "conf/conf.h"
#include "frontend/caller.h"
#include "frontend/globals.h"
#include "frontend/http/clients.h"
#include "frontend/http/early.h"
#include "frontend/http/send.h"
#include "frontend/memory.h"

#include <sys/socket.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>

/* What a client may send ahead while its request is handled. */
#define AHEAD_MAX_BYTES 65536

/* Where the limit of each state is in the configuration; -1: none. */
static const long limit_offset[CONN_STATES] = {
    [CONN_IDLE] = offsetof(struct conf, idle_timeout_ms),
    [CONN_RECEIVING] = offsetof(struct conf, request_timeout_ms),
    [CONN_HANDLING] = -1,
    [CONN_REPLYING] = offsetof(struct conf, reply_timeout_ms),
};

static size_t count, waiting;
static size_t counts[CONN_STATES];

/* Those that are idle, the longest first. */
static TAILQ_HEAD(, conn) idle = TAILQ_HEAD_INITIALIZER(idle);

/* evhttp gives us no place of our own in its connections. */
static struct conn **by_fd;
static size_t by_fd_size;

static void (*on_count)(void), (*on_replied)(void);

void
conn_init(void (*count_changed)(void))
{
	on_count = count_changed;
}

/* Makes room for descriptor fd. */
static int
conn_grow(int fd)
{
	size_t size = by_fd_size == 0 ? 64 : by_fd_size;
	struct conn **bigger;

	while (size <= (size_t)fd)
		size *= 2;
	if (size == by_fd_size)
		return (0);
	if ((bigger = sys.malloc(size * sizeof(*bigger))) == NULL)
		return (-1);
	memset(bigger, 0, size * sizeof(*bigger));
	if (by_fd != NULL)
		memcpy(bigger, by_fd, by_fd_size * sizeof(*bigger));
	free(by_fd);
	by_fd = bigger;
	by_fd_size = size;
	return (0);
}

struct conn *
conn_at(int fd)
{
	return (fd >= 0 && (size_t)fd < by_fd_size ? by_fd[fd] : NULL);
}

int
conn_end(void)
{
	return ((int)by_fd_size);
}

void
conn_on_replied(void (*tell)(void))
{
	on_replied = tell;
}

static void
conn_tell_replied(void)
{
	if (on_replied != NULL)
		on_replied();
}

size_t
conn_count(void)
{
	return (count);
}

size_t
conn_replying(void)
{
	return (counts[CONN_REPLYING] + waiting);
}

static void
conn_arm(struct conn *conn, long offset)
{
	struct timeval tv;
	int64_t ms;

	if (offset == -1) {
		evtimer_del(&conn->limit);
		return;
	}
	memcpy(&ms, (const char *)frontend.conf + offset, sizeof(ms));
	tv = clock_timeval(ms);
	evtimer_add(&conn->limit, &tv);
}

/*
 * evhttp stops reading when it has a whole request, and conn_wait() starts it
 * again.  libevent makes a system call of that, unless another event waits for
 * the same: this one, which does nothing, from a request's first byte on.
 */
static void
conn_keep(evutil_socket_t fd, short what, void *arg)
{
}

void
conn_set_state(struct conn *conn, enum conn_state state)
{
	bool replied = conn->state == CONN_REPLYING;

	counts[conn->state]--;
	counts[state]++;
	if (conn->state == CONN_IDLE)
		TAILQ_REMOVE(&idle, conn, idle_entry);
	if (state == CONN_IDLE)
		TAILQ_INSERT_TAIL(&idle, conn, idle_entry);
	if (state == CONN_RECEIVING)
		event_add(&conn->keep, NULL);
	else if (state != CONN_HANDLING)
		event_del(&conn->keep);
	conn->state = state;
	conn_arm(conn, limit_offset[state]);
	if (replied)
		conn_tell_replied();
}

/* The state has lasted too long.  evhttp sees the end of file and closes. */
static void
conn_limit(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;

	if (conn->streaming && send_moves(conn))
		return;
	if (conn->early.due)
		early_replace(conn);
	else if (conn->state == CONN_RECEIVING)
		early_refuse(conn, PROBLEM_REQUEST_TIMEOUT,
		    "the request did not arrive in time; see request_timeout");
	else if (conn->state == CONN_IDLE)
		shutdown(conn->fd, SHUT_RDWR);
	else
		send_reset(conn); /* the kernel has a part of the answer */
}

struct conn *
conn_idle_first(void)
{
	return (TAILQ_FIRST(&idle));
}

struct conn *
conn_idle_next(const struct conn *conn)
{
	return (TAILQ_NEXT(conn, idle_entry));
}

/* The first byte of a request starts the time that it may take. */
static void
conn_on_input(
    struct evbuffer *buf, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *conn = arg;

	if (info->n_added == 0 || conn->early.over)
		return;
	early_feed(conn, buf, info->orig_size, info->n_added);
	if (conn->state == CONN_IDLE)
		conn_set_state(conn, CONN_RECEIVING);
	if (conn->state == CONN_RECEIVING)
		early_look(conn, buf, info->n_added);
	memory_look();
}

static void
conn_forget_waiter(struct conn *conn)
{
	waiting -= conn->waiter != NULL;
	conn->waiter = NULL;
}

static void
conn_free(struct conn *conn)
{
	bool replied = conn->state == CONN_REPLYING;

	if (conn_at(conn->fd) == conn)
		by_fd[conn->fd] = NULL;
	evtimer_del(&conn->limit);
	send_forget(conn);
	if (conn->evcon != NULL)
		event_del(&conn->keep);
	if (conn->state == CONN_IDLE && conn->evcon != NULL)
		TAILQ_REMOVE(&idle, conn, idle_entry);
	counts[conn->state]--;
	count--;
	caller_release(conn->caller);
	clients_part(conn->share);
	free(conn);
	if (replied)
		conn_tell_replied();
	on_count();
}

void
conn_leave(struct conn *conn)
{
	if (conn->waiter != NULL)
		conn->waiter->left(conn->waiter_arg);
	conn_forget_waiter(conn);
}

static void
conn_closed(struct evhttp_connection *evcon, void *arg)
{
	struct conn *conn = arg;
	bool waited = conn->waiter != NULL;

	conn_leave(conn);
	/* evhttp leaves a request to its handler that it does not answer. */
	if ((conn->state == CONN_HANDLING ||
		(conn->lost && conn->req != NULL)) &&
	    evhttp_request_get_connection(conn->req) == NULL)
		evhttp_request_free(conn->req);
	conn_free(conn);
	if (waited)
		conn_tell_replied();
}

struct conn *
conn_new(bool control)
{
	struct conn *conn = sys.malloc(sizeof(*conn));

	if (conn == NULL)
		return (NULL);
	memset(conn, 0, sizeof(*conn));
	conn->fd = -1;
	conn->control = control;
	conn->bev = bufferevent_socket_new(frontend.base, -1, 0);
	if (conn->bev == NULL) {
		free(conn);
		return (NULL);
	}
	bufferevent_incref(conn->bev); /* until it is adopted */
	evtimer_assign(&conn->limit, frontend.base, conn_limit, conn);
	send_prepare(conn);
	count++;
	counts[conn->state]++;
	on_count();
	return (conn);
}

/*
 * evhttp 2.1 has no call that says "this is a new connection", but it makes
 * the connection the argument of the buffer's callbacks.  We run before any
 * byte can be read.  A connection that evhttp gave up at once has no
 * callbacks any more.
 */
void
conn_adopt(struct conn *conn)
{
	struct bufferevent *bev = conn->bev;
	bufferevent_data_cb readable = NULL;
	void *evcon = NULL;
	bool alive;

	bufferevent_getcb(bev, &readable, NULL, NULL, &evcon);
	alive = readable != NULL && evcon != NULL &&
		evhttp_connection_get_bufferevent(evcon) == bev;
	if (alive)
		conn->fd = bufferevent_getfd(bev);
	if (!alive || conn_grow(conn->fd) == -1 ||
	    evbuffer_add_cb(bufferevent_get_input(bev), conn_on_input, conn) ==
		NULL ||
	    evbuffer_add_cb(bufferevent_get_output(bev), early_watch, conn) ==
		NULL) {
		if (alive)
			evhttp_connection_free(evcon);
		conn_free(conn);
	} else {
		by_fd[conn->fd] = conn;
		conn->evcon = evcon;
		event_assign(&conn->keep, frontend.base, conn->fd,
		    EV_READ | EV_PERSIST, conn_keep, NULL);
		conn->local =
		    evhttp_connection_get_addr(evcon)->sa_family == AF_UNIX;
		evhttp_connection_set_closecb(evcon, conn_closed, conn);
		conn->share = clients_join(conn->fd, conn->local);
		TAILQ_INSERT_TAIL(&idle, conn, idle_entry);
		conn_arm(conn, limit_offset[CONN_IDLE]);
	}
	bufferevent_decref(bev);
}

struct conn *
conn_begin(struct evhttp_request *req)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));
	struct conn *conn = conn_at(fd);

	if (conn == NULL)
		return (NULL);
	conn->req = req;
	conn->requests++;
	conn->origin = NULL;
	send_await(conn);
	conn_set_state(conn, CONN_HANDLING);
	return (conn);
}

void
conn_identify(struct conn *conn, const char *name)
{
	if (name != NULL && uuid_parse(name, conn->id))
		name = NULL;
	else
		uuid_generate(conn->id);
	uuid_format(conn->id, conn->id_text);
	conn->caller =
	    clients_caller(conn->caller, conn->fd, conn->local, name);
}

/*
 * evhttp stops reading while a request is handled, and so does not notice
 * that its client has left.  We let it read on, but without its callback for
 * input, which would end the process: a request that was sent ahead waits in
 * the buffer, up to a limit.
 */
void
conn_wait(struct conn *conn, const struct waiter *waiter, void *arg)
{
	assert(conn->state == CONN_HANDLING && conn->waiter == NULL);
	conn->waiter = waiter;
	conn->waiter_arg = arg;
	waiting++;
	send_watch(conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, AHEAD_MAX_BYTES);
	bufferevent_enable(conn->bev, EV_READ);
	event_del(&conn->keep);
}

/* The client has taken the answer. */
static void
conn_replied(struct evhttp_request *req, void *arg)
{
	struct conn *conn = arg;
	size_t ahead = evbuffer_get_length(bufferevent_get_input(conn->bev));

	conn->req = NULL;
	/* The end may be there to be read, before what came ahead of it. */
	if (ahead > 0)
		bufferevent_disable(conn->bev, EV_READ); /* evhttp reads on */
	early_reset(conn);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, 0);
	conn_set_state(conn, ahead > 0 ? CONN_RECEIVING : CONN_IDLE);
}

bool
conn_cancel(const uint8_t id[static UUID_SIZE])
{
	struct conn *conn;

	for (int fd = 0; fd < conn_end(); fd++) {
		conn = conn_at(fd);
		if (conn != NULL && conn->waiter != NULL &&
		    conn->waiter->cancel != NULL &&
		    memcmp(conn->id, id, UUID_SIZE) == 0)
			return (conn->waiter->cancel(conn->waiter_arg));
	}
	return (false);
}

void
conn_limit_taking(struct conn *conn, bool on)
{
	if (!on)
		evtimer_del(&conn->limit);
	else
		conn_arm(conn, limit_offset[CONN_REPLYING]);
}

bool
conn_is_limited(const struct conn *conn)
{
	return (evtimer_pending(&conn->limit, NULL) != 0);
}

void
conn_replying_now(struct conn *conn)
{
	conn_forget_waiter(conn);
	conn->streaming = false;
	conn_set_state(conn, CONN_REPLYING);
	evhttp_request_set_on_complete_cb(conn->req, conn_replied, conn);
}

void
conn_limit_again(struct conn *conn)
{
	conn_arm(conn, limit_offset[conn->state]);
}

bool
conn_is_old(const struct conn *conn)
{
	return (conn->req->major < 1 ||
		(conn->req->major == 1 && conn->req->minor < 1));
}

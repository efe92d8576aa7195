/*
 * Sets evhttp up and gives it listening sockets.  What it reads goes to
 * routes.c; conn.c watches over the connections that come.
 */

#include "frontend/http/server.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/evict.h"
#include "frontend/http/reply.h"
#include "frontend/http/routes.h"
#include "frontend/http/send.h"

#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

/* Warnings that accept(2) fails come at most so often. */
#define WARN_EVERY_NS (10 * NS_PER_SEC)

/* While nothing is accepted, it is looked again this often. */
#define RETRY_MS 100

/* Descriptors for all but connections, agents and listeners. */
#define RESERVED_FDS 16

/* routes.c refuses what is over max_headers; evhttp what is far over it. */
#define HEADERS_FACTOR 4

/*
 * Those that evhttp knows, so that we answer 405 where it would say 501.  Not
 * CONNECT: evhttp never closes a connection behind it, even when told to.
 */
#define METHODS                                                                \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | \
	    EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE |        \
	    EVHTTP_REQ_PATCH)

struct listener {
	TAILQ_ENTRY(listener) entry;
	struct evconnlistener *socket;
	struct evhttp_bound_socket *bound;
	bool control;
	char name[];
};

static TAILQ_HEAD(, listener) listeners = TAILQ_HEAD_INITIALIZER(listeners);
/* One for everybody, and one for administrators, whom it so tells apart. */
static struct evhttp *servers[2];
static struct event *retry;
static bool failing; /* accept(2) failed a moment ago */

/* What is accepted: each less than the one before. */
static enum { OPEN, FULL, FAILING } throttle; /* all, administrators, nobody */

/* Accepted, but evhttp has not yet told which of its connections it is. */
static TAILQ_HEAD(, conn) newborn = TAILQ_HEAD_INITIALIZER(newborn);
static struct event *adopt_event;

static void server_count_changed(void);
static void server_make_room(size_t more);
static void server_retry(evutil_socket_t, short, void *);

static void
server_request(struct evhttp_request *req, void *arg)
{
	struct conn *conn = conn_begin(req);

	if (conn != NULL)
		routes_dispatch(conn);
	else
		evhttp_send_error(req, HTTP_SERVUNAVAIL, NULL);
}

/*
 * What a client has not taken when its connection is closed, the kernel has:
 * for connections that come from now on, so long.  Others than TCP keep none.
 */
static void
server_limit_unsent(const struct listener *l)
{
	unsigned int ms = (unsigned int)frontend.conf->reply_timeout_ms;

	(void)!setsockopt(evconnlistener_get_fd(l->socket), IPPROTO_TCP,
	    TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

void
server_configure(void)
{
	struct listener *l;

	/* Beyond ours, where we can say so, there is evhttp's own, bare one. */
	for (int i = 0; i < 2; i++) {
		evhttp_set_max_headers_size(servers[i],
		    HEADERS_FACTOR * frontend.conf->max_header_bytes);
		evhttp_set_max_body_size(
		    servers[i], frontend.conf->max_body_bytes);
	}
	TAILQ_FOREACH (l, &listeners, entry)
		server_limit_unsent(l);
	server_count_changed(); /* max_connections may have */
}

static struct bufferevent *
server_accept(struct event_base *base, void *control)
{
	struct conn *conn;

	/* Those of the same burst cannot be judged yet: server_adopt(). */
	if (TAILQ_EMPTY(&newborn))
		server_make_room(1);
	if ((conn = conn_new(control != NULL)) == NULL)
		return (NULL);
	TAILQ_INSERT_TAIL(&newborn, conn, newborn_entry);
	event_active(adopt_event, 0, 0);
	return (conn->bev);
}

static void
server_adopt(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn;
	bool burst = false;

	while ((conn = TAILQ_FIRST(&newborn)) != NULL) {
		burst = burst || TAILQ_NEXT(conn, newborn_entry) != NULL;
		TAILQ_REMOVE(&newborn, conn, newborn_entry);
		conn_adopt(conn);
	}
	if (burst)
		server_make_room(0);
}

static struct evhttp *
server_new(bool control)
{
	static bool is_control = true;
	struct evhttp *server = evhttp_new(frontend.base);

	if (server == NULL)
		log_fatal("cannot make the HTTP server");
	evhttp_set_allowed_methods(server, METHODS);
	evhttp_set_default_content_type(server, NULL);
	/* Read a refused body to its end, so that the refusal is seen. */
	evhttp_set_flags(server, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_bevcb(server, server_accept, control ? &is_control : NULL);
	evhttp_set_gencb(server, server_request, NULL);
	return (server);
}

void
server_init(const struct route *routes, int (*retry_after)(void))
{
	servers[false] = server_new(false);
	servers[true] = server_new(true);
	retry = evtimer_new(frontend.base, server_retry, NULL);
	adopt_event = event_new(frontend.base, -1, 0, server_adopt, NULL);
	if (retry == NULL || adopt_event == NULL)
		log_fatal("out of memory");
	routes_init(routes);
	reply_init(retry_after);
	send_init();
	conn_init(server_count_changed);
	server_configure();
}

static void
server_accept_failed(struct evconnlistener *socket, void *arg)
{
	static struct log_limit limit;
	unsigned long held;

	if (log_limit_admit(&limit, WARN_EVERY_NS, &held))
		log_warn("cannot accept a connection: %s; %lu more such "
			 "errors since the last warning",
		    strerror(errno), held);
	failing = true;
	server_count_changed();
}

/* Who administers must get in when everybody else has filled the place. */
static void
server_throttle(struct listener *l)
{
	if (throttle <= (l->control ? FULL : OPEN))
		evconnlistener_enable(l->socket);
	else
		evconnlistener_disable(l->socket);
}

void
server_listen(const char *name, int fd, bool control)
{
	struct listener *l = calloc(1, sizeof(*l) + strlen(name) + 1);

	if (l == NULL) {
		log_error("no memory to listen on %s", name);
		close(fd);
		return;
	}
	strcpy(l->name, name);
	l->control = control;
	l->socket = evconnlistener_new(frontend.base, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (l->socket == NULL || (l->bound = evhttp_bind_listener(
				      servers[control], l->socket)) == NULL) {
		log_error("no memory to listen on %s", name);
		if (l->socket != NULL)
			evconnlistener_free(l->socket);
		else
			close(fd);
		free(l);
		return;
	}
	evconnlistener_set_error_cb(l->socket, server_accept_failed);
	server_limit_unsent(l);
	server_throttle(l);
	TAILQ_INSERT_TAIL(&listeners, l, entry);
}

static void
server_close(struct listener *l)
{
	TAILQ_REMOVE(&listeners, l, entry);
	evhttp_del_accept_socket(
	    servers[l->control], l->bound); /* frees l->socket */
	free(l);
}

void
server_unlisten(const char *name)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE (l, &listeners, entry, next)
		if (strcmp(l->name, name) == 0)
			server_close(l);
}

void
server_stop(void)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&listeners)) != NULL)
		server_close(l);
}

/* So many an administrator wants, of whom the configuration does not know. */
static int64_t agents_asked;

int64_t
server_agents_room(void)
{
	int64_t kept = RESERVED_FDS + 2 * (int64_t)frontend.conf->listen.count +
		       (int64_t)conn_count();
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur > INT32_MAX)
		return (INT32_MAX);
	/* A tenth more are there while agents are replaced. */
	return (((int64_t)limit.rlim_cur - kept - 1) * 10 / 11);
}

void
server_agents_wanted(int64_t agents)
{
	agents_asked = agents;
	server_count_changed();
}

/*
 * max_connections, or fewer where descriptors are few: the links to agents
 * and new listeners must not go without.
 */
static size_t
server_max_connections(void)
{
	size_t most = (size_t)frontend.conf->max_connections;
	int64_t agents = conf_agents_max(frontend.conf);
	size_t kept =
	    RESERVED_FDS +
	    2 * (size_t)(agents > agents_asked ? agents : agents_asked) +
	    2 * frontend.conf->listen.count;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur >= most + kept)
		return (most);
	return (limit.rlim_cur > kept ? limit.rlim_cur - kept : 1);
}

/*
 * Stops accepting while there are too many connections, but for administrators;
 * they wait in the kernel's backlog meanwhile.
 */
static void
server_count_changed(void)
{
	struct timeval tv = clock_timeval(RETRY_MS);
	int now = OPEN;
	size_t most = server_max_connections();
	struct listener *l;

	if (failing)
		now = FAILING;
	else if (conn_count() > most ||
		 (conn_count() == most && conn_idle_first() == NULL))
		now = FULL;
	if (now == (int)throttle)
		return;
	throttle = now;
	if (throttle != OPEN)
		evtimer_add(retry, &tv);
	TAILQ_FOREACH (l, &listeners, entry)
		server_throttle(l);
}

/* Makes room for so many connections more: others may have to give way. */
static void
server_make_room(size_t more)
{
	while (conn_count() + more > server_max_connections() && evict_idle())
		;
}

/* Whether a client waits in the backlog of any listener. */
static bool
server_pending(void)
{
	struct listener *l;

	TAILQ_FOREACH (l, &listeners, entry) {
		struct pollfd p = {
		    .fd = evconnlistener_get_fd(l->socket), .events = POLLIN};

		if (poll(&p, 1, 0) == 1)
			return (true);
	}
	return (false);
}

/* While not all is accepted, who does nothing makes room for who waits. */
static void
server_retry(evutil_socket_t fd, short what, void *arg)
{
	struct timeval tv = clock_timeval(RETRY_MS);

	failing = false;
	server_count_changed();
	if (throttle == OPEN)
		return;
	if (server_pending())
		server_make_room(1);
	evtimer_add(retry, &tv);
}

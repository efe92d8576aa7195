/*
 * Sets evhttp up and gives it listening sockets.  What it reads goes to
 * routes.c; conn.c watches over the connections.
 */

#include "frontend/http.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/log.h"
#include "common/ratelimit.h"
#include "frontend/conn.h"
#include "frontend/frontend.h"
#include "frontend/routes.h"

#include <sys/queue.h>
#include <sys/resource.h>

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

/* guard.c refuses what is over max_headers; evhttp what is far over it. */
#define HEADERS_FACTOR 4

/* All that evhttp knows, so that we answer 405 where it would say 501. */
#define METHODS                                                                \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | \
	    EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE |        \
	    EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

struct listener {
	TAILQ_ENTRY(listener) entry;
	struct evconnlistener *socket;
	struct evhttp_bound_socket *bound;
	char name[];
};

static TAILQ_HEAD(, listener) listeners = TAILQ_HEAD_INITIALIZER(listeners);
static struct evhttp *server;
static struct event *retry;
static bool failing; /* accept(2) failed a moment ago */
static bool paused;  /* nothing is accepted, for this or another reason */

static void http_retry(evutil_socket_t, short, void *);

static void
http_request(struct evhttp_request *req, void *arg)
{
	struct conn *conn = conn_begin(req);

	if (conn != NULL)
		routes_dispatch(conn);
	else
		evhttp_send_error(req, HTTP_SERVUNAVAIL, NULL);
}

void
http_configure(void)
{
	/* Beyond ours, where we can say so, there is evhttp's own, bare one. */
	evhttp_set_max_headers_size(
	    server, HEADERS_FACTOR * frontend.conf->max_header_bytes);
	evhttp_set_max_body_size(server, frontend.conf->max_body_bytes);
	http_count_changed(); /* max_connections may have */
}

void
http_init(void)
{
	server = evhttp_new(frontend.base);
	retry = evtimer_new(frontend.base, http_retry, NULL);
	if (server == NULL || retry == NULL)
		fatal("cannot make the HTTP server");
	evhttp_set_allowed_methods(server, METHODS);
	evhttp_set_default_content_type(server, NULL);
	/* Read a refused body to its end, so that the refusal is seen. */
	evhttp_set_flags(server, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_bevcb(server, conn_accept, NULL);
	evhttp_set_gencb(server, http_request, NULL);
	conn_init();
	http_configure();
}

static void
http_accept_failed(struct evconnlistener *socket, void *arg)
{
	static struct ratelimit limit;
	unsigned long held;

	if (ratelimit_admit(&limit, WARN_EVERY_NS, &held))
		log_warn("cannot accept a connection: %s; %lu more such "
			 "errors since the last warning",
		    strerror(errno), held);
	failing = true;
	http_count_changed();
}

void
http_listen(const char *name, int fd)
{
	struct listener *l = calloc(1, sizeof(*l) + strlen(name) + 1);

	if (l == NULL) {
		log_error("no memory to listen on %s", name);
		close(fd);
		return;
	}
	strcpy(l->name, name);
	l->socket = evconnlistener_new(frontend.base, NULL, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (l->socket == NULL ||
	    (l->bound = evhttp_bind_listener(server, l->socket)) == NULL) {
		log_error("no memory to listen on %s", name);
		if (l->socket != NULL)
			evconnlistener_free(l->socket);
		else
			close(fd);
		free(l);
		return;
	}
	evconnlistener_set_error_cb(l->socket, http_accept_failed);
	if (paused)
		evconnlistener_disable(l->socket);
	TAILQ_INSERT_TAIL(&listeners, l, entry);
}

static void
http_close(struct listener *l)
{
	TAILQ_REMOVE(&listeners, l, entry);
	evhttp_del_accept_socket(server, l->bound); /* frees l->socket */
	free(l);
}

void
http_unlisten(const char *name)
{
	struct listener *l, *next;

	TAILQ_FOREACH_SAFE (l, &listeners, entry, next)
		if (strcmp(l->name, name) == 0)
			http_close(l);
}

void
http_stop(void)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&listeners)) != NULL)
		http_close(l);
}

/*
 * max_connections, or fewer where descriptors are few: the links to agents
 * and new listeners must not go without.
 */
static size_t
http_max_connections(void)
{
	size_t most = (size_t)frontend.conf->max_connections;
	size_t kept = RESERVED_FDS + 2 * (size_t)frontend.conf->agents +
		      2 * frontend.conf->listen.count;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur >= most + kept)
		return (most);
	return (limit.rlim_cur > kept ? limit.rlim_cur - kept : 1);
}

void
http_count_changed(void)
{
	struct timeval tv = clock_timeval(RETRY_MS);
	bool pause = failing || conn_count() >= http_max_connections();
	struct listener *l;

	if (pause == paused)
		return;
	paused = pause;
	if (pause)
		evtimer_add(retry, &tv);
	TAILQ_FOREACH (l, &listeners, entry) {
		if (pause)
			evconnlistener_disable(l->socket);
		else
			evconnlistener_enable(l->socket);
	}
}

/* Whether a client waits in the backlog of any listener. */
static bool
http_pending(void)
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

/* While paused: who does nothing makes room for who wants something. */
static void
http_retry(evutil_socket_t fd, short what, void *arg)
{
	struct timeval tv = clock_timeval(RETRY_MS);

	failing = false;
	http_count_changed();
	if (!paused)
		return;
	if (http_pending())
		conn_close_idle();
	evtimer_add(retry, &tv);
}

/*
 * Shuts the front end down without losing an answer: no new connections, no
 * new calls, then the accepted calls end (router.c), then the clients take
 * their answers (conn.c), and then the master hears that nothing is left.
 */

#include "frontend/http/drain.h"
#include "common/clock.h"
#include "frontend/channel.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/http.h"
#include "frontend/router/router.h"

#include <event2/event.h>

/* A client that does not take its answer must not hold up the end. */
#define REPLY_LIMIT_MS 1000

static bool calls_done, told;

static void
drain_tell(void)
{
	if (!told)
		channel_drained();
	told = true;
}

static void
drain_limit(evutil_socket_t fd, short what, void *arg)
{
	drain_tell();
}

void
drain_begin(int64_t timeout_ms)
{
	http_stop();
	router_drain(timeout_ms);
}

void
drain_calls_done(void)
{
	struct timeval tv = clock_timeval(REPLY_LIMIT_MS);

	if (calls_done)
		return;
	calls_done = true;
	if (event_base_once(
		frontend.base, -1, EV_TIMEOUT, drain_limit, NULL, &tv) == -1)
		drain_tell();
	drain_reply_done();
}

void
drain_reply_done(void)
{
	if (calls_done && conn_replying() == 0)
		drain_tell();
}

/*
 * The front end's start and end.  It reads what clients send, so it holds
 * nothing that they should not get: no privilege, no secret, no child.
 */

#include "frontend/frontend.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/log.h"
#include "common/pack.h"
#include "conf/conf.h"
#include "frontend/api/route_table.h"
#include "frontend/channel.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/evict.h"
#include "frontend/http/server.h"
#include "frontend/memory.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/overload.h"
#include "frontend/router/router.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

/* A client that does not take its answer must not hold up the end. */
#define REPLY_LIMIT_MS 1000

static bool calls_ended, drained;

static void
frontend_log_libevent(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("libevent: %s", message);
}

/*
 * The change list saves system calls on every request; it forbids duplicates
 * of descriptors that are watched, and we have none.
 */
static void
frontend_make_base(void)
{
	struct event_config *config = event_config_new();

	if (config != NULL) {
		event_config_set_flag(
		    config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST |
				EVENT_BASE_FLAG_NOLOCK);
		frontend.base = event_base_new_with_config(config);
		event_config_free(config);
	}
	if (frontend.base == NULL)
		log_fatal("cannot make an event base: %s", strerror(errno));
}

/* Our own copy: the one inherited belongs to the master's ways. */
static struct conf *
frontend_copy_conf(const struct conf *conf)
{
	struct pack pack = {0};
	struct unpack unpack;
	struct conf *copy = NULL;

	conf_pack(conf, CONF_SHARED, &pack);
	unpack = (struct unpack){.at = pack.data, .left = pack.len};
	if (!pack.failed)
		copy = conf_unpack(&unpack);
	if (copy == NULL)
		log_fatal("cannot copy the configuration");
	pack_free(&pack);
	return (copy);
}

static void
frontend_tell_drained(void)
{
	if (!drained)
		channel_drained();
	drained = true;
}

static void
frontend_reply_limit(evutil_socket_t fd, short what, void *arg)
{
	frontend_tell_drained();
}

static void
frontend_replied(void)
{
	if (calls_ended && conn_replying() == 0)
		frontend_tell_drained();
}

/* Their answers may still be on the way. */
static void
frontend_calls_ended(void)
{
	struct timeval tv = clock_timeval(REPLY_LIMIT_MS);

	if (calls_ended)
		return;
	calls_ended = true;
	if (event_base_once(frontend.base, -1, EV_TIMEOUT, frontend_reply_limit,
		NULL, &tv) == -1)
		frontend_tell_drained();
	frontend_replied();
}

/*
 * No answer is lost: no new connections and no new calls come, then the
 * accepted calls end, then the clients take their answers.
 */
static void
frontend_drain(int64_t timeout_ms)
{
	conn_on_replied(frontend_replied);
	server_stop();
	router_drain(timeout_ms, frontend_calls_ended);
}

void
frontend_main(const struct conf *conf, const char *catalogue, uint32_t epoch)
{
	frontend.conf = frontend_copy_conf(conf);
	clock_show_local(conf->compatible);
	json_limit_depth((int)conf->max_nesting + JSON_ENVELOPE_DEPTH);
	/* This process's copy of it, which nobody reads any more. */
	conf_wipe_secrets((struct conf *)(uintptr_t)conf);
	frontend.started_ns = clock_now_ns();
	fd_raise_limit();
	event_set_log_callback(frontend_log_libevent);
	memory_count_libevent();
	frontend_make_base();
	memory_init(evict_largest);
	if (catalogue_load(catalogue, strlen(catalogue), epoch) == -1)
		log_fatal("cannot read the catalogue of tools");
	router_init();
	server_init(route_table, overload_retry_after);
	channel_init(frontend_drain);
	event_base_dispatch(frontend.base);
	_exit(1);
}

/*
 * The front end's start and end, and its top: here each message of the master
 * goes to the part whose duty it is.  It reads what clients send, so it holds
 * nothing that they should not get: no privilege, no secret, no child.  When
 * the master is dead, the agents that do not notice by themselves are killed
 * from here, and that is all.
 */

#include "frontend/frontend.h"
#include "common/clock.h"
#include "common/fd.h"
#include "common/json.h"
#include "common/log.h"
#include "common/pack.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/api/admin.h"
#include "frontend/api/openapi.h"
#include "frontend/api/route_table.h"
#include "frontend/globals.h"
#include "frontend/http/conn.h"
#include "frontend/http/evict.h"
#include "frontend/http/server.h"
#include "frontend/master_link.h"
#include "frontend/memory.h"
#include "frontend/router/autoscale.h"
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

/* The warden ends all agents within this time of the master's end. */
#define ORPHAN_LIMIT_MS 500
#define ORPHAN_LOOK_MS 10

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
		master_link_drained();
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

static void frontend_abandon(void) __attribute__((noreturn));

/* Ends, and the agents with it that would not notice by themselves. */
static void
frontend_abandon(void)
{
	agents_abandon();
	_exit(1);
}

static void
frontend_on_ping(void *arg, const struct frame *frame)
{
	master_link_pong();
}

static void
frontend_on_config(void *arg, const struct frame *frame)
{
	struct unpack unpack = {
	    .at = (const char *)frame->body, .left = frame->header.length};
	struct conf *next = conf_unpack(&unpack);

	if (next == NULL) {
		log_error("cannot read the new configuration");
		_exit(1); /* the next one of us starts with it */
	}
	conf_free(frontend.conf);
	frontend.conf = next;
	clock_show_local(next->compatible);
	json_limit_depth((int)next->max_nesting + JSON_ENVELOPE_DEPTH);
	log_set_level((int)next->log_level);
	server_configure();
	router_idle(); /* what waits may go by other rules */
	autoscale_look();
}

static void
frontend_on_catalogue(void *arg, const struct frame *frame)
{
	if (catalogue_load((const char *)frame->body, frame->header.length,
		frame->header.epoch) == -1) {
		log_error("cannot read the new catalogue of tools");
		frontend_abandon(); /* the next one of us starts with it */
	}
	openapi_forget();
	router_tools_changed();
}

/* The name in a frame's body is not terminated. */
static void
frontend_copy_name(
    const struct frame *frame, char name[static WIRE_NAME_MAX + 1])
{
	memcpy(name, frame->body, frame->header.length);
	name[frame->header.length] = '\0';
}

static void
frontend_on_listen(void *arg, const struct frame *frame)
{
	char name[WIRE_NAME_MAX + 1];

	frontend_copy_name(frame, name);
	if (frame->fd == -1) {
		log_error("the socket %s was lost on the way here", name);
		frontend_abandon(); /* the next one of us gets it again */
	}
	server_listen(name, frame->fd, frame->header.type == WIRE_CONTROL);
}

static void
frontend_on_unlisten(void *arg, const struct frame *frame)
{
	char name[WIRE_NAME_MAX + 1];

	frontend_copy_name(frame, name);
	server_unlisten(name);
	master_link_unlistened(name);
}

static void
frontend_on_agent_up(void *arg, const struct frame *frame)
{
	struct wire_agent body;

	memcpy(&body, frame->body, sizeof(body));
	if (frame->fd != -1)
		agents_up(frame->header.slot, frame->header.generation, &body,
		    frame->fd);
	else /* lost for want of descriptors */
		master_link_kill(
		    frame->header.slot, frame->header.generation, CAUSE_CLOSED);
}

static void
frontend_on_agent_state(void *arg, const struct frame *frame)
{
	struct wire_agent body;

	memcpy(&body, frame->body, sizeof(body));
	agents_state(frame->header.slot, frame->header.generation, &body);
}

static void
frontend_on_agent_drain(void *arg, const struct frame *frame)
{
	agents_drain(frame->header.slot, frame->header.generation);
}

static void
frontend_on_agent_stopped(void *arg, const struct frame *frame)
{
	struct wire_stopped body;

	memcpy(&body, frame->body, sizeof(body));
	agents_stopped(
	    frame->header.slot, frame->header.generation, body.stopped != 0);
}

static void
frontend_on_agent_gone(void *arg, const struct frame *frame)
{
	struct wire_gone body;

	memcpy(&body, frame->body, sizeof(body));
	agents_gone(frame->header.slot, frame->header.generation, &body);
}

static void
frontend_on_drain(void *arg, const struct frame *frame)
{
	struct wire_drain body;

	memcpy(&body, frame->body, sizeof(body));
	frontend_drain(body.timeout_ms);
}

static void
frontend_on_admin_done(void *arg, const struct frame *frame)
{
	struct wire_admin_done body;

	memcpy(&body, frame->body, sizeof(body));
	admin_done(&body, (const char *)frame->body + sizeof(body),
	    frame->header.length - sizeof(body));
}

static const peer_handler handlers[WIRE_TYPES] = {
    [WIRE_PING] = frontend_on_ping,
    [WIRE_CONFIG] = frontend_on_config,
    [WIRE_CATALOGUE] = frontend_on_catalogue,
    [WIRE_LISTEN] = frontend_on_listen,
    [WIRE_CONTROL] = frontend_on_listen,
    [WIRE_UNLISTEN] = frontend_on_unlisten,
    [WIRE_AGENT_UP] = frontend_on_agent_up,
    [WIRE_AGENT_STATE] = frontend_on_agent_state,
    [WIRE_AGENT_DRAIN] = frontend_on_agent_drain,
    [WIRE_AGENT_STOPPED] = frontend_on_agent_stopped,
    [WIRE_AGENT_GONE] = frontend_on_agent_gone,
    [WIRE_DRAIN] = frontend_on_drain,
    [WIRE_ADMIN_DONE] = frontend_on_admin_done,
};

/* From time to time, until there is nothing left to wait for. */
static void
frontend_orphaned(evutil_socket_t fd, short what, void *arg)
{
	static int looks;
	struct timeval tv = clock_timeval(ORPHAN_LOOK_MS);

	if (agents_linked() && ++looks <= ORPHAN_LIMIT_MS / ORPHAN_LOOK_MS &&
	    event_base_once(frontend.base, -1, EV_TIMEOUT, frontend_orphaned,
		NULL, &tv) == 0)
		return;
	frontend_abandon();
}

/* Nobody is left who could reap or replace anything. */
static void
frontend_on_master_gone(void)
{
	server_stop();
	frontend_orphaned(-1, 0, NULL);
}

static const struct master_link_ops master_link_ops = {
    .handlers = handlers,
    .gone = frontend_on_master_gone,
    .lost = frontend_abandon,
};

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
	master_link_init(&master_link_ops);
	event_base_dispatch(frontend.base);
	_exit(1);
}

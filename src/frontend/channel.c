/*
 * Messages from and to the master.  Each goes straight to the file whose duty
 * it is.  When the channel ends, the master is dead: then the agents that do
 * not notice by themselves are killed from here, and that is all.
 */

#include "frontend/channel.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/pack.h"
#include "common/peer.h"
#include "conf/conf.h"
#include "frontend/agents/agents.h"
#include "frontend/api/admin.h"
#include "frontend/api/openapi.h"
#include "frontend/globals.h"
#include "frontend/http/server.h"
#include "frontend/router/autoscale.h"
#include "frontend/router/catalogue.h"
#include "frontend/router/router.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

/* The warden ends all agents within this time of the master's end. */
#define ORPHAN_LIMIT_MS 500
#define ORPHAN_LOOK_MS 10

static struct peer *channel;
static void (*drain)(int64_t timeout_ms);

static void
channel_send(enum wire_type type, uint32_t number, uint32_t generation,
    const void *body, size_t length)
{
	struct iovec part = {(void *)(uintptr_t)body, length};
	struct frame_header header;

	frame_header_init(&header, type, number, generation, NULL, length);
	/* A message lost would leave the two of us with different views. */
	if (channel != NULL &&
	    peer_send(channel, &header, &part, 1, -1) == -1) {
		log_error("cannot talk to the master: %s", strerror(errno));
		agents_abandon();
		_exit(1);
	}
}

void
channel_kill(uint32_t number, uint32_t generation, enum wire_cause cause)
{
	struct wire_kill body = {.cause = cause};

	channel_send(WIRE_AGENT_KILL, number, generation, &body, sizeof(body));
}

void
channel_free(uint32_t number, uint32_t generation)
{
	channel_send(WIRE_AGENT_FREE, number, generation, NULL, 0);
}

void
channel_wanted(unsigned int agents, const struct agent *dispensable)
{
	struct wire_wanted body = {.agents = agents};

	channel_send(WIRE_WANTED, dispensable == NULL ? 0 : dispensable->number,
	    dispensable == NULL ? 0 : dispensable->generation, &body,
	    sizeof(body));
}

void
channel_drained(void)
{
	channel_send(WIRE_DRAINED, 0, 0, NULL, 0);
}

void
channel_admin(const struct wire_admin *body)
{
	channel_send(WIRE_ADMIN, 0, 0, body, sizeof(*body));
}

static void
channel_on_ping(void *arg, const struct frame *frame)
{
	channel_send(WIRE_PONG, 0, 0, NULL, 0);
}

static void
channel_on_config(void *arg, const struct frame *frame)
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
channel_on_catalogue(void *arg, const struct frame *frame)
{
	if (catalogue_load((const char *)frame->body, frame->header.length,
		frame->header.generation) == -1) {
		log_error("cannot read the new catalogue of tools");
		agents_abandon();
		_exit(1); /* the next one of us starts with it */
	}
	openapi_forget();
	router_tools_changed();
}

/* The name in a frame's body is not terminated. */
static void
channel_name(const struct frame *frame, char name[static WIRE_NAME_MAX + 1])
{
	memcpy(name, frame->body, frame->header.length);
	name[frame->header.length] = '\0';
}

static void
channel_on_listen(void *arg, const struct frame *frame)
{
	char name[WIRE_NAME_MAX + 1];

	channel_name(frame, name);
	if (frame->fd == -1) {
		log_error("the socket %s was lost on its way", name);
		agents_abandon();
		_exit(1); /* the next one of us gets it again */
	}
	server_listen(name, frame->fd, frame->header.type == WIRE_CONTROL);
}

static void
channel_on_unlisten(void *arg, const struct frame *frame)
{
	char name[WIRE_NAME_MAX + 1];

	channel_name(frame, name);
	server_unlisten(name);
	channel_send(WIRE_UNLISTENED, 0, 0, name, strlen(name));
}

static void
channel_on_agent_up(void *arg, const struct frame *frame)
{
	struct wire_agent body;

	memcpy(&body, frame->body, sizeof(body));
	if (frame->fd != -1)
		agents_up(frame->header.slot, frame->header.generation, &body,
		    frame->fd);
	else /* lost for want of descriptors */
		channel_kill(
		    frame->header.slot, frame->header.generation, CAUSE_CLOSED);
}

static void
channel_on_agent_state(void *arg, const struct frame *frame)
{
	struct wire_agent body;

	memcpy(&body, frame->body, sizeof(body));
	agents_state(frame->header.slot, frame->header.generation, &body);
}

static void
channel_on_agent_drain(void *arg, const struct frame *frame)
{
	agents_drain(frame->header.slot, frame->header.generation);
}

static void
channel_on_agent_stopped(void *arg, const struct frame *frame)
{
	struct wire_stopped body;

	memcpy(&body, frame->body, sizeof(body));
	agents_stopped(
	    frame->header.slot, frame->header.generation, body.stopped != 0);
}

static void
channel_on_agent_gone(void *arg, const struct frame *frame)
{
	struct wire_gone body;

	memcpy(&body, frame->body, sizeof(body));
	agents_gone(frame->header.slot, frame->header.generation, &body);
}

static void
channel_on_drain(void *arg, const struct frame *frame)
{
	struct wire_drain body;

	memcpy(&body, frame->body, sizeof(body));
	drain(body.timeout_ms);
}

static void
channel_on_admin_done(void *arg, const struct frame *frame)
{
	struct wire_admin_done body;

	memcpy(&body, frame->body, sizeof(body));
	admin_done(&body, (const char *)frame->body + sizeof(body),
	    frame->header.length - sizeof(body));
}

static const peer_handler handlers[WIRE_TYPES] = {
    [WIRE_PING] = channel_on_ping,
    [WIRE_CONFIG] = channel_on_config,
    [WIRE_CATALOGUE] = channel_on_catalogue,
    [WIRE_LISTEN] = channel_on_listen,
    [WIRE_CONTROL] = channel_on_listen,
    [WIRE_UNLISTEN] = channel_on_unlisten,
    [WIRE_AGENT_UP] = channel_on_agent_up,
    [WIRE_AGENT_STATE] = channel_on_agent_state,
    [WIRE_AGENT_DRAIN] = channel_on_agent_drain,
    [WIRE_AGENT_STOPPED] = channel_on_agent_stopped,
    [WIRE_AGENT_GONE] = channel_on_agent_gone,
    [WIRE_DRAIN] = channel_on_drain,
    [WIRE_ADMIN_DONE] = channel_on_admin_done,
};

/* From time to time, until there is nothing left to wait for. */
static void
channel_orphaned(evutil_socket_t fd, short what, void *arg)
{
	static int looks;
	struct timeval tv = clock_timeval(ORPHAN_LOOK_MS);

	if (agents_linked() && ++looks <= ORPHAN_LIMIT_MS / ORPHAN_LOOK_MS &&
	    event_base_once(frontend.base, -1, EV_TIMEOUT, channel_orphaned,
		NULL, &tv) == 0)
		return;
	agents_abandon();
	_exit(1);
}

/* Nobody is left who could reap or replace anything. */
static void
channel_on_gone(void *arg, const char *reason, int error)
{
	peer_free(channel);
	channel = NULL;
	server_stop();
	channel_orphaned(-1, 0, NULL);
}

void
channel_init(void (*on_drain)(int64_t))
{
	struct peer_config config = {
	    .self = WIRE_FRONTEND,
	    .other = WIRE_MASTER,
	    .handlers = handlers,
	    .gone = channel_on_gone,
	    .max_body = WIRE_MAX_BODY,
	};

	drain = on_drain;
	channel = peer_new(frontend.base, WIRE_SOCKET_FD, &config);
	if (channel == NULL)
		log_fatal("cannot open the channel to the master");
}

/*
 * Messages to and from the front end.  What they mean for agents is slot.c's
 * and pool.c's to know, what they mean for the front end itself control.c's.
 */

#include "master/channel.h"
#include "common/log.h"
#include "common/pack.h"
#include "common/peer.h"
#include "conf/conf.h"
#include "master/admin.h"
#include "master/control.h"
#include "master/globals.h"
#include "master/listen.h"
#include "master/pool.h"
#include "master/slot.h"

#include <errno.h>
#include <string.h>

/*
 * A front end that leaves so much unread does not read at all.  A catalogue
 * alone may be half as large.
 */
#define QUEUED_MAX_BYTES (64u << 20)

static struct peer *channel;

bool
channel_present(void)
{
	return (channel != NULL);
}

bool
channel_alive(void)
{
	return (channel != NULL && !peer_hung_up(channel));
}

void
channel_close(void)
{
	peer_free(channel);
	channel = NULL;
}

/* Sends one frame; a front end that cannot be told things is of no use. */
static int
channel_send_frame(const struct frame_header *header, const struct iovec *parts,
    int count, int fd)
{
	if (channel == NULL)
		return (-1);
	if (peer_send(channel, header, parts, count, fd) == -1) {
		control_channel_lost(strerror(errno));
		return (-1);
	}
	if (peer_queued(channel) > QUEUED_MAX_BYTES)
		control_channel_lost("does not read its messages");
	return (0);
}

static int
channel_send(enum wire_type type, const struct slot *slot, const void *body,
    size_t length, int fd)
{
	struct iovec part = {(void *)(uintptr_t)body, length};
	struct frame_header header;

	frame_header_init(&header, type, slot == NULL ? 0 : slot->number,
	    slot == NULL ? 0 : slot->generation, NULL, length);
	return (channel_send_frame(&header, &part, 1, fd));
}

static struct wire_agent
channel_describe(const struct slot *slot)
{
	return ((struct wire_agent){.state = slot->state,
	    .pid = slot->pid,
	    .restarts = slot->restarts,
	    .epoch = slot->config,
	    .recycled = slot->recycled});
}

int
channel_agent_up(const struct slot *slot, int socket_fd)
{
	struct wire_agent body = channel_describe(slot);

	return (
	    channel_send(WIRE_AGENT_UP, slot, &body, sizeof(body), socket_fd));
}

void
channel_agent_state(const struct slot *slot)
{
	struct wire_agent body = channel_describe(slot);

	(void)!channel_send(WIRE_AGENT_STATE, slot, &body, sizeof(body), -1);
}

int
channel_agent_drain(const struct slot *slot)
{
	return (channel_send(WIRE_AGENT_DRAIN, slot, NULL, 0, -1));
}

void
channel_agent_stopped(const struct slot *slot, bool stopped)
{
	struct wire_stopped body = {.stopped = stopped};

	(void)!channel_send(WIRE_AGENT_STOPPED, slot, &body, sizeof(body), -1);
}

void
channel_agent_gone(const struct slot *slot, int wait_status)
{
	struct wire_gone body = {.wait_status = wait_status,
	    .restarts = slot->restarts,
	    .recycled = slot->recycled};

	(void)!channel_send(WIRE_AGENT_GONE, slot, &body, sizeof(body), -1);
}

void
channel_listen(const char *name, int fd, bool control)
{
	(void)!channel_send(
	    control ? WIRE_CONTROL : WIRE_LISTEN, NULL, name, strlen(name), fd);
}

void
channel_unlisten(const char *name)
{
	(void)!channel_send(WIRE_UNLISTEN, NULL, name, strlen(name), -1);
}

void
channel_config(void)
{
	struct pack pack = {0};

	conf_pack(master.conf, CONF_SHARED, &pack);
	if (!pack.failed)
		(void)!channel_send(WIRE_CONFIG, NULL, pack.data, pack.len, -1);
	else /* a new one starts with it */
		control_channel_lost("no memory to send the configuration");
	pack_free(&pack);
}

void
channel_catalogue(void)
{
	struct iovec part = {(void *)(uintptr_t)master.bundle.catalogue,
	    strlen(master.bundle.catalogue)};
	struct frame_header header;

	frame_header_init(
	    &header, WIRE_CATALOGUE, 0, pool_config(), NULL, part.iov_len);
	(void)!channel_send_frame(&header, &part, 1, -1);
}

int
channel_drain(int64_t timeout_ms)
{
	struct wire_drain body = {.timeout_ms = timeout_ms};

	return (channel_send(WIRE_DRAIN, NULL, &body, sizeof(body), -1));
}

void
channel_admin_done(
    const struct wire_admin_done *body, const char *reasons, size_t length)
{
	struct iovec parts[] = {
	    {(void *)(uintptr_t)body, sizeof(*body)},
	    {(void *)(uintptr_t)reasons, length},
	};
	struct frame_header header;

	frame_header_init(
	    &header, WIRE_ADMIN_DONE, 0, 0, NULL, sizeof(*body) + length);
	(void)!channel_send_frame(&header, parts, 2, -1);
}

int
channel_ping(void)
{
	return (channel_send(WIRE_PING, NULL, NULL, 0, -1));
}

static void
channel_on_pong(void *arg, const struct frame *frame)
{
	control_heard();
}

static void
channel_on_kill(void *arg, const struct frame *frame)
{
	struct slot *slot =
	    pool_find(frame->header.slot, frame->header.generation);
	struct wire_kill body;

	memcpy(&body, frame->body, sizeof(body));
	if (slot == NULL)
		return;
	if (body.cause == CAUSE_CLOSED) {
		slot_suspect(slot);
		return;
	}
	/* It is killed for its call, so its start was good. */
	slot->worked = true;
	slot_kill(slot, wire_cause_name(body.cause));
}

static void
channel_on_free(void *arg, const struct frame *frame)
{
	struct slot *slot =
	    pool_find(frame->header.slot, frame->header.generation);

	if (slot != NULL)
		slot_stop(slot);
}

static void
channel_on_drained(void *arg, const struct frame *frame)
{
	control_drained();
}

static void
channel_on_admin(void *arg, const struct frame *frame)
{
	struct wire_admin body;

	memcpy(&body, frame->body, sizeof(body));
	admin_handle(&body);
}

static void
channel_on_wanted(void *arg, const struct frame *frame)
{
	struct wire_wanted body;

	memcpy(&body, frame->body, sizeof(body));
	pool_wish(body.agents, frame->header.slot, frame->header.generation);
}

static void
channel_on_unlistened(void *arg, const struct frame *frame)
{
	listen_left((const char *)frame->body, frame->header.length);
}

static const peer_handler handlers[WIRE_TYPES] = {
    [WIRE_PONG] = channel_on_pong,
    [WIRE_AGENT_KILL] = channel_on_kill,
    [WIRE_AGENT_FREE] = channel_on_free,
    [WIRE_DRAINED] = channel_on_drained,
    [WIRE_ADMIN] = channel_on_admin,
    [WIRE_WANTED] = channel_on_wanted,
    [WIRE_UNLISTENED] = channel_on_unlistened,
};

/* Its end is closed: it is dead, or as good as dead. */
static void
channel_on_gone(void *arg, const char *reason, int error)
{
	control_channel_lost(reason);
}

int
channel_open(int fd)
{
	struct peer_config config = {
	    .self = WIRE_MASTER,
	    .other = WIRE_FRONTEND,
	    .handlers = handlers,
	    .gone = channel_on_gone,
	    .max_body = WIRE_MAX_BODY,
	};

	channel = peer_new(master.base, fd, &config);
	return (channel == NULL ? -1 : 0);
}

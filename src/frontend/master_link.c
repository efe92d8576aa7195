/*
 * Writes the messages to the master, and hands those from it to the functions
 * that frontend.c gave.  Knows no other part of the front end.
 */

#include "frontend/master_link.h"
#include "common/log.h"
#include "frontend/globals.h"

#include <errno.h>
#include <string.h>

static struct peer *peer;
static const struct master_link_ops *ops;

static void
master_link_send(enum wire_type type, uint32_t number, uint32_t generation,
    const void *body, size_t length)
{
	struct iovec part = {(void *)(uintptr_t)body, length};
	struct frame_header header;

	frame_header_init(&header, type, number, generation, NULL, length);
	/* A message lost would leave the two of us with different views. */
	if (peer != NULL && peer_send(peer, &header, &part, 1, -1) == -1) {
		log_error("cannot talk to the master: %s", strerror(errno));
		ops->lost();
	}
}

void
master_link_pong(void)
{
	master_link_send(WIRE_PONG, 0, 0, NULL, 0);
}

void
master_link_unlistened(const char *name)
{
	master_link_send(WIRE_UNLISTENED, 0, 0, name, strlen(name));
}

void
master_link_kill(uint32_t number, uint32_t generation, enum wire_cause cause)
{
	struct wire_kill body = {.cause = cause};

	master_link_send(
	    WIRE_AGENT_KILL, number, generation, &body, sizeof(body));
}

void
master_link_free(uint32_t number, uint32_t generation)
{
	master_link_send(WIRE_AGENT_FREE, number, generation, NULL, 0);
}

void
master_link_scale(unsigned int agents, uint32_t number, uint32_t generation)
{
	struct wire_autoscale body = {.agents = agents};

	master_link_send(
	    WIRE_AUTOSCALE, number, generation, &body, sizeof(body));
}

void
master_link_admin(const struct wire_admin *body)
{
	master_link_send(WIRE_ADMIN, 0, 0, body, sizeof(*body));
}

void
master_link_drained(void)
{
	master_link_send(WIRE_DRAINED, 0, 0, NULL, 0);
}

static void
master_link_ended(void *arg, const char *reason, int error)
{
	peer_free(peer);
	peer = NULL;
	ops->gone();
}

void
master_link_init(const struct master_link_ops *link_ops)
{
	struct peer_config config = {
	    .self = WIRE_FRONTEND,
	    .other = WIRE_MASTER,
	    .handlers = link_ops->handlers,
	    .gone = master_link_ended,
	    .max_body = WIRE_MAX_BODY,
	};

	ops = link_ops;
	peer = peer_new(frontend.base, WIRE_SOCKET_FD, &config);
	if (peer == NULL)
		log_fatal("cannot open the channel to the master");
}

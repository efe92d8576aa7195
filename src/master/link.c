/*
 * Messages to services, above all the front end.  What they mean for agents,
 * listeners and the services themselves is for others to know; what comes is
 * handed to the handlers of whoever opened the link.
 */

#include "master/link.h"
#include "common/log.h"
#include "common/pack.h"
#include "conf/conf.h"
#include "master/globals.h"

#include <errno.h>
#include <string.h>

/*
 * Who leaves so much unread does not read at all.  A catalogue alone may be
 * half as large.
 */
#define QUEUED_MAX_BYTES (64u << 20)

/* What is said when there is no room for all that is to be said. */
#define MORE "there is more in the log"

static struct peer *links[ROLES];
static void (*link_lost)(enum role_kind, const char *why);

void
link_init(void (*lost)(enum role_kind, const char *why))
{
	link_lost = lost;
}

/* Its end is closed: it is dead, or as good as dead. */
static void
link_on_gone(void *arg, const char *reason, int error)
{
	struct peer **link = arg;

	link_lost((enum role_kind)(link - links), reason);
}

int
link_attach(enum role_kind kind, int fd, enum wire_role other,
    const peer_handler *handlers)
{
	struct peer_config config = {
	    .self = WIRE_MASTER,
	    .other = other,
	    .handlers = handlers,
	    .gone = link_on_gone,
	    .arg = &links[kind],
	    .max_body = WIRE_MAX_BODY,
	};

	links[kind] = peer_new(master.base, fd, &config);
	return (links[kind] == NULL ? -1 : 0);
}

bool
link_present(enum role_kind kind)
{
	return (links[kind] != NULL);
}

bool
link_alive(enum role_kind kind)
{
	return (links[kind] != NULL && !peer_hung_up(links[kind]));
}

void
link_detach(enum role_kind kind)
{
	peer_free(links[kind]);
	links[kind] = NULL;
}

/* Sends one frame; a service that cannot be told things is of no use. */
static int
link_send_frame(enum role_kind kind, const struct frame_header *header,
    const struct iovec *parts, int count, int fd)
{
	struct peer *peer = links[kind];

	if (peer == NULL)
		return (-1);
	if (peer_send(peer, header, parts, count, fd) == -1) {
		link_lost(kind, strerror(errno));
		return (-1);
	}
	if (peer_queued(peer) > QUEUED_MAX_BYTES)
		link_lost(kind, "does not read its messages");
	return (0);
}

/* About an agent, or about none (0, 0); the most go to the front end. */
static int
link_send(enum role_kind kind, enum wire_type type, uint32_t number,
    uint32_t generation, const void *body, size_t length, int fd)
{
	struct iovec part = {(void *)(uintptr_t)body, length};
	struct frame_header header;

	frame_header_init(&header, type, number, generation, NULL, length);
	return (link_send_frame(kind, &header, &part, 1, fd));
}

int
link_ping(enum role_kind kind)
{
	return (link_send(kind, WIRE_PING, 0, 0, NULL, 0, -1));
}

int
link_drain(enum role_kind kind, int64_t timeout_ms)
{
	struct wire_drain body = {.timeout_ms = timeout_ms};

	return (link_send(kind, WIRE_DRAIN, 0, 0, &body, sizeof(body), -1));
}

int
link_agent_up(uint32_t number, uint32_t generation,
    const struct wire_agent *body, int socket_fd)
{
	return (link_send(ROLE_FRONTEND, WIRE_AGENT_UP, number, generation,
	    body, sizeof(*body), socket_fd));
}

int
link_agent_drain(uint32_t number, uint32_t generation)
{
	return (link_send(
	    ROLE_FRONTEND, WIRE_AGENT_DRAIN, number, generation, NULL, 0, -1));
}

void
link_agent_state(
    uint32_t number, uint32_t generation, const struct wire_agent *body)
{
	(void)!link_send(ROLE_FRONTEND, WIRE_AGENT_STATE, number, generation,
	    body, sizeof(*body), -1);
}

void
link_agent_stopped(uint32_t number, uint32_t generation, bool stopped)
{
	struct wire_stopped body = {.stopped = stopped};

	(void)!link_send(ROLE_FRONTEND, WIRE_AGENT_STOPPED, number, generation,
	    &body, sizeof(body), -1);
}

void
link_agent_gone(
    uint32_t number, uint32_t generation, const struct wire_gone *body)
{
	(void)!link_send(ROLE_FRONTEND, WIRE_AGENT_GONE, number, generation,
	    body, sizeof(*body), -1);
}

void
link_listen(const char *name, int fd, bool control)
{
	(void)!link_send(ROLE_FRONTEND, control ? WIRE_CONTROL : WIRE_LISTEN, 0,
	    0, name, strlen(name), fd);
}

void
link_unlisten(const char *name)
{
	(void)!link_send(
	    ROLE_FRONTEND, WIRE_UNLISTEN, 0, 0, name, strlen(name), -1);
}

void
link_config(void)
{
	struct pack pack = {0};

	conf_pack(master.conf, CONF_SHARED, &pack);
	if (!pack.failed)
		(void)!link_send(
		    ROLE_FRONTEND, WIRE_CONFIG, 0, 0, pack.data, pack.len, -1);
	else /* a new one starts with it */
		link_lost(ROLE_FRONTEND, "no memory to send the configuration");
	pack_free(&pack);
}

void
link_catalogue(void)
{
	struct iovec part = {(void *)(uintptr_t)master.bundle.catalogue,
	    strlen(master.bundle.catalogue)};
	struct frame_header header;

	frame_header_init(
	    &header, WIRE_CATALOGUE, 0, master.epoch, NULL, part.iov_len);
	(void)!link_send_frame(ROLE_FRONTEND, &header, &part, 1, -1);
}

void
link_reason_add(struct link_reasons *to, const char *line)
{
	size_t len = strlen(line);

	if (to->full)
		return;
	if (len + 1 > sizeof(to->text) - to->len - sizeof(MORE)) {
		to->full = true;
		line = MORE;
		len = strlen(MORE);
	}
	for (size_t i = 0; i < len; i++)
		to->text[to->len++] = line[i] == '\n' ? ' ' : line[i];
	to->text[to->len++] = '\n';
}

void
link_admin_done(
    const struct wire_admin_done *body, const struct link_reasons *reasons)
{
	struct iovec parts[] = {
	    {(void *)(uintptr_t)body, sizeof(*body)},
	    {(void *)(uintptr_t)reasons->text, reasons->len},
	};
	struct frame_header header;

	frame_header_init(
	    &header, WIRE_ADMIN_DONE, 0, 0, NULL, sizeof(*body) + reasons->len);
	(void)!link_send_frame(ROLE_FRONTEND, &header, parts, 2, -1);
}

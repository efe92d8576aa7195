/*
 * Message peers for the processes that run an event loop: the front end's
 * links to agents, and the channel between master and front end.  Agents,
 * which block, use frame.c alone.
 */

#include "common/peer.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/outbox.h"
#include "common/sys.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include <linux/sockios.h>

/* A buffer at rest; a longer frame gets a larger one for as long as it needs.
 */
#define BUFFER_BYTES 4096

/* Descriptors that may have arrived ahead of the frames they belong to. */
#define FDS_MAX 16

/* A heir of the dead process's socket must not keep us reading. */
#define FINISH_READS 4096

struct peer {
	struct peer_config config;
	int fd;
	struct event *readable;
	struct outbox out;
	uint8_t *buf;
	size_t used, size;
	int fds[FDS_MAX];
	size_t nfds;
	const char *failure; /* why it has failed, from peer_fail() */
	bool dispatching, freed;
};

static void peer_readable(evutil_socket_t, short, void *);

struct peer *
peer_new(struct event_base *base, int fd, const struct peer_config *config)
{
	struct peer *peer = sys.malloc(sizeof(*peer));

	if (peer == NULL)
		return (NULL);
	memset(peer, 0, sizeof(*peer));
	peer->config = *config;
	peer->fd = fd;
	peer->size = BUFFER_BYTES;
	peer->buf = sys.malloc(peer->size);
	peer->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, peer_readable, peer);
	if (outbox_init(&peer->out, base, fd) == -1 || peer->buf == NULL ||
	    peer->readable == NULL || event_add(peer->readable, NULL) == -1) {
		peer->fd = -1; /* remains the caller's */
		peer_free(peer);
		errno = ENOMEM;
		return (NULL);
	}
	peer->out.held = config->held;
	return (peer);
}

/* Stops all input and output, and gives back what that used. */
static void
peer_close(struct peer *peer)
{
	if (peer->readable != NULL)
		event_free(peer->readable);
	peer->readable = NULL;
	outbox_fini(&peer->out);
	while (peer->nfds > 0)
		close(peer->fds[--peer->nfds]);
	fd_close(&peer->fd);
}

static void
peer_held(const struct peer *peer, ssize_t change)
{
	if (peer->config.held != NULL)
		peer->config.held(change);
}

void
peer_free(struct peer *peer)
{
	if (peer == NULL)
		return;
	peer_close(peer);
	peer->freed = true;
	if (peer->dispatching) /* peer_readable() does the rest */
		return;
	peer_held(peer, (ssize_t)BUFFER_BYTES - (ssize_t)peer->size);
	free(peer->buf);
	free(peer);
}

void
peer_fail(struct peer *peer, const char *reason)
{
	if (peer->failure == NULL)
		peer->failure = reason;
}

bool
peer_has_unread(const struct peer *peer)
{
	int bytes = 0;

	return (peer->out.queued > 0 ||
		(ioctl(peer->fd, SIOCOUTQ, &bytes) == 0 && bytes > 0));
}

size_t
peer_queued(const struct peer *peer)
{
	return (peer->out.queued);
}

static void
peer_trace(const char *what, const struct frame_header *header)
{
	if (log_enabled(LOG_DEBUG))
		log_debug("%s %s, agent-%u.%u, %u bytes", what,
		    wire_kind(header->type)->name, header->slot,
		    header->generation, header->length);
}

/* The owner hears of it once: after this nothing is read or written. */
static void
peer_lost(struct peer *peer, const char *reason, int error)
{
	peer_close(peer);
	peer->config.gone(peer->config.arg, reason, error);
}

/* Header and body of a frame as parts; returns how many these are. */
static int
peer_put_parts(struct iovec *parts, const struct frame_header *header,
    const struct iovec *body, int count)
{
	assert(count <= PEER_PARTS_MAX);
	peer_trace("sends", header);
	parts[0].iov_base = (void *)(uintptr_t)header;
	parts[0].iov_len = sizeof(*header);
	for (int i = 0; i < count; i++)
		parts[i + 1] = body[i];
	return (count + 1);
}

static int
peer_write(struct peer *peer, const struct iovec *parts, int count,
    size_t length, int fd)
{
	if (peer->fd == -1) {
		errno = EPIPE;
		return (-1);
	}
	return (outbox_send(&peer->out, parts, count, length, fd));
}

int
peer_send(struct peer *peer, const struct frame_header *header,
    const struct iovec *body, int count, int fd)
{
	struct iovec parts[PEER_PARTS_MAX + 1];

	count = peer_put_parts(parts, header, body, count);
	return (peer_write(
	    peer, parts, count, sizeof(*header) + header->length, fd));
}

int
peer_send_all(struct peer *peer, const struct peer_message *messages, size_t n)
{
	struct iovec parts[PEER_MESSAGES_MAX * (PEER_PARTS_MAX + 1)];
	size_t length = 0;
	int count = 0;

	assert(n <= PEER_MESSAGES_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct peer_message *m = &messages[i];

		count += peer_put_parts(
		    parts + count, &m->header, m->body, m->count);
		length += sizeof(m->header) + m->header.length;
	}
	return (peer_write(peer, parts, count, length, -1));
}

/* Keeps the descriptors of a received message until their frame is whole. */
static void
peer_take_fds(struct peer *peer, struct msghdr *msg)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(
			    &fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (peer->nfds < FDS_MAX)
				peer->fds[peer->nfds++] = fd;
			else
				close(fd);
		}
	}
}

/* Only the master passes descriptors. */
static ssize_t
peer_recv(struct peer *peer)
{
	ssize_t got;

	do
		got = recv(peer->fd, peer->buf + peer->used,
		    peer->size - peer->used, MSG_DONTWAIT);
	while (got == -1 && errno == EINTR);
	return (got);
}

static ssize_t
peer_recvmsg(struct peer *peer)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct iovec into = {peer->buf + peer->used, peer->size - peer->used};
	struct msghdr msg = {.msg_iov = &into,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control.space)};
	ssize_t got;

	do
		got = recvmsg(peer->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got == -1 && errno == EINTR);
	if (got > 0)
		peer_take_fds(peer, &msg);
	return (got);
}

/* The descriptor that belongs to a frame of that type, or -1. */
static int
peer_frame_fd(struct peer *peer, unsigned int type)
{
	int fd;

	if (!wire_kind(type)->passes)
		return (-1);
	if (peer->nfds == 0)
		return (-1);
	fd = peer->fds[0];
	peer->nfds--;
	memmove(peer->fds, peer->fds + 1, peer->nfds * sizeof(int));
	return (fd);
}

/*
 * Makes room for a frame of need bytes, and gives a large buffer back when
 * the frames are small again.
 */
static int
peer_reserve(struct peer *peer, size_t need)
{
	size_t size = need > BUFFER_BYTES ? need : BUFFER_BYTES;
	uint8_t *buf;

	if (need <= peer->size &&
	    (peer->size == BUFFER_BYTES || peer->used > 0))
		return (0);
	if (size == peer->size)
		return (0);
	if ((buf = sys.malloc(size)) == NULL)
		return (need <= peer->size ? 0 : -1);
	memcpy(buf, peer->buf, peer->used);
	free(peer->buf);
	peer->buf = buf;
	peer_held(peer, (ssize_t)size - (ssize_t)peer->size);
	peer->size = size;
	return (0);
}

/* Hands over the first frame of the buffer.  Returns its length, or 0. */
static size_t
peer_dispatch_one(struct peer *peer, size_t offset)
{
	struct frame frame;
	size_t have = peer->used - offset, length;
	const char *wrong;

	if (have < sizeof(frame.header))
		return (0);
	memcpy(&frame.header, peer->buf + offset, sizeof(frame.header));
	wrong = frame_check(&frame.header, peer->config.other,
	    peer->config.self, peer->config.max_body);
	if (wrong == NULL && peer->config.handlers[frame.header.type] == NULL)
		wrong = "sent a frame that nobody handles";
	if (wrong != NULL) {
		peer_fail(peer, wrong);
		return (0);
	}
	length = sizeof(frame.header) + frame.header.length;
	if (have < length)
		return (0);
	peer_trace("got", &frame.header);
	frame.body = peer->buf + offset + sizeof(frame.header);
	frame.fd = peer_frame_fd(peer, frame.header.type);
	peer->config.handlers[frame.header.type](peer->config.arg, &frame);
	return (length);
}

/* Hands over every whole frame of the buffer and keeps the rest. */
static void
peer_dispatch(struct peer *peer)
{
	size_t done = 0, n;

	peer->dispatching = true;
	do {
		n = peer_dispatch_one(peer, done);
		done += n;
	} while (n > 0 && peer->failure == NULL && !peer->freed);
	peer->dispatching = false;
	if (peer->freed || peer->failure != NULL)
		return;
	peer->used -= done;
	memmove(peer->buf, peer->buf + done, peer->used);
}

/* How many bytes the frame at the start of the buffer has in whole. */
static size_t
peer_wanted(const struct peer *peer)
{
	struct frame_header header;

	if (peer->used < sizeof(header))
		return (0);
	memcpy(&header, peer->buf, sizeof(header));
	return (sizeof(header) + header.length);
}

/* Reads once.  False: there is nothing more, or the peer is lost or freed. */
static bool
peer_read(struct peer *peer)
{
	ssize_t got = peer->config.other == WIRE_MASTER ? peer_recvmsg(peer)
							: peer_recv(peer);

	if (got == -1 && errno == EAGAIN)
		return (false);
	if (got <= 0) {
		peer_lost(peer, "closed its socket", got == 0 ? 0 : errno);
		return (false);
	}
	peer->used += (size_t)got;
	peer_dispatch(peer);
	if (peer->freed)
		peer_free(peer);
	else if (peer->failure != NULL)
		peer_lost(peer, peer->failure, EPROTO);
	else if (peer_reserve(peer, peer_wanted(peer)) == -1)
		peer_lost(
		    peer, "sent a frame for which there is no memory", ENOMEM);
	else
		return (true);
	return (false);
}

/* Once a wake-up: what is left keeps the socket readable. */
static void
peer_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)peer_read(arg);
}

bool
peer_hung_up(const struct peer *peer)
{
	struct pollfd p = {.fd = peer->fd};

	return (peer->fd == -1 ||
		(poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0));
}

void
peer_finish(struct peer *peer)
{
	if (peer->dispatching) /* it is being done */
		return;
	for (int i = 0; i < FINISH_READS && peer->fd != -1; i++)
		if (!peer_read(peer))
			break;
}

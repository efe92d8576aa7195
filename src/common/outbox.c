/*
 * Writes messages to a socket without waiting for it.  What it does not take
 * is queued and written as it becomes writable.
 */

#include "common/outbox.h"
#include "common/fd.h"
#include "common/sys.h"

#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

struct outbox_message {
	TAILQ_ENTRY(outbox_message) entry;
	size_t length, sent;
	int fd;
	uint8_t bytes[];
};

static void outbox_writable(evutil_socket_t, short, void *);

int
outbox_init(struct outbox *out, struct event_base *base, int fd)
{
	out->fd = fd;
	out->queued = 0;
	out->held = NULL;
	TAILQ_INIT(&out->queue);
	out->writable = event_new(base, fd, EV_WRITE, outbox_writable, out);
	return (out->writable == NULL ? -1 : 0);
}

static void
outbox_held(const struct outbox *out, ssize_t change)
{
	if (out->held != NULL)
		out->held(change);
}

static void
outbox_message_free(struct outbox *out, struct outbox_message *message)
{
	TAILQ_REMOVE(&out->queue, message, entry);
	out->queued -= message->length - message->sent;
	outbox_held(out, -(ssize_t)message->length);
	fd_close(&message->fd);
	free(message);
}

void
outbox_fini(struct outbox *out)
{
	struct outbox_message *message;

	if (out->writable != NULL)
		event_free(out->writable);
	out->writable = NULL;
	while ((message = TAILQ_FIRST(&out->queue)) != NULL)
		outbox_message_free(out, message);
}

/*
 * One sendmsg(2).  A passed descriptor goes with the first byte of its message.
 */
static ssize_t
outbox_sendmsg(struct outbox *out, struct iovec *parts, int count, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = {.msg_iov = parts, .msg_iovlen = (size_t)count};
	ssize_t sent;

	if (fd != -1) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	do
		sent = sendmsg(out->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent == -1 && errno == EINTR);
	if (sent == -1 && (errno == EAGAIN || errno == ENOBUFS))
		return (0);
	return (sent);
}

/* A copy, for when the socket is writable. */
static struct outbox_message *
outbox_message_new(const struct iovec *parts, int count, int fd)
{
	struct outbox_message *message;
	size_t length = 0;

	for (int i = 0; i < count; i++)
		length += parts[i].iov_len;
	if ((message = sys.malloc(sizeof(*message) + length)) == NULL)
		return (NULL);
	message->length = 0;
	message->sent = 0;
	message->fd = -1;
	for (int i = 0; i < count; i++) {
		if (parts[i].iov_len == 0) /* its base may be NULL */
			continue;
		memcpy(message->bytes + message->length, parts[i].iov_base,
		    parts[i].iov_len);
		message->length += parts[i].iov_len;
	}
	if (fd != -1 && (message->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1) {
		free(message);
		return (NULL);
	}
	return (message);
}

/* Half a message would spoil all that follow. */
static int
outbox_give_up(const struct outbox *out, bool half)
{
	if (half) {
		shutdown(out->fd, SHUT_RDWR);
		errno = EPIPE;
	}
	return (-1);
}

int
outbox_send(struct outbox *out, const struct iovec *parts, int count,
    size_t length, int fd)
{
	struct iovec copy[OUTBOX_PARTS_MAX];
	struct outbox_message *message;
	ssize_t sent = 0;

	assert(count <= OUTBOX_PARTS_MAX);
	memcpy(copy, parts, (size_t)count * sizeof(*parts));
	if (TAILQ_EMPTY(&out->queue)) {
		sent = outbox_sendmsg(out, copy, count, fd);
		if (sent == -1)
			return (-1);
		if ((size_t)sent == length)
			return (0);
	}
	if ((message = outbox_message_new(parts, count, sent > 0 ? -1 : fd)) ==
	    NULL)
		return (outbox_give_up(out, sent > 0));
	message->sent = (size_t)sent;
	out->queued += message->length - message->sent;
	outbox_held(out, (ssize_t)message->length);
	TAILQ_INSERT_TAIL(&out->queue, message, entry);
	if (event_add(out->writable, NULL) == 0)
		return (0);
	outbox_message_free(out, message);
	errno = ENOMEM;
	return (outbox_give_up(out, sent > 0));
}

static void
outbox_writable(evutil_socket_t fd, short what, void *arg)
{
	struct outbox *out = arg;
	struct outbox_message *message;

	while ((message = TAILQ_FIRST(&out->queue)) != NULL) {
		struct iovec rest = {message->bytes + message->sent,
		    message->length - message->sent};
		ssize_t sent = outbox_sendmsg(
		    out, &rest, 1, message->sent == 0 ? message->fd : -1);

		if (sent == -1) {
			/* The reading side reports the loss, and why. */
			shutdown(out->fd, SHUT_RDWR);
			return;
		}
		message->sent += (size_t)sent;
		out->queued -= (size_t)sent;
		if (message->sent < message->length) {
			event_add(out->writable, NULL);
			return;
		}
		outbox_message_free(out, message);
	}
}

/*
 * The framing of every message between processes.  Agents use the blocking
 * calls here; master and front end use peer.c, which shares the checks.
 */

#include "common/frame.h"
#include "common/sys.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct frame_header) == 32, "the header has no padding");

void
frame_header_init(struct frame_header *header, enum wire_type type,
    uint32_t slot, uint32_t generation, const uint8_t *id, size_t length)
{
	memset(header, 0, sizeof(*header));
	header->magic = WIRE_MAGIC;
	header->version = WIRE_VERSION;
	header->type = type;
	header->length = (uint32_t)length;
	header->slot = slot;
	header->generation = generation;
	if (id != NULL)
		memcpy(header->id, id, sizeof(header->id));
}

const char *
frame_check(const struct frame_header *header, enum wire_role sender,
    enum wire_role receiver, size_t max_body)
{
	const struct wire_kind *kind;

	if (header->magic != WIRE_MAGIC || header->version != WIRE_VERSION)
		return ("sent something that is not a frame");
	if ((kind = wire_kind(header->type)) == NULL)
		return ("sent a frame of unknown type");
	if (kind->sender != sender || kind->receiver != receiver)
		return ("sent a frame that it may not send");
	if (header->length < kind->min)
		return ("sent a frame that is too short");
	if (header->length > kind->max || header->length > max_body)
		return ("sent a frame that is too long");
	return (NULL);
}

/* Reads n bytes.  Returns 1; 0 at end of file before the first; -1. */
static int
frame_read_exactly(int fd, void *buf, size_t n)
{
	size_t have = 0;
	ssize_t got;

	while (have < n) {
		got = read(fd, (uint8_t *)buf + have, n - have);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return (-1);
		if (got == 0 && have == 0)
			return (0);
		if (got == 0) {
			errno = EPROTO;
			return (-1);
		}
		have += (size_t)got;
	}
	return (1);
}

/* Makes *buf hold at least need bytes; what it held is lost. */
static int
frame_reserve(uint8_t **buf, size_t *size, size_t need)
{
	uint8_t *bigger;

	if (need <= *size)
		return (0);
	if ((bigger = sys.malloc(need)) == NULL)
		return (-1);
	free(*buf);
	*buf = bigger;
	*size = need;
	return (0);
}

int
frame_read(int fd, struct frame *frame, uint8_t **buf, size_t *size,
    enum wire_role sender, enum wire_role receiver)
{
	size_t length;
	int rc;

	frame->fd = -1;
	rc = frame_read_exactly(fd, &frame->header, sizeof(frame->header));
	if (rc != 1)
		return (rc);
	if (frame_check(&frame->header, sender, receiver, WIRE_MAX_BODY) !=
	    NULL) {
		errno = EPROTO;
		return (-1);
	}
	length = frame->header.length;
	if (frame_reserve(buf, size, length + 1) == -1)
		return (-1);
	if (length > 0 && frame_read_exactly(fd, *buf, length) != 1) {
		errno = EPROTO;
		return (-1);
	}
	(*buf)[length] = '\0';
	frame->body = *buf;
	return (1);
}

int
frame_advance(struct iovec **parts, int count, size_t n)
{
	while (count > 0 && n >= (*parts)->iov_len) {
		n -= (*parts)->iov_len;
		(*parts)++;
		count--;
	}
	if (count > 0) {
		(*parts)->iov_base = (uint8_t *)(*parts)->iov_base + n;
		(*parts)->iov_len -= n;
	}
	return (count);
}

int
frame_write(int fd, struct iovec *parts, int count)
{
	ssize_t sent;

	while (count > 0) {
		struct msghdr msg = {.msg_iov = parts,
		    .msg_iovlen = (size_t)count};

		sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
		if (sent == -1 && errno == EINTR)
			continue;
		if (sent == -1)
			return (-1);
		count = frame_advance(&parts, count, (size_t)sent);
	}
	return (0);
}

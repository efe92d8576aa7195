/*
 * The framing of every message between processes.  Agents use the blocking
 * calls here; master and front end use peer.c, which shares the checks.
 */

#include "common/frame.h"
#include "common/sys.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A buffer at rest. */
#define BUFFER_BYTES 4096

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

void
frame_reader_init(struct frame_reader *reader, int fd, enum wire_role sender,
    enum wire_role receiver)
{
	memset(reader, 0, sizeof(*reader));
	reader->fd = fd;
	reader->sender = sender;
	reader->receiver = receiver;
}

void
frame_reader_fini(struct frame_reader *reader)
{
	free(reader->buf);
	memset(reader, 0, sizeof(*reader));
}

/*
 * Makes room for need bytes from the start of the frame at hand.  A buffer
 * that a large frame needed is given back after it.
 */
static int
frame_reserve(struct frame_reader *reader, size_t need)
{
	size_t have = reader->end - reader->start;
	size_t size = need < BUFFER_BYTES ? BUFFER_BYTES : need;
	bool too_large = have == 0 && reader->size > BUFFER_BYTES;
	uint8_t *buf;

	if (have == 0)
		reader->start = reader->end = 0;
	if (reader->size - reader->start >= need && !too_large)
		return (0);
	if (size == reader->size) {
		memmove(reader->buf, reader->buf + reader->start, have);
	} else {
		if ((buf = sys.malloc(size)) == NULL)
			return (-1);
		if (have > 0)
			memcpy(buf, reader->buf + reader->start, have);
		free(reader->buf);
		reader->buf = buf;
		reader->size = size;
	}
	reader->start = 0;
	reader->end = have;
	return (0);
}

/* Reads until need bytes are there.  1; 0 at end of file; -1 with errno. */
static int
frame_fill(struct frame_reader *reader, size_t need)
{
	ssize_t got;

	if (frame_reserve(reader, need) == -1)
		return (-1);
	while (reader->end - reader->start < need) {
		if (reader->wait != NULL && reader->end == reader->start)
			(void)reader->wait(reader->fd);
		got = read(reader->fd, reader->buf + reader->end,
		    reader->size - reader->end);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return ((int)got);
		reader->end += (size_t)got;
	}
	return (1);
}

int
frame_read(struct frame_reader *reader, struct frame *frame)
{
	size_t length = sizeof(frame->header);
	int rc = frame_fill(reader, length);

	if (rc == 1) {
		memcpy(&frame->header, reader->buf + reader->start, length);
		if (frame_check(&frame->header, reader->sender,
			reader->receiver, WIRE_MAX_BODY) != NULL) {
			errno = EPROTO;
			return (-1);
		}
		length += frame->header.length;
		rc = frame_fill(reader, length);
	}
	if (rc == 0 && reader->end > reader->start) { /* within a frame */
		errno = EPROTO;
		return (-1);
	}
	if (rc != 1)
		return (rc);
	frame->fd = -1;
	frame->body = reader->buf + reader->start + sizeof(frame->header);
	reader->start += length;
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
		struct msghdr msg = {
		    .msg_iov = parts, .msg_iovlen = (size_t)count};

		sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
		if (sent == -1 && errno == EINTR)
			continue;
		if (sent == -1)
			return (-1);
		count = frame_advance(&parts, count, (size_t)sent);
	}
	return (0);
}

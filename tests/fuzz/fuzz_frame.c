/*
 * Fuzzes the readers of frames.  The first byte chooses who reads from whom
 * and the second how many bytes come at a time; the rest is what comes.  The
 * reader with an event loop and the one without must hand over as many frames.
 */

#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/fd.h"
#include "common/frame.h"
#include "common/peer.h"
#include "common/sys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What fits a socket's buffer for certain. */
#define INPUT_MAX 16384

/* No frame in the input is as large as that. */
#define MEMORY_MAX (1u << 20)

static const struct {
	enum wire_role self, other;
} roles[] = {
    {WIRE_FRONTEND, WIRE_MASTER},
    {WIRE_MASTER, WIRE_FRONTEND},
    {WIRE_FRONTEND, WIRE_AGENT},
    {WIRE_AGENT, WIRE_FRONTEND},
};

static struct event_base *base;
static unsigned int frames;
static bool gone;
static volatile uint8_t sum;

static void *
limited_malloc(size_t n)
{
	if (n <= MEMORY_MAX)
		return (malloc(n));
	errno = ENOMEM;
	return (NULL);
}

static void
touch(void *arg, const struct frame *frame)
{
	assert(!gone && frame->fd == -1);
	for (size_t i = 0; i < frame->header.length; i++)
		sum += frame->body[i];
	frames++;
}

static void
lost(void *arg, const char *reason, int error)
{
	assert(!gone && reason[0] != '\0');
	gone = true;
}

static struct peer *
make_peer(unsigned int role, int fd)
{
	static peer_handler handlers[WIRE_TYPES];
	struct peer_config config = {
	    .self = roles[role].self,
	    .other = roles[role].other,
	    .handlers = handlers,
	    .gone = lost,
	    .arg = NULL,
	    .max_body = WIRE_MAX_BODY,
	};

	for (size_t i = 0; i < WIRE_TYPES; i++)
		handlers[i] = touch;
	if (base == NULL)
		base = event_base_new();
	return (peer_new(base, fd, &config));
}

static void
read_with_loop(
    unsigned int role, size_t piece, const uint8_t *data, size_t size)
{
	int pair[2];
	struct peer *peer;

	if (fd_socketpair(pair) == -1)
		abort();
	gone = false;
	peer = make_peer(role, pair[0]);
	assert(peer != NULL);
	while (size > 0 && !gone) {
		size_t n = piece < size ? piece : size;

		if (send(pair[1], data, n, MSG_NOSIGNAL) != (ssize_t)n)
			abort();
		data += n;
		size -= n;
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	close(pair[1]);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert(gone);
	peer_free(peer);
}

static void
read_without(unsigned int role, const uint8_t *data, size_t size)
{
	struct frame_reader reader;
	struct frame frame;
	int pair[2], rc;

	if (fd_socketpair(pair) == -1 || fd_set_blocking(pair[0]) == -1 ||
	    write(pair[1], data, size) != (ssize_t)size)
		abort();
	close(pair[1]);
	gone = false;
	frame_reader_init(
	    &reader, pair[0], roles[role].other, roles[role].self);
	while ((rc = frame_read(&reader, &frame)) == 1)
		touch(NULL, &frame);
	assert(rc == 0 || errno == EPROTO || errno == ENOMEM);
	frame_reader_fini(&reader);
	close(pair[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int role, with_loop;

	if (size < 2 || size > INPUT_MAX)
		return (0);
	sys.malloc = limited_malloc;
	role = data[0] % (sizeof(roles) / sizeof(roles[0]));
	frames = 0;
	read_with_loop(role, data[1] + 1u, data + 2, size - 2);
	with_loop = frames;
	frames = 0;
	read_without(role, data + 2, size - 2);
	assert(frames == with_loop);
	return (0);
}

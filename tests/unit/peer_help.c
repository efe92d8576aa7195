/*
 * Help for the tests of peers.  The event base is made with the change list,
 * as in the front end.
 */

#include "peer_help.h"

#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/fd.h"
#include "common/peer.h"
#include "common/sys.h"
#include "open_fds.h"

struct event_base *peer_help_base;
struct peer *peer_help_peer;
int peer_help_other = -1;
struct peer_help_seen peer_help_seen;
void (*peer_help_on_frame)(const struct frame *);
unsigned int peer_help_allocations, peer_help_fail_at;
size_t peer_help_allocated;

static int fds_before;

static void *
peer_help_malloc(size_t n)
{
	peer_help_allocations++;
	peer_help_allocated = n;
	if (peer_help_fail_at == 0 || --peer_help_fail_at > 0)
		return (malloc(n));
	errno = ENOMEM;
	return (NULL);
}

static void
peer_help_handle(void *arg, const struct frame *frame)
{
	assert_ptr_equal(arg, &peer_help_seen);
	peer_help_seen.frames++;
	peer_help_seen.header = frame->header;
	free(peer_help_seen.body);
	peer_help_seen.body = malloc(frame->header.length + 1);
	assert_non_null(peer_help_seen.body);
	memcpy(peer_help_seen.body, frame->body, frame->header.length);
	if (frame->fd != -1)
		peer_help_seen.fds[peer_help_seen.fd_count++] = frame->fd;
	if (peer_help_on_frame != NULL)
		peer_help_on_frame(frame);
}

static void
peer_help_gone(void *arg, const char *reason, int error)
{
	assert_ptr_equal(arg, &peer_help_seen);
	peer_help_seen.gone++;
	strlcpy(peer_help_seen.reason, reason, sizeof(peer_help_seen.reason));
	peer_help_seen.error = error;
}

ssize_t peer_help_held;

static void
peer_help_hold(ssize_t change)
{
	peer_help_held += change;
}

/* All that the master sends but UNLISTEN. */
static const peer_handler handlers[WIRE_TYPES] = {
    [WIRE_PING] = peer_help_handle,
    [WIRE_CONFIG] = peer_help_handle,
    [WIRE_LISTEN] = peer_help_handle,
    [WIRE_AGENT_UP] = peer_help_handle,
};

int
peer_help_set_up(void **state)
{
	struct peer_config config = {
	    .self = WIRE_FRONTEND,
	    .other = WIRE_MASTER,
	    .handlers = handlers,
	    .gone = peer_help_gone,
	    .arg = &peer_help_seen,
	    .max_body = HELP_MAX_BODY,
	    .held = peer_help_hold,
	};
	struct event_config *how = event_config_new();
	int pair[2];

	fds_before = open_fds();
	memset(&peer_help_seen, 0, sizeof(peer_help_seen));
	peer_help_on_frame = NULL;
	peer_help_allocations = peer_help_fail_at = 0;
	peer_help_allocated = 0;
	peer_help_held = 0;
	sys.malloc = peer_help_malloc;
	event_config_set_flag(how, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	peer_help_base = event_base_new_with_config(how);
	event_config_free(how);
	assert_non_null(peer_help_base);
	assert_int_equal(fd_socketpair(pair), 0);
	peer_help_other = pair[1];
	peer_help_peer = peer_new(peer_help_base, pair[0], &config);
	assert_non_null(peer_help_peer);
	return (0);
}

int
peer_help_tear_down(void **state)
{
	peer_free(peer_help_peer);
	peer_help_peer = NULL;
	assert_int_equal(peer_help_held, 0);
	fd_close(&peer_help_other);
	event_base_free(peer_help_base);
	free(peer_help_seen.body);
	peer_help_seen.body = NULL;
	while (peer_help_seen.fd_count > 0)
		close(peer_help_seen.fds[--peer_help_seen.fd_count]);
	sys.malloc = malloc;
	assert_int_equal(open_fds(), fds_before);
	return (0);
}

/* A turn of the loop handles one read, so there are some more. */
void
peer_help_turn(void)
{
	for (int i = 0; i < 8; i++)
		event_base_loop(peer_help_base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

size_t
peer_help_frame(uint8_t *bytes, enum wire_type type, uint32_t slot,
    const void *body, size_t len)
{
	struct frame_header header;

	frame_header_init(&header, type, slot, 1, NULL, len);
	memcpy(bytes, &header, sizeof(header));
	if (body != NULL)
		memcpy(bytes + sizeof(header), body, len);
	else
		memset(bytes + sizeof(header), 0, len);
	return (sizeof(header) + len);
}

void
peer_help_put(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	ssize_t n;

	while (len > 0) {
		n = write(peer_help_other, at, len);
		assert_true(n > 0 || errno == EAGAIN);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
		peer_help_turn();
	}
}

void
peer_help_put_pings(unsigned int count)
{
	uint8_t bytes[sizeof(struct frame_header) * 8];
	size_t used = 0;

	assert_true(count <= 8);
	for (unsigned int i = 0; i < count; i++)
		used += peer_help_frame(bytes + used, WIRE_PING, i, NULL, 0);
	assert_int_equal(write(peer_help_other, bytes, used), used);
	peer_help_turn();
}

void
peer_help_expect_gone(const char *reason, int error)
{
	peer_help_turn();
	assert_int_equal(peer_help_seen.gone, 1);
	assert_string_equal(peer_help_seen.reason, reason);
	assert_int_equal(peer_help_seen.error, error);
}

int
peer_help_send(enum wire_type type, uint32_t slot, const void *body, size_t len)
{
	struct iovec part = {(void *)(uintptr_t)body, len};
	struct frame_header header;

	frame_header_init(&header, type, slot, 1, NULL, len);
	return (peer_send(peer_help_peer, &header, &part, 1, -1));
}

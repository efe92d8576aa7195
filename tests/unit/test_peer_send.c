/*
 * What a peer writes: at once, queued while the socket is full, in pieces of
 * any size, and when the other end or the memory is gone.
 * sendmsg(2) is wrapped so that it takes only some bytes on demand.
 *
 * Wraps: sendmsg event_add
 */

#include "test.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "common/fd.h"
#include "common/peer.h"
#include "peer_help.h"

#include <event2/event.h>

#define HEADER sizeof(struct frame_header)
#define CHUNK_BYTES 10000

ssize_t __real_sendmsg(int, const struct msghdr *, int);
ssize_t __wrap_sendmsg(int, const struct msghdr *, int);

static size_t take_most; /* bytes of a call; 0 = any number */
static bool full;	 /* after the next call, none */

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr less = *msg;
	struct iovec first = msg->msg_iov[0];

	if (take_most == 0)
		return (__real_sendmsg(fd, msg, flags));
	if (full) {
		errno = EAGAIN;
		return (-1);
	}
	if (first.iov_len > take_most)
		first.iov_len = take_most;
	less.msg_iov = &first;
	less.msg_iovlen = 1;
	full = true;
	return (__real_sendmsg(fd, &less, flags));
}

int __real_event_add(struct event *, const struct timeval *);
int __wrap_event_add(struct event *, const struct timeval *);

static bool no_event;

int
__wrap_event_add(struct event *event, const struct timeval *tv)
{
	if (no_event)
		return (-1);
	return (__real_event_add(event, tv));
}

static int
set_up(void **state)
{
	take_most = 0;
	no_event = false;
	full = false;
	return (peer_help_set_up(state));
}

/* Reads the next frame from the other end, which must be this one. */
static void
expect_sent(enum wire_type type, uint32_t slot, const void *body, size_t len)
{
	struct frame_header header;
	uint8_t got[CHUNK_BYTES];

	assert_int_equal(
	    recv(peer_help_other, &header, HEADER, MSG_WAITALL), HEADER);
	assert_int_equal(header.type, type);
	assert_int_equal(header.slot, slot);
	assert_int_equal(header.length, len);
	if (len == 0)
		return;
	assert_int_equal(recv(peer_help_other, got, len, MSG_WAITALL), len);
	assert_memory_equal(got, body, len);
}

static void
expect_nothing_sent(void)
{
	char byte;

	assert_int_equal(recv(peer_help_other, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void
test_sent_at_once(void **state)
{
	static const struct wire_kill body = {.cause = CAUSE_CLOSED};

	peer_help_allocations = 0;
	assert_int_equal(peer_help_send(WIRE_PONG, 1, NULL, 0), 0);
	assert_int_equal(
	    peer_help_send(WIRE_AGENT_KILL, 2, &body, sizeof(body)), 0);
	assert_int_equal(peer_queued(peer_help_peer), 0);
	assert_int_equal(peer_help_allocations, 0);
	expect_sent(WIRE_PONG, 1, NULL, 0);
	expect_sent(WIRE_AGENT_KILL, 2, &body, sizeof(body));
	expect_nothing_sent();
}

/* Lets the peer write, as often as the socket takes something. */
static void
drain(void)
{
	for (int i = 0; i < 1000 && peer_queued(peer_help_peer) > 0; i++) {
		full = false;
		peer_help_turn();
	}
	assert_int_equal(peer_queued(peer_help_peer), 0);
}

static void
test_sent_in_pieces(void **state)
{
	static char text[] = "abcdef";
	struct iovec parts[] = {
	    {text, 1}, {NULL, 0}, {text + 1, 2}, {text + 3, 3}};
	struct frame_header header;

	frame_header_init(&header, WIRE_CONFIG, 1, 1, NULL, 6);
	for (take_most = 1; take_most <= HEADER + 6; take_most++) {
		full = false;
		assert_int_equal(
		    peer_send(peer_help_peer, &header, parts, 4, -1), 0);
		assert_int_equal(peer_queued(peer_help_peer),
		    HEADER + 6 - (take_most < HEADER ? take_most : HEADER));
		assert_int_equal(peer_help_send(WIRE_PONG, 2, NULL, 0), 0);
		drain();
		expect_sent(WIRE_CONFIG, 1, text, 6);
		expect_sent(WIRE_PONG, 2, NULL, 0);
	}
	expect_nothing_sent();
}

/* What cannot wait for the socket is not sent at all. */
static void
test_no_event(void **state)
{
	take_most = HEADER;
	full = true;
	no_event = true;
	assert_int_equal(peer_help_send(WIRE_PONG, 1, NULL, 0), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(peer_queued(peer_help_peer), 0);
	no_event = false;
	full = false;
	assert_int_equal(peer_help_send(WIRE_PONG, 2, NULL, 0), 0);
	expect_sent(WIRE_PONG, 2, NULL, 0);
	expect_nothing_sent();
}

/* But for one of which a part has gone: then the connection is over. */
static void
test_no_event_for_a_half(void **state)
{
	take_most = 1;
	no_event = true;
	assert_int_equal(peer_help_send(WIRE_PONG, 1, NULL, 0), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(peer_queued(peer_help_peer), 0);
}

/* Sends until some wait; returns how many were sent. */
static uint32_t
fill(const uint8_t *chunk)
{
	uint32_t sent = 0;

	while (peer_queued(peer_help_peer) == 0) {
		assert_int_equal(
		    peer_help_send(WIRE_CONFIG, sent++, chunk, CHUNK_BYTES), 0);
		assert_true(sent < 10000);
	}
	return (sent);
}

static void
test_queued_while_full(void **state)
{
	uint8_t chunk[CHUNK_BYTES];
	uint32_t sent, i;
	size_t queued;

	for (i = 0; i < sizeof(chunk); i++)
		chunk[i] = i % 253;
	sent = fill(chunk);
	queued = peer_queued(peer_help_peer);
	assert_in_range(queued, 1, CHUNK_BYTES + HEADER);
	assert_int_equal(peer_help_send(WIRE_PONG, sent, NULL, 0), 0);
	assert_int_equal(peer_queued(peer_help_peer), queued + HEADER);
	assert_in_range(peer_help_held, queued, CHUNK_BYTES + 2 * HEADER);
	peer_help_turn(); /* still full */
	assert_int_equal(peer_queued(peer_help_peer), queued + HEADER);
	for (i = 0; i < sent; i++) {
		expect_sent(WIRE_CONFIG, i, chunk, CHUNK_BYTES);
		peer_help_turn();
	}
	expect_sent(WIRE_PONG, sent, NULL, 0);
	assert_int_equal(peer_queued(peer_help_peer), 0);
	assert_int_equal(peer_help_held, 0);
	assert_int_equal(peer_help_send(WIRE_PONG, 7, NULL, 0), 0);
	assert_int_equal(peer_queued(peer_help_peer), 0);
	expect_sent(WIRE_PONG, 7, NULL, 0);
}

static void
test_no_memory_to_queue(void **state)
{
	static const uint8_t chunk[CHUNK_BYTES];
	uint32_t sent = fill(chunk), i;
	size_t queued = peer_queued(peer_help_peer);

	peer_help_fail_at = 1;
	assert_int_equal(peer_help_send(WIRE_PONG, 0, NULL, 0), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(peer_queued(peer_help_peer), queued);
	assert_int_equal(peer_help_send(WIRE_DRAINED, sent, NULL, 0), 0);
	for (i = 0; i < sent; i++) {
		expect_sent(WIRE_CONFIG, i, chunk, CHUNK_BYTES);
		peer_help_turn();
	}
	expect_sent(WIRE_DRAINED, sent, NULL, 0);
	expect_nothing_sent();
	assert_int_equal(peer_help_seen.gone, 0);
}

/* What is cut off in the middle cannot be followed by anything. */
static void
test_no_memory_for_the_rest(void **state)
{
	static const uint8_t body[100];
	char bytes[10];

	take_most = sizeof(bytes);
	peer_help_fail_at = 1;
	assert_int_equal(
	    peer_help_send(WIRE_CONFIG, 0, body, sizeof(body)), -1);
	assert_int_equal(errno, EPIPE);
	peer_help_expect_gone("closed its socket", 0);
	assert_int_equal(
	    recv(peer_help_other, bytes, sizeof(bytes), 0), sizeof(bytes));
	assert_int_equal(recv(peer_help_other, bytes, 1, 0), 0);
}

static void
test_other_end_gone(void **state)
{
	fd_close(&peer_help_other);
	assert_int_equal(peer_help_send(WIRE_PONG, 0, NULL, 0), -1);
	assert_int_equal(errno, EPIPE);
	peer_help_expect_gone("closed its socket", 0);
	errno = 0;
	assert_int_equal(peer_help_send(WIRE_PONG, 0, NULL, 0), -1);
	assert_int_equal(errno, EPIPE);
}

/* The kernel says so as an error when there was something unread. */
static void
test_other_end_gone_while_queued(void **state)
{
	static const uint8_t chunk[CHUNK_BYTES];

	fill(chunk);
	fd_close(&peer_help_other);
	peer_help_expect_gone("closed its socket", ECONNRESET);
	assert_int_equal(peer_queued(peer_help_peer), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, peer_help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_sent_at_once),
	    TEST(test_sent_in_pieces),
	    TEST(test_no_event),
	    TEST(test_no_event_for_a_half),
	    TEST(test_queued_while_full),
	    TEST(test_no_memory_to_queue),
	    TEST(test_no_memory_for_the_rest),
	    TEST(test_other_end_gone),
	    TEST(test_other_end_gone_while_queued),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Descriptors that are passed along with frames: each arrives once, with the
 * frame it was sent with, however the frames are cut into pieces and whatever
 * is sent besides.
 *
 * Wraps: sendmsg
 */

#include "test.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/peer.h"
#include "peer_help.h"

#define HEADER sizeof(struct frame_header)
#define PIPES 20
#define CHUNK_BYTES 30000

ssize_t __real_sendmsg(int, const struct msghdr *, int);
ssize_t __wrap_sendmsg(int, const struct msghdr *, int);

static size_t take_most; /* bytes of a call; 0 = any number */
static bool full;	 /* takes nothing */

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct msghdr less = *msg;
	struct iovec first = msg->msg_iov[0];

	if (full) {
		errno = EAGAIN;
		return (-1);
	}
	if (take_most > 0) {
		if (first.iov_len > take_most)
			first.iov_len = take_most;
		less.msg_iov = &first;
		less.msg_iovlen = 1;
	}
	return (__real_sendmsg(fd, &less, flags));
}

/* The master's side, where peer_help_peer is the front end's. */
static struct peer *sender;
static int pipes[PIPES][2];

static const peer_handler no_handlers[WIRE_TYPES];

static void
sender_gone(void *arg, const char *reason, int error)
{
	fail_msg("the sender: %s", reason);
}

static int
set_up(void **state)
{
	const struct peer_config config = {
	    .self = WIRE_MASTER,
	    .other = WIRE_FRONTEND,
	    .handlers = no_handlers,
	    .gone = sender_gone,
	};

	take_most = 0;
	full = false;
	if (peer_help_set_up(state) == -1)
		return (-1);
	for (int i = 0; i < PIPES; i++)
		assert_int_equal(fd_pipe(pipes[i]), 0);
	sender = peer_new(peer_help_base, peer_help_other, &config);
	assert_non_null(sender);
	peer_help_other = -1;
	return (0);
}

static int
tear_down(void **state)
{
	peer_free(sender);
	for (int i = 0; i < PIPES; i++) {
		fd_close(&pipes[i][0]);
		fd_close(&pipes[i][1]);
	}
	return (peer_help_tear_down(state));
}

static ino_t
inode(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (st.st_ino);
}

static void
check_fd(const struct frame *frame)
{
	if (frame->header.type != WIRE_LISTEN) {
		assert_int_equal(frame->fd, -1);
		return;
	}
	assert_int_not_equal(frame->fd, -1);
	assert_int_equal(inode(frame->fd), inode(pipes[frame->header.slot][1]));
	assert_true(fcntl(frame->fd, F_GETFD) & FD_CLOEXEC);
}

static void
pass(enum wire_type type, uint32_t slot, size_t len, int fd)
{
	static uint8_t body[CHUNK_BYTES];
	struct iovec part = {body, len};
	struct frame_header header;

	frame_header_init(&header, type, slot, 1, NULL, len);
	assert_int_equal(peer_send(sender, &header, &part, 1, fd), 0);
}

static void
turn_until(unsigned int frames)
{
	for (int i = 0; i < 10000 && peer_help_seen.frames < frames; i++)
		peer_help_turn();
	assert_int_equal(peer_help_seen.frames, frames);
	assert_int_equal(peer_help_seen.gone, 0);
	assert_int_equal(peer_queued(sender), 0);
}

static void
test_one(void **state)
{
	char byte;

	peer_help_on_frame = check_fd;
	pass(WIRE_LISTEN, 0, 9, pipes[0][1]);
	turn_until(1);
	assert_int_equal(peer_help_seen.fd_count, 1);
	/* The sender has kept its own. */
	assert_int_equal(write(pipes[0][1], "a", 1), 1);
	assert_int_equal(write(peer_help_seen.fds[0], "b", 1), 1);
	assert_int_equal(read(pipes[0][0], &byte, 1), 1);
}

/* At most this many may be ahead of their frames. */
static void
test_many_at_once(void **state)
{
	peer_help_on_frame = check_fd;
	for (uint32_t i = 0; i < PIPES; i++) {
		pass(WIRE_LISTEN, i, 1, pipes[i][1]);
		pass(WIRE_PING, i, 0, -1);
	}
	turn_until(2 * PIPES);
	assert_int_equal(peer_help_seen.fd_count, PIPES);
}

static void
test_in_pieces(void **state)
{
	unsigned int frames = 0;

	peer_help_on_frame = check_fd;
	for (take_most = 1; take_most <= HEADER + 1; take_most++) {
		pass(WIRE_LISTEN, 0, 5, pipes[0][1]);
		pass(WIRE_PING, 0, 0, -1);
		pass(WIRE_LISTEN, 1, 512, pipes[1][1]);
		turn_until(frames += 3);
		assert_int_equal(peer_help_seen.fd_count, 2);
		close(peer_help_seen.fds[--peer_help_seen.fd_count]);
		close(peer_help_seen.fds[--peer_help_seen.fd_count]);
	}
}

/* Large frames between them, so that most wait in the queue. */
static void
test_queued(void **state)
{
	peer_help_on_frame = check_fd;
	for (uint32_t i = 0; i < PIPES; i++) {
		pass(WIRE_CONFIG, i, CHUNK_BYTES, -1);
		pass(WIRE_LISTEN, i, 300, pipes[i][1]);
	}
	assert_true(peer_queued(sender) > 0);
	turn_until(2 * PIPES);
	assert_int_equal(peer_help_seen.fd_count, PIPES);
}

/* The queue has a descriptor of its own: the caller may close. */
static void
test_closed_while_queued(void **state)
{
	ino_t sent = inode(pipes[0][1]);

	full = true;
	pass(WIRE_LISTEN, 0, 1, pipes[0][1]);
	fd_close(&pipes[0][1]);
	full = false;
	turn_until(1);
	assert_int_equal(peer_help_seen.fd_count, 1);
	assert_int_equal(inode(peer_help_seen.fds[0]), sent);
}

/* tear_down() sees whether they are closed. */
static void
test_freed_while_queued(void **state)
{
	full = true;
	for (uint32_t i = 0; i < PIPES; i++)
		pass(WIRE_LISTEN, i, 1, pipes[i][1]);
	peer_free(sender);
	sender = NULL;
	peer_help_expect_gone("closed its socket", 0);
}

static void
test_freed_before_the_frame_is_whole(void **state)
{
	take_most = HEADER - 1;
	pass(WIRE_LISTEN, 0, 1, pipes[0][1]);
	full = true;
	peer_help_turn();
	assert_int_equal(peer_help_seen.frames, 0);
}

static void
test_frame_without_its_descriptor(void **state)
{
	pass(WIRE_LISTEN, 0, 1, -1);
	turn_until(1);
	assert_int_equal(peer_help_seen.fd_count, 0);
}

/* Descriptors that nobody asked for do not stay open. */
static void
test_unasked_descriptors(void **state)
{
	struct frame_header header;

	frame_header_init(&header, WIRE_PING, 0, 1, NULL, 0);
	for (int i = 0; i < PIPES; i++)
		assert_int_equal(
		    peer_send(sender, &header, NULL, 0, pipes[i][1]), 0);
	turn_until(PIPES);
	assert_int_equal(peer_help_seen.fd_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_one),
	    TEST(test_many_at_once),
	    TEST(test_in_pieces),
	    TEST(test_queued),
	    TEST(test_closed_while_queued),
	    TEST(test_freed_while_queued),
	    TEST(test_freed_before_the_frame_is_whole),
	    TEST(test_frame_without_its_descriptor),
	    TEST(test_unasked_descriptors),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

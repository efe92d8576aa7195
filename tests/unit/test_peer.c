/*
 * What a peer reads: frames in every kind of pieces, large ones, the end, and
 * handlers that end the peer they were called from.
 */

#include "test.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/peer.h"
#include "peer_help.h"

#define HEADER sizeof(struct frame_header)
#define LARGE_BYTES (1u << 20)

/* What peer.c keeps for frames of usual size. */
#define BUFFER_BYTES 4096

static uint32_t expected;

static void
expect_order(const struct frame *frame)
{
	assert_int_equal(frame->header.slot, expected++);
}

static void
test_many_frames_in_one_read(void **state)
{
	uint8_t bytes[BUFFER_BYTES];
	size_t used = 0;
	uint32_t count = 0;

	while (used + HEADER + 1 <= sizeof(bytes)) {
		used += peer_help_frame(bytes + used,
		    count % 2 == 0 ? WIRE_PING : WIRE_LISTEN, count, NULL,
		    count % 2);
		count++;
	}
	expected = 0;
	peer_help_on_frame = expect_order;
	peer_help_put(bytes, used);
	assert_true(count > 100);
	assert_int_equal(peer_help_seen.frames, count);
	assert_int_equal(peer_help_seen.gone, 0);
}

/* Twice, so that the cut is in the first frame, between them, and after. */
static void
test_frame_split_at_every_byte(void **state)
{
	static const char body[] = "{\"a\":1,\"b\":\"two\"}";
	uint8_t bytes[2 * (HEADER + sizeof(body))];
	size_t one = peer_help_frame(bytes, WIRE_CONFIG, 5, body, sizeof(body));
	size_t all = one + peer_help_frame(
			       bytes + one, WIRE_CONFIG, 6, body, sizeof(body));

	for (size_t cut = 1; cut < all; cut++) {
		unsigned int before = peer_help_seen.frames;

		peer_help_put(bytes, cut);
		assert_int_equal(peer_help_seen.frames - before, cut / one);
		peer_help_put(bytes + cut, all - cut);
		assert_int_equal(peer_help_seen.frames - before, 2);
		assert_int_equal(peer_help_seen.header.slot, 6);
		assert_memory_equal(peer_help_seen.body, body, sizeof(body));
	}
}

static void
test_byte_by_byte(void **state)
{
	uint8_t bytes[HEADER + 100];
	size_t all = peer_help_frame(bytes, WIRE_CONFIG, 1, NULL, 100);

	for (size_t i = 0; i < all; i++) {
		assert_int_equal(peer_help_seen.frames, 0);
		peer_help_put(bytes + i, 1);
	}
	assert_int_equal(peer_help_seen.frames, 1);
}

static void
test_large_frame(void **state)
{
	uint8_t *bytes = malloc(HEADER + LARGE_BYTES + HEADER);
	size_t large, all;

	assert_non_null(bytes);
	large = peer_help_frame(bytes, WIRE_CONFIG, 1, NULL, LARGE_BYTES);
	for (size_t i = 0; i < LARGE_BYTES; i++)
		bytes[HEADER + i] = i % 251;
	all = large + peer_help_frame(bytes + large, WIRE_PING, 2, NULL, 0);
	peer_help_allocations = 0;
	peer_help_put(bytes, HEADER + 1);
	assert_int_equal(peer_help_allocated, large);
	peer_help_put(bytes + HEADER + 1, large - HEADER - 1);
	assert_int_equal(peer_help_seen.frames, 1);
	assert_memory_equal(peer_help_seen.body, bytes + HEADER, LARGE_BYTES);
	/* The room was made once, and is given back. */
	assert_int_equal(peer_help_allocations, 2);
	assert_int_equal(peer_help_allocated, BUFFER_BYTES);
	peer_help_put(bytes + large, all - large);
	assert_int_equal(peer_help_seen.frames, 2);
	assert_int_equal(peer_help_allocations, 2);
	free(bytes);
}

/* The last byte of one comes together with the start of the other. */
static void
test_large_frames_in_a_row(void **state)
{
	size_t sizes[] = {5000, 100000, BUFFER_BYTES - HEADER,
	    BUFFER_BYTES - HEADER + 1, 0, HELP_MAX_BODY - 40};
	uint8_t *bytes = malloc(HELP_MAX_BODY + 200000);
	size_t all = 0;

	assert_non_null(bytes);
	for (size_t i = 0; i < COUNT(sizes); i++)
		all += peer_help_frame(bytes + all,
		    sizes[i] > 0 ? WIRE_CONFIG : WIRE_PING, (uint32_t)i, NULL,
		    sizes[i]);
	expected = 0;
	peer_help_on_frame = expect_order;
	peer_help_put(bytes, all);
	assert_int_equal(peer_help_seen.frames, COUNT(sizes));
	assert_int_equal(peer_help_seen.gone, 0);
	free(bytes);
}

static void
fail_at_second(const struct frame *frame)
{
	if (peer_help_seen.frames != 2)
		return;
	peer_fail(peer_help_peer, "said nonsense");
	peer_fail(peer_help_peer, "said more of it");
}

static void
free_at_second(const struct frame *frame)
{
	if (peer_help_seen.frames != 2)
		return;
	peer_free(peer_help_peer);
	peer_help_peer = NULL;
}

static void
fail_and_free_at_second(const struct frame *frame)
{
	fail_at_second(frame);
	free_at_second(frame);
}

/* The peer's end of the socket. */
static void
expect_closed(void)
{
	assert_int_equal(send(peer_help_other, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
}

static void
test_failed_by_handler(void **state)
{
	peer_help_on_frame = fail_at_second;
	peer_help_put_pings(5);
	assert_int_equal(peer_help_seen.frames, 2);
	peer_help_expect_gone("said nonsense", EPROTO);
	expect_closed();
}

static void
test_freed_by_handler(void **state)
{
	peer_help_on_frame = free_at_second;
	peer_help_put_pings(5);
	assert_int_equal(peer_help_seen.frames, 2);
	assert_int_equal(peer_help_seen.gone, 0);
	expect_closed();
}

/* Who frees it hears no more of it. */
static void
test_failed_and_freed_by_handler(void **state)
{
	peer_help_on_frame = fail_and_free_at_second;
	peer_help_put_pings(5);
	assert_int_equal(peer_help_seen.frames, 2);
	assert_int_equal(peer_help_seen.gone, 0);
}

static void
test_end_of_file(void **state)
{
	peer_help_put_pings(3);
	fd_close(&peer_help_other);
	peer_help_expect_gone("closed its socket", 0);
	assert_int_equal(peer_help_seen.frames, 3);
}

static void
test_end_of_file_within_a_frame(void **state)
{
	uint8_t bytes[HEADER + 10];

	peer_help_put(
	    bytes, peer_help_frame(bytes, WIRE_CONFIG, 1, NULL, 10) - 1);
	fd_close(&peer_help_other);
	peer_help_expect_gone("closed its socket", 0);
	assert_int_equal(peer_help_seen.frames, 0);
}

#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, peer_help_set_up, peer_help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_many_frames_in_one_read),
	    TEST(test_frame_split_at_every_byte),
	    TEST(test_byte_by_byte),
	    TEST(test_large_frame),
	    TEST(test_large_frames_in_a_row),
	    TEST(test_failed_by_handler),
	    TEST(test_freed_by_handler),
	    TEST(test_failed_and_freed_by_handler),
	    TEST(test_end_of_file),
	    TEST(test_end_of_file_within_a_frame),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What a peer reads: frames in every kind of pieces, large ones, wrong ones,
 * and handlers that end the peer they were called from.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/peer.h"
#include "common/sys.h"
#include "peer_help.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
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
		used += help_frame(bytes + used,
		    count % 2 == 0 ? WIRE_PING : WIRE_LISTEN, count, NULL,
		    count % 2);
		count++;
	}
	expected = 0;
	help_on_frame = expect_order;
	help_put(bytes, used);
	assert_true(count > 100);
	assert_int_equal(help_seen.frames, count);
	assert_int_equal(help_seen.gone, 0);
}

/* Twice, so that the cut is in the first frame, between them, and after. */
static void
test_frame_split_at_every_byte(void **state)
{
	static const char body[] = "{\"a\":1,\"b\":\"two\"}";
	uint8_t bytes[2 * (HEADER + sizeof(body))];
	size_t one = help_frame(bytes, WIRE_CONFIG, 5, body, sizeof(body));
	size_t all =
	    one + help_frame(bytes + one, WIRE_CONFIG, 6, body, sizeof(body));

	for (size_t cut = 1; cut < all; cut++) {
		unsigned int before = help_seen.frames;

		help_put(bytes, cut);
		assert_int_equal(help_seen.frames - before, cut / one);
		help_put(bytes + cut, all - cut);
		assert_int_equal(help_seen.frames - before, 2);
		assert_int_equal(help_seen.header.slot, 6);
		assert_memory_equal(help_seen.body, body, sizeof(body));
	}
}

static void
test_byte_by_byte(void **state)
{
	uint8_t bytes[HEADER + 100];
	size_t all = help_frame(bytes, WIRE_CONFIG, 1, NULL, 100);

	for (size_t i = 0; i < all; i++) {
		assert_int_equal(help_seen.frames, 0);
		help_put(bytes + i, 1);
	}
	assert_int_equal(help_seen.frames, 1);
}

static void
test_large_frame(void **state)
{
	uint8_t *bytes = malloc(HEADER + LARGE_BYTES + HEADER);
	size_t large, all;

	assert_non_null(bytes);
	large = help_frame(bytes, WIRE_CONFIG, 1, NULL, LARGE_BYTES);
	for (size_t i = 0; i < LARGE_BYTES; i++)
		bytes[HEADER + i] = i % 251;
	all = large + help_frame(bytes + large, WIRE_PING, 2, NULL, 0);
	help_allocations = 0;
	help_put(bytes, HEADER + 1);
	assert_int_equal(help_allocated, large);
	help_put(bytes + HEADER + 1, large - HEADER - 1);
	assert_int_equal(help_seen.frames, 1);
	assert_memory_equal(help_seen.body, bytes + HEADER, LARGE_BYTES);
	/* The room was made once, and is given back. */
	assert_int_equal(help_allocations, 2);
	assert_int_equal(help_allocated, BUFFER_BYTES);
	help_put(bytes + large, all - large);
	assert_int_equal(help_seen.frames, 2);
	assert_int_equal(help_allocations, 2);
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
		all += help_frame(bytes + all,
		    sizes[i] > 0 ? WIRE_CONFIG : WIRE_PING, (uint32_t)i, NULL,
		    sizes[i]);
	expected = 0;
	help_on_frame = expect_order;
	help_put(bytes, all);
	assert_int_equal(help_seen.frames, COUNT(sizes));
	assert_int_equal(help_seen.gone, 0);
	free(bytes);
}

static void
fail_at_second(const struct frame *frame)
{
	if (help_seen.frames != 2)
		return;
	peer_fail(help_peer, "said nonsense");
	peer_fail(help_peer, "said more of it");
}

static void
free_at_second(const struct frame *frame)
{
	if (help_seen.frames != 2)
		return;
	peer_free(help_peer);
	help_peer = NULL;
}

static void
fail_and_free_at_second(const struct frame *frame)
{
	fail_at_second(frame);
	free_at_second(frame);
}

static void
put_pings(unsigned int count)
{
	uint8_t bytes[HEADER * 8];
	size_t used = 0;

	assert_true(count <= 8);
	for (unsigned int i = 0; i < count; i++)
		used += help_frame(bytes + used, WIRE_PING, i, NULL, 0);
	assert_int_equal(write(help_other, bytes, used), used);
	help_turn();
}

/* The peer's end of the socket. */
static void
expect_closed(void)
{
	assert_int_equal(send(help_other, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
}

static void
test_failed_by_handler(void **state)
{
	help_on_frame = fail_at_second;
	put_pings(5);
	assert_int_equal(help_seen.frames, 2);
	help_expect_gone("said nonsense", EPROTO);
	expect_closed();
}

static void
test_freed_by_handler(void **state)
{
	help_on_frame = free_at_second;
	put_pings(5);
	assert_int_equal(help_seen.frames, 2);
	assert_int_equal(help_seen.gone, 0);
	expect_closed();
}

/* Who frees it hears no more of it. */
static void
test_failed_and_freed_by_handler(void **state)
{
	help_on_frame = fail_and_free_at_second;
	put_pings(5);
	assert_int_equal(help_seen.frames, 2);
	assert_int_equal(help_seen.gone, 0);
}

static void
test_end_of_file(void **state)
{
	put_pings(3);
	fd_close(&help_other);
	help_expect_gone("closed its socket", 0);
	assert_int_equal(help_seen.frames, 3);
}

static void
test_end_of_file_within_a_frame(void **state)
{
	uint8_t bytes[HEADER + 10];

	help_put(bytes, help_frame(bytes, WIRE_CONFIG, 1, NULL, 10) - 1);
	fd_close(&help_other);
	help_expect_gone("closed its socket", 0);
	assert_int_equal(help_seen.frames, 0);
}

/* After a good frame, whose handler is still called, and only once. */
static void
check_refused(const struct frame_header *bad, const char *reason)
{
	uint8_t bytes[3 * HEADER];
	size_t n = help_frame(bytes, WIRE_PING, 0, NULL, 0);

	memcpy(bytes + n, bad, HEADER);
	help_frame(bytes + 2 * n, WIRE_PING, 0, NULL, 0);
	help_allocations = 0;
	assert_int_equal(write(help_other, bytes, 3 * n), 3 * n);
	help_expect_gone(reason, EPROTO);
	assert_int_equal(help_seen.frames, 1);
	assert_int_equal(help_allocations, 0);
}

static void
test_refused(void **state)
{
	static const struct {
		struct frame_header header;
		const char *reason;
	} cases[] = {
	    {{.magic = WIRE_MAGIC + 1, WIRE_VERSION, WIRE_PING},
		"sent something that is not a frame"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION + 1, WIRE_PING},
		"sent something that is not a frame"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, WIRE_TYPES},
		"sent a frame of unknown type"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, 0},
		"sent a frame of unknown type"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, WIRE_PONG},
		"sent a frame that it may not send"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, WIRE_REQUEST, 100},
		"sent a frame that it may not send"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, WIRE_CONFIG, 1},
		"sent a frame that is too short"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, WIRE_PING, 1},
		"sent a frame that is too long"},
	    {{.magic = WIRE_MAGIC,
		 WIRE_VERSION,
		 WIRE_CONFIG,
		 HELP_MAX_BODY + 1},
		"sent a frame that is too long"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, WIRE_CONFIG, UINT32_MAX},
		"sent a frame that is too long"},
	    {{.magic = WIRE_MAGIC, WIRE_VERSION, WIRE_UNLISTEN, 1},
		"sent a frame that nobody handles"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		check_refused(&cases[i].header, cases[i].reason);
		help_tear_down(NULL);
		help_set_up(NULL);
	}
}

static void
test_no_memory_for_a_large_frame(void **state)
{
	uint8_t bytes[2 * BUFFER_BYTES];

	help_frame(bytes, WIRE_CONFIG, 1, NULL, BUFFER_BYTES);
	help_fail_at = 1;
	help_put(bytes, HEADER);
	help_expect_gone("sent a frame for which there is no memory", ENOMEM);
}

/* Then it goes on with the large buffer. */
static void
test_no_memory_for_a_small_buffer(void **state)
{
	uint8_t bytes[2 * BUFFER_BYTES];
	size_t n = help_frame(bytes, WIRE_CONFIG, 1, NULL, BUFFER_BYTES);

	help_fail_at = 2;
	help_put(bytes, HEADER);
	help_put(bytes + HEADER, n - HEADER);
	assert_int_equal(help_fail_at, 0);
	assert_int_equal(help_seen.frames, 1);
	put_pings(2);
	assert_int_equal(help_seen.frames, 3);
	assert_int_equal(help_allocated, BUFFER_BYTES);
}

static void
test_no_memory_at_the_start(void **state)
{
	const struct peer_config config = {.self = WIRE_FRONTEND};
	int pair[2];

	assert_int_equal(fd_socketpair(pair), 0);
	for (unsigned int at = 1; at <= 2; at++) {
		help_fail_at = at;
		assert_null(peer_new(help_base, pair[0], &config));
		assert_int_equal(errno, ENOMEM);
		assert_int_equal(help_fail_at, 0);
		assert_int_equal(write(pair[0], "x", 1), 1); /* still open */
	}
	close(pair[0]);
	close(pair[1]);
	peer_free(NULL);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, help_set_up, help_tear_down)

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
	    TEST(test_refused),
	    TEST(test_no_memory_for_a_large_frame),
	    TEST(test_no_memory_for_a_small_buffer),
	    TEST(test_no_memory_at_the_start),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

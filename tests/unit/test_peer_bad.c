/*
 * What a peer must refuse to read, and what it does when there is no memory
 * for what it reads.
 */

#include "test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/peer.h"
#include "peer_help.h"

#define HEADER sizeof(struct frame_header)

/* What peer.c keeps for frames of usual size. */
#define BUFFER_BYTES 4096

/* After a good frame, whose handler is still called, and only once. */
static void
check_refused(const struct frame_header *bad, const char *reason)
{
	uint8_t bytes[3 * HEADER];
	size_t n = peer_help_frame(bytes, WIRE_PING, 0, NULL, 0);

	memcpy(bytes + n, bad, HEADER);
	peer_help_frame(bytes + 2 * n, WIRE_PING, 0, NULL, 0);
	peer_help_allocations = 0;
	assert_int_equal(write(peer_help_other, bytes, 3 * n), 3 * n);
	peer_help_expect_gone(reason, EPROTO);
	assert_int_equal(peer_help_seen.frames, 1);
	assert_int_equal(peer_help_allocations, 0);
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
		peer_help_tear_down(NULL);
		peer_help_set_up(NULL);
	}
}

static void
test_no_memory_for_a_large_frame(void **state)
{
	uint8_t bytes[2 * BUFFER_BYTES];

	peer_help_frame(bytes, WIRE_CONFIG, 1, NULL, BUFFER_BYTES);
	peer_help_fail_at = 1;
	peer_help_put(bytes, HEADER);
	peer_help_expect_gone(
	    "sent a frame for which there is no memory", ENOMEM);
}

/* Then it goes on with the large buffer. */
static void
test_no_memory_for_a_small_buffer(void **state)
{
	uint8_t bytes[2 * BUFFER_BYTES];
	size_t n = peer_help_frame(bytes, WIRE_CONFIG, 1, NULL, BUFFER_BYTES);

	peer_help_fail_at = 2;
	peer_help_put(bytes, HEADER);
	peer_help_put(bytes + HEADER, n - HEADER);
	assert_int_equal(peer_help_fail_at, 0);
	assert_int_equal(peer_help_seen.frames, 1);
	peer_help_put_pings(2);
	assert_int_equal(peer_help_seen.frames, 3);
	assert_int_equal(peer_help_allocated, BUFFER_BYTES);
}

static void
test_no_memory_at_the_start(void **state)
{
	const struct peer_config config = {.self = WIRE_FRONTEND};
	int pair[2];

	assert_int_equal(fd_socketpair(pair), 0);
	for (unsigned int at = 1; at <= 2; at++) {
		peer_help_fail_at = at;
		assert_null(peer_new(peer_help_base, pair[0], &config));
		assert_int_equal(errno, ENOMEM);
		assert_int_equal(peer_help_fail_at, 0);
		assert_int_equal(write(pair[0], "x", 1), 1); /* still open */
	}
	close(pair[0]);
	close(pair[1]);
	peer_free(NULL);
}

#define TEST(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, peer_help_set_up, peer_help_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_refused),
	    TEST(test_no_memory_for_a_large_frame),
	    TEST(test_no_memory_for_a_small_buffer),
	    TEST(test_no_memory_at_the_start),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

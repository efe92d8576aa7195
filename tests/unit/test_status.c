/*
 * What the master makes of an agent's status pipe.
 */

#include "test.h"

#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "master/ends.h"

#define GENERATION 7

static int ends[2];

static int
set_up(void **state)
{
	return (fd_pipe(ends));
}

static int
tear_down(void **state)
{
	fd_close(&ends[0]);
	fd_close(&ends[1]);
	return (0);
}

static void
put(const void *bytes, size_t n)
{
	assert_int_equal(write(ends[1], bytes, n), n);
}

static void
test_messages(void **state)
{
	struct wire_status sent = {.generation = GENERATION}, got;

	for (sent.kind = 0; sent.kind < STATUS_KINDS; sent.kind++)
		put(&sent, sizeof(sent));
	for (uint32_t kind = 0; kind < STATUS_KINDS; kind++) {
		memset(&got, 0xff, sizeof(got));
		assert_int_equal(ends_read_status(ends[0], GENERATION, &got),
		    STATUS_MESSAGE);
		assert_int_equal(got.kind, kind);
	}
	assert_int_equal(
	    ends_read_status(ends[0], GENERATION, &got), STATUS_MORE);
	fd_close(&ends[1]);
	assert_int_equal(
	    ends_read_status(ends[0], GENERATION, &got), STATUS_END);
}

static void
test_reason_is_text(void **state)
{
	struct wire_status sent = {
	    .kind = STATUS_FAILED, .generation = GENERATION};
	struct wire_status got;

	memset(sent.reason, 'x', sizeof(sent.reason) - 1);
	put(&sent, sizeof(sent));
	assert_int_equal(
	    ends_read_status(ends[0], GENERATION, &got), STATUS_MESSAGE);
	assert_string_equal(got.reason, sent.reason);
	sent.reason[sizeof(sent.reason) - 1] = 'x';
	put(&sent, sizeof(sent));
	assert_int_equal(
	    ends_read_status(ends[0], GENERATION, &got), STATUS_BAD);
}

static void
test_bad(void **state)
{
	static const struct wire_status bad[] = {
	    {.kind = STATUS_KINDS, .generation = GENERATION},
	    {.kind = UINT32_MAX, .generation = GENERATION},
	    {.kind = STATUS_READY, .generation = GENERATION - 1},
	    {.kind = STATUS_READY, .generation = GENERATION + 1},
	};
	struct wire_status got;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put(&bad[i], sizeof(bad[i]));
		if (ends_read_status(ends[0], GENERATION, &got) != STATUS_BAD)
			fail_msg("case %zu", i);
	}
}

static void
test_part_of_a_message(void **state)
{
	struct wire_status sent = {.generation = GENERATION}, got;

	for (size_t n = 1; n < sizeof(sent); n++) {
		put(&sent, n);
		memset(&got, 0, sizeof(got));
		got.generation = GENERATION;
		if (ends_read_status(ends[0], GENERATION, &got) != STATUS_BAD)
			fail_msg("%zu bytes", n);
	}
}

static void
test_closed(void **state)
{
	struct wire_status got;

	assert_int_equal(ends_read_status(-1, GENERATION, &got), STATUS_END);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_messages),
	    TEST(test_reason_is_text),
	    TEST(test_bad),
	    TEST(test_part_of_a_message),
	    TEST(test_closed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

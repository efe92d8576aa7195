/*
 * Frames as such: headers, the checks of every type in all directions, and
 * the bookkeeping of what was written.
 */

#include "test.h"

#include <string.h>

#include "common/frame.h"

static void
test_header(void **state)
{
	static const uint8_t id[16] = "0123456789abcdef", zero[16];
	struct frame_header header;

	memset(&header, 0xff, sizeof(header));
	frame_header_init(&header, WIRE_RESULT, 3, 7, id, 99);
	assert_int_equal(header.magic, WIRE_MAGIC);
	assert_int_equal(header.version, WIRE_VERSION);
	assert_int_equal(header.type, WIRE_RESULT);
	assert_int_equal(header.length, 99);
	assert_int_equal(header.slot, 3);
	assert_int_equal(header.generation, 7);
	assert_memory_equal(header.id, id, sizeof(id));
	frame_header_init(&header, WIRE_PING, 0, 0, NULL, 0);
	assert_memory_equal(header.id, zero, sizeof(zero));
}

static void
check_lengths(unsigned int type, const struct wire_kind *kind)
{
	struct frame_header h;

	frame_header_init(&h, type, 0, 0, NULL, kind->min);
	assert_null(frame_check(&h, kind->sender, kind->receiver, UINT32_MAX));
	h.length = kind->max;
	assert_null(frame_check(&h, kind->sender, kind->receiver, kind->max));
	h.length = kind->max + 1;
	assert_non_null(
	    frame_check(&h, kind->sender, kind->receiver, UINT32_MAX));
	h.length = kind->min - 1; /* of 0: the largest there is */
	assert_non_null(
	    frame_check(&h, kind->sender, kind->receiver, UINT32_MAX));
	h.length = kind->max;
	if (kind->max > 0)
		assert_non_null(frame_check(
		    &h, kind->sender, kind->receiver, kind->max - 1));
}

static void
test_check_of_lengths(void **state)
{
	for (unsigned int type = 1; type < WIRE_TYPES; type++)
		check_lengths(type, wire_kind(type));
}

static void
test_check_of_directions(void **state)
{
	unsigned int good = 0;

	for (unsigned int i = 0; i < WIRE_TYPES * 9; i++) {
		unsigned int type = i / 9, from = i / 3 % 3, to = i % 3;
		const struct wire_kind *kind = wire_kind(type);
		struct frame_header h;
		const char *wrong;

		frame_header_init(
		    &h, type, 0, 0, NULL, kind == NULL ? 0 : kind->min);
		wrong = frame_check(&h, from, to, UINT32_MAX);
		good += wrong == NULL;
		if ((wrong == NULL) != (kind != NULL && kind->sender == from &&
					   kind->receiver == to))
			fail_msg("type %u from %u to %u: %s", type, from, to,
			    wrong == NULL ? "accepted" : wrong);
	}
	assert_int_equal(good, WIRE_TYPES - 1);
}

static void
test_check_of_garbage(void **state)
{
	struct frame_header good, bad;

	frame_header_init(&good, WIRE_PING, 0, 0, NULL, 0);
	assert_null(frame_check(&good, WIRE_MASTER, WIRE_FRONTEND, 0));
	for (size_t bit = 0; bit < 8 * 8; bit++) {
		bad = good;
		((uint8_t *)&bad)[bit / 8] ^= 1u << bit % 8;
		if (frame_check(&bad, WIRE_MASTER, WIRE_FRONTEND, UINT32_MAX) ==
			NULL &&
		    wire_kind(bad.type) == wire_kind(good.type))
			fail_msg("bit %zu does not matter", bit);
	}
}

static void
test_advance(void **state)
{
	static const struct {
		size_t n;
		int left;
		size_t first;
	} cases[] = {{0, 4, 3}, {1, 4, 2}, {3, 2, 4}, {4, 2, 3}, {6, 2, 1},
	    {7, 1, 2}, {8, 1, 1}, {9, 0, 0}};
	static char text[] = "abcdefghi";

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct iovec parts[] = {
		    {text, 3}, {text + 3, 0}, {text + 3, 4}, {text + 7, 2}};
		struct iovec *at = parts;

		assert_int_equal(
		    frame_advance(&at, 4, cases[i].n), cases[i].left);
		assert_ptr_equal(at, parts + 4 - cases[i].left);
		if (cases[i].left == 0)
			continue;
		assert_ptr_equal(at->iov_base, text + cases[i].n);
		assert_int_equal(at->iov_len, cases[i].first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_header),
	    cmocka_unit_test(test_check_of_lengths),
	    cmocka_unit_test(test_check_of_directions),
	    cmocka_unit_test(test_check_of_garbage),
	    cmocka_unit_test(test_advance),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

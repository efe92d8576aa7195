/*
 * The table of message types: every type is in it, and what it says makes
 * sense for the three kinds of process.
 */

#include "test.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "common/wire.h"

static void
check_kind(unsigned int type)
{
	const struct wire_kind *kind = wire_kind(type);

	if (kind == NULL)
		fail_msg("type %u is not in the table", type);
	for (const char *p = kind->name; *p != '\0'; p++)
		assert_true(isupper((unsigned char)*p) || *p == '_');
	assert_true(kind->name[0] != '\0');
	assert_true(kind->min <= kind->max);
	assert_true(kind->max <= WIRE_MAX_BODY);
	/* The front end is in the middle: every message goes to or from it. */
	assert_int_equal(
	    (kind->sender == WIRE_FRONTEND) + (kind->receiver == WIRE_FRONTEND),
	    1);
	for (unsigned int other = 1; other < type; other++)
		assert_string_not_equal(kind->name, wire_kind(other)->name);
}

static void
test_every_type(void **state)
{
	for (unsigned int type = 1; type < WIRE_TYPES; type++)
		check_kind(type);
}

/* A header holds a type in one byte. */
static void
test_no_other_type(void **state)
{
	assert_in_range(WIRE_TYPES, 2, UINT8_MAX);
	assert_null(wire_kind(0));
	for (unsigned int type = WIRE_TYPES; type <= UINT8_MAX; type++)
		assert_null(wire_kind(type));
	assert_null(wire_kind(INT_MAX));
	assert_null(wire_kind(UINT_MAX));
}

static void
test_fixed_sizes(void **state)
{
	static const struct {
		enum wire_type type;
		size_t min, max;
	} cases[] = {
	    {WIRE_REQUEST, sizeof(struct wire_request), WIRE_MAX_BODY},
	    {WIRE_RESULT, sizeof(struct wire_result), WIRE_MAX_BODY},
	    {WIRE_PING, 0, 0},
	    {WIRE_PONG, 0, 0},
	    {WIRE_AGENT_UP, sizeof(struct wire_agent),
		sizeof(struct wire_agent)},
	    {WIRE_AGENT_STATE, sizeof(struct wire_agent),
		sizeof(struct wire_agent)},
	    {WIRE_AGENT_GONE, sizeof(struct wire_gone),
		sizeof(struct wire_gone)},
	    {WIRE_AGENT_KILL, sizeof(struct wire_kill),
		sizeof(struct wire_kill)},
	    {WIRE_AUTOSCALE, sizeof(struct wire_autoscale),
		sizeof(struct wire_autoscale)},
	    {WIRE_DRAIN, sizeof(struct wire_drain), sizeof(struct wire_drain)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(wire_kind(cases[i].type)->min, cases[i].min);
		assert_int_equal(wire_kind(cases[i].type)->max, cases[i].max);
	}
}

static void
test_causes(void **state)
{
	for (unsigned int cause = 0; cause < CAUSE_COUNT; cause++) {
		const char *name = wire_cause_name(cause);

		if (name == NULL)
			fail_msg("cause %u has no name", cause);
		assert_string_not_equal(name, "unknown");
		for (unsigned int other = 0; other < cause; other++)
			assert_string_not_equal(name, wire_cause_name(other));
	}
	assert_string_equal(wire_cause_name(CAUSE_COUNT), "unknown");
	assert_string_equal(wire_cause_name(UINT_MAX), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_type),
	    cmocka_unit_test(test_no_other_type),
	    cmocka_unit_test(test_fixed_sizes),
	    cmocka_unit_test(test_causes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

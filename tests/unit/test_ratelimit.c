/*
 * Saying the same thing not too often, against a clock that the test sets.
 *
 * Wraps: clock_now_ns
 */

#include "test.h"

#include "common/clock.h"
#include "common/log.h"

#define EVERY (10 * NS_PER_SEC)
#define START 1000

static int64_t now_ns;

int64_t __wrap_clock_now_ns(void);

int64_t
__wrap_clock_now_ns(void)
{
	return (now_ns);
}

static void
test_admit(void **state)
{
	static const struct {
		int64_t at;
		bool admitted;
		unsigned long held;
	} steps[] = {
	    {START, true, 0},
	    {START, false, 0},
	    {START + 1, false, 0},
	    {START + EVERY - 1, false, 0},
	    {START + EVERY, true, 3},
	    {START + EVERY + 1, false, 0},
	    {START + 2 * EVERY, true, 1},
	    {START + 3 * EVERY, true, 0},
	    {START + 30 * EVERY, true, 0},
	};
	struct log_limit limit = {0};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		unsigned long held = 99;

		now_ns = steps[i].at;
		if (log_limit_admit(&limit, EVERY, &held) != steps[i].admitted)
			fail_msg("step %zu", i);
		assert_int_equal(held, steps[i].admitted ? steps[i].held : 99);
	}
}

/* Two that are limited do not know of one another. */
static void
test_apart(void **state)
{
	struct log_limit one = {0}, two = {0};
	unsigned long held;

	now_ns = START;
	assert_true(log_limit_admit(&one, EVERY, &held));
	assert_true(log_limit_admit(&two, EVERY, &held));
	assert_false(log_limit_admit(&one, EVERY, &held));
	now_ns += EVERY;
	assert_true(log_limit_admit(&two, EVERY, &held));
	assert_int_equal(held, 0);
	assert_true(log_limit_admit(&one, EVERY, &held));
	assert_int_equal(held, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_admit),
	    cmocka_unit_test(test_apart),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

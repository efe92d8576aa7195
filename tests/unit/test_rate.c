/*
 * The measured rate of completions, against a clock that the test sets.
 *
 * Wraps: clock_now_ns
 */

#include "test.h"

#include "common/clock.h"
#include "frontend/router/rate.h"

static int64_t now_ns;

int64_t __wrap_clock_now_ns(void);

int64_t
__wrap_clock_now_ns(void)
{
	return (now_ns);
}

/* So many calls end, one every period. */
static void
end_calls(struct rate *rate, int n, int64_t period_ns)
{
	while (n-- > 0) {
		now_ns += period_ns;
		rate_ended(rate);
	}
}

static int
set_up(void **state)
{
	now_ns = 1000 * NS_PER_SEC;
	return (0);
}

static void
rate_steady(void **state)
{
	struct rate rate = {0};

	assert_int_equal(rate_wait_ns(&rate, 100), 0);
	rate_set_busy(&rate, true);
	end_calls(&rate, 20, 10 * NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 1), 10 * NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 100), NS_PER_SEC);
	assert_int_equal(rate_wait_ns(&rate, 0), 0);
	end_calls(&rate, 100000, 10 * NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 100000), 1000 * NS_PER_SEC);
}

/* Neither few calls nor a short time is any evidence. */
static void
rate_evidence(void **state)
{
	struct rate rate = {0};

	rate_set_busy(&rate, true);
	end_calls(&rate, 7, NS_PER_SEC);
	assert_int_equal(rate_wait_ns(&rate, 100), 0);
	end_calls(&rate, 1, NS_PER_SEC);
	assert_int_equal(rate_wait_ns(&rate, 100), 100 * NS_PER_SEC);
	rate = (struct rate){0};
	rate_set_busy(&rate, true);
	end_calls(&rate, 99, NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 100), 0);
	end_calls(&rate, 1, NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 100), 100 * NS_PER_MS);
}

/* What ends while nothing waits does not count, nor does that time. */
static void
rate_idle(void **state)
{
	struct rate rate = {0};

	for (int i = 0; i < 50; i++) {
		rate_set_busy(&rate, true);
		end_calls(&rate, 1, 10 * NS_PER_MS);
		rate_set_busy(&rate, false);
		assert_int_equal(rate_wait_ns(&rate, 1), 0);
		end_calls(&rate, 3, 100 * NS_PER_MS);
	}
	rate_set_busy(&rate, true);
	assert_int_equal(rate_wait_ns(&rate, 1), 10 * NS_PER_MS);
	/* A long pause makes it forget. */
	rate_set_busy(&rate, false);
	now_ns += 11 * NS_PER_SEC;
	rate_set_busy(&rate, true);
	assert_int_equal(rate_wait_ns(&rate, 1), 0);
}

/* What was is forgotten as something else comes. */
static void
rate_change(void **state)
{
	struct rate rate = {0};

	rate_set_busy(&rate, true);
	end_calls(&rate, 10000, NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 1000), NS_PER_SEC);
	end_calls(&rate, 48, 500 * NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 10), 5 * NS_PER_SEC);
	end_calls(&rate, 3000, NS_PER_MS);
	assert_int_equal(rate_wait_ns(&rate, 1000), NS_PER_SEC);
}

/* When nothing ends any more, the guess becomes longer and longer. */
static void
rate_standstill(void **state)
{
	struct rate rate = {0};

	assert_int_equal(rate_guess_ns(&rate, 5), 0);
	rate_set_busy(&rate, true);
	now_ns += 2 * NS_PER_SEC;
	assert_int_equal(rate_wait_ns(&rate, 5), 0);
	assert_int_equal(rate_guess_ns(&rate, 5), 10 * NS_PER_SEC);
	now_ns += 2 * NS_PER_SEC;
	assert_int_equal(rate_guess_ns(&rate, 5), 20 * NS_PER_SEC);
	assert_int_equal(rate_guess_ns(&rate, SIZE_MAX), INT64_MAX / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(rate_steady, set_up),
	    cmocka_unit_test_setup(rate_evidence, set_up),
	    cmocka_unit_test_setup(rate_idle, set_up),
	    cmocka_unit_test_setup(rate_change, set_up),
	    cmocka_unit_test_setup(rate_standstill, set_up),
	};

	return (cmocka_run_group_tests_name("rate", tests, NULL, NULL));
}

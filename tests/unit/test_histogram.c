/*
 * Percentiles: a value read back is never too small and at most a sixteenth
 * too large, over the whole range of values.
 */

#include "test.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/router/histogram.h"

static struct histogram h;

static int
set_up(void **state)
{
	memset(&h, 0, sizeof(h));
	return (0);
}

/* Reads value back beside a larger one, which would hide its bucket's top. */
static void
check_value(int64_t value)
{
	int64_t got;

	memset(&h, 0, sizeof(h));
	histogram_add(&h, value);
	assert_int_equal(histogram_quantile(&h, 500), value);
	histogram_add(&h, INT64_MAX);
	got = histogram_quantile(&h, 500);
	if (got < value || got - value > value / 16)
		fail_msg("%" PRId64 " is read as %" PRId64, value, got);
}

static void
test_each_power_of_two(void **state)
{
	for (int64_t value = 0; value < 1000; value++)
		check_value(value);
	for (int bit = 10; bit < 63; bit++) {
		check_value((INT64_C(1) << bit) - 1);
		check_value(INT64_C(1) << bit);
		check_value((INT64_C(1) << bit) + 1);
		check_value((INT64_C(1) << bit) + (INT64_C(1) << (bit - 1)));
	}
	check_value(INT64_MAX);
	check_value(INT64_MAX - 1);
}

/* The generator's seed is its own default: the same values at each run. */
static void
test_any_value(void **state)
{
	for (int i = 0; i < 20000; i++) {
		uint64_t value = (uint64_t)random() << 32 ^ (uint64_t)random()
								<< 8;

		check_value((int64_t)(value >> (1 + random() % 62)));
	}
}

static void
test_empty(void **state)
{
	assert_int_equal(histogram_quantile(&h, 0), 0);
	assert_int_equal(histogram_quantile(&h, 1000), 0);
}

static void
test_negative_is_zero(void **state)
{
	histogram_add(&h, -1);
	histogram_add(&h, INT64_MIN);
	assert_int_equal(h.total, 2);
	assert_int_equal(h.max, 0);
	assert_int_equal(histogram_quantile(&h, 1000), 0);
}

static void
test_quantiles(void **state)
{
	static const struct {
		unsigned int permille;
		int64_t least;
	} cases[] = {{1, 1}, {10, 10}, {500, 500}, {900, 900}, {990, 990},
	    {999, 999}, {1000, 1000}};
	int64_t got;

	for (int64_t value = 1000; value > 0; value--)
		histogram_add(&h, value);
	assert_int_equal(h.total, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		got = histogram_quantile(&h, cases[i].permille);
		assert_in_range(got, cases[i].least, cases[i].least * 17 / 16);
	}
	assert_int_equal(histogram_quantile(&h, 1000), 1000);
}

/* Of few values, a quantile is one of them and not what lies between. */
static void
test_rank_is_rounded_up(void **state)
{
	histogram_add(&h, 1);
	histogram_add(&h, 5);
	histogram_add(&h, 9);
	assert_int_equal(histogram_quantile(&h, 333), 1);
	assert_int_equal(histogram_quantile(&h, 334), 5);
	assert_int_equal(histogram_quantile(&h, 666), 5);
	assert_int_equal(histogram_quantile(&h, 667), 9);
}

/* A daemon runs for years. */
static void
test_many_values(void **state)
{
	h.buckets[5] = UINT32_MAX;
	h.total = UINT32_MAX;
	h.max = 5;
	histogram_add(&h, 5);
	histogram_add(&h, 9);
	assert_int_equal(histogram_quantile(&h, 500), 5);
	assert_int_equal(histogram_quantile(&h, 1000), 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_power_of_two),
	    cmocka_unit_test(test_any_value),
	    cmocka_unit_test_setup(test_empty, set_up),
	    cmocka_unit_test_setup(test_negative_is_zero, set_up),
	    cmocka_unit_test_setup(test_quantiles, set_up),
	    cmocka_unit_test_setup(test_rank_is_rounded_up, set_up),
	    cmocka_unit_test_setup(test_many_values, set_up),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

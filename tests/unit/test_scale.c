/*
 * How many agents a configuration allows, and how fast their number grows.
 */

#include "test.h"

#include "common/clock.h"
#include "common/log.h"
#include "conf/conf.h"
#include "master/scale.h"

#include <syslog.h>

static int64_t now_ns = 5 * NS_PER_SEC;
static int64_t again_ms;

static void
test_bounds(void **state)
{
	static const struct {
		int64_t agents, min, max, least, most;
	} cases[] = {
	    {5, 0, 0, 5, 5},
	    {5, 2, 0, 2, 5},
	    {5, 0, 20, 5, 20},
	    {5, 2, 20, 2, 20},
	    {5, 10, 0, 10, 10},
	    {5, 0, 3, 3, 3},
	    {5, 7, 9, 7, 9},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf conf = {.agents = cases[i].agents,
		    .agents_min = cases[i].min,
		    .agents_max = cases[i].max};

		assert_int_equal(conf_agents_min(&conf), cases[i].least);
		assert_int_equal(conf_agents_max(&conf), cases[i].most);
	}
}

static int64_t
after(int64_t ms)
{
	now_ns += ms * NS_PER_MS;
	return (scale_advance(now_ns, &again_ms));
}

static void
bound(int64_t agents, int64_t min, int64_t max, int64_t rate)
{
	struct conf conf = {.agents = agents,
	    .agents_min = min,
	    .agents_max = max,
	    .spawn_rate = rate};

	scale_bound(&conf);
}

/* What an administrator has set stays, unless the file says another. */
static void
test_fixed(void **state)
{
	static const int64_t refused[] = {0, -1, 1025, INT64_MAX, INT64_MIN};

	bound(5, 0, 0, 32);
	assert_int_equal(after(0), 5);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(scale_fix(refused[i]));
	assert_false(scale_fix(5));
	assert_true(scale_fix(7));
	assert_int_equal(scale_now(), 7);
	bound(5, 0, 0, 32);
	assert_int_equal(after(0), 7);
	bound(4, 0, 0, 32);
	assert_int_equal(after(0), 4);
	/* An elastic pool is elastic again. */
	bound(4, 2, 10, 32);
	assert_int_equal(after(0), 5); /* as many as it started with */
	assert_true(scale_fix(12));
	scale_wish(3, true);
	assert_int_equal(after(0), 12);
	bound(4, 2, 10, 32);
	assert_int_equal(after(0), 3);
	scale_wish(2, true);
	assert_int_equal(after(0), 2);
}

static void
test_growth(void **state)
{
	static const int64_t steps[] = {3, 5, 9, 17, 22, 27};

	bound(2, 0, 1000, 5000);
	after(10000);
	bound(2, 0, 1000, 5);
	scale_wish(2, true);
	assert_int_equal(after(10000), 2);
	bound(2, 0, 1000, 10);
	/* 1, 2, 4, 8, and at the limit */
	scale_wish(1000, false);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(after(i == 0 ? 0 : 1000), steps[i]);
		assert_in_range(again_ms, 1000, 1001);
		assert_int_equal(after(0), steps[i]);
		assert_int_equal(after(300), steps[i]);
		assert_in_range(again_ms, 700, 701);
		now_ns -= 300 * NS_PER_MS;
	}
	bound(2, 0, 1000, 5);
	assert_int_equal(after(1000), steps[4]);
	assert_int_equal(after(1000), steps[5]);
	/* Less is had at once, and no less than what is there already. */
	scale_wish(5, false);
	assert_int_equal(after(1000), 27);
	assert_int_equal(again_ms, -1);
	scale_wish(5, true);
	assert_int_equal(after(0), 5);
	/* After a rest it begins with one again. */
	scale_wish(1000, false);
	assert_int_equal(after(5000), 6);
	assert_int_equal(after(1000), 8);
	scale_wish(9, true);
	assert_int_equal(after(1000), 9); /* of four */
	scale_wish(1000, false);
	assert_int_equal(after(0), 12); /* the other three */
	scale_wish(13, false);
	assert_int_equal(after(1000), 13);
	scale_wish(1000, false);
	/* That second did not need what it might have had. */
	now_ns += 1000 * NS_PER_MS;
	assert_int_equal(after(0), 14);
}

/* What the front end says may be anything. */
static void
test_wishes(void **state)
{
	static const int64_t wishes[] = {0, -1, INT64_MIN, INT64_MAX, 1 << 31};

	bound(2, 3, 10, 1024);
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		for (int fewer = 0; fewer < 2; fewer++) {
			scale_wish(wishes[i], fewer);
			assert_in_range(after(2500), 3, 10);
		}
}

static int
set_up(void **state)
{
	log_set_level(LOG_ERR);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_fixed),
	    cmocka_unit_test(test_growth),
	    cmocka_unit_test(test_wishes),
	};

	return (cmocka_run_group_tests(tests, set_up, NULL));
}

/*
 * The two clocks, and how an instant is shown.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"

static int64_t
nanoseconds(clockid_t id)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(id, &ts), 0);
	return (ts.tv_sec * 1000000000LL + ts.tv_nsec);
}

static void
test_monotonic(void **state)
{
	int64_t before = nanoseconds(CLOCK_MONOTONIC), last = before, now;

	for (int i = 0; i < 1000; i++) {
		now = clock_now_ns();
		assert_true(now >= last);
		last = now;
	}
	assert_true(last > before);
	assert_true(last <= nanoseconds(CLOCK_MONOTONIC));
}

static void
test_wall(void **state)
{
	int64_t before = nanoseconds(CLOCK_REALTIME), now = clock_wall_ns();

	assert_in_range(now - before, 0, 60 * NS_PER_SEC);
}

static void
test_format(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
	    {0, "1970-01-01T00:00:00.000000Z"},
	    {999, "1970-01-01T00:00:00.000000Z"},
	    {1000, "1970-01-01T00:00:00.000001Z"},
	    {NS_PER_SEC - 1, "1970-01-01T00:00:00.999999Z"},
	    {NS_PER_SEC, "1970-01-01T00:00:01.000000Z"},
	    {951827696007008009, "2000-02-29T12:34:56.007008Z"},
	    {1768473060123456789, "2026-01-15T10:31:00.123456Z"},
	    {INT64_MAX, "2262-04-11T23:47:16.854775Z"},
	};
	char text[CLOCK_FORMAT_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		clock_format(cases[i].ns, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void
test_local(void **state)
{
	static const struct {
		const char *zone, *text;
	} cases[] = {
	    {"<+0530>-5:30", "2026-01-15T16:01:00.123456+05:30"},
	    {"<-0330>3:30", "2026-01-15T07:01:00.123456-03:30"},
	    {"<-0030>0:30", "2026-01-15T10:01:00.123456-00:30"},
	    {"UTC0", "2026-01-15T10:31:00.123456Z"},
	};
	char text[CLOCK_FORMAT_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv("TZ", cases[i].zone, 1);
		clock_show_local(true);
		clock_format(1768473060123456789, text);
		assert_string_equal(text, cases[i].text);
		clock_show_local(false);
		clock_format(1768473060123456789, text);
		assert_string_equal(text, "2026-01-15T10:31:00.123456Z");
	}
	unsetenv("TZ");
	tzset();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_monotonic),
	    cmocka_unit_test(test_wall),
	    cmocka_unit_test(test_format),
	    cmocka_unit_test(test_local),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

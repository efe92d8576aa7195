/*
 * The durations and the layouts of Go that the time tool knows.
 */

#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "tools/time_parts.h"

/* 2026-01-15T10:31:00.123456789Z, a Thursday */
#define WINTER 1768473060, 123456789
/* 2026-07-05T21:05:07.120000000Z, a Sunday */
#define SUMMER 1783285507, 120000000
/* 2027-01-01T12:00:00Z */
#define NEW_YEAR 1798804800, 0

static const struct {
	const char *text;
	int64_t ns;
} durations[] = {
    {"0", 0},
    {"-0", 0},
    {"0s", 0},
    {"1ns", 1},
    {"1us", 1000},
    {"1\u00b5s", 1000},
    {"1\u03bcs", 1000},
    {"300ms", 300000000},
    {"-10s", -10000000000},
    {"+5m", 300000000000},
    {"1.5h", 5400000000000},
    {".5s", 500000000},
    {"1.s", 1000000000},
    {"0.3333333333s", 333333333},
    {"1h15m30.918s", 4530918000000},
    {"1m1m", 120000000000},
    {"9223372036854775807ns", INT64_MAX},
    {"-9223372036854775808ns", INT64_MIN},
    {"2562047h47m16.854775807s", INT64_MAX},
};

static const char *const bad_durations[] = {
    "",
    "-",
    "+",
    "s",
    ".",
    ".s",
    "-.",
    "1",
    "1.5",
    "1x",
    "1h2",
    "1 h",
    "1h 2m",
    "--1s",
    "1-s",
    "1d",
    "1e3s",
    "1S",
    "9223372036854775808ns",
    "-9223372036854775809ns",
    "2562048h",
    "99999999999999999999s",
    "9223372036854775807h",
};

static const struct {
	int64_t seconds;
	long nsec;
	const char *zone;
	const char *layout;
	const char *text;
} layouts[] = {
    {WINTER, "UTC", "Mon Jan 2 15:04:05 MST 2006",
	"Thu Jan 15 10:31:00 UTC 2026"},
    {WINTER, "UTC", "Monday, 02-Jan-06", "Thursday, 15-Jan-26"},
    {SUMMER, "UTC", "Monday, January 2 2006", "Sunday, July 5 2026"},
    {SUMMER, "UTC", "1/2/06 01/02 _2|__2|002", "7/5/26 07/05  5|186|186"},
    {WINTER, "UTC", "_2 __2 002", "15  15 015"},
    {SUMMER, "UTC", "15 3 03 4 04 5 05 PM pm", "21 9 09 5 05 7 07 PM pm"},
    {WINTER, "UTC", "3:04pm 15h", "10:31am 10h"},
    {WINTER, "UTC", "2006_2006", "2026_2026"},
    {WINTER, "UTC", "20060102150405", "20260115103100"},
    {WINTER, "UTC", ".000 .000000 .000000000 ,000",
	".123 .123456 .123456789 ,123"},
    {SUMMER, "UTC", "05.000 05.999 05.9 05,999999999",
	"07.120 07.12 07.1 07,12"},
    {NEW_YEAR, "UTC", "05.000 05.999|05.0001 05.", "00.000 00|00.0001 00."},
    {WINTER, "UTC", "Z07:00 Z0700 Z07 -07:00 -0700 -07",
	"Z Z Z +00:00 +0000 +00"},
    {WINTER, "Asia/Kolkata", "Z07:00 Z0700 Z07 -07:00 -0700 -07",
	"+05:30 +0530 +05 +05:30 +0530 +05"},
    {SUMMER, "America/New_York", "-07:00:00 -070000 Z07:00:00 Z070000 MST",
	"-04:00:00 -040000 -04:00:00 -040000 EDT"},
    {WINTER, "America/St_Johns", "Z07:00 MST", "-03:30 NST"},
    {WINTER, "UTC", "Janet Monica \u00e9 [x]", "Janet Monica \u00e9 [x]"},
    {WINTER, "UTC", "JanMon", "JanThu"},
    {NEW_YEAR, "UTC", "3PM 12", "12PM 11"},
};

static void
test_durations(void **state)
{
	int64_t ns;
	size_t i;

	for (i = 0; i < COUNT(durations); i++) {
		assert_null(time_duration(
		    durations[i].text, strlen(durations[i].text), &ns));
		if (ns != durations[i].ns)
			fail_msg("%s: %lld", durations[i].text, (long long)ns);
	}
	for (i = 0; i < COUNT(bad_durations); i++)
		if (time_duration(bad_durations[i], strlen(bad_durations[i]),
			&ns) == NULL)
			fail_msg("taken: \"%s\"", bad_durations[i]);
}

static void
test_layouts(void **state)
{
	time_t seconds;
	struct tm tm;
	char *text;
	size_t i, len;

	for (i = 0; i < COUNT(layouts); i++) {
		assert_true(
		    time_zone_enter(layouts[i].zone, strlen(layouts[i].zone)));
		seconds = layouts[i].seconds;
		assert_non_null(localtime_r(&seconds, &tm));
		text = time_layout(layouts[i].layout, strlen(layouts[i].layout),
		    &tm, layouts[i].nsec, &len);
		time_zone_leave();
		assert_non_null(text);
		assert_string_equal(text, layouts[i].text);
		assert_int_equal(len, strlen(text));
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_layouts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

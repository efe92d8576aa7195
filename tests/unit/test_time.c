/*
 * time: actions and zones, at instants that the test
 * chooses (the program is linked with clock_wall_ns() wrapped).
 *
 * Wraps: clock_wall_ns
 */

#include "test.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "common/clock.h"
#include "tools/time_parts.h"
#include "tools/tools.h"

/* 2026-01-15T10:31:00.123456789Z, a Thursday */
#define WINTER (1768473060LL * NS_PER_SEC + 123456789)
/* 2027-01-01T12:00:00Z: week 53 of the year before */
#define NEW_YEAR (1798804800LL * NS_PER_SEC)

static int64_t wall_ns = WINTER;

int64_t __wrap_clock_wall_ns(void);

int64_t
__wrap_clock_wall_ns(void)
{
	return (wall_ns);
}

static const struct call_sample winter[] = {
    {"{}", "{\"timestamp\":\"2026-01-15T10:31:00.123456Z\","
	   "\"unix\":1768473060,\"date\":\"2026-01-15\","
	   "\"time\":\"10:31:00\",\"timezone\":\"UTC\","
	   "\"day_of_week\":\"Thursday\",\"day_of_year\":15,"
	   "\"week_of_year\":3}"},
    {"{\"action\":\"current\",\"timezone\":\"Asia/Kolkata\"}",
	"{\"timestamp\":\"2026-01-15T16:01:00.123456+05:30\","
	"\"unix\":1768473060,\"date\":\"2026-01-15\","
	"\"time\":\"16:01:00\",\"timezone\":\"Asia/Kolkata\","
	"\"day_of_week\":\"Thursday\",\"day_of_year\":15,"
	"\"week_of_year\":3}"},
    {"{\"action\":\"timezone\",\"timezone\":\"America/New_York\"}",
	"{\"timezone\":\"America/New_York\","
	"\"timestamp\":\"2026-01-15T05:31:00.123456-05:00\","
	"\"date\":\"2026-01-15\",\"time\":\"05:31:00\","
	"\"offset\":\"-05:00\"}"},
    {"{\"action\":\"timezone\",\"timezone\":\"UTC\"}",
	"{\"timezone\":\"UTC\","
	"\"timestamp\":\"2026-01-15T10:31:00.123456Z\","
	"\"date\":\"2026-01-15\",\"time\":\"10:31:00\","
	"\"offset\":\"+00:00\"}"},
    {"{\"action\":\"unix\"}",
	"{\"unix\":1768473060,\"unix_milli\":1768473060123,"
	"\"unix_micro\":1768473060123456,"
	"\"unix_nano\":1768473060123456789}"},
    {"{\"action\":\"add_duration\",\"duration\":\"2h30m\"}",
	"{\"current\":\"2026-01-15T10:31:00.123456Z\","
	"\"duration\":\"2h30m\","
	"\"future\":\"2026-01-15T13:01:00.123456Z\","
	"\"added_seconds\":9000}"},
    {"{\"action\":\"add_duration\",\"duration\":\"-200ms\","
     "\"timezone\":\"Europe/Berlin\"}",
	"{\"current\":\"2026-01-15T11:31:00.123456+01:00\","
	"\"duration\":\"-200ms\","
	"\"future\":\"2026-01-15T11:30:59.923456+01:00\","
	"\"added_seconds\":-0.2}"},
    {"{\"action\":\"add_duration\",\"duration\":\"-2562047h\"}",
	"{\"current\":\"2026-01-15T10:31:00.123456Z\","
	"\"duration\":\"-2562047h\","
	"\"future\":\"1733-10-06T11:31:00.123456Z\","
	"\"added_seconds\":-9223369200}"},
    {"{\"action\":\"format\"}", "{\"format\":\"2006-01-02T15:04:05Z07:00\","
				"\"formatted\":\"2026-01-15T10:31:00Z\"}"},
    {"{\"action\":\"format\",\"format\":\"\"}",
	"{\"format\":\"\",\"formatted\":\"\"}"},
    {"{\"action\":\"format\",\"format\":\"a\\u0000 2006\"}",
	"{\"format\":\"a\\u0000 2006\",\"formatted\":\"a\\u0000 2026\"}"},
    {"{\"action\":\"format\",\"format\":\"%d.%m.%Y %%\"}",
	"{\"format\":\"%d.%m.%Y %%\",\"formatted\":\"15.01.2026 %\"}"},
    {"{\"action\":\"format\",\"format\":\"%s %z %Z\","
     "\"timezone\":\"Asia/Tokyo\"}",
	"{\"format\":\"%s %z %Z\","
	"\"formatted\":\"1768473060 +0900 JST\"}"},
    {"{\"action\":\"format\",\"format\":\"%Ez\u00e9%\"}",
	"{\"format\":\"%Ez\u00e9%\",\"formatted\":\"+0000\u00e9%\"}"},
};

static const struct call_sample refused[] = {
    {"{\"action\":\"timezone\"}", "timezone is required for this action"},
    {"{\"action\":\"add_duration\"}", "duration is required for this action"},
    {"{\"action\":\"add_duration\",\"duration\":\"soon\"}",
	"invalid duration: \"soon\""},
    {"{\"action\":\"add_duration\",\"duration\":\"300000000000h\"}",
	"too long a duration: \"300000000000h\""},
    {"{\"action\":\"format\",\"format\":\"%9999999d\"}",
	"the formatted time is too long"},
    {"{\"action\":\"format\",\"format\":\"%d\\u0000\"}",
	"a format for strftime cannot hold U+0000"},
    {"{\"action\":\"sleep\"}", "must be one of"},
    {"{\"timezone\":\"\"}", "length must be at least 1"},
    {"{\"when\":1}", "unknown member"},
};

static const char *const bad_zones[] = {
    "../../../etc/passwd",
    "/etc/localtime",
    "/usr/share/zoneinfo/UTC",
    "Europe/../UTC",
    "./UTC",
    ".",
    "..",
    "Europe",
    "Europe/",
    "Europe//Berlin",
    "zone.tab",
    "tzdata.zi",
    "Nowhere/Land",
    "-UTC",
    "UTC ",
    "UTC\\u0000",
    "\\u0000",
    "CET-1CEST",
    "<+03>-3",
};

static int
reset(void **state)
{
	wall_ns = WINTER;
	return (setenv("TZ", "UTC", 1));
}

static void
test_actions(void **state)
{
	call_samples(&tool_time, winter, COUNT(winter));
}

static void
test_refused(void **state)
{
	call_samples(&tool_time, refused, COUNT(refused));
}

static void
test_week_is_of_iso_8601(void **state)
{
	struct json_object *result;

	wall_ns = NEW_YEAR;
	result = call_result(&tool_time, "{}");
	assert_int_equal(
	    json_object_get_int(json_object_object_get(result, "week_of_year")),
	    53);
	assert_int_equal(
	    json_object_get_int(json_object_object_get(result, "day_of_year")),
	    1);
	json_object_put(result);
}

static void
test_zone_names_stay_in_their_directory(void **state)
{
	char params[256];
	struct json_object *outcome, *error;
	size_t i;

	for (i = 0; i < COUNT(bad_zones); i++) {
		snprintf(params, sizeof(params), "{\"timezone\":\"%s\"}",
		    bad_zones[i]);
		outcome = call_tool(&tool_time, params);
		error = json_object_object_get(outcome, "error");
		if (error == NULL)
			fail_msg("%s: %s", params,
			    json_object_to_json_string(outcome));
		assert_non_null(
		    strstr(json_object_get_string(error), "unknown time zone"));
		json_object_put(outcome);
	}
}

static void
test_zone_of_the_process_is_put_back(void **state)
{
	assert_true(time_zone_enter("Asia/Tokyo", strlen("Asia/Tokyo")));
	assert_string_not_equal(getenv("TZ"), "UTC");
	time_zone_leave();
	assert_string_equal(getenv("TZ"), "UTC");
	unsetenv("TZ");
	assert_true(time_zone_enter("Asia/Tokyo", strlen("Asia/Tokyo")));
	time_zone_leave();
	assert_null(getenv("TZ"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_actions, reset),
	    cmocka_unit_test_setup(test_refused, reset),
	    cmocka_unit_test_setup(test_week_is_of_iso_8601, reset),
	    cmocka_unit_test_setup(
		test_zone_names_stay_in_their_directory, reset),
	    cmocka_unit_test_setup(test_zone_of_the_process_is_put_back, reset),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * What people see: tables, numbers, and the text of others without what a
 * terminal would obey.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/table.h"
#include "agentctl/units.h"
#include "agentctl/visible.h"

static const struct text_row {
	const char *text, *shown;
	size_t width;
} text_rows[] = {
    {"", "", 0},
    {"plain", "plain", 5},
    {"a\\b", "a\\b", 3},
    {"\n\t\r", "\\n\\t\\r", 6},
    {"\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m", 18},
    {"\033]0;title\a", "\\x1b]0;title\\x07", 16},
    {"\177", "\\x7f", 4},
    {"\xc2\x9b"
     "31m",
	"\\u009b31m", 9},
    {"\xe2\x80\xae"
     "abc",
	"\\u202e"
	"abc",
	9},
    {"\xe2\x80\xa8", "\\u2028", 6},
    {"\xff\xfe", "\\xff\\xfe", 8},
    {"\xc3", "\\xc3", 4},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", 12},
    {"\xc3\xa4", "\xc3\xa4", 1},   /* a umlaut */
    {"a\xcc\x88", "a\xcc\x88", 1}, /* the same in two */
    {"\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad\xe6\x96\x87", 4},
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 2},
};

static void
visible_rows(void **state)
{
	for (size_t i = 0; i < COUNT(text_rows); i++) {
		const struct text_row *row = &text_rows[i];
		char *shown = visible_text(row->text, strlen(row->text));

		assert_string_equal(shown, row->shown);
		assert_int_equal(
		    visible_width(shown, strlen(shown)), row->width);
		free(shown);
	}
}

/* No byte whatsoever lets a control character through. */
static void
visible_all(void **state)
{
	char text[3];

	for (int first = 0; first < 256; first++)
		for (int second = 0; second < 256; second++) {
			char *shown;

			snprintf(text, sizeof(text), "%c%c", first, second);
			text[0] = (char)first;
			text[1] = (char)second;
			shown = visible_text(text, 2);
			for (char *p = shown; *p != '\0'; p++) {
				assert_true((unsigned char)*p >= 0x20);
				assert_int_not_equal(*p, 0x7f);
				if (*p == '\xc2')
					assert_true(
					    (unsigned char)p[1] >= 0xa0);
			}
			free(shown);
		}
}

/* JSON keeps its value. */
static void
visible_as_json(void **state)
{
	static const char text[] = "{\"a\": \"\177\xc2\x9b\xe2\x80\xae \\n\"}";
	char *shown;
	size_t size;
	FILE *out = open_memstream(&shown, &size);
	struct json_object *before = json_tokener_parse(text), *after;

	visible_json(out, text, strlen(text));
	assert_int_equal(fclose(out), 0);
	assert_string_equal(shown, "{\"a\": \"\\u007f\\u009b\\u202e \\n\"}");
	after = json_tokener_parse(shown);
	assert_true(json_object_equal(before, after));
	json_object_put(before);
	json_object_put(after);
	free(shown);
}

static void
visible_prefixes(void **state)
{
	assert_int_equal(visible_prefix("abc", 0), 0);
	assert_int_equal(visible_prefix("abc", 2), 2);
	assert_int_equal(visible_prefix("abc", 9), 3);
	/* A wide character is not halved, a mark stays with its letter. */
	assert_int_equal(visible_prefix("\xe4\xb8\xad\xe6\x96\x87", 3), 3);
	assert_int_equal(visible_prefix("a\xcc\x88z", 1), 3);
}

static const struct table_column columns[] = {
    {"NAME", 0}, {"N", TABLE_RIGHT}, {"WHAT", TABLE_CUT}};
static const struct table_column wrapped[] = {
    {"NAME", 0}, {"WHAT", TABLE_WRAP}};

static void
check_table(struct table *table, size_t width, const char *expected)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_print(table, out, width);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void
table_widths(void **state)
{
	struct table *table = table_new(columns, COUNT(columns));

	check_table(table, 0, "NAME  N  WHAT\n");
	table_add(table, "a");
	table_addf(table, "%d", 12345);
	table_add(table, "something that is long");
	table_add(table, "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97");
	table_add(table, "");
	table_add(table, NULL);
	check_table(table, 0,
	    "NAME        N  WHAT\n"
	    "a       12345  something that is long\n"
	    "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97      -  -\n");
	check_table(table, 25,
	    "NAME        N  WHAT\n"
	    "a       12345  something\xe2\x80\xa6\n"
	    "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97      -  -\n");
	/* Narrower than can be: the column keeps something. */
	check_table(table, 5,
	    "NAME        N  WHAT\n"
	    "a       12345  somet\xe2\x80\xa6\n"
	    "\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97      -  -\n");
	table_free(table);
}

static void
table_wraps(void **state)
{
	struct table *table = table_new(wrapped, COUNT(wrapped));

	table_add(table, "first");
	table_add(table, "one two three four");
	table_add(table, "x");
	table_add(table, "abcdefghijklmnop");
	check_table(table, 16,
	    "NAME   WHAT\n"
	    "first  one two\n"
	    "       three\n"
	    "       four\n"
	    "x      abcdefghi\n"
	    "       jklmnop\n");
	check_table(table, 0,
	    "NAME   WHAT\n"
	    "first  one two three four\n"
	    "x      abcdefghijklmnop\n");
	table_free(table);
}

/* A cell cannot leave its line, nor its column by invisible means. */
static void
table_hostile(void **state)
{
	struct table *table = table_new(wrapped, COUNT(wrapped));

	table_add(table, "\033[2J\nfake  row");
	table_add(table, "\x01");
	check_table(table, 0,
	    "NAME                WHAT\n"
	    "\\x1b[2J\\nfake  row  \\x01\n");
	table_free(table);
}

static const struct {
	int64_t ns;
	const char *text;
} duration_rows[] = {
    {0, "0"},
    {1, "1ns"},
    {999, "999ns"},
    {1000, "1.00us"},
    {1234567, "1.23ms"},
    {12345678, "12.3ms"},
    {123456789, "123ms"},
    {999499999, "999ms"},
    {999600000, "1.00s"},
    {9996000000, "10.0s"},
    {59900000000, "59.9s"},
    {60000000000, "1m00s"},
    {125000000000, "2m05s"},
    {3600000000000, "1h00m"},
    {11220000000000, "3h07m"},
    {86400000000000, "1d00h"},
    {352800000000000, "4d02h"},
    {-1500000000, "-1.50s"},
    {INT64_MAX, "106751d23h"},
    {INT64_MIN, "-106751d23h"},
};

static void
units_durations(void **state)
{
	char text[UNITS_SIZE];

	for (size_t i = 0; i < COUNT(duration_rows); i++) {
		units_duration(duration_rows[i].ns, text);
		assert_string_equal(text, duration_rows[i].text);
	}
}

static const struct {
	int64_t bytes;
	const char *text;
} byte_rows[] = {
    {-1, "0"},
    {0, "0"},
    {1023, "1023"},
    {1024, "1.00K"},
    {1536, "1.50K"},
    {10240, "10.0K"},
    {1048576, "1.00M"},
    {1047552, "1023K"},
    {1048575, "1.00M"},
    {INT64_MAX, "8.00E"},
};

static void
units_sizes(void **state)
{
	char text[UNITS_SIZE];

	for (size_t i = 0; i < COUNT(byte_rows); i++) {
		units_bytes(byte_rows[i].bytes, text);
		assert_string_equal(text, byte_rows[i].text);
	}
	units_rate(-1, text);
	assert_string_equal(text, "0");
	units_rate(0.25, text);
	assert_string_equal(text, "0.25");
	units_rate(4567.8, text);
	assert_string_equal(text, "4568");
}

static void
units_ages(void **state)
{
	const int64_t now = INT64_C(1768473060) * 1000000000;
	static const char *const bad[] = {
	    NULL, "", "yesterday", "2026-01-15T10:31:00", "2026-01-15"};
	char text[UNITS_SIZE];

	units_ago("2026-01-15T10:30:00.500000Z", now, text);
	assert_string_equal(text, "59.5s");
	units_ago("2026-01-15T10:30:00Z", now, text);
	assert_string_equal(text, "1m00s");
	units_ago("2026-01-15T10:31:01Z", now, text);
	assert_string_equal(text, "0");
	for (size_t i = 0; i < COUNT(bad); i++) {
		units_ago(bad[i], now, text);
		assert_string_equal(text, "-");
	}
}

static void
units_options(void **state)
{
	static const char *const seconds[] = {"", "0", "-1", "x", "1x", "1e3",
	    ".", "1.2.3", "nan", "86401", "+1"};
	static const char *const counts[] = {"", "0", "-1", "x", "1x", "1.5",
	    "11", "99999999999999999999", " 1"};
	int64_t value;

	assert_true(units_parse_seconds("2.5", &value));
	assert_int_equal(value, 2500);
	assert_true(units_parse_seconds("0.0001", &value));
	assert_int_equal(value, 1);
	assert_true(units_parse_seconds("86400", &value));
	assert_true(units_parse_count("10", 1, 10, &value));
	assert_int_equal(value, 10);
	for (size_t i = 0; i < COUNT(seconds); i++)
		assert_false(units_parse_seconds(seconds[i], &value));
	for (size_t i = 0; i < COUNT(counts); i++)
		assert_false(units_parse_count(counts[i], 1, 10, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(visible_rows),
	    cmocka_unit_test(visible_all),
	    cmocka_unit_test(visible_as_json),
	    cmocka_unit_test(visible_prefixes),
	    cmocka_unit_test(table_widths),
	    cmocka_unit_test(table_wraps),
	    cmocka_unit_test(table_hostile),
	    cmocka_unit_test(units_durations),
	    cmocka_unit_test(units_sizes),
	    cmocka_unit_test(units_ages),
	    cmocka_unit_test(units_options),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Regular expressions in schemas: a match that would take too long ends, and
 * is never taken for one, nor for none.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"
#include "schema_help.h"

static void
check_pattern(const char *pattern, const char *text, size_t count)
{
	char *subject = schema_help_repeat(text, "", count), *schema, *value;
	const char *found;

	assert_int_not_equal(
	    -1, asprintf(&schema, "{\"not\":{\"pattern\":\"%s\"}}", pattern));
	assert_int_not_equal(-1, asprintf(&value, "\"%s!\"", subject));
	found = schema_help_check(schema, value);
	if (strstr(found, ": takes too long to match against the pattern ") !=
	    found)
		fail_msg("%s: \"%s\"", pattern, found);
	free(schema);
	free(value);
	free(subject);
}

static void
test_patterns_that_backtrack(void **state)
{
	check_pattern("^(a+)+$", "a", 100);
	check_pattern("^(a|aa)+$", "a", 200);
	check_pattern("(x+x+)+[yz]", "x", 100);
	/* Quadratic: the first is so in single items, the second in places. */
	check_pattern("[a-z]*[0-9]", "a", 200000);
	check_pattern("a.*b.*[0-9]", "ab", 100000);
	check_pattern("(a*)\\\\1[bc]", "a", 20000);
	check_pattern("^(?:(?=[a-z]*+9)b|a)*$", "a", 100000);
}

/* Patterns as they stand in JSON, and what fits them as ECMA-262 has it. */
static const struct {
	const char *pattern, *text;
	bool fits;
} ecma[] = {
    {"^\\\\s$", "\\u00a0", true},
    {"^\\\\s$", "\\ufeff", true},
    {"^\\\\s$", "\\u2003", true},
    {"^\\\\s$", "\\u3000", true},
    {"^\\\\s$", "\\u2028", true},
    {"^\\\\s$", "\\u2029", true},
    {"^\\\\s$", "\\u000b", true},
    {"^\\\\s$", "\\u0085", false},
    {"^\\\\s$", "\\u200b", false},
    {"^\\\\s$", "\\u180e", false},
    {"^\\\\S$", "\\u00a0", false},
    {"^\\\\S$", "\\u0085", true},
    {"^\\\\S$", "\\ud83d\\ude00", true},
    {"^[\\\\s]$", "\\ufeff", true},
    {"^[^\\\\s]$", "\\ufeff", false},
    {"^[\\\\S]$", "\\u2028", false},
    {"^[\\\\S\\\\t]$", "\\t", true},
    {"^[^\\\\S]$", "\\u00a0", true},
    {"^[\\\\s\\\\S]$", "\\u2029", true},
    {"^[\\\\s-z]$", "-", true},
    {"^[\\\\s-z]$", "a", false},
    {"^[a-\\\\s]$", "-", true},
    {"^[a-\\\\s]$", "b", false},
    {"^[\\\\s-]$", "-", true},
    {"^[-\\\\s]$", "-", true},
    {"^[\\\\w-.]$", "-", true},
    {"^[\\\\w-.]$", ".", true},
    {"^[\\\\w-.]$", ",", false},
    {"^[+-\\\\d]$", "-", true},
    {"^[+-\\\\d]$", "7", true},
    {"^[+-\\\\d]$", ",", false},
    {"^[\\\\w-]$", "-", true},
    {"^[\\\\D-x]$", "-", true},
    {"^[\\\\p{L}-.]$", "-", true},
    {"^[\\\\p{L}-.]$", ",", false},
    {"^[a-\\\\p{Lu}]$", "-", true},
    {"^[\\\\w-a-c]$", "b", true},
    {"^[+--]$", ",", true},
    {"^\\\\v$", "\\u000b", true},
    {"^\\\\v$", "\\n", false},
    {"^[\\\\v]$", "\\n", false},
    {"^.$", "\\u2028", false},
    {"^.$", "\\u2029", false},
    {"^.$", "\\r", false},
    {"^.$", "\\u0085", true},
    {"^[.]$", "a", false},
    {"^\\\\.$", "a", false},
    {"^[^]$", "\\n", true},
    {"^[^.]$", "a", true},
    {"^\\\\uD83D\\\\uDE00$", "\\ud83d\\ude00", true},
    {"^\\\\uD83D\\\\uDE00$", "\\ud83d\\ude01", false},
    {"^[\\\\ud83d\\\\ude00-\\\\uD83D\\\\uDE4F]$", "\\ud83d\\ude10", true},
    {"^\\\\u{1F600}$", "\\ud83d\\ude00", true},
    {"^[[:alpha:]]$", "a", false},
    {"^[[:alpha:]]$", "a]", true},
    {"(?<=\\\\s)a", "\\u00a0a", true},
};

static void
test_ecma(void **state)
{
	for (size_t i = 0; i < COUNT(ecma); i++) {
		char schema[128], value[64];
		const char *found;

		snprintf(schema, sizeof(schema), "{\"pattern\":\"%s\"}",
		    ecma[i].pattern);
		snprintf(value, sizeof(value), "\"%s\"", ecma[i].text);
		found = schema_help_check(schema, value);
		if ((found[0] == '\0') != ecma[i].fits)
			fail_msg("%s for %s: \"%s\"", ecma[i].pattern,
			    ecma[i].text, found);
	}
}

/* The place is one in the pattern as it was written. */
static void
test_refusals(void **state)
{
	assert_string_equal(
	    schema_help_refusal("{\"pattern\":\"\\\\s.(?<=a*)b\"}"),
	    "/pattern: must be a regular expression without a lookbehind of "
	    "variable length: at 3");
	assert_string_equal(schema_help_refusal("{\"pattern\":\"\\\\S.a)b\"}"),
	    "/pattern: must be a regular expression: unmatched closing "
	    "parenthesis at 4");
	assert_non_null(
	    strstr(schema_help_refusal("{\"pattern\":\"\\\\uD83Dx\"}"),
		"must be a regular expression: disallowed Unicode"));
}

/* Not each pattern is long, but there are many. */
static void
test_many_patterns(void **state)
{
	char *subjects =
	    schema_help_repeat("\"aaaaaaaaaaaaaaaaa!\"", ",", 1000);
	char *value;

	assert_int_not_equal(-1, asprintf(&value, "[%s]", subjects));
	assert_non_null(strstr(
	    schema_help_check(
		"{\"items\":{\"not\":{\"pattern\":\"^(a+)+$\"}}}", value),
	    ": is too complex to be checked"));
	free(value);
	free(subjects);
}

static void
test_pattern_of_a_long_text(void **state)
{
	char *text = schema_help_repeat("abcdefghij", "", 50000), *value;

	assert_int_not_equal(-1, asprintf(&value, "\"%s\"", text));
	assert_string_equal(
	    schema_help_check("{\"pattern\":\"^[a-z]*$\"}", value), "");
	assert_string_equal(
	    schema_help_check("{\"pattern\":\"jab.*j$\"}", value), "");
	assert_string_equal(
	    schema_help_check("{\"pattern\":\"^[a-z]*[0-9]\"}", value),
	    ": must match the pattern ^[a-z]*[0-9]");
	free(value);
	free(text);
}

static void
test_text_that_is_not_utf8(void **state)
{
	struct schema *schema = schema_help_compile("{\"pattern\":\"^a\"}");
	struct json_object *value = json_object_new_string("a\xff");

	assert_string_equal(
	    schema_help_failures(schema, value), ": must be valid UTF-8");
	json_object_put(value);
	schema_free(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_patterns_that_backtrack),
	    cmocka_unit_test(test_ecma),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_many_patterns),
	    cmocka_unit_test(test_pattern_of_a_long_text),
	    cmocka_unit_test(test_text_that_is_not_utf8),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

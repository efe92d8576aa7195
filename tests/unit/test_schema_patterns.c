/*
 * Regular expressions in schemas: a match that would take too long ends, and
 * is never taken for one, nor for none.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <json-c/json.h>
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
	    cmocka_unit_test(test_many_patterns),
	    cmocka_unit_test(test_pattern_of_a_long_text),
	    cmocka_unit_test(test_text_that_is_not_utf8),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

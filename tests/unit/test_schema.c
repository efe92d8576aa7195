/*
 * The JSON Schema validator: each keyword with what it takes and refuses, the
 * pointers of failures, and the check of schemas themselves.
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

#include "agent/schema.h"
#include "common/json.h"

struct sample {
	const char *schema;
	const char *value;
	const char *failures; /* "POINTER: DETAIL; ...", "" = none */
};

static const struct sample samples[] = {
    {"true", "1", ""},
    {"false", "1", ": is not allowed"},
    {"{}", "[1,{\"a\":null}]", ""},
    {"{\"type\":\"null\"}", "null", ""},
    {"{\"type\":\"null\"}", "0", ": must be null, not integer"},
    {"{\"type\":\"boolean\"}", "false", ""},
    {"{\"type\":\"boolean\"}", "null", ": must be boolean, not null"},
    {"{\"type\":\"integer\"}", "1", ""},
    {"{\"type\":\"integer\"}", "1.0", ""},
    {"{\"type\":\"integer\"}", "1e300", ""},
    {"{\"type\":\"integer\"}", "1.5", ": must be integer, not number"},
    {"{\"type\":\"integer\"}", "\"1\"", ": must be integer, not string"},
    {"{\"type\":\"number\"}", "1", ""},
    {"{\"type\":\"number\"}", "1.5", ""},
    {"{\"type\":\"number\"}", "true", ": must be number, not boolean"},
    {"{\"type\":\"string\"}", "\"\"", ""},
    {"{\"type\":\"string\"}", "[]", ": must be string, not array"},
    {"{\"type\":\"array\"}", "[]", ""},
    {"{\"type\":\"array\"}", "{}", ": must be array, not object"},
    {"{\"type\":\"object\"}", "{}", ""},
    {"{\"type\":[\"string\",\"null\"]}", "null", ""},
    {"{\"type\":[\"string\",\"null\"]}", "\"a\"", ""},
    {"{\"type\":[\"string\",\"null\"]}", "1",
	": must be string or null, not integer"},
    {"{\"enum\":[1,\"a\",null]}", "1.0", ""},
    {"{\"enum\":[1,\"a\",null]}", "null", ""},
    {"{\"enum\":[1,\"a\",null]}", "true", ": must be one of 1,\"a\",null"},
    {"{\"enum\":[9007199254740993]}", "9007199254740992.0",
	": must be one of 9007199254740993"},
    {"{\"const\":{\"a\":[1,2],\"b\":0}}", "{\"b\":-0.0,\"a\":[1.0,2e0]}", ""},
    {"{\"const\":[1,2]}", "[2,1]", ": must be [1,2]"},
    {"{\"const\":{\"a\":1}}", "{\"a\":1,\"b\":1}", ": must be {\"a\":1}"},
    {"{\"const\":false}", "0", ": must be false"},
    {"{\"minimum\":1}", "1.0", ""},
    {"{\"minimum\":1}", "0.999", ": must be at least 1"},
    {"{\"minimum\":0}", "-1e-20", ": must be at least 0"},
    {"{\"minimum\":-9223372036854775808}", "-9223372036854775808", ""},
    {"{\"minimum\":-9223372036854775808}", "-9223372036854777000.0",
	": must be at least -9223372036854775808"},
    {"{\"minimum\":-1.5}", "-2", ": must be at least -1.5"},
    {"{\"minimum\":1}", "\"a\"", ""},
    {"{\"maximum\":9223372036854775807}", "9223372036854775807", ""},
    {"{\"maximum\":9223372036854775807}", "9223372036854775808",
	": must be at most 9223372036854775807"},
    {"{\"maximum\":9223372036854775807}", "9223372036854775807.0",
	": must be at most 9223372036854775807"},
    {"{\"maximum\":18446744073709551615}", "18446744073709551616.0",
	": must be at most 18446744073709551615"},
    {"{\"maximum\":9007199254740992.0}", "9007199254740993",
	": must be at most 9007199254740992.0"},
    {"{\"maximum\":1e30}", "1e31", ": must be at most 1e30"},
    {"{\"maximum\":-1e30}", "0", ": must be at most -1e30"},
    {"{\"exclusiveMinimum\":0}", "0.1", ""},
    {"{\"exclusiveMinimum\":0}", "0.0", ": must be more than 0"},
    {"{\"exclusiveMaximum\":1}", "0.9", ""},
    {"{\"exclusiveMaximum\":1}", "1", ": must be less than 1"},
    {"{\"minLength\":2}", "\"\u00e9\"", ": length must be at least 2"},
    {"{\"minLength\":2}", "\"\\u0000\U0001F600\"", ""},
    {"{\"maxLength\":2}", "\"\u00e9\U0001F600\"", ""},
    {"{\"maxLength\":2}", "\"abc\"", ": length must be at most 2"},
    {"{\"maxLength\":2}", "[1,2,3]", ""},
    {"{\"minItems\":1}", "[]", ": number of items must be at least 1"},
    {"{\"maxItems\":1}", "[1]", ""},
    {"{\"maxItems\":1}", "[1,2]", ": number of items must be at most 1"},
    {"{\"items\":{\"type\":\"string\"}}", "[\"a\",1,\"b\",null]",
	"/1: must be string, not integer; /3: must be string, not null"},
    {"{\"items\":false}", "[]", ""},
    {"{\"items\":false}", "[1]", "/0: is not allowed"},
    {"{\"required\":[\"a\",\"b\"]}", "{}",
	": member \"a\" is required; : member \"b\" is required"},
    {"{\"required\":[\"a\"]}", "{\"a\":null}", ""},
    {"{\"required\":[\"a\"]}", "1", ""},
    {"{\"properties\":{\"a\":{\"required\":[\"x\"]}}}", "{\"a\":{}}",
	"/a: member \"x\" is required"},
    {"{\"properties\":{\"a/b~c\":{\"items\":{\"type\":\"null\"}}}}",
	"{\"a/b~c\":[null,1]}", "/a~1b~0c/1: must be null, not integer"},
    {"{\"properties\":{\"\":false}}", "{\"\":1}", "/: is not allowed"},
    {"{\"properties\":{\"a\":true},\"additionalProperties\":false}",
	"{\"a\":1,\"b\":2,\"c~\":3}",
	"/b: unknown member; /c~0: unknown member"},
    {"{\"additionalProperties\":{\"type\":\"integer\"}}",
	"{\"a\":1,\"b\":\"x\"}", "/b: must be integer, not string"},
    {"{\"additionalProperties\":true}", "{\"a\":1}", ""},
    {"{\"type\":\"integer\",\"minimum\":3,\"enum\":[1]}", "2",
	": must be at least 3; : must be one of 1"},
    {"{\"$schema\":\"x\",\"title\":\"t\",\"description\":\"d\","
     "\"default\":1,\"examples\":[1]}",
	"\"a\"", ""},
};

static struct json_object *
parsed(const char *text)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	return (value);
}

static const char *
member(struct json_object *object, const char *name)
{
	return (json_object_get_string(json_object_object_get(object, name)));
}

static void
describe(struct json_object *errors, char *buf, size_t size)
{
	struct json_object *error;
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < json_object_array_length(errors); i++) {
		error = json_object_array_get_idx(errors, i);
		used += snprintf(buf + used, size - used, "%s%s: %s",
		    i > 0 ? "; " : "", member(error, "pointer"),
		    member(error, "detail"));
	}
}

static void
test_keywords(void **state)
{
	struct json_object *schema, *value, *errors;
	char found[512], why[256];
	size_t i, count;
	int failures;

	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		schema = parsed(samples[i].schema);
		value = parsed(samples[i].value);
		errors = json_object_new_array();
		assert_int_equal(schema_check(schema, why, sizeof(why)), 0);
		failures = schema_validate(schema, value, errors);
		count = json_object_array_length(errors);
		describe(errors, found, sizeof(found));
		if (strcmp(found, samples[i].failures) != 0)
			fail_msg("%s for %s: \"%s\"", samples[i].schema,
			    samples[i].value, found);
		assert_int_equal(failures, count);
		json_object_put(errors);
		json_object_put(value);
		json_object_put(schema);
	}
}

static void
test_schemas_that_make_no_sense(void **state)
{
	static const char *const cases[][2] = {
	    {"1", ": must be an object or a boolean"},
	    {"{\"typ\":\"null\"}", "/typ: unknown keyword"},
	    {"{\"type\":\"int\"}", "/type: must be the name of a type"},
	    {"{\"type\":[]}", "/type: must be"},
	    {"{\"type\":[\"null\",1]}", "/type: must be"},
	    {"{\"required\":\"a\"}", "/required: must be an array"},
	    {"{\"required\":[1]}", "/required: must be an array"},
	    {"{\"enum\":1}", "/enum: must be an array"},
	    {"{\"minimum\":\"1\"}", "/minimum: must be a number"},
	    {"{\"maxLength\":-1}", "/maxLength: must be a whole number"},
	    {"{\"minItems\":1.5}", "/minItems: must be a whole number"},
	    {"{\"title\":1}", "/title: must be a string"},
	    {"{\"items\":[]}", "/items: must be an object or a boolean"},
	    {"{\"properties\":[]}", "/properties: must be an object"},
	    {"{\"properties\":{\"a\":{\"items\":{\"x\":1}}}}",
		"/properties/a/items/x: unknown keyword"},
	    {"{\"additionalProperties\":{\"type\":1}}",
		"/additionalProperties/type: must be"},
	};
	struct json_object *schema;
	char why[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		schema = parsed(cases[i][0]);
		why[0] = '\0';
		assert_int_equal(schema_check(schema, why, sizeof(why)), -1);
		if (strncmp(why, cases[i][1], strlen(cases[i][1])) != 0)
			fail_msg("%s: \"%s\"", cases[i][0], why);
		json_object_put(schema);
	}
}

static void
test_schema_nested_too_deep(void **state)
{
	struct json_object *schema = json_object_new_object(), *outer;
	char why[2048];
	int i;

	for (i = 0; i < 100; i++) {
		outer = json_object_new_object();
		json_object_object_add(outer, "items", schema);
		schema = outer;
	}
	assert_int_equal(schema_check(schema, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "nested too deep"));
	json_object_put(schema);
}

static void
test_value_nested_too_deep(void **state)
{
	struct json_object *schema = json_object_new_object(), *outer;
	struct json_object *value = json_object_new_array();
	struct json_object *errors = json_object_new_array();
	int i;

	for (i = 0; i < 100; i++) {
		outer = json_object_new_object();
		json_object_object_add(outer, "items", schema);
		schema = outer;
		outer = json_object_new_array();
		json_object_array_add(outer, value);
		value = outer;
	}
	assert_int_equal(schema_validate(schema, value, errors), 1);
	json_object_put(schema);
	json_object_put(value);
	json_object_put(errors);
}

static void
test_list_of_failures_is_bounded(void **state)
{
	struct json_object *schema = parsed("{\"items\":{\"type\":\"null\"}}");
	struct json_object *value = json_object_new_array();
	struct json_object *errors = json_object_new_array();
	size_t count;
	int i;

	for (i = 0; i < 100000; i++)
		json_object_array_add(value, json_object_new_int(i));
	assert_int_equal(schema_validate(schema, value, errors), 100000);
	count = json_object_array_length(errors);
	assert_in_range(count, 1000, 10000);
	assert_string_equal(
	    member(json_object_array_get_idx(errors, count - 1), "detail"),
	    "further failures are not listed");
	json_object_put(schema);
	json_object_put(value);
	json_object_put(errors);
}

static void
test_long_detail_is_cut_between_characters(void **state)
{
	struct json_object *schema = json_object_new_object();
	struct json_object *errors = json_object_new_array();
	struct json_object *error, *copy;
	char text[600], reason[JSON_REASON_SIZE];
	const char *printed;
	size_t i, len;

	for (i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\u00e9", 2);
	text[i] = '\0';
	json_object_object_add(schema, "const", json_object_new_string(text));
	assert_int_equal(schema_validate(schema, NULL, errors), 1);
	error = json_object_array_get_idx(errors, 0);
	printed = json_text(error, &len);
	assert_true(json_parse(printed, len, &copy, reason));
	assert_non_null(strstr(member(error, "detail"), "..."));
	json_object_put(copy);
	json_object_put(schema);
	json_object_put(errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keywords),
	    cmocka_unit_test(test_schemas_that_make_no_sense),
	    cmocka_unit_test(test_schema_nested_too_deep),
	    cmocka_unit_test(test_value_nested_too_deep),
	    cmocka_unit_test(test_list_of_failures_is_bounded),
	    cmocka_unit_test(test_long_detail_is_cut_between_characters),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

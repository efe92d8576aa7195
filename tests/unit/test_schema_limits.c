/*
 * No schema and no value holds the validator: depth, steps and the list of
 * failures are bounded, and what is not decided is never taken for a fit.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "schema/schema.h"
#include "schema_help.h"

#define COMPLEX "is too complex to be checked"

static const char *
detail(struct json_object *errors, size_t i)
{
	return (json_object_get_string(json_object_object_get(
	    json_object_array_get_idx(errors, i), "detail")));
}

/* {"items": {"items": ... }} */
static struct json_object *
nested_schema(int depth)
{
	struct json_object *schema = json_object_new_object(), *outer;

	for (; depth > 0; depth--) {
		outer = json_object_new_object();
		json_object_object_add(outer, "items", schema);
		schema = outer;
	}
	return (schema);
}

static struct json_object *
nested_array(int depth)
{
	struct json_object *value = json_object_new_array(), *outer;

	for (; depth > 0; depth--) {
		outer = json_object_new_array();
		json_object_array_add(outer, value);
		value = outer;
	}
	return (value);
}

static void
test_schema_nested_too_deep(void **state)
{
	struct json_object *deep = nested_schema(200);
	struct json_object *shallow = nested_schema(150);
	char why[2048];
	struct schema *schema;

	assert_null(schema_compile(deep, why, sizeof(why)));
	assert_non_null(strstr(why, "nested too deep"));
	schema = schema_compile(shallow, why, sizeof(why));
	assert_non_null(schema);
	schema_free(schema);
	json_object_put(deep);
	json_object_put(shallow);
}

static void
test_value_nested_too_deep(void **state)
{
	struct schema *schema =
	    schema_help_compile("{\"items\":{\"$ref\":\"#\"}}");
	struct schema *negated = schema_help_compile(
	    "{\"not\":{\"$ref\":\"#/$defs/a\"},\"$defs\":{\"a\":"
	    "{\"items\":{\"$ref\":\"#/$defs/a\"}}}}");
	struct json_object *deep = nested_array(200);
	struct json_object *shallow = nested_array(150);

	assert_non_null(
	    strstr(schema_help_failures(schema, deep), ": is nested too deep"));
	assert_non_null(strstr(
	    schema_help_failures(negated, deep), ": is nested too deep"));
	assert_string_equal(schema_help_failures(schema, shallow), "");
	json_object_put(deep);
	json_object_put(shallow);
	schema_free(schema);
	schema_free(negated);
}

/* The comparison of what nests deep ends too. */
static void
test_equal_nested_too_deep(void **state)
{
	struct json_object *document = json_object_new_object();
	struct json_object *value = nested_array(1000);
	struct schema *schema;
	char why[64];

	json_object_object_add(document, "const", nested_array(1000));
	schema = schema_compile(document, why, sizeof(why));
	assert_string_equal(
	    schema_help_failures(schema, value), ": is nested too deep");
	schema_free(schema);
	json_object_put(document);
	json_object_put(value);
}

/* What only shows at work: $dynamicRef to itself. */
static void
test_dynamic_circle(void **state)
{
	assert_string_equal(
	    schema_help_check(
		"{\"$dynamicAnchor\":\"a\",\"anyOf\":[{\"$dynamicRef\":"
		"\"#a\"}]}",
		"1"),
	    ": is checked by schemas nested too deep");
}

static void
test_chain_of_references(void **state)
{
	char *text = NULL, *more;
	int i;

	assert_int_not_equal(-1, asprintf(&text, "\"300\":true"));
	for (i = 299; i >= 0; i--) {
		assert_int_not_equal(
		    -1, asprintf(&more, "\"%d\":{\"$ref\":\"#/$defs/%d\"},%s",
			    i, i + 1, text));
		free(text);
		text = more;
	}
	assert_int_not_equal(-1, asprintf(&more, "{\"$defs\":{%s}}", text));
	assert_non_null(strstr(
	    schema_help_refusal(more), ": is one of too many after another"));
	free(more);
	free(text);
}

/* Each schema asks the next one twice: 2^40 steps, were they all made. */
static void
test_doubling(void **state)
{
	static const char *const keywords[] = {"allOf", "anyOf", "oneOf"};
	char text[4096];
	size_t k, used;
	int i;

	for (k = 0; k < sizeof(keywords) / sizeof(keywords[0]); k++) {
		used = (size_t)sprintf(text, "{\"$ref\":\"#/$defs/0\",");
		used += (size_t)sprintf(text + used, "\"$defs\":{");
		for (i = 0; i < 40; i++)
			used += (size_t)sprintf(text + used,
			    "\"%d\":{\"%s\":[{\"$ref\":\"#/$defs/%d\"},"
			    "{\"$ref\":\"#/$defs/%d\"}]},",
			    i, keywords[k], i + 1, i + 1);
		sprintf(text + used, "\"40\":{\"const\":%d}}}", k == 0);
		assert_string_equal(schema_help_check(text, "1"), ": " COMPLEX);
	}
}

/* Comparing counts too, and within not it does not make a fit. */
static void
test_many_comparisons(void **state)
{
	char *numbers = schema_help_repeat("1", ",", 20000), *schema, *value;
	const char *found;

	assert_int_not_equal(
	    -1, asprintf(&schema, "{\"not\":{\"items\":{\"enum\":[%s,2]}}}",
		    numbers));
	assert_int_not_equal(-1, asprintf(&value, "[%s]", numbers));
	memset(value + 1, '2', 1);
	for (char *p = value; *p != '\0'; p++)
		if (*p == '1')
			*p = '2';
	found = schema_help_check(schema, value);
	assert_non_null(strstr(found, COMPLEX));
	free(schema);
	free(value);
	free(numbers);
}

/* As many as this would take minutes when each is compared with each. */
static void
test_unique_items_of_a_long_array(void **state)
{
	struct schema *schema = schema_help_compile("{\"uniqueItems\":true}");
	struct json_object *value = json_object_new_array();
	int i;

	for (i = 0; i < 300000; i++)
		json_object_array_add(value, json_object_new_int(i));
	assert_string_equal(schema_help_failures(schema, value), "");
	json_object_array_add(value, json_object_new_double(5.0));
	assert_string_equal(schema_help_failures(schema, value),
	    ": items must differ, but 5 and 300000 are equal");
	json_object_put(value);
	schema_free(schema);
}

/* The list as text stays far below what an answer may have. */
static void
test_list_of_short_failures_is_bounded(void **state)
{
	struct schema *schema =
	    schema_help_compile("{\"additionalProperties\":false}");
	struct json_object *value = json_object_new_object();
	struct json_object *errors = json_object_new_array();
	char name[16];

	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "\a%d", i);
		json_object_object_add(value, name, NULL);
	}
	assert_int_equal(schema_validate(schema, value, errors), 20000);
	assert_in_range(
	    strlen(json_object_to_json_string_ext(errors,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)),
	    60000, 66000);
	json_object_put(errors);
	json_object_put(value);
	schema_free(schema);
}

/* A member's name may be as long as a body. */
static void
test_long_pointer_is_left_out(void **state)
{
	struct schema *schema =
	    schema_help_compile("{\"additionalProperties\":false}");
	struct json_object *value = json_object_new_object();
	struct json_object *errors = json_object_new_array();
	static char name[200000];

	memset(name, 'x', sizeof(name) - 1);
	json_object_object_add(value, name, NULL);
	assert_int_equal(schema_validate(schema, value, errors), 1);
	assert_string_equal(
	    json_object_to_json_string_ext(errors, JSON_C_TO_STRING_PLAIN),
	    "[{\"pointer\":\"\",\"detail\":\"unknown member\"}]");
	json_object_put(errors);
	json_object_put(value);
	schema_free(schema);
}

static void
test_list_of_failures_is_bounded(void **state)
{
	struct schema *schema =
	    schema_help_compile("{\"items\":{\"type\":\"null\"}}");
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
	    detail(errors, count - 1), "further failures are not listed");
	schema_free(schema);
	json_object_put(value);
	json_object_put(errors);
}

static void
test_long_detail_is_cut_between_characters(void **state)
{
	struct json_object *document = json_object_new_object();
	struct json_object *errors = json_object_new_array(), *copy;
	char text[600], reason[JSON_REASON_SIZE], why[64];
	struct schema *schema;
	const char *printed;
	size_t i, len;

	for (i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\u00e9", 2);
	text[i] = '\0';
	json_object_object_add(document, "const", json_object_new_string(text));
	schema = schema_compile(document, why, sizeof(why));
	assert_int_equal(schema_validate(schema, NULL, errors), 1);
	printed = json_text(json_object_array_get_idx(errors, 0), &len);
	assert_true(json_parse(printed, len, &copy, reason));
	assert_non_null(strstr(detail(errors, 0), "..."));
	json_object_put(copy);
	schema_free(schema);
	json_object_put(document);
	json_object_put(errors);
}

/* The first failure of an alternative keeps to its room. */
static void
test_long_alternatives(void **state)
{
	char *names = schema_help_repeat("{\"const\":\"abcdefghij\"}", ",", 99);
	char *schema;
	const char *found;

	assert_int_not_equal(-1, asprintf(&schema, "{\"anyOf\":[%s]}", names));
	found = schema_help_check(schema, "1");
	assert_in_range(strlen(found), 200, 300);
	assert_non_null(strstr(found, "..."));
	free(schema);
	free(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_schema_nested_too_deep),
	    cmocka_unit_test(test_value_nested_too_deep),
	    cmocka_unit_test(test_equal_nested_too_deep),
	    cmocka_unit_test(test_dynamic_circle),
	    cmocka_unit_test(test_chain_of_references),
	    cmocka_unit_test(test_doubling),
	    cmocka_unit_test(test_many_comparisons),
	    cmocka_unit_test(test_unique_items_of_a_long_array),
	    cmocka_unit_test(test_list_of_failures_is_bounded),
	    cmocka_unit_test(test_list_of_short_failures_is_bounded),
	    cmocka_unit_test(test_long_pointer_is_left_out),
	    cmocka_unit_test(test_long_detail_is_cut_between_characters),
	    cmocka_unit_test(test_long_alternatives),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * random: the ranges, that every value can come and none comes too often,
 * and what is refused.  Bounds are so wide that chance fails no run.
 */

#include "test.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "tools/tools.h"

static const struct call_sample refused[] = {
    {"{\"min\":5,\"max\":4}", "min is greater than max"},
    {"{\"min\":101}", "min is greater than max"},
    {"{\"type\":\"float\",\"min\":1.5,\"max\":1}", "min is greater than max"},
    {"{\"min\":0.5}", "min must be a whole number of 64 bits for an int"},
    {"{\"max\":9223372036854775808}",
	"max must be a whole number of 64 bits for an int"},
    {"{\"max\":9223372036854775807.0}",
	"max must be a whole number of 64 bits for an int"},
    {"{\"min\":-1e30}", "min must be a whole number of 64 bits for an int"},
    {"{\"type\":\"choice\"}", "choices is required for a choice"},
    {"{\"type\":\"choice\",\"choices\":[]}",
	"number of items must be at least 1"},
    {"{\"type\":\"string\",\"length\":65537}", "must be at most 65536"},
    {"{\"type\":\"string\",\"length\":0}", "must be at least 1"},
    {"{\"type\":\"dice\",\"count\":10001}", "must be at most 10000"},
    {"{\"type\":\"dice\",\"count\":0}", "must be at least 1"},
    {"{\"type\":\"dice\",\"sides\":0}", "must be at least 1"},
    {"{\"type\":\"dice\",\"sides\":2.5}", "must be integer, not number"},
    {"{\"type\":\"card\"}", "must be one of"},
    {"{\"seed\":1}", "unknown member"},
};

static struct json_object *
member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, name, &value));
	return (value);
}

static int64_t
random_integer(const char *params)
{
	struct json_object *result = call_result(&tool_random, params);
	int64_t value;

	assert_true(
	    json_object_is_type(member(result, "result"), json_type_int));
	value = json_object_get_int64(member(result, "result"));
	json_object_put(result);
	return (value);
}

static void
test_refused(void **state)
{
	call_samples(&tool_random, refused, COUNT(refused));
}

static void
test_int_is_in_range_and_even(void **state)
{
	int counts[4] = {0}, i;
	int64_t value;

	for (i = 0; i < 4000; i++) {
		value = random_integer("{\"min\":-1,\"max\":2}");
		assert_true(value >= -1 && value <= 2);
		counts[value + 1]++;
	}
	for (i = 0; i < 4; i++)
		assert_in_range(counts[i], 700, 1300);
	for (i = 0; i < 1000; i++)
		assert_in_range(random_integer("{}"), 0, 100);
}

static void
test_int_at_the_edges(void **state)
{
	int64_t value;
	int i, negative = 0;

	assert_int_equal(random_integer("{\"min\":7,\"max\":7}"), 7);
	assert_int_equal(random_integer("{\"min\":7.0,\"max\":7e0}"), 7);
	assert_true(
	    random_integer("{\"min\":9223372036854775807,"
			   "\"max\":9223372036854775807}") == INT64_MAX);
	for (i = 0; i < 1000; i++) {
		value = random_integer("{\"min\":-9223372036854775808,"
				       "\"max\":9223372036854775807}");
		negative += value < 0;
	}
	assert_in_range(negative, 350, 650);
	/* Three quarters of 2^64: a remainder would favour the lowest third. */
	for (i = 0, negative = 0; i < 3000; i++) {
		value = random_integer("{\"min\":-9223372036854775808,"
				       "\"max\":4611686018427387903}");
		negative += value < -4611686018427387904;
	}
	assert_in_range(negative, 800, 1200);
}

static void
test_float_is_in_range(void **state)
{
	static const struct {
		const char *params;
		double min, max;
	} cases[] = {
	    {"{\"type\":\"float\"}", 0, 1},
	    {"{\"type\":\"float\",\"min\":-2.5,\"max\":-2}", -2.5, -2},
	    {"{\"type\":\"float\",\"min\":1,"
	     "\"max\":1.0000000000000002}",
		1, 1.0000000000000002},
	    {"{\"type\":\"float\",\"min\":-1.7e308,\"max\":1.7e308}", -1.7e308,
		1.7e308},
	};
	struct json_object *result;
	double value;
	size_t i, n;

	for (i = 0; i < COUNT(cases); i++)
		for (n = 0; n < 300; n++) {
			result = call_result(&tool_random, cases[i].params);
			value =
			    json_object_get_double(member(result, "result"));
			assert_true(value >= cases[i].min);
			assert_true(value < cases[i].max);
			json_object_put(result);
		}
}

static void
test_bool_is_both(void **state)
{
	struct json_object *result;
	int i, yes = 0;

	for (i = 0; i < 1000; i++) {
		result = call_result(&tool_random, "{\"type\":\"bool\"}");
		assert_true(json_object_is_type(
		    member(result, "result"), json_type_boolean));
		yes += json_object_get_boolean(member(result, "result"));
		json_object_put(result);
	}
	assert_in_range(yes, 350, 650);
}

static void
test_string_has_all_letters(void **state)
{
	struct json_object *result;
	const char *text;
	int counts[256] = {0}, i, used = 0;

	result =
	    call_result(&tool_random, "{\"type\":\"string\",\"length\":65536}");
	text = json_object_get_string(member(result, "result"));
	assert_int_equal(strlen(text), 65536);
	for (; *text != '\0'; text++)
		counts[(unsigned char)*text]++;
	for (i = 0; i < 256; i++) {
		if (counts[i] == 0)
			continue;
		assert_true(isalnum(i));
		assert_in_range(counts[i], 800, 1320);
		used++;
	}
	assert_int_equal(used, 62);
	json_object_put(result);
	result = call_result(&tool_random, "{\"type\":\"string\"}");
	assert_int_equal(
	    json_object_get_string_len(member(result, "result")), 10);
	json_object_put(result);
}

static void
test_uuid_is_version_4(void **state)
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
	struct json_object *result;
	const char *text;
	size_t i;

	result = call_result(&tool_random, "{\"type\":\"uuid\"}");
	text = json_object_get_string(member(result, "result"));
	assert_int_equal(strlen(text), sizeof(form) - 1);
	for (i = 0; form[i] != '\0'; i++) {
		if (form[i] == 'x')
			assert_non_null(strchr("0123456789abcdef", text[i]));
		else if (form[i] == 'y')
			assert_non_null(strchr("89ab", text[i]));
		else
			assert_int_equal(text[i], form[i]);
	}
	json_object_put(result);
}

static void
test_choice_is_the_one_at_its_index(void **state)
{
	struct json_object *result, *choice;
	int seen[3] = {0}, i, at;

	for (i = 0; i < 300; i++) {
		result = call_result(&tool_random,
		    "{\"type\":\"choice\",\"choices\":[null,\"a\",{\"b\":1}]}");
		at = json_object_get_int(member(result, "index"));
		assert_in_range(at, 0, 2);
		choice = member(result, "result");
		assert_int_equal(
		    json_object_get_type(choice), at == 0   ? json_type_null
						  : at == 1 ? json_type_string
							    : json_type_object);
		seen[at]++;
		json_object_put(result);
	}
	assert_true(seen[0] > 0 && seen[1] > 0 && seen[2] > 0);
}

static void
test_dice_add_up(void **state)
{
	struct json_object *result, *rolls;
	int64_t total = 0, roll;
	size_t i;

	result = call_result(
	    &tool_random, "{\"type\":\"dice\",\"count\":10000,\"sides\":20}");
	rolls = member(result, "rolls");
	assert_int_equal(json_object_array_length(rolls), 10000);
	for (i = 0; i < 10000; i++) {
		roll =
		    json_object_get_int64(json_object_array_get_idx(rolls, i));
		assert_in_range(roll, 1, 20);
		total += roll;
	}
	assert_int_equal(json_object_get_int64(member(result, "total")), total);
	assert_in_range(total, 100000, 110000);
	json_object_put(result);
	result = call_result(&tool_random, "{\"type\":\"dice\"}");
	assert_int_equal(json_object_array_length(member(result, "rolls")), 1);
	json_object_put(result);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_int_is_in_range_and_even),
	    cmocka_unit_test(test_int_at_the_edges),
	    cmocka_unit_test(test_float_is_in_range),
	    cmocka_unit_test(test_bool_is_both),
	    cmocka_unit_test(test_string_has_all_letters),
	    cmocka_unit_test(test_uuid_is_version_4),
	    cmocka_unit_test(test_choice_is_the_one_at_its_index),
	    cmocka_unit_test(test_dice_add_up),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

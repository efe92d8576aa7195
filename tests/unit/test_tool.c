/*
 * What tools ask of their call, the echo tool, and what holds for the table
 * of all tools.
 */

#include "test.h"

#include <json-c/json.h>
#include <string.h>

#include "agent/live.h"
#include "call.h"
#include "common/clock.h"
#include "common/json.h"
#include "schema/schema.h"
#include "schema/schema_compile.h"
#include "tools/tools.h"

static struct tool_call call;

static int
call_begin(void **state)
{
	char reason[JSON_REASON_SIZE];
	static const char params[] = "{\"s\":\"a\\u0000b\",\"i\":-7,"
				     "\"w\":3.0,\"n\":2.5,\"z\":null}";

	call = (struct tool_call){.result = json_object_new_object()};
	return (json_parse(params, sizeof(params) - 1, &call.params, reason)
		    ? 0
		    : -1);
}

static int
call_end(void **state)
{
	json_object_put(call.params);
	json_object_put(call.result);
	return (0);
}

static void
test_parameters(void **state)
{
	size_t len;

	assert_memory_equal(
	    tool_param_string(&call, "s", NULL, &len), "a\0b", 3);
	assert_int_equal(len, 3);
	assert_string_equal(
	    tool_param_string(&call, "?", "dflt", &len), "dflt");
	assert_int_equal(len, 4);
	assert_null(tool_param_string(&call, "?", NULL, &len));
	assert_int_equal(len, 0);
	assert_string_equal(tool_param_string(&call, "?", "x", NULL), "x");
	assert_int_equal(tool_param_int(&call, "i", 1), -7);
	assert_int_equal(tool_param_int(&call, "w", 1), 3);
	assert_int_equal(tool_param_int(&call, "?", 1), 1);
	assert_true(tool_param_number(&call, "n", 1) == 2.5);
	assert_true(tool_param_number(&call, "i", 1) == -7);
	assert_true(tool_param_number(&call, "?", 1.5) == 1.5);
	assert_null(tool_param(&call, "?"));
	assert_null(tool_param(&call, "z"));
}

static void
test_results(void **state)
{
	size_t len;

	tool_add_string(&call, "s", "x/y");
	tool_add_string_len(&call, "l", "a\0b", 3);
	tool_add_int(&call, "i", INT64_MIN);
	tool_add_number(&call, "n", 15.0);
	tool_add(&call, "o", json_object_new_array());
	assert_string_equal(json_text(call.result, &len),
	    "{\"s\":\"x/y\",\"l\":\"a\\u0000b\",\"i\":-9223372036854775808,"
	    "\"n\":15,\"o\":[]}");
	assert_int_equal(call.outcome, TOOL_OK);
}

static void
test_value_that_could_not_be_made(void **state)
{
	tool_add(&call, "a", NULL);
	assert_int_equal(call.outcome, TOOL_NO_MEMORY);
}

static void
test_first_failure_stays(void **state)
{
	tool_fail(&call, "first %d", 1);
	tool_fail(&call, "second");
	assert_int_equal(call.outcome, TOOL_FAILED);
	assert_string_equal(call.error, "first 1");
}

static void
test_long_failure_is_cut_between_characters(void **state)
{
	char text[2 * TOOL_ERROR_SIZE];
	size_t shift, i;

	for (shift = 0; shift < 4; shift++) {
		memset(text, 'x', shift);
		for (i = shift; i + 5 < sizeof(text); i += 4)
			memcpy(text + i, "\U0001F600", 5);
		call.outcome = TOOL_OK;
		call.error[0] = '\0';
		tool_fail(&call, "%s", text);
		assert_int_equal((strlen(call.error) - shift) % 4, 0);
		assert_true(strlen(call.error) > TOOL_ERROR_SIZE - 6);
		assert_memory_equal(call.error, text, strlen(call.error));
	}
}

static void
test_time_left(void **state)
{
	int64_t now = clock_now_ns();

	call.deadline_ns = now + 3600 * NS_PER_SEC;
	assert_in_range(tool_remaining_ms(&call), 3500 * 1000, 3600 * 1000);
	assert_false(tool_cancelled(&call));
	call.deadline_ns = now + LIVE_SOFT_MS * NS_PER_MS;
	assert_true(tool_cancelled(&call));
	call.deadline_ns = now - 1;
	assert_int_equal(tool_remaining_ms(&call), 0);
	assert_true(tool_cancelled(&call));
}

/* A keyword that is not known is an annotation; in our own it is a mistake. */
static void
check_keywords(const struct schema_node *node)
{
	if (json_object_is_type(node->json, json_type_object))
		assert_int_equal(
		    node->count, json_object_object_length(node->json));
	for (size_t i = 0; i < node->count; i++)
		for (size_t k = 0; k < node->rules[i].count; k++)
			check_keywords(node->rules[i].children[k].node);
}

static void
test_table_is_sorted_and_its_schemas_are_right(void **state)
{
	const struct tool *const *tool;
	struct json_object *document;
	struct schema *schema;
	char reason[JSON_REASON_SIZE], why[256];

	for (tool = tools_table; *tool != NULL; tool++) {
		if (tool != tools_table)
			assert_true(strcmp(tool[-1]->name, tool[0]->name) < 0);
		assert_true(strlen((*tool)->description) > 0);
		assert_non_null((*tool)->run);
		if (!json_parse((*tool)->parameters,
			strlen((*tool)->parameters), &document, reason))
			fail_msg("%s: %s", (*tool)->name, reason);
		schema = schema_compile(document, why, sizeof(why));
		json_object_put(document);
		if (schema == NULL)
			fail_msg("%s: %s", (*tool)->name, why);
		check_keywords(schema->root);
		schema_free(schema);
	}
	assert_int_equal(tool - tools_table, 6);
}

static void
test_echo(void **state)
{
	static const struct call_sample samples[] = {
	    {"{\"message\":\"hello\"}",
		"{\"message\":\"hello\",\"echo\":\"hello\"}"},
	    {"{\"message\":\"\"}", "{\"message\":\"\",\"echo\":\"\"}"},
	    {"{\"message\":\"\\u0000\u00e9\"}",
		"{\"message\":\"\\u0000\u00e9\","
		"\"echo\":\"\\u0000\u00e9\"}"},
	    {"{}", "member \\\"message\\\" is required"},
	    {"{\"message\":1}", "must be string, not integer"},
	    {"{\"message\":\"\",\"x\":1}", "unknown member"},
	};

	call_samples(&tool_echo, samples, COUNT(samples));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, call_begin, call_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_parameters),
	    TEST(test_results),
	    TEST(test_value_that_could_not_be_made),
	    TEST(test_first_failure_stays),
	    TEST(test_long_failure_is_cut_between_characters),
	    TEST(test_time_left),
	    cmocka_unit_test(test_table_is_sorted_and_its_schemas_are_right),
	    cmocka_unit_test(test_echo),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

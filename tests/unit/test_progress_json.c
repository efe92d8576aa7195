/*
 * What an agent may say of the progress of a call, and what is shown of it.
 */

#include "test.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "frontend/router/call.h"
#include "frontend/router/progress.h"

static bool
take(struct call *call, double value, double total, const char *words,
    size_t len)
{
	struct wire_progress progress = {.value = value, .total = total};
	uint8_t body[sizeof(progress) + WIRE_PROGRESS_MAX];

	memcpy(body, &progress, sizeof(progress));
	memcpy(body + sizeof(progress), words, len);
	return (progress_take(call, body, sizeof(progress) + len));
}

static void
expect_json(const struct call *call, const char *wanted)
{
	struct json_object *o = progress_json(call);

	assert_string_equal(
	    json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), wanted);
	json_object_put(o);
}

static void
test_shown(void **state)
{
	static const struct {
		double value, total;
		const char *words;
		size_t len;
		const char *json;
	} rows[] = {
	    {1, 4, "reading", 7,
		"{\"value\":1,\"total\":4,\"message\":\"reading\"}"},
	    {0.25, 1, "", 0, "{\"value\":0.25,\"total\":1}"},
	    {-1, 0, "", 0, "{\"value\":-1}"},
	    {0, 0, "a\"\nb", 4, "{\"value\":0,\"message\":\"a\\\"\\nb\"}"},
	    {0, 0, "a\0b", 3, "{\"value\":0,\"message\":\"a\\u0000b\"}"},
	};
	struct call call = {0};

	/* The last one counts. */
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(take(&call, rows[i].value, rows[i].total,
		    rows[i].words, rows[i].len));
		expect_json(&call, rows[i].json);
	}
	free(call.progress);
}

static void
test_longest(void **state)
{
	char words[WIRE_PROGRESS_MAX];
	struct call call = {0};
	struct json_object *o, *message;

	memset(words, 'w', sizeof(words));
	assert_true(take(&call, 1, 1, words, sizeof(words)));
	o = progress_json(&call);
	assert_true(json_object_object_get_ex(o, "message", &message));
	assert_int_equal(json_object_get_string_len(message), sizeof(words));
	json_object_put(o);
	free(call.progress);
}

static void
test_refused(void **state)
{
	struct call call = {0};

	assert_false(take(&call, NAN, 1, "", 0));
	assert_false(take(&call, INFINITY, 1, "", 0));
	assert_false(take(&call, 1, NAN, "", 0));
	assert_false(take(&call, 1, INFINITY, "", 0));
	assert_false(take(&call, 1, -1, "", 0));
	assert_false(take(&call, 1, 1, "\xff", 1));
	assert_false(take(&call, 1, 1, "\xc3", 1));
	assert_null(call.progress);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shown),
	    cmocka_unit_test(test_longest),
	    cmocka_unit_test(test_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

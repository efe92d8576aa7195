/*
 * Parameters that fit only after a change: which are made, which are not, and
 * that what does not help is as it was.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "agent/registry.h"
#include "agent/run.h"
#include "common/clock.h"
#include "common/json.h"
#include "schema/schema.h"

#define TIME_NS (60 * NS_PER_SEC)

#define OF(members) "{\"type\":\"object\",\"properties\":{" members "}}"
#define INTEGER OF("\"a\":{\"type\":\"integer\"}")
#define STRING OF("\"a\":{\"type\":\"string\"}")

static struct json_object *
parsed(const char *text)
{
	char reason[JSON_REASON_SIZE];
	struct json_object *value;

	if (!json_parse(text, strlen(text), &value, reason))
		fail_msg("%s: %s", text, reason);
	return (value);
}

/* What becomes of parameters; fits: whether nothing is wrong with them then. */
static void
mend(bool null_is_absent, bool coerce, const char *schema, const char *before,
    const char *after, bool fits, int64_t deadline_ns)
{
	struct registry_entry entry = {
	    .policy = {.null_is_absent = null_is_absent, .coerce = coerce}};
	struct json_object *document = parsed(schema), *params = parsed(before);
	struct json_object *errors;
	int left;
	char why[256];
	size_t len;

	entry.parameters_schema = schema_compile(document, why, sizeof(why));
	if (entry.parameters_schema == NULL)
		fail_msg("%s: %s", schema, why);
	left = run_check(&entry, params, &errors, deadline_ns);
	if (strcmp(json_text(params, &len), after) != 0 || (left == 0) != fits)
		fail_msg("%s: %s, %s", before, json_text(params, &len),
		    json_object_to_json_string(errors));
	assert_int_equal(json_object_array_length(errors), left);
	schema_free(entry.parameters_schema);
	json_object_put(document);
	json_object_put(params);
	json_object_put(errors);
}

struct row {
	const char *schema, *before, *after;
	bool fits;
};

static const struct row nulls[] = {
    {INTEGER, "{\"a\":null}", "{}", true},
    {INTEGER, "{\"a\":null,\"b\":null}", "{\"b\":null}", true},
    {INTEGER, "{\"a\":\"5\"}", "{\"a\":\"5\"}", false},
    /* required: it is null that is wrong */
    {"{\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"integer\"}}}",
	"{\"a\":null}", "{\"a\":null}", false},
    {OF("\"a\":" INTEGER), "{\"a\":{\"a\":null,\"b\":1}}", "{\"a\":{\"b\":1}}",
	true},
    {OF("\"a\":{\"items\":" INTEGER "}"),
	"{\"a\":[{\"a\":null},{\"a\":1},{\"a\":null}]}",
	"{\"a\":[{},{\"a\":1},{}]}", true},
    /* an element is not to be left out */
    {OF("\"a\":{\"items\":{\"type\":\"integer\"}}"), "{\"a\":[1,null]}",
	"{\"a\":[1,null]}", false},
    {OF("\"a/b~c\":{\"type\":\"integer\"}"), "{\"a/b~c\":null}", "{}", true},
    {OF("\"\":{\"type\":\"integer\"}"), "{\"\":null}", "{}", true},
    /* the rest is still judged */
    {OF("\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}"),
	"{\"a\":null,\"b\":\"x\"}", "{\"b\":\"x\"}", false},
    {OF("\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"},"
	"\"c\":{\"enum\":[1]}"),
	"{\"a\":null,\"b\":null,\"c\":null}", "{}", true},
    {"{\"additionalProperties\":false}", "{\"a\":null}", "{}", true},
};

static const struct row texts[] = {
    {INTEGER, "{\"a\":\"5\"}", "{\"a\":5}", true},
    {INTEGER, "{\"a\":\"-5\"}", "{\"a\":-5}", true},
    {INTEGER, "{\"a\":\"5.5\"}", "{\"a\":\"5.5\"}", false},
    {INTEGER, "{\"a\":\"five\"}", "{\"a\":\"five\"}", false},
    {INTEGER, "{\"a\":\"007\"}", "{\"a\":\"007\"}", false},
    {INTEGER, "{\"a\":\"\"}", "{\"a\":\"\"}", false},
    {INTEGER, "{\"a\":\"null\"}", "{\"a\":\"null\"}", false},
    {INTEGER, "{\"a\":null}", "{\"a\":null}", false},
    {INTEGER, "{\"a\":true}", "{\"a\":true}", false},
    {OF("\"a\":{\"type\":\"number\"}"), "{\"a\":\"0.1\"}", "{\"a\":0.1}", true},
    {OF("\"a\":{\"type\":\"number\"}"), "{\"a\":\"NaN\"}", "{\"a\":\"NaN\"}",
	false},
    {OF("\"a\":{\"type\":\"boolean\"}"), "{\"a\":\"false\"}", "{\"a\":false}",
	true},
    {OF("\"a\":{\"type\":\"boolean\"}"), "{\"a\":\"no\"}", "{\"a\":\"no\"}",
	false},
    {OF("\"a\":{\"type\":\"array\"}"), "{\"a\":\"[1, 2]\"}", "{\"a\":[1,2]}",
	true},
    {OF("\"a\":" INTEGER), "{\"a\":\"{\\\"b\\\": 1}\"}", "{\"a\":{\"b\":1}}",
	true},
    {STRING, "{\"a\":5}", "{\"a\":\"5\"}", true},
    {STRING, "{\"a\":1.50}", "{\"a\":\"1.50\"}", true},
    {STRING, "{\"a\":true}", "{\"a\":\"true\"}", true},
    {STRING, "{\"a\":[1]}", "{\"a\":[1]}", false},
    {OF("\"a\":{\"type\":\"string\",\"minLength\":3}"), "{\"a\":\"5\"}",
	"{\"a\":\"5\"}", false},
    {OF("\"a\":{\"enum\":[1,2]}"), "{\"a\":\"2\"}", "{\"a\":2}", true},
    {OF("\"a\":{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}"),
	"{\"a\":\"5\"}", "{\"a\":5}", true},
    {OF("\"a\":{\"items\":{\"type\":\"integer\"}}"),
	"{\"a\":[1,\"2\",\"x\",\"3\"]}", "{\"a\":[1,2,\"x\",3]}", false},
    {OF("\"a\":{\"type\":\"integer\",\"maximum\":3}"), "{\"a\":\"5\"}",
	"{\"a\":\"5\"}", false},
};

static void
test_nulls(void **state)
{
	for (size_t i = 0; i < COUNT(nulls); i++)
		mend(true, false, nulls[i].schema, nulls[i].before,
		    nulls[i].after, nulls[i].fits, clock_now_ns() + TIME_NS);
}

static void
test_texts(void **state)
{
	for (size_t i = 0; i < COUNT(texts); i++)
		mend(false, true, texts[i].schema, texts[i].before,
		    texts[i].after, texts[i].fits, clock_now_ns() + TIME_NS);
}

static void
test_both(void **state)
{
	mend(true, true,
	    OF("\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}"),
	    "{\"a\":null,\"b\":\"1\"}", "{\"b\":1}", true,
	    clock_now_ns() + TIME_NS);
}

/* Nothing is changed unasked, nor when time is over. */
static void
test_neither(void **state)
{
	mend(false, false, INTEGER, "{\"a\":null}", "{\"a\":null}", false,
	    clock_now_ns() + TIME_NS);
	mend(false, false, INTEGER, "{\"a\":\"5\"}", "{\"a\":\"5\"}", false,
	    clock_now_ns() + TIME_NS);
	mend(true, true, INTEGER, "{\"a\":\"5\"}", "{\"a\":\"5\"}", false,
	    clock_now_ns() - 1);
}

/* As many changes as are tried, and no more. */
static void
test_many(void **state)
{
	char before[2048] = "{\"a\":[", after[2048] = "{\"a\":[";

	for (int i = 0; i < 100; i++) {
		strlcat(before, i == 0 ? "\"5\"" : ",\"5\"", sizeof(before));
		strlcat(after,
		    i == 0   ? "5"
		    : i < 64 ? ",5"
			     : ",\"5\"",
		    sizeof(after));
	}
	strlcat(before, "]}", sizeof(before));
	strlcat(after, "]}", sizeof(after));
	mend(false, true, OF("\"a\":{\"items\":{\"type\":\"integer\"}}"),
	    before, after, false, clock_now_ns() + TIME_NS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nulls),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_both),
	    cmocka_unit_test(test_neither),
	    cmocka_unit_test(test_many),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

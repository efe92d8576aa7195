/*
 * Compiling schemas: what makes no sense is refused, with the place and the
 * reason; references within the document; the drafts.
 */

#include "test.h"

#include <json-c/json.h>
#include <string.h>

#include "schema/schema.h"
#include "schema_help.h"

#define SEVEN "\"$schema\":\"http://json-schema.org/draft-07/schema#\","
#define SIX "\"$schema\":\"http://json-schema.org/draft-06/schema#\","
#define FOUR "\"$schema\":\"http://json-schema.org/draft-04/schema#\","
#define NINETEEN "\"$schema\":\"https://json-schema.org/draft/2019-09/schema\","

static void
check_refusals(const char *const cases[][2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *why = schema_help_refusal(cases[i][0]);

		if (strncmp(why, cases[i][1], strlen(cases[i][1])) != 0)
			fail_msg("%s: \"%s\"", cases[i][0], why);
	}
}

static void
test_arguments(void **state)
{
	static const char *const cases[][2] = {
	    {"1", ": must be an object or a boolean"},
	    {"null", ": must be an object or a boolean"},
	    {"{\"type\":\"int\"}", "/type: must be the name of a type"},
	    {"{\"type\":\"null\\u0000\"}", "/type: must be"},
	    {"{\"type\":[]}", "/type: must be"},
	    {"{\"type\":[\"null\",1]}", "/type: must be"},
	    {"{\"required\":\"a\"}", "/required: must be an array of strings"},
	    {"{\"required\":[1]}", "/required: must be an array of strings"},
	    {"{\"enum\":1}", "/enum: must be an array"},
	    {"{\"properties\":{\"a\":{\"minimum\":\"1\"}}}",
		"/properties/a/minimum: must be a number"},
	    {"{\"exclusiveMinimum\":true}", "/exclusiveMinimum: must be a n"},
	    {"{\"maxLength\":-1}", "/maxLength: must be a whole number"},
	    {"{\"minItems\":1.5}", "/minItems: must be a whole number"},
	    {"{\"multipleOf\":0}", "/multipleOf: must be a number above 0"},
	    {"{\"multipleOf\":-1}", "/multipleOf: must be a number above 0"},
	    {"{\"title\":1}", "/title: must be a string"},
	    {"{\"format\":1}", "/format: must be a string"},
	    {"{\"uniqueItems\":1}", "/uniqueItems: must be true or false"},
	    {"{\"items\":[]}", "/items: must be an object or a boolean"},
	    {"{\"properties\":[]}", "/properties: must be an object"},
	    {"{\"properties\":{\"a/b\":{\"items\":{\"title\":1}}}}",
		"/properties/a~1b/items/title: must be a string"},
	    {"{\"additionalProperties\":{\"type\":1}}",
		"/additionalProperties/type: must be"},
	    {"{\"allOf\":[]}", "/allOf: must be an array of at least one"},
	    {"{\"anyOf\":[true,1]}", "/anyOf/1: must be an object or a"},
	    {"{\"dependentRequired\":{\"a\":[1]}}",
		"/dependentRequired: must be an object of arrays"},
	    {"{\"pattern\":\"a(\"}",
		"/pattern: must be a regular expression: missing closing"},
	    {"{\"patternProperties\":{\"[\":true}}",
		"/patternProperties/[: must be a regular expression: "},
	    {"{\"$anchor\":\"a b\"}", "/$anchor: must be a name"},
	    {"{\"$ref\":1}", "/$ref: must be a URI reference"},
	    {"{\"$ref\":\"a\\u0000b\"}", "/$ref: must be a URI reference"},
	    {"{\"$defs\":{\"a\":{\"type\":1}}}", "/$defs/a/type: must be"},
	    {"{\"then\":{\"type\":1}}", "/then/type: must be"},
	};

	check_refusals(cases, COUNT(cases));
}

static void
test_references(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"$ref\":\"http://localhost/x\"}",
		"/$ref: refers to another document: http://localhost/x"},
	    {"{\"items\":{\"$ref\":\"other.json#/a\"}}",
		"/items/$ref: refers to another document: other.json#/a"},
	    {"{\"$ref\":\"http://json-schema.org/draft-05/schema#\"}",
		"/$ref: refers to another document: "},
	    {"{\"$ref\":\"http://json-schema.org/draft-07/schema#/x\"}",
		"/$ref: refers to nothing: "},
	    {"{\"$ref\":\"#/$defs/a\"}", "/$ref: refers to nothing: #/$defs/a"},
	    {"{\"$ref\":\"#a\",\"$defs\":{\"b\":{\"$anchor\":\"b\"}}}",
		"/$ref: refers to nothing: #a"},
	    {"{\"$ref\":\"#/x/01\",\"x\":[true,true]}",
		"/$ref: refers to nothing"},
	    {"{\"$ref\":\"#/x/2\",\"x\":[true,true]}",
		"/$ref: refers to nothing"},
	    {"{\"$ref\":\"#/title\",\"title\":\"a\"}",
		"/title: must be an object or a boolean"},
	    {"{\"$ref\":\"#/x/y\",\"x\":{\"y\":{\"type\":1}}}",
		"/x/y/type: must be"},
	    {"{\"$id\":\"http://a/#b\"}", "/$id: must have no fragment"},
	    {"{\"$anchor\":\"a\",\"items\":{\"$anchor\":\"a\"}}",
		"/items/$anchor: is used twice: #a"},
	    {"{\"$id\":\"x:a\",\"items\":{\"$id\":\"x:a\"}}",
		"/items/$id: is used twice: x:a"},
	};

	check_refusals(cases, COUNT(cases));
}

static void
test_circles(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"$ref\":\"#\"}", "/$ref: leads round in a circle"},
	    {"{\"$defs\":{\"a\":{\"allOf\":[{\"$ref\":\"#/$defs/b\"}]},"
	     "\"b\":{\"anyOf\":[{\"type\":\"null\"},"
	     "{\"$ref\":\"#/$defs/a\"}]}}}",
		"/$defs/a/allOf/0/$ref: leads round in a circle"},
	    {"{\"not\":{\"$ref\":\"#\"}}", "/not/$ref: leads round"},
	    {"{\"if\":true,\"then\":{\"$ref\":\"#\"}}", "/then/$ref: leads"},
	    {"{\"dependentSchemas\":{\"a\":{\"$ref\":\"#\"}}}",
		"/dependentSchemas/a/$ref: leads round in a circle"},
	};

	check_refusals(cases, COUNT(cases));
}

static void
test_drafts(void **state)
{
	static const char *const cases[][2] = {
	    {"{\"$schema\":\"http://json-schema.org/draft-03/schema#\"}",
		"/$schema: must name draft 2020-12 (https://json-schema.org/"},
	    {"{\"$schema\":\"x\"}", "/$schema: must name draft 2020-12"},
	    {"{\"$schema\":1}", "/$schema: must be a URI reference"},
	    {"{" FOUR "\"exclusiveMinimum\":1}",
		"/exclusiveMinimum: must be true or false"},
	    {"{" FOUR "\"properties\":{\"a\":{\"required\":true}}}",
		"/properties/a/required: must be an array of strings"},
	    {"{" SIX "\"exclusiveMinimum\":true}",
		"/exclusiveMinimum: must be a number"},
	    {"{" NINETEEN "\"$recursiveRef\":\"#a\"}",
		"/$recursiveRef: must be \"#\""},
	    {"{" NINETEEN "\"$id\":\"#a\"}", "/$id: must have no fragment"},
	    {"{" SEVEN "\"items\":[1]}", "/items/0: must be an object or"},
	    {"{" SEVEN "\"dependencies\":{\"a\":[1]}}",
		"/dependencies/a: must be an array of strings"},
	};

	check_refusals(cases, COUNT(cases));
}

static void
test_following_references(void **state)
{
	static const char *const samples[][3] = {
	    {"{\"$ref\":\"#/$defs/a~1b%25\",\"$defs\":{\"a/b%\":"
	     "{\"type\":\"null\"}},\"minimum\":2}",
		"1", ": must be null, not integer; : must be at least 2"},
	    {"{\"$ref\":\"#/x/0/y\",\"x\":[{\"y\":{\"type\":\"null\"}}]}", "1",
		": must be null, not integer"},
	    {"{\"$ref\":\"#/x/0\",\"x\":[{\"$ref\":\"#/x/1\"},false]}", "1",
		": is not allowed"},
	    {"{\"items\":{\"$ref\":\"#\"},\"type\":\"array\"}", "[[],[1]]",
		"/1/0: must be array, not integer"},
	    {"{\"$id\":\"http://x/a/b\",\"$ref\":\"/c#d\",\"$defs\":{\"e\":"
	     "{\"$id\":\"../c\",\"$anchor\":\"d\",\"type\":\"null\"}}}",
		"1", ": must be null, not integer"},
	    {"{\"properties\":{\"$ref\":{\"type\":\"null\"}}}", "{\"$ref\":1}",
		"/$ref: must be null, not integer"},
	    {"{\"const\":{\"$id\":\"#\",\"$ref\":\"#/nothing\"}}", "1",
		": must be {\"$id\":\"#\",\"$ref\":\"#/nothing\"}"},
	    /* A list, of what the outermost schema says. */
	    {"{\"$id\":\"x:s\",\"$ref\":\"x:l\",\"$defs\":{"
	     "\"i\":{\"$dynamicAnchor\":\"i\",\"type\":\"string\"},"
	     "\"l\":{\"$id\":\"x:l\",\"items\":{\"$dynamicRef\":\"#i\"},"
	     "\"$defs\":{\"i\":{\"$dynamicAnchor\":\"i\"}}}}}",
		"[\"a\",1]", "/1: must be string, not integer"},
	    {"{\"$dynamicRef\":\"#/$defs/a\",\"$defs\":{\"a\":false}}", "1",
		": is not allowed"},
	    {NULL},
	};

	schema_help_samples(samples);
}

static void
test_draft_07(void **state)
{
	static const char *const samples[][3] = {
	    {"{" SEVEN "\"items\":[{\"type\":\"null\"}],"
	     "\"additionalItems\":{\"type\":\"string\"}}",
		"[1,2]",
		"/0: must be null, not integer; "
		"/1: must be string, not integer"},
	    {"{" SEVEN "\"items\":{\"type\":\"null\"},"
	     "\"additionalItems\":false}",
		"[null,1]", "/1: must be null, not integer"},
	    {"{" SEVEN "\"additionalItems\":false}", "[1]", ""},
	    {"{" SEVEN "\"prefixItems\":[false],\"minContains\":9,"
	     "\"unevaluatedItems\":false,\"dependentRequired\":3,"
	     "\"$dynamicRef\":\"#none\",\"$anchor\":7,\"$defs\":9}",
		"[1]", ""},
	    {"{" SEVEN "\"dependencies\":{\"a\":[\"b\"],"
	     "\"c\":{\"required\":[\"d\"]}}}",
		"{\"a\":1,\"c\":1}",
		": member \"b\" is required beside \"a\"; "
		": member \"d\" is required"},
	    {"{" SEVEN "\"$ref\":\"#/definitions/a\",\"maximum\":0,"
	     "\"definitions\":{\"a\":{\"$ref\":\"#b\"},"
	     "\"c\":{\"$id\":\"#b\",\"minimum\":5}}}",
		"1", ": must be at least 5"},
	    {"{" SEVEN "\"$id\":\"http://x/y/\",\"definitions\":{"
	     "\"a\":{\"$id\":\"b.json\",\"type\":\"null\"}},"
	     "\"allOf\":[{\"$id\":\"http://z/\",\"$ref\":\"b.json\"}]}",
		"1", ": must be null, not integer"},
	    {"{" SEVEN "\"$id\":\"http://x/y\",\"$ref\":\"y#/definitions/a\","
	     "\"definitions\":{\"a\":false}}",
		"1", ": is not allowed"},
	    {"{" SEVEN "\"contains\":{\"type\":\"null\"},"
	     "\"maxContains\":0}",
		"[null]", ""},
	    /* One draft within the other. */
	    {"{\"$ref\":\"x:a\",\"$defs\":{\"a\":{\"$id\":\"x:a\"," SEVEN
	     "\"items\":[{\"type\":\"null\"}]}}}",
		"[1]", "/0: must be null, not integer"},
	    {NULL},
	};

	schema_help_samples(samples);
}

static void
test_draft_04(void **state)
{
	static const char *const samples[][3] = {
	    {"{" FOUR "\"minimum\":1,\"maximum\":3,"
	     "\"exclusiveMaximum\":true,\"exclusiveMinimum\":false}",
		"3", ": must be less than 3"},
	    {"{" FOUR "\"minimum\":1,\"exclusiveMinimum\":true}", "1",
		": must be more than 1"},
	    {"{" FOUR "\"exclusiveMinimum\":true}", "1", ""},
	    {"{" FOUR "\"id\":\"http://x/y\",\"$ref\":\"z#/definitions/a\","
	     "\"definitions\":{\"b\":{\"id\":\"z\","
	     "\"definitions\":{\"a\":{\"type\":\"null\"}}}}}",
		"1", ": must be null, not integer"},
	    {"{" FOUR "\"$ref\":\"#a\",\"definitions\":{"
	     "\"b\":{\"id\":\"#a\",\"type\":\"null\"}}}",
		"1", ": must be null, not integer"},
	    /* Keywords of later drafts. */
	    {"{" FOUR "\"const\":1,\"contains\":1,\"propertyNames\":1,"
	     "\"$id\":1,\"examples\":1,\"if\":1,\"$comment\":1}",
		"2", ""},
	    {"{" SIX "\"const\":1,\"if\":1,\"$comment\":1,\"readOnly\":1}", "2",
		": must be 1"},
	    {NULL},
	};

	schema_help_samples(samples);
}

static void
test_draft_2019(void **state)
{
	static const char *const samples[][3] = {
	    {"{" NINETEEN "\"items\":[{\"type\":\"null\"}],"
	     "\"additionalItems\":false,\"prefixItems\":7,"
	     "\"$dynamicRef\":7,\"dependencies\":7}",
		"[null,1]", "/1: is not allowed"},
	    {"{" NINETEEN "\"contains\":{\"const\":1},"
	     "\"unevaluatedItems\":false}",
		"[1]", "/0: is not allowed"},
	    {"{\"contains\":{\"const\":1},\"unevaluatedItems\":false}", "[1]",
		""},
	    /* A tree, of what the outermost schema says. */
	    {"{" NINETEEN "\"$id\":\"x:s\",\"$recursiveAnchor\":true,"
	     "\"type\":[\"array\",\"string\"],\"$ref\":\"x:t\",\"$defs\":{"
	     "\"t\":{\"$id\":\"x:t\",\"$recursiveAnchor\":true,"
	     "\"items\":{\"$recursiveRef\":\"#\"}}}}",
		"[\"a\",[1]]", "/1/0: must be array or string, not integer"},
	    {"{" NINETEEN "\"$id\":\"x:s\",\"$recursiveAnchor\":true,"
	     "\"type\":\"array\",\"$ref\":\"x:t\",\"$defs\":{"
	     "\"t\":{\"$id\":\"x:t\","
	     "\"items\":{\"$recursiveRef\":\"#\"}}}}",
		"[[1],2]", ""},
	    {NULL},
	};

	schema_help_samples(samples);
}

#define META(uri) "{\"$ref\":\"" uri "\"}"

static void
test_meta_schemas(void **state)
{
	static const char *const samples[][3] = {
	    {META("http://json-schema.org/draft-04/schema#"),
		"{\"minimum\":1,\"exclusiveMinimum\":true,\"const\":1,"
		"\"properties\":{\"a\":{\"type\":\"x\"}}}",
		"/properties/a/type: fits nothing in anyOf (must be one of "
		"\"array\",\"boolean\",\"integer\",\"null\",\"number\","
		"\"object\",\"string\"; must be array, not string)"},
	    {META("https://json-schema.org/draft-06/schema"),
		"{\"exclusiveMinimum\":true,\"if\":7}",
		"/exclusiveMinimum: must be number, not boolean"},
	    {META("http://json-schema.org/draft-07/schema#"),
		"{\"if\":7,\"minContains\":\"\"}",
		"/if: must be object or boolean, not integer"},
	    {META("https://json-schema.org/draft/2019-09/schema"),
		"{\"not\":{\"minContains\":-1},\"prefixItems\":7}",
		"/not/minContains: must be at least 0"},
	    {META("https://json-schema.org/draft/2020-12/schema#"),
		"{\"allOf\":[{\"prefixItems\":[]}],\"dependencies\":7}",
		"/allOf/0/prefixItems: number of items must be at least 1"},
	    {META("http://json-schema.org/draft-07/schema#"
		  "/definitions/nonNegativeInteger"),
		"-1", ": must be at least 0"},
	    {META("http://json-schema.org/draft-04/schema#/properties/title"),
		"1", ": must be string, not integer"},
	    /* Two of them, one twice, and within a schema of its own draft. */
	    {"{" SEVEN "\"items\":["
	     "{\"$ref\":\"http://json-schema.org/draft-07/schema#\"},"
	     "{\"$ref\":\"http://json-schema.org/draft-07/schema\"},"
	     "{\"$ref\":\"http://json-schema.org/draft-04/schema#\"}]}",
		"[{\"title\":1},true,{\"id\":1}]",
		"/0/title: must be string, not integer; "
		"/2/id: must be string, not integer"},
	    /* Extended: no schema in a schema may lack a title. */
	    {"{\"$dynamicAnchor\":\"meta\",\"required\":[\"title\"],"
	     "\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}",
		"{\"title\":\"a\",\"not\":{}}",
		"/not: member \"title\" is required"},
	    {"{" NINETEEN "\"$recursiveAnchor\":true,\"required\":[\"title\"],"
	     "\"$ref\":\"https://json-schema.org/draft/2019-09/schema\"}",
		"{\"title\":\"a\",\"not\":{}}",
		"/not: member \"title\" is required"},
	    {NULL},
	};

	schema_help_samples(samples);
}

static void
test_warnings(void **state)
{
	static const struct {
		const char *schema, *warning;
	} cases[] = {
	    {"{" SEVEN "\"properties\":{\"a\":{\"$ref\":\"#/definitions/b\","
	     "\"title\":\"t\",\"minimum\":5,\"maximum\":7}},"
	     "\"definitions\":{\"b\":{}}}",
		"/properties/a/minimum: has no effect beside $ref in draft-07"},
	    {"{" FOUR "\"items\":{\"$ref\":\"#/definitions/b\","
	     "\"type\":\"null\"},\"definitions\":{\"b\":{}}}",
		"/items/type: has no effect beside $ref in draft-04"},
	    {"{" FOUR "\"items\":{\"$ref\":\"#/definitions/b\","
	     "\"description\":\"d\",\"const\":1},\"definitions\":{\"b\":{}}}",
		NULL},
	    {"{" SEVEN "\"minimum\":5}", NULL},
	    {"{" NINETEEN "\"items\":{\"$ref\":\"#/$defs/b\","
	     "\"type\":\"null\"},\"$defs\":{\"b\":{}}}",
		NULL},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct schema *schema = schema_help_compile(cases[i].schema);
		const char *warning = schema_warning(schema);

		if (cases[i].warning == NULL)
			assert_null(warning);
		else
			assert_string_equal(warning, cases[i].warning);
		schema_free(schema);
	}
}

/* The reason keeps to its room, and ends with a whole character. */
static void
test_long_reason(void **state)
{
	struct json_object *schema = schema_help_parse(
	    "{\"$ref\":\"#\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\"}");
	char why[32] = "", whole[64] = "";

	for (size_t size = 1; size <= sizeof(why); size++) {
		memset(why, 'x', sizeof(why));
		assert_null(schema_compile(schema, why, size));
		assert_in_range(strlen(why), 0, size - 1);
	}
	assert_null(schema_compile(schema, whole, sizeof(whole)));
	assert_memory_equal(why, whole, 30);
	json_object_put(schema);
}

/* The document may go; the schema keeps what it needs. */
static void
test_document_is_kept(void **state)
{
	struct json_object *document = schema_help_parse("{\"const\":[1]}");
	char why[64];
	struct schema *schema = schema_compile(document, why, sizeof(why));
	struct json_object *value = schema_help_parse("[2]");

	assert_non_null(schema);
	json_object_put(document);
	assert_string_equal(
	    schema_help_failures(schema, value), ": must be [1]");
	json_object_put(value);
	schema_free(schema);
	schema_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_arguments),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_circles),
	    cmocka_unit_test(test_drafts),
	    cmocka_unit_test(test_following_references),
	    cmocka_unit_test(test_draft_07),
	    cmocka_unit_test(test_draft_04),
	    cmocka_unit_test(test_draft_2019),
	    cmocka_unit_test(test_meta_schemas),
	    cmocka_unit_test(test_warnings),
	    cmocka_unit_test(test_long_reason),
	    cmocka_unit_test(test_document_is_kept),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * The keywords of JSON Schema: what each takes and what it says of what it
 * refuses, and where.
 */

#include "test.h"

#include "schema_help.h"

static const char *const general[][3] = {
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
    {NULL},
};

static const char *const numbers[][3] = {
    {"{\"$schema\":\"https://json-schema.org/draft/2020-12/"
     "schema\",\"title\":\"t\",\"description\":\"d\",\"default\":1,"
     "\"examples\":[1],\"format\":\"email\",\"typ\":\"x\",\"x-y\":{\"type\":7}"
     "}",
	"\"a\"", ""},
    {"{\"type\":\"integer\",\"multipleOf\":7}", "1152921504606846976",
	": must be a multiple of 7"},
    {"{\"multipleOf\":0.01}", "4.35", ""},
    {"{\"multipleOf\":0.01}", "4.355", ": must be a multiple of 0.01"},
    {"{\"multipleOf\":0.01}", "1e-2", ""},
    {"{\"multipleOf\":0.01}", "-0.07", ""},
    {"{\"multipleOf\":1e-2}", "100000000000000000000.01", ""},
    {"{\"multipleOf\":0.3}", "1e300", ": must be a multiple of 0.3"},
    {"{\"multipleOf\":0.5}", "1e308", ""},
    {"{\"multipleOf\":3}", "9223372036854775807", ": must be a multiple of 3"},
    {"{\"multipleOf\":3}", "18446744073709551615", ""},
    {"{\"multipleOf\":2.5}", "10.0", ""},
    {"{\"multipleOf\":20}", "10", ": must be a multiple of 20"},
    {"{\"multipleOf\":10}", "1.2e2", ""},
    {"{\"multipleOf\":7}", "0.0", ""},
    {"{\"multipleOf\":7}", "\"a\"", ""},
    {"{\"multipleOf\":0.1000000000000000055511151231257827}", "0.3", ""},
    {NULL},
};

static const char *const strings[][3] = {
    {"{\"pattern\":\"^a+$\"}", "\"aaa\"", ""},
    {"{\"pattern\":\"^a+$\"}", "\"b\"", ": must match the pattern ^a+$"},
    {"{\"pattern\":\"^a$\"}", "\"a\\n\"", ": must match the pattern ^a$"},
    {"{\"pattern\":\"^.$\"}", "\"\\ud83d\\ude00\"", ""},
    {"{\"pattern\":\"^\\\\u00e9$\"}", "\"\\u00e9\"", ""},
    {"{\"pattern\":\"^\\\\d+$\"}", "\"\\u0661\"",
	": must match the pattern ^\\d+$"},
    {"{\"pattern\":\"^\\\\p{Letter}\\\\P{gc=Lu}\\\\p{L}$\"}", "\"aaa\"", ""},
    {"{\"pattern\":\"^[^\\\\p{Uppercase_Letter}]$\"}", "\"A\"",
	": must match the pattern ^[^\\p{Uppercase_Letter}]$"},
    {"{\"pattern\":\"\\\\\\\\p{2}\"}", "\"\\\\pp\"", ""},
    {"{\"pattern\":\"^a\\\\u0000b$\"}", "\"a\\u0000b\"", ""},
    {"{\"pattern\":\"^x\"}", "5", ""},
    {"{\"const\":\"a\\u0000b\"}", "\"a\\u0000c\"", ": must be \"a\\u0000b\""},
    {"{\"maxLength\":2.0}", "\"abc\"", ": length must be at most 2.0"},
    {"{\"maxLength\":1e30}", "\"abc\"", ""},
    {NULL},
};

static const char *const arrays[][3] = {
    {"{\"prefixItems\":[{\"type\":\"null\"},true],\"items\":{\"type\":"
     "\"string\"}}",
	"[1,2,3]",
	"/0: must be null, not integer; /2: must be string, not integer"},
    {"{\"prefixItems\":[{\"type\":\"null\"}]}", "[]", ""},
    {"{\"prefixItems\":[true],\"items\":false}", "[1,2]", "/1: is not allowed"},
    {"{\"contains\":{\"type\":\"null\"}}", "[1,2]",
	": number of items that fit \"contains\" must be at least 1, not 0"},
    {"{\"contains\":{\"type\":\"null\"},\"minContains\":2}", "[1,null]",
	": number of items that fit \"contains\" must be at least 2, not 1"},
    {"{\"contains\":{\"type\":\"null\"},\"maxContains\":1}", "[null,null,null]",
	": number of items that fit \"contains\" must be at most 1, not 3"},
    {"{\"contains\":{\"type\":\"null\"},\"minContains\":0}", "[]", ""},
    {"{\"minContains\":5}", "[]", ""},
    {"{\"uniqueItems\":true}",
	"[1,2,{\"a\":1,\"b\":[2]},{\"b\":[2.0],\"a\":1.0}]",
	": items must differ, but 2 and 3 are equal"},
    {"{\"uniqueItems\":true}", "[0,false,\"\",null,[],{},[[]],\"0\"]", ""},
    {"{\"uniqueItems\":true}",
	"[1,2,3,4,5,6,7,8,9,10,\"a\",[11],{\"a\":[]},0.5,-3]", ""},
    {"{\"uniqueItems\":true}",
	"[1,2,3,4,5,6,7,8,9,10,\"a\",[11],{\"a\":[]},0.5,{\"a\":[]}]",
	": items must differ, but 12 and 14 are equal"},
    {"{\"uniqueItems\":true}", "[1,2,3,4,5,-0.0,7,8,9,10,0]",
	": items must differ, but 5 and 10 are equal"},
    {"{\"uniqueItems\":false}", "[1,1]", ""},
    {"{\"unevaluatedItems\":false}", "[1]", "/0: is not allowed"},
    {"{\"unevaluatedItems\":{\"type\":\"string\"},\"prefixItems\":[true]}",
	"[1,\"a\",2]", "/2: must be string, not integer"},
    {"{\"unevaluatedItems\":false,\"contains\":{\"type\":\"null\"}}",
	"[null,1,null,2]", "/1: is not allowed; /3: is not allowed"},
    {"{\"unevaluatedItems\":false,\"anyOf\":[{\"prefixItems\":[true,{\"type\":"
     "\"null\"}]},{\"prefixItems\":[true]}]}",
	"[1,2]", "/1: is not allowed"},
    {"{\"unevaluatedItems\":false,\"items\":{\"unevaluatedItems\":false,"
     "\"prefixItems\":[true]}}",
	"[[1],[2,3]]", "/1/1: is not allowed"},
    {NULL},
};

static const char *const objects[][3] = {
    {"{\"minProperties\":1}", "{}", ": number of members must be at least 1"},
    {"{\"maxProperties\":1}", "{\"a\":1,\"b\":2}",
	": number of members must be at most 1"},
    {"{\"patternProperties\":{\"^x\":{\"type\":\"null\"},\"y$\":{\"type\":"
     "\"string\"}}}",
	"{\"x\":1,\"y\":1,\"xy\":\"\",\"z\":1}",
	"/x: must be null, not integer; /xy: must be null, not string; /y: "
	"must be string, not integer"},
    {"{\"patternProperties\":{\"^x\":true},\"properties\":{\"a\":true},"
     "\"additionalProperties\":false}",
	"{\"x1\":1,\"a\":1,\"b\":1}", "/b: unknown member"},
    {"{\"propertyNames\":{\"maxLength\":2,\"pattern\":\"^a\"}}",
	"{\"ab\":1,\"abc\":1,\"b\":2}",
	"/abc: name length must be at most 2; /b: name must match the pattern "
	"^a"},
    {"{\"propertyNames\":false}", "{\"a\":1}", "/a: name is not allowed"},
    {"{\"dependentRequired\":{\"a\":[\"b\",\"c\"],\"x\":[\"y\"]}}",
	"{\"a\":1,\"c\":1}", ": member \"b\" is required beside \"a\""},
    {"{\"dependentSchemas\":{\"a\":{\"required\":[\"b\"]}}}", "{\"a\":1}",
	": member \"b\" is required"},
    {"{\"dependentSchemas\":{\"a\":{\"required\":[\"b\"]}}}", "{\"c\":1}", ""},
    {"{\"unevaluatedProperties\":false,\"properties\":{\"a\":{\"type\":"
     "\"null\"}},\"allOf\":[{\"properties\":{\"b\":true}}],\"if\":{"
     "\"required\":[\"b\"]},\"then\":{\"properties\":{\"c\":true}}}",
	"{\"a\":1,\"b\":1,\"c\":1,\"d\":1}",
	"/a: must be null, not integer; /d: unknown member"},
    {"{\"unevaluatedProperties\":{\"type\":\"string\"},\"patternProperties\":{"
     "\"^a\":true}}",
	"{\"a\":1,\"b\":1}", "/b: must be string, not integer"},
    {"{\"allOf\":[{\"unevaluatedProperties\":false}],\"properties\":{\"a\":"
     "true}}",
	"{\"a\":1}", "/a: unknown member"},
    {"{\"unevaluatedProperties\":false,\"allOf\":[{\"unevaluatedProperties\":{"
     "\"type\":\"integer\"}}]}",
	"{\"a\":1}", ""},
    {"{\"unevaluatedProperties\":false,\"not\":{\"not\":{\"properties\":{\"a\":"
     "true}}}}",
	"{\"a\":1}", "/a: unknown member"},
    {"{\"unevaluatedProperties\":false,\"oneOf\":[{\"properties\":{\"a\":{"
     "\"const\":1}},\"required\":[\"a\"]},{\"properties\":{\"b\":true},"
     "\"required\":[\"b\"]}]}",
	"{\"b\":2,\"a\":3}", "/a: unknown member"},
    {NULL},
};

static const char *const logic[][3] = {
    {"{\"allOf\":[{\"type\":\"string\"},{\"minimum\":3}]}", "2",
	": must be string, not integer; : must be at least 3"},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "null", ""},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1",
	": fits nothing in anyOf (must be string, not integer; must be null, "
	"not integer)"},
    {"{\"anyOf\":[{\"properties\":{\"a\":{\"items\":{\"type\":\"null\"}}}},"
     "false]}",
	"{\"a\":[null,1]}",
	": fits nothing in anyOf (/a/1: must be null, not integer; is not "
	"allowed)"},
    {"{\"anyOf\":[{\"anyOf\":[{\"type\":\"string\"}]},{\"oneOf\":[{\"type\":"
     "\"null\"}]}]}",
	"1",
	": fits nothing in anyOf (fits nothing in anyOf; fits nothing in "
	"oneOf)"},
    {"{\"oneOf\":[{\"minimum\":2},{\"maximum\":3},{\"const\":9}]}", "3",
	": must fit only one in oneOf, but fits 0 and 1"},
    {"{\"oneOf\":[{\"minimum\":2},{\"maximum\":3}]}", "4", ""},
    {"{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1",
	": fits nothing in oneOf (must be string, not integer; must be null, "
	"not integer)"},
    {"{\"not\":{\"type\":\"null\"}}", "null",
	": must not fit the schema in not"},
    {"{\"not\":{\"type\":\"null\"}}", "1", ""},
    {"{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":2},\"else\":{"
     "\"minimum\":5}}",
	"\"a\"", ": length must be at least 2"},
    {"{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":2},\"else\":{"
     "\"minimum\":5}}",
	"1", ": must be at least 5"},
    {"{\"if\":false,\"then\":false}", "1", ""},
    {"{\"then\":false,\"else\":false}", "1", ""},
    {NULL},
};

static void
test_samples(void **state)
{
	schema_help_samples(*state);
}

#define SAMPLES(name)                                    \
	{                                                \
		"test_" #name, test_samples, NULL, NULL, \
		    (void *)(uintptr_t)name              \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SAMPLES(general),
	    SAMPLES(numbers),
	    SAMPLES(strings),
	    SAMPLES(arrays),
	    SAMPLES(objects),
	    SAMPLES(logic),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

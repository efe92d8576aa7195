/*
 * What is made of a tool's schema: its table and a command line that works.
 */

#include "test.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/describe.h"
#include "agentctl/table.h"

/* A property, and the line that it makes. */
static const struct {
	const char *property, *line;
} property_rows[] = {
    {"{}", "p          any   -       -        -\n"},
    {"true", "p          any   -       -        -\n"},
    {"{\"type\": \"string\"}", "p          string  -       -        -\n"},
    {"{\"type\": [\"string\", \"null\"]}",
	"p          string|null  -       -        -\n"},
    {"{\"type\": 1}", "p          any   -       -        -\n"},
    {"{\"default\": null}", "p          any   -       null     -\n"},
    {"{\"default\": \"x\"}", "p          any   -       x        -\n"},
    {"{\"default\": \"\"}", "p          any   -       \"\"       -\n"},
    {"{\"default\": [1, 2]}", "p          any   -       [1,2]    -\n"},
    {"{\"description\": \"What\", \"enum\": [\"a\", 1, null]}",
	"p          any   -       -        What (a, 1, null)\n"},
    {"{\"enum\": [\"a\"]}", "p          any   -       -        (a)\n"},
    {"{\"minimum\": 1}", "p          any   -       -        (1 or more)\n"},
    {"{\"maximum\": 2.5}", "p          any   -       -        (to 2.5)\n"},
    {"{\"minimum\": 1, \"maximum\": 6, \"description\": \"Eyes\"}",
	"p          any   -       -        Eyes (1 to 6)\n"},
    {"{\"description\": \"\\u001b[2J\\n\"}",
	"p          any   -       -        \\x1b[2J\\n\n"},
};

/* The schema begin, middle, end. */
static struct json_object *
schema_of(const char *begin, const char *middle, const char *end)
{
	struct json_object *schema;
	char *text;

	assert_int_not_equal(asprintf(&text, "%s%s%s", begin, middle, end), -1);
	schema = json_tokener_parse(text);
	if (schema == NULL)
		fail_msg("%s", text);
	free(text);
	return (schema);
}

static void
describe_properties_rows(void **state)
{
	for (size_t i = 0; i < COUNT(property_rows); i++) {
		struct json_object *schema = schema_of(
		    "{\"properties\": {\"p\": ", property_rows[i].property,
		    "}}");
		struct table *table = describe_table(schema);
		size_t size;
		char *text;
		FILE *out = open_memstream(&text, &size);

		table_print(table, out, 0);
		assert_int_equal(fclose(out), 0);
		assert_string_equal(
		    strchr(text, '\n') + 1, property_rows[i].line);
		free(text);
		table_free(table);
		json_object_put(schema);
	}
}

/* A schema, and the command line without "agentctl call ". */
static const struct {
	const char *schema, *line;
} example_rows[] = {
    {"{}", "t"},
    {"true", "t"},
    {"{\"properties\": 1, \"required\": 2}", "t"},
    {"{\"properties\": {\"a\": {\"type\": \"string\"}}}", "t a=text"},
    {"{\"properties\": {\"a\": {}, \"b\": {\"type\": \"integer\"}},"
     " \"required\": [\"b\"]}",
	"t b:=1"},
    {"{\"properties\": {\"a\": {\"type\": \"object\"}}}", "t 'a:={}'"},
    {"{\"properties\": {\"a\": {\"type\": [\"null\", \"string\"]}}}",
	"t a:=null"},
    {"{\"properties\": {\"a\": {\"type\": \"integer\", \"minimum\": 7}}}",
	"t a:=7"},
    {"{\"properties\": {\"a\": {\"enum\": [\"x\", \"y\"]}}}", "t a=x"},
    {"{\"properties\": {\"a\": {\"type\": \"string\","
     " \"examples\": [\"two words\"]}}}",
	"t 'a=two words'"},
    {"{\"properties\": {\"a\": {\"type\": \"string\","
     " \"default\": \"@x\"}}}",
	"t 'a=\\@x'"},
    /* What would be an order to the shell, or to agentctl. */
    {"{\"properties\": {\"$(reboot)'\": {\"type\": \"boolean\"}}}",
	"t '$(reboot)'\\'':=true'"},
    {"{\"properties\": {\"a=b:=\\\\\": {\"type\": \"string\"}}}",
	"t 'a\\=b\\:\\=\\\\=text'"},
    {"{\"properties\": {\"a\": {\"type\": \"string\","
     " \"default\": \"`x`\"}}}",
	"t 'a=`x`'"},
};

static void
describe_examples(void **state)
{
	for (size_t i = 0; i < COUNT(example_rows); i++) {
		struct json_object *schema =
		    schema_of("", example_rows[i].schema, "");
		char *line = describe_example("t", schema);

		assert_memory_equal(line, "agentctl call ", 14);
		assert_string_equal(line + 14, example_rows[i].line);
		free(line);
		json_object_put(schema);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(describe_properties_rows),
	    cmocka_unit_test(describe_examples),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}

/*
 * Makes up a command line for a tool, out of its schema.  Called by
 * cmd_tools.c.  What it makes is well-formed for the shell whatever the schema
 * says; whether the tool likes the values is another matter.
 */

#include "agentctl/describe.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "agentctl/field.h"
#include "agentctl/message.h"

/* What stands for a value of which nothing else is known. */
static const struct {
	const char *type, *value;
} stand_ins[] = {
    {"array", "[]"},
    {"boolean", "true"},
    {"integer", "1"},
    {"null", "null"},
    {"number", "1"},
    {"object", "{}"},
    {"string", "text"},
};

/* The type, or the first of several; NULL: any. */
static const char *
describe_example_type(struct json_object *property)
{
	const char *type = field_text(property, "type");

	if (type != NULL)
		return (type);
	return (
	    json_object_get_string(field_at(field_list(property, "type"), 0)));
}

/* What the schema itself suggests; NULL: nothing. */
static struct json_object *
describe_example_suggestion(struct json_object *property)
{
	static const char *const lists[] = {"examples", "enum"};
	static const char *const values[] = {"default", "const", "minimum"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct json_object *list = field_list(property, lists[i]);

		if (field_count(list) > 0)
			return (field_at(list, 0));
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct json_object *value = field(property, values[i]);

		if (value != NULL)
			return (value);
	}
	return (NULL);
}

static const char *
describe_example_stand_in(struct json_object *property)
{
	const char *type = describe_example_type(property);

	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++)
		if (type != NULL && strcmp(stand_ins[i].type, type) == 0)
			return (stand_ins[i].value);
	return ("null");
}

bool
describe_is_text(struct json_object *property)
{
	const char *type = describe_example_type(property);
	struct json_object *suggestion = describe_example_suggestion(property);

	if (type != NULL)
		return (strcmp(type, "string") == 0);
	return (json_object_is_type(suggestion, json_type_string));
}

/* One word for the shell, in single quotes where it needs them. */
static void
describe_example_quote(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+./:=@%,";

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	fputc('\'', out);
}

void
describe_put_name(FILE *out, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == '=' || *name == '\\' ||
		    (*name == ':' && name[1] == '='))
			fputc('\\', out);
		fputc(*name, out);
	}
}

static void
describe_example_item(FILE *out, const char *name, struct json_object *property)
{
	struct json_object *value = describe_example_suggestion(property);
	bool text = describe_is_text(property);
	size_t size;
	char *word;
	FILE *item = message_need(open_memstream(&word, &size));

	describe_put_name(item, name);
	fputs(text ? "=" : ":=", item);
	if (text && json_object_is_type(value, json_type_string) &&
	    json_object_get_string(value)[0] == '@')
		fputc('\\', item);
	if (value == NULL)
		fputs(describe_example_stand_in(property), item);
	else if (text)
		describe_put(item, value);
	else
		fputs(json_object_to_json_string_ext(
			  value, JSON_C_TO_STRING_PLAIN),
		    item);
	if (fclose(item) != 0)
		message_no_memory();
	fputc(' ', out);
	describe_example_quote(out, word);
	free(word);
}

char *
describe_example(const char *tool, struct json_object *schema)
{
	struct json_object *properties = describe_properties(schema);
	struct json_object *needed = field_list(schema, "required");
	size_t size;
	char *line;
	FILE *out = message_need(open_memstream(&line, &size));

	fputs("agentctl call ", out);
	describe_example_quote(out, tool);
	if (properties != NULL) {
		bool first = field_count(needed) == 0;

		json_object_object_foreach (properties, name, property) {
			if (first || describe_required(schema, name))
				describe_example_item(out, name, property);
			first = false;
		}
	}
	if (fclose(out) != 0)
		message_no_memory();
	return (line);
}

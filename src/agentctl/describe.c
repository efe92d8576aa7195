/*
 * Reads the schema of a tool's parameters for people, and makes up a command
 * line for the tool.  A schema can say more than shows here; the daemon judges
 * by all of it.  The line is well-formed for the shell whatever the schema
 * says; whether the tool likes the values is another matter.
 */

#include "agentctl/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "agentctl/field.h"
#include "agentctl/message.h"
#include "agentctl/table.h"

static const struct table_column columns[] = {
    {"PARAMETER", 0},
    {"TYPE", 0},
    {"NEEDED", 0},
    {"DEFAULT", 0},
    {"MEANING", TABLE_WRAP},
};

static FILE *
describe_open(char **text, size_t *size)
{
	return (message_need(open_memstream(text, size)));
}

static char *
describe_close(FILE *out, char **text)
{
	if (fclose(out) != 0)
		message_no_memory();
	return (*text);
}

/* A value as it stands behind "=" or ":=". */
void
describe_put(FILE *out, struct json_object *value)
{
	const char *text =
	    json_object_is_type(value, json_type_string)
		? json_object_get_string(value)
		: json_object_to_json_string_ext(value,
		      JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text == NULL && value != NULL)
		message_no_memory();
	fputs(text == NULL ? "null" : text, out);
}

static void
describe_list(FILE *out, struct json_object *list, const char *between)
{
	for (size_t i = 0; i < field_count(list); i++) {
		if (i > 0)
			fputs(between, out);
		describe_put(out, field_at(list, i));
	}
}

static void
describe_add_type(struct table *table, struct json_object *property)
{
	struct json_object *type = field(property, "type");
	size_t size;
	char *text;
	FILE *out = describe_open(&text, &size);

	if (json_object_is_type(type, json_type_array))
		describe_list(out, type, "|");
	else if (json_object_is_type(type, json_type_string))
		describe_put(out, type);
	else
		fputs("any", out);
	table_add(table, describe_close(out, &text));
	free(text);
}

/* An empty text, or one with spaces in it, would not be seen for what it is. */
static void
describe_put_default(FILE *out, struct json_object *value)
{
	const char *text = json_object_get_string(value);
	bool plain = json_object_is_type(value, json_type_string) &&
		     text != NULL && text[0] != '\0' &&
		     text[strcspn(text, " \t\n")] == '\0';

	if (plain)
		fputs(text, out);
	else
		fputs(json_object_to_json_string_ext(
			  value, JSON_C_TO_STRING_PLAIN),
		    out);
}

static void
describe_add_default(struct table *table, struct json_object *property)
{
	size_t size;
	char *text;
	FILE *out;

	/* The JSON null is NULL too, but a default all the same. */
	if (!json_object_is_type(property, json_type_object) ||
	    !json_object_object_get_ex(property, "default", NULL)) {
		table_add(table, NULL);
		return;
	}
	out = describe_open(&text, &size);
	describe_put_default(out, field(property, "default"));
	table_add(table, describe_close(out, &text));
	free(text);
}

/* From, to, or both ends of what a number may be. */
static void
describe_range(FILE *out, struct json_object *property)
{
	struct json_object *min = field(property, "minimum");
	struct json_object *max = field(property, "maximum");

	if (min == NULL && max == NULL)
		return;
	fputs(" (", out);
	if (min != NULL)
		describe_put(out, min);
	fputs(min == NULL ? "to " : max == NULL ? " or more" : " to ", out);
	if (max != NULL)
		describe_put(out, max);
	fputc(')', out);
}

/* The description, and what the values may be. */
static void
describe_add_meaning(struct table *table, struct json_object *property)
{
	struct json_object *of = field_list(property, "enum");
	const char *description = field_text(property, "description");
	size_t size;
	char *text;
	FILE *out = describe_open(&text, &size);

	if (description != NULL)
		fputs(description, out);
	if (of != NULL) {
		fputs(" (", out);
		describe_list(out, of, ", ");
		fputc(')', out);
	} else {
		describe_range(out, property);
	}
	describe_close(out, &text);
	table_add(table, text[0] == ' ' ? text + 1 : text);
	free(text);
}

bool
describe_required(struct json_object *schema, const char *name)
{
	struct json_object *list = field_list(schema, "required");

	for (size_t i = 0; i < field_count(list); i++) {
		const char *text = json_object_get_string(field_at(list, i));

		if (text != NULL && strcmp(text, name) == 0)
			return (true);
	}
	return (false);
}

struct json_object *
describe_properties(struct json_object *schema)
{
	struct json_object *properties = field(schema, "properties");

	return (json_object_is_type(properties, json_type_object) ? properties
								  : NULL);
}

struct table *
describe_table(struct json_object *schema)
{
	struct table *table =
	    table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct json_object *properties = describe_properties(schema);

	if (properties == NULL)
		return (table);
	json_object_object_foreach (properties, name, property) {
		table_add(table, name);
		describe_add_type(table, property);
		table_add(table, describe_required(schema, name) ? "yes" : "");
		describe_add_default(table, property);
		describe_add_meaning(table, property);
	}
	return (table);
}

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

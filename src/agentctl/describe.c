/*
 * Reads the schema of a tool's parameters for people.  Called by cmd_tools.c.
 * A schema can say more than shows here; the daemon judges by all of it.
 */

#include "agentctl/describe.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/*
 * The keywords of JSON Schema 2020-12 that are understood: what each asks of
 * a value, and the table of them.  Called through that table by schema.c.
 * A keyword says nothing of values of a type that it is not about.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "agent/schema_arguments.h"
#include "agent/schema_impl.h"

static bool
is(struct json_object *value, enum json_type type)
{
	return (json_object_is_type(value, type));
}

static const char *
text_of(struct json_object *value)
{
	const char *text = json_object_to_json_string_ext(
	    value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	return (text != NULL ? text : "?");
}

/* The names in argument (a string or an array of them), with "or" between. */
static const char *
type_names(struct json_object *argument, char *buf, size_t size)
{
	size_t i, count, used = 0;

	if (is(argument, json_type_string))
		return (json_object_get_string(argument));
	count = json_object_array_length(argument);
	for (i = 0; i < count && used < size; i++)
		used += snprintf(buf + used, size - used, "%s%s",
		    i > 0 ? " or " : "",
		    json_object_get_string(
			json_object_array_get_idx(argument, i)));
	return (buf);
}

static void
check_type(const struct schema_at *at, struct json_object *argument)
{
	char names[128] = "";
	size_t i;

	if (is(argument, json_type_string)) {
		if (schema_type_has(
			json_object_get_string(argument), at->value))
			return;
	} else
		for (i = 0; i < json_object_array_length(argument); i++)
			if (schema_type_has(
				json_object_get_string(
				    json_object_array_get_idx(argument, i)),
				at->value))
				return;
	schema_fail(at->run, at->path, "must be %s, not %s",
	    type_names(argument, names, sizeof(names)),
	    schema_type_of(at->value));
}

static void
check_enum(const struct schema_at *at, struct json_object *argument)
{
	const char *text;
	size_t i;

	for (i = 0; i < json_object_array_length(argument); i++)
		if (schema_equal(
			at->value, json_object_array_get_idx(argument, i)))
			return;
	text = text_of(argument);
	schema_fail(at->run, at->path, "must be one of %.*s",
	    (int)strlen(text) - 2, text + 1);
}

static void
check_const(const struct schema_at *at, struct json_object *argument)
{
	if (!schema_equal(at->value, argument))
		schema_fail(at->run, at->path, "must be %s", text_of(argument));
}

static void
check_minimum(const struct schema_at *at, struct json_object *argument)
{
	if (schema_is_number(at->value) &&
	    schema_compare(at->value, argument) < 0)
		schema_fail(at->run, at->path, "must be at least %s",
		    text_of(argument));
}

static void
check_maximum(const struct schema_at *at, struct json_object *argument)
{
	if (schema_is_number(at->value) &&
	    schema_compare(at->value, argument) > 0)
		schema_fail(
		    at->run, at->path, "must be at most %s", text_of(argument));
}

static void
check_exclusive_minimum(
    const struct schema_at *at, struct json_object *argument)
{
	if (schema_is_number(at->value) &&
	    schema_compare(at->value, argument) <= 0)
		schema_fail(at->run, at->path, "must be more than %s",
		    text_of(argument));
}

static void
check_exclusive_maximum(
    const struct schema_at *at, struct json_object *argument)
{
	if (schema_is_number(at->value) &&
	    schema_compare(at->value, argument) >= 0)
		schema_fail(at->run, at->path, "must be less than %s",
		    text_of(argument));
}

static void
check_min_length(const struct schema_at *at, struct json_object *argument)
{
	if (is(at->value, json_type_string) &&
	    schema_length(at->value) < json_object_get_uint64(argument))
		schema_fail(at->run, at->path, "length must be at least %s",
		    text_of(argument));
}

static void
check_max_length(const struct schema_at *at, struct json_object *argument)
{
	if (is(at->value, json_type_string) &&
	    schema_length(at->value) > json_object_get_uint64(argument))
		schema_fail(at->run, at->path, "length must be at most %s",
		    text_of(argument));
}

static void
check_min_items(const struct schema_at *at, struct json_object *argument)
{
	if (is(at->value, json_type_array) &&
	    json_object_array_length(at->value) <
		json_object_get_uint64(argument))
		schema_fail(at->run, at->path,
		    "number of items must be at least %s", text_of(argument));
}

static void
check_max_items(const struct schema_at *at, struct json_object *argument)
{
	if (is(at->value, json_type_array) &&
	    json_object_array_length(at->value) >
		json_object_get_uint64(argument))
		schema_fail(at->run, at->path,
		    "number of items must be at most %s", text_of(argument));
}

static void
check_items(const struct schema_at *at, struct json_object *argument)
{
	struct schema_path path;
	size_t i;

	if (!is(at->value, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(at->value); i++) {
		path = schema_path_item(at->path, i);
		schema_check_value(at->run, argument,
		    json_object_array_get_idx(at->value, i), &path);
	}
}

static void
check_required(const struct schema_at *at, struct json_object *argument)
{
	const char *name;
	size_t i;

	if (!is(at->value, json_type_object))
		return;
	for (i = 0; i < json_object_array_length(argument); i++) {
		name = json_object_get_string(
		    json_object_array_get_idx(argument, i));
		if (!json_object_object_get_ex(at->value, name, NULL))
			schema_fail(at->run, at->path,
			    "member \"%s\" is required", name);
	}
}

static void
check_properties(const struct schema_at *at, struct json_object *argument)
{
	struct json_object *member;
	struct schema_path path;

	if (!is(at->value, json_type_object))
		return;
	json_object_object_foreach (argument, name, schema) {
		if (!json_object_object_get_ex(at->value, name, &member))
			continue;
		path = schema_path_member(at->path, name);
		schema_check_value(at->run, schema, member, &path);
	}
}

static void
check_additional_properties(
    const struct schema_at *at, struct json_object *argument)
{
	struct json_object *known =
	    json_object_object_get(at->schema, "properties");
	struct schema_path path;

	if (!is(at->value, json_type_object))
		return;
	json_object_object_foreach (at->value, name, member) {
		if (json_object_object_get_ex(known, name, NULL))
			continue;
		path = schema_path_member(at->path, name);
		if (is(argument, json_type_boolean) &&
		    !json_object_get_boolean(argument))
			schema_fail(at->run, &path, "unknown member");
		else
			schema_check_value(at->run, argument, member, &path);
	}
}

#define NUMBER argument_number, "a number", INNER_NONE
#define COUNT argument_count, "a whole number of at least 0", INNER_NONE
#define STRING argument_string, "a string", INNER_NONE
#define SCHEMA argument_any, "a schema", INNER_SCHEMA

static const struct schema_keyword keywords[] = {
    {"type", check_type, argument_types,
	"the name of a type, or an array of them", INNER_NONE},
    {"properties", check_properties, argument_object, "an object",
	INNER_MEMBERS},
    {"required", check_required, argument_names, "an array of strings",
	INNER_NONE},
    {"additionalProperties", check_additional_properties, SCHEMA},
    {"enum", check_enum, argument_array, "an array", INNER_NONE},
    {"const", check_const, argument_any, "any value", INNER_NONE},
    {"minimum", check_minimum, NUMBER},
    {"maximum", check_maximum, NUMBER},
    {"exclusiveMinimum", check_exclusive_minimum, NUMBER},
    {"exclusiveMaximum", check_exclusive_maximum, NUMBER},
    {"minLength", check_min_length, COUNT},
    {"maxLength", check_max_length, COUNT},
    {"items", check_items, SCHEMA},
    {"minItems", check_min_items, COUNT},
    {"maxItems", check_max_items, COUNT},
    {"description", NULL, STRING},
    {"default", NULL, argument_any, "any value", INNER_NONE},
    {"title", NULL, STRING},
    {"examples", NULL, argument_array, "an array", INNER_NONE},
    {"$schema", NULL, STRING},
};

const struct schema_keyword *
schema_keyword(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i].name, name) == 0)
			return (&keywords[i]);
	return (NULL);
}

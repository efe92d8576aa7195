/*
 * What kinds of argument the keywords of JSON Schema take, and the names of
 * its types.  Called through the table of keywords when a schema is compiled;
 * keeps no state.
 */

#include "schema/schema_arguments.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

#include "common/json.h"
#include "schema/schema_impl.h"

bool
argument_any(struct json_object *argument)
{
	return (true);
}

bool
argument_array(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_array));
}

bool
argument_boolean(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_boolean));
}

bool
argument_object(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_object));
}

bool
argument_string(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_string));
}

bool
argument_number(struct json_object *argument)
{
	return ((schema_types(argument) & SCHEMA_TYPE_NUMBER) != 0 &&
		isfinite(json_object_get_double(argument)));
}

bool
argument_positive(struct json_object *argument)
{
	return (
	    argument_number(argument) && json_object_get_double(argument) > 0);
}

/* 2.0 is one. */
bool
argument_count(struct json_object *argument)
{
	return ((schema_types(argument) & SCHEMA_TYPE_INTEGER) != 0 &&
		argument_number(argument) &&
		json_object_get_double(argument) >= 0);
}

/* Without a control character, of which NUL would cut it. */
bool
argument_uri(struct json_object *argument)
{
	const char *text;
	int i;

	if (!argument_string(argument))
		return (false);
	text = json_object_get_string(argument);
	for (i = 0; i < json_object_get_string_len(argument); i++)
		if ((unsigned char)text[i] < 0x20)
			return (false);
	return (true);
}

/* An empty fragment is none. */
bool
argument_id(struct json_object *argument)
{
	const char *fragment;

	if (!argument_uri(argument))
		return (false);
	fragment = strchr(json_object_get_string(argument), '#');
	return (fragment == NULL || fragment[1] == '\0');
}

bool
argument_root(struct json_object *argument)
{
	return (argument_string(argument) &&
		strcmp(json_object_get_string(argument), "#") == 0);
}

bool
argument_anchor(struct json_object *argument)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char more[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.";
	const char *text;

	if (!argument_string(argument))
		return (false);
	text = json_object_get_string(argument);
	return (
	    text[0] != '\0' && strchr(letters, text[0]) != NULL &&
	    strspn(text, more) == (size_t)json_object_get_string_len(argument));
}

static bool
schema_array_of(struct json_object *array, bool (*valid)(struct json_object *))
{
	size_t i;

	if (!argument_array(array))
		return (false);
	for (i = 0; i < json_object_array_length(array); i++)
		if (!valid(json_object_array_get_idx(array, i)))
			return (false);
	return (true);
}

bool
argument_names(struct json_object *argument)
{
	return (schema_array_of(argument, argument_string));
}

bool
argument_dependent_names(struct json_object *argument)
{
	if (!argument_object(argument))
		return (false);
	json_object_object_foreach (argument, name, names) {
		(void)name;
		if (!argument_names(names))
			return (false);
	}
	return (true);
}

bool
argument_schemas(struct json_object *argument)
{
	return (
	    argument_array(argument) && json_object_array_length(argument) > 0);
}

/* integer before number: the narrower name of two goes first. */
static const struct {
	const char *name;
	unsigned type;
} types[] = {
    {"null", SCHEMA_TYPE_NULL},
    {"boolean", SCHEMA_TYPE_BOOLEAN},
    {"integer", SCHEMA_TYPE_INTEGER},
    {"number", SCHEMA_TYPE_NUMBER},
    {"string", SCHEMA_TYPE_STRING},
    {"array", SCHEMA_TYPE_ARRAY},
    {"object", SCHEMA_TYPE_OBJECT},
};

#define TYPES (sizeof(types) / sizeof(types[0]))

const char *
schema_type_name(unsigned type)
{
	size_t i = 0;

	while ((types[i].type & type) == 0)
		i++;
	return (types[i].name);
}

/* 0: no type has that name. */
static unsigned
schema_type_of_name(struct json_object *name)
{
	const char *text = json_string(name);
	size_t i;

	for (i = 0; i < TYPES && text != NULL; i++)
		if (strcmp(types[i].name, text) == 0)
			return (types[i].type);
	return (0);
}

unsigned
argument_type_bits(struct json_object *argument)
{
	unsigned bits = 0;
	size_t i;

	if (!argument_array(argument))
		return (schema_type_of_name(argument));
	for (i = 0; i < json_object_array_length(argument); i++)
		bits |=
		    schema_type_of_name(json_object_array_get_idx(argument, i));
	return (bits);
}

static bool
schema_argument_type(struct json_object *argument)
{
	return (schema_type_of_name(argument) != 0);
}

bool
argument_types(struct json_object *argument)
{
	return (schema_argument_type(argument) ||
		(schema_array_of(argument, schema_argument_type) &&
		    json_object_array_length(argument) > 0));
}

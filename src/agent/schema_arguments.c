/*
 * What kinds of argument the keywords of JSON Schema take, and the names of
 * its types.  Called by schema_keywords.c, and through its table when a
 * schema is checked; keeps no state.
 */

#include "agent/schema_arguments.h"

#include <json-c/json.h>
#include <string.h>

#include "agent/schema_impl.h"

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
	return (schema_is_number(argument));
}

bool
argument_count(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_int) &&
		json_object_get_int64(argument) >= 0);
}

static bool
array_of(struct json_object *array, bool (*valid)(struct json_object *))
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
	return (array_of(argument, argument_string));
}

static bool
is_null(struct json_object *value)
{
	return (value == NULL);
}

static bool
is_boolean(struct json_object *value)
{
	return (json_object_is_type(value, json_type_boolean));
}

/* integer before number: the narrower name of two goes first. */
static const struct {
	const char *name;
	bool (*has)(struct json_object *);
} types[] = {
    {"null", is_null},
    {"boolean", is_boolean},
    {"integer", schema_is_integer},
    {"number", schema_is_number},
    {"string", argument_string},
    {"array", argument_array},
    {"object", argument_object},
};

#define TYPES (sizeof(types) / sizeof(types[0]))

bool
schema_type_has(const char *name, struct json_object *value)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (strcmp(types[i].name, name) == 0)
			return (types[i].has(value));
	return (false);
}

const char *
schema_type_of(struct json_object *value)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (types[i].has(value))
			return (types[i].name);
	return ("unknown");
}

static bool
argument_type(struct json_object *argument)
{
	size_t i;

	for (i = 0; i < TYPES && argument_string(argument); i++)
		if (strcmp(types[i].name, json_object_get_string(argument)) ==
		    0)
			return (true);
	return (false);
}

bool
argument_types(struct json_object *argument)
{
	return (argument_type(argument) ||
		(array_of(argument, argument_type) &&
		    json_object_array_length(argument) > 0));
}

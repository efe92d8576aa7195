/*
 * The table of keywords: those of JSON Schema, the drafts that have each, and
 * what kinds of argument they take.  Looked up only when a schema is compiled;
 * what is not here is an annotation.
 */

#include "schema/schema_compile.h"

#include <math.h>
#include <string.h>

#include <json-c/json.h>

#include "common/json.h"

bool
schema_argument_any(struct json_object *argument)
{
	return (true);
}

bool
schema_argument_array(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_array));
}

bool
schema_argument_boolean(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_boolean));
}

bool
schema_argument_object(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_object));
}

bool
schema_argument_string(struct json_object *argument)
{
	return (json_object_is_type(argument, json_type_string));
}

bool
schema_argument_number(struct json_object *argument)
{
	return ((schema_types(argument) & SCHEMA_TYPE_NUMBER) != 0 &&
		isfinite(json_object_get_double(argument)));
}

bool
schema_argument_positive(struct json_object *argument)
{
	return (schema_argument_number(argument) &&
		json_object_get_double(argument) > 0);
}

/* 2.0 is one. */
bool
schema_argument_count(struct json_object *argument)
{
	return ((schema_types(argument) & SCHEMA_TYPE_INTEGER) != 0 &&
		schema_argument_number(argument) &&
		json_object_get_double(argument) >= 0);
}

/* Without a control character, of which NUL would cut it. */
bool
schema_argument_uri(struct json_object *argument)
{
	const char *text;
	int i;

	if (!schema_argument_string(argument))
		return (false);
	text = json_object_get_string(argument);
	for (i = 0; i < json_object_get_string_len(argument); i++)
		if ((unsigned char)text[i] < 0x20)
			return (false);
	return (true);
}

/* An empty fragment is none. */
bool
schema_argument_id(struct json_object *argument)
{
	const char *fragment;

	if (!schema_argument_uri(argument))
		return (false);
	fragment = strchr(json_object_get_string(argument), '#');
	return (fragment == NULL || fragment[1] == '\0');
}

bool
schema_argument_root(struct json_object *argument)
{
	return (schema_argument_string(argument) &&
		strcmp(json_object_get_string(argument), "#") == 0);
}

bool
schema_argument_anchor(struct json_object *argument)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char more[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.";
	const char *text;

	if (!schema_argument_string(argument))
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

	if (!schema_argument_array(array))
		return (false);
	for (i = 0; i < json_object_array_length(array); i++)
		if (!valid(json_object_array_get_idx(array, i)))
			return (false);
	return (true);
}

bool
schema_argument_names(struct json_object *argument)
{
	return (schema_array_of(argument, schema_argument_string));
}

bool
schema_argument_dependent_names(struct json_object *argument)
{
	if (!schema_argument_object(argument))
		return (false);
	json_object_object_foreach (argument, name, names) {
		(void)name;
		if (!schema_argument_names(names))
			return (false);
	}
	return (true);
}

bool
schema_argument_schemas(struct json_object *argument)
{
	return (schema_argument_array(argument) &&
		json_object_array_length(argument) > 0);
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
schema_argument_type_bits(struct json_object *argument)
{
	unsigned bits = 0;
	size_t i;

	if (!schema_argument_array(argument))
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
schema_argument_types(struct json_object *argument)
{
	return (schema_argument_type(argument) ||
		(schema_array_of(argument, schema_argument_type) &&
		    json_object_array_length(argument) > 0));
}

/* Drafts. */
#define D04 SCHEMA_DRAFT_04
#define D07 SCHEMA_DRAFT_07
#define D19 SCHEMA_DRAFT_2019
#define D20 SCHEMA_DRAFT_2020
#define ALL SCHEMA_DRAFT_ALL
#define OLD SCHEMA_DRAFT_OLD
#define NEW (D19 | D20)
#define FROM06 (ALL & ~D04)
#define FROM07 (D07 | NEW)
#define TO19 (ALL & ~D20)

/* Kinds of argument, each with its words, and the schemas in it. */
#define ANY schema_argument_any, "any value", NULL
#define ARRAY schema_argument_array, "an array", NULL
#define BOOLEAN schema_argument_boolean, "true or false", NULL
#define COUNT schema_argument_count, "a whole number of at least 0", NULL
#define ID schema_argument_id, "a URI reference without a fragment", NULL
#define NAME \
	schema_argument_anchor, "a name of letters, digits, - . and _", NULL
#define NAMES schema_argument_names, "an array of strings", NULL
#define NUMBER schema_argument_number, "a number", NULL
#define OBJECT schema_argument_object, "an object", NULL
#define ROOT schema_argument_root, "\"#\"", NULL
#define STRING schema_argument_string, "a string", NULL
#define URI schema_argument_uri, "a URI reference", NULL
#define SCHEMA schema_argument_any, "a schema", schema_children_one
#define SCHEMAS                                                     \
	schema_argument_schemas, "an array of at least one schema", \
	    schema_children_array
#define MEMBERS schema_argument_object, "an object", schema_children_members

#define LATE SCHEMA_LATE
#define HERE SCHEMA_HERE

static const struct schema_keyword keywords[] = {
    {"$schema", ALL, URI, NULL, NULL, 0},
    {"id", D04, URI, NULL, NULL, 0},
    {"$id", D07 | SCHEMA_DRAFT_06, URI, NULL, NULL, 0},
    {"$id", NEW, ID, NULL, NULL, 0},
    {"$anchor", NEW, NAME, NULL, NULL, 0},
    {"$dynamicAnchor", D20, NAME, NULL, NULL, 0},
    {"$recursiveAnchor", D19, BOOLEAN, NULL, NULL, 0},
    {"$ref", ALL, URI, schema_ref_note, schema_check_ref, HERE},
    {"$dynamicRef", D20, URI, schema_ref_note, schema_check_dynamic_ref, 0},
    {"$recursiveRef", D19, ROOT, schema_ref_note, schema_check_dynamic_ref, 0},
    {"$defs", NEW, MEMBERS, NULL, NULL, 0},
    {"definitions", OLD, MEMBERS, NULL, NULL, 0},
    {"$comment", FROM07, STRING, NULL, NULL, 0},
    {"$vocabulary", NEW, OBJECT, NULL, NULL, 0},

    {"allOf", ALL, SCHEMAS, NULL, schema_check_all_of, HERE},
    {"anyOf", ALL, SCHEMAS, NULL, schema_check_any_of, HERE},
    {"oneOf", ALL, SCHEMAS, NULL, schema_check_one_of, HERE},
    {"not", ALL, SCHEMA, NULL, schema_check_not, HERE},
    {"if", FROM07, SCHEMA, schema_prepare_if, schema_check_if, HERE},
    {"then", FROM07, SCHEMA, NULL, NULL, HERE},
    {"else", FROM07, SCHEMA, NULL, NULL, HERE},
    {"dependentSchemas", NEW, MEMBERS, schema_prepare_members,
	schema_check_dependencies, HERE},
    {"dependencies", OLD, schema_argument_object, "an object",
	schema_children_dependencies, schema_prepare_members,
	schema_check_dependencies, HERE},

    {"prefixItems", D20, SCHEMAS, NULL, schema_check_prefix_items, 0},
    {"items", D20, SCHEMA, schema_prepare_items, schema_check_items, 0},
    {"items", TO19, schema_argument_any, "a schema", schema_children_items,
	NULL, schema_check_items_07, 0},
    {"additionalItems", TO19, SCHEMA, schema_prepare_additional_items,
	schema_check_additional_items, 0},
    {"contains", D20 | D07 | SCHEMA_DRAFT_06, SCHEMA, schema_prepare_contains,
	schema_check_contains, 0},
    {"contains", D19, SCHEMA, schema_prepare_contains, schema_check_contains_19,
	0},
    {"minContains", NEW, COUNT, schema_prepare_count, NULL, 0},
    {"maxContains", NEW, COUNT, schema_prepare_count, NULL, 0},
    {"properties", ALL, MEMBERS, schema_prepare_members,
	schema_check_properties, 0},
    {"patternProperties", ALL, MEMBERS, schema_prepare_patterns,
	schema_check_pattern_properties, 0},
    {"additionalProperties", ALL, SCHEMA, schema_prepare_additional_properties,
	schema_check_additional_properties, 0},
    {"propertyNames", FROM06, SCHEMA, NULL, schema_check_property_names, 0},
    {"unevaluatedItems", NEW, SCHEMA, schema_prepare_unevaluated_items,
	schema_check_unevaluated_items, LATE},
    {"unevaluatedProperties", NEW, SCHEMA,
	schema_prepare_unevaluated_properties,
	schema_check_unevaluated_properties, LATE},

    {"type", ALL, schema_argument_types,
	"the name of a type, or an array of them", NULL, schema_prepare_type,
	schema_check_type, 0},
    {"enum", ALL, ARRAY, NULL, schema_check_enum, 0},
    {"const", FROM06, ANY, NULL, schema_check_const, 0},
    {"multipleOf", ALL, schema_argument_positive, "a number above 0", NULL,
	NULL, schema_check_multiple_of, 0},
    {"minimum", FROM06, NUMBER, NULL, schema_check_minimum, 0},
    {"maximum", FROM06, NUMBER, NULL, schema_check_maximum, 0},
    {"exclusiveMinimum", FROM06, NUMBER, NULL, schema_check_exclusive_minimum,
	0},
    {"exclusiveMaximum", FROM06, NUMBER, NULL, schema_check_exclusive_maximum,
	0},
    {"minimum", D04, NUMBER, schema_prepare_minimum_04, schema_check_minimum_04,
	0},
    {"maximum", D04, NUMBER, schema_prepare_maximum_04, schema_check_maximum_04,
	0},
    {"exclusiveMinimum", D04, BOOLEAN, NULL, NULL, 0},
    {"exclusiveMaximum", D04, BOOLEAN, NULL, NULL, 0},
    {"minLength", ALL, COUNT, schema_prepare_count, schema_check_min_length, 0},
    {"maxLength", ALL, COUNT, schema_prepare_count, schema_check_max_length, 0},
    {"pattern", ALL, STRING, schema_prepare_pattern, schema_check_pattern, 0},
    {"minItems", ALL, COUNT, schema_prepare_count, schema_check_min_items, 0},
    {"maxItems", ALL, COUNT, schema_prepare_count, schema_check_max_items, 0},
    {"uniqueItems", ALL, BOOLEAN, NULL, schema_check_unique_items, 0},
    {"minProperties", ALL, COUNT, schema_prepare_count,
	schema_check_min_properties, 0},
    {"maxProperties", ALL, COUNT, schema_prepare_count,
	schema_check_max_properties, 0},
    {"required", ALL, NAMES, schema_prepare_names, schema_check_required, 0},
    {"dependentRequired", NEW, schema_argument_dependent_names,
	"an object of arrays of strings", NULL, schema_prepare_members,
	schema_check_dependent_required, 0},

    {"title", ALL, STRING, NULL, NULL, 0},
    {"description", ALL, STRING, NULL, NULL, 0},
    {"default", ALL, ANY, NULL, NULL, 0},
    {"examples", FROM06, ARRAY, NULL, NULL, 0},
    {"deprecated", NEW, BOOLEAN, NULL, NULL, 0},
    {"readOnly", FROM07, BOOLEAN, NULL, NULL, 0},
    {"writeOnly", FROM07, BOOLEAN, NULL, NULL, 0},
    {"format", ALL, STRING, NULL, NULL, 0},
    {"contentEncoding", FROM07, STRING, NULL, NULL, 0},
    {"contentMediaType", FROM07, STRING, NULL, NULL, 0},
    {"contentSchema", NEW, SCHEMA, NULL, NULL, 0},
};

const struct schema_keyword *
schema_keyword(const char *name, unsigned draft)
{
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if ((keywords[i].drafts & draft) != 0 &&
		    strcmp(keywords[i].name, name) == 0)
			return (&keywords[i]);
	return (NULL);
}

const struct schema_keyword *
schema_keyword_at(size_t i)
{
	return (
	    i < sizeof(keywords) / sizeof(keywords[0]) ? &keywords[i] : NULL);
}

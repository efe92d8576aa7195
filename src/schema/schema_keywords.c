/*
 * The table of keywords: those of JSON Schema, and the drafts that have each.
 * Looked up only when a schema is compiled; what is not here is an annotation.
 */

#include <string.h>

#include "schema/schema_arguments.h"
#include "schema/schema_check.h"
#include "schema/schema_compile.h"
#include "schema/schema_prepare.h"

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
#define ANY argument_any, "any value", NULL
#define ARRAY argument_array, "an array", NULL
#define BOOLEAN argument_boolean, "true or false", NULL
#define COUNT argument_count, "a whole number of at least 0", NULL
#define ID argument_id, "a URI reference without a fragment", NULL
#define NAME argument_anchor, "a name of letters, digits, - . and _", NULL
#define NAMES argument_names, "an array of strings", NULL
#define NUMBER argument_number, "a number", NULL
#define OBJECT argument_object, "an object", NULL
#define ROOT argument_root, "\"#\"", NULL
#define STRING argument_string, "a string", NULL
#define URI argument_uri, "a URI reference", NULL
#define SCHEMA argument_any, "a schema", schema_children_one
#define SCHEMAS                                              \
	argument_schemas, "an array of at least one schema", \
	    schema_children_array
#define MEMBERS argument_object, "an object", schema_children_members

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
    {"dependencies", OLD, argument_object, "an object",
	schema_children_dependencies, schema_prepare_members,
	schema_check_dependencies, HERE},

    {"prefixItems", D20, SCHEMAS, NULL, schema_check_prefix_items, 0},
    {"items", D20, SCHEMA, schema_prepare_items, schema_check_items, 0},
    {"items", TO19, argument_any, "a schema", schema_children_items, NULL,
	schema_check_items_07, 0},
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

    {"type", ALL, argument_types, "the name of a type, or an array of them",
	NULL, schema_prepare_type, schema_check_type, 0},
    {"enum", ALL, ARRAY, NULL, schema_check_enum, 0},
    {"const", FROM06, ANY, NULL, schema_check_const, 0},
    {"multipleOf", ALL, argument_positive, "a number above 0", NULL, NULL,
	schema_check_multiple_of, 0},
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
    {"dependentRequired", NEW, argument_dependent_names,
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

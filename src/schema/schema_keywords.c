/*
 * The table of keywords: those of JSON Schema drafts 2020-12 and 07.  Looked
 * up only when a schema is compiled; what is not here is an annotation.
 */

#include <string.h>

#include "schema/schema_arguments.h"
#include "schema/schema_check.h"
#include "schema/schema_compile.h"
#include "schema/schema_prepare.h"

/* Drafts. */
#define D07 SCHEMA_DRAFT_07
#define D20 SCHEMA_DRAFT_2020
#define ALL SCHEMA_DRAFT_ALL

/* Kinds of argument, each with its words, and the schemas in it. */
#define ANY argument_any, "any value", NULL
#define ARRAY argument_array, "an array", NULL
#define BOOLEAN argument_boolean, "true or false", NULL
#define COUNT argument_count, "a whole number of at least 0", NULL
#define NAME argument_anchor, "a name of letters, digits, - . and _", NULL
#define NAMES argument_names, "an array of strings", NULL
#define NUMBER argument_number, "a number", NULL
#define OBJECT argument_object, "an object", NULL
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
    {"$id", ALL, URI, NULL, NULL, 0},
    {"$anchor", D20, NAME, NULL, NULL, 0},
    {"$dynamicAnchor", D20, NAME, NULL, NULL, 0},
    {"$ref", ALL, URI, schema_ref_note, schema_check_ref, HERE},
    {"$dynamicRef", D20, URI, schema_ref_note, schema_check_dynamic_ref, 0},
    {"$defs", D20, MEMBERS, NULL, NULL, 0},
    {"definitions", D07, MEMBERS, NULL, NULL, 0},
    {"$comment", ALL, STRING, NULL, NULL, 0},
    {"$vocabulary", D20, OBJECT, NULL, NULL, 0},

    {"allOf", ALL, SCHEMAS, NULL, schema_check_all_of, HERE},
    {"anyOf", ALL, SCHEMAS, NULL, schema_check_any_of, HERE},
    {"oneOf", ALL, SCHEMAS, NULL, schema_check_one_of, HERE},
    {"not", ALL, SCHEMA, NULL, schema_check_not, HERE},
    {"if", ALL, SCHEMA, schema_prepare_if, schema_check_if, HERE},
    {"then", ALL, SCHEMA, NULL, NULL, HERE},
    {"else", ALL, SCHEMA, NULL, NULL, HERE},
    {"dependentSchemas", D20, MEMBERS, schema_prepare_members,
	schema_check_dependencies, HERE},
    {"dependencies", D07, argument_object, "an object",
	schema_children_dependencies, schema_prepare_members,
	schema_check_dependencies, HERE},

    {"prefixItems", D20, SCHEMAS, NULL, schema_check_prefix_items, 0},
    {"items", D20, SCHEMA, schema_prepare_items, schema_check_items, 0},
    {"items", D07, argument_any, "a schema", schema_children_items, NULL,
	schema_check_items_07, 0},
    {"additionalItems", D07, SCHEMA, schema_prepare_additional_items,
	schema_check_additional_items, 0},
    {"contains", ALL, SCHEMA, schema_prepare_contains, schema_check_contains,
	0},
    {"minContains", D20, COUNT, schema_prepare_count, NULL, 0},
    {"maxContains", D20, COUNT, schema_prepare_count, NULL, 0},
    {"properties", ALL, MEMBERS, schema_prepare_members,
	schema_check_properties, 0},
    {"patternProperties", ALL, MEMBERS, schema_prepare_patterns,
	schema_check_pattern_properties, 0},
    {"additionalProperties", ALL, SCHEMA, schema_prepare_additional_properties,
	schema_check_additional_properties, 0},
    {"propertyNames", ALL, SCHEMA, NULL, schema_check_property_names, 0},
    {"unevaluatedItems", D20, SCHEMA, schema_prepare_unevaluated_items,
	schema_check_unevaluated_items, LATE},
    {"unevaluatedProperties", D20, SCHEMA,
	schema_prepare_unevaluated_properties,
	schema_check_unevaluated_properties, LATE},

    {"type", ALL, argument_types, "the name of a type, or an array of them",
	NULL, schema_prepare_type, schema_check_type, 0},
    {"enum", ALL, ARRAY, NULL, schema_check_enum, 0},
    {"const", ALL, ANY, NULL, schema_check_const, 0},
    {"multipleOf", ALL, argument_positive, "a number above 0", NULL, NULL,
	schema_check_multiple_of, 0},
    {"minimum", ALL, NUMBER, NULL, schema_check_minimum, 0},
    {"maximum", ALL, NUMBER, NULL, schema_check_maximum, 0},
    {"exclusiveMinimum", ALL, NUMBER, NULL, schema_check_exclusive_minimum, 0},
    {"exclusiveMaximum", ALL, NUMBER, NULL, schema_check_exclusive_maximum, 0},
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
    {"dependentRequired", D20, argument_dependent_names,
	"an object of arrays of strings", NULL, schema_prepare_members,
	schema_check_dependent_required, 0},

    {"title", ALL, STRING, NULL, NULL, 0},
    {"description", ALL, STRING, NULL, NULL, 0},
    {"default", ALL, ANY, NULL, NULL, 0},
    {"examples", ALL, ARRAY, NULL, NULL, 0},
    {"deprecated", D20, BOOLEAN, NULL, NULL, 0},
    {"readOnly", ALL, BOOLEAN, NULL, NULL, 0},
    {"writeOnly", ALL, BOOLEAN, NULL, NULL, 0},
    {"format", ALL, STRING, NULL, NULL, 0},
    {"contentEncoding", ALL, STRING, NULL, NULL, 0},
    {"contentMediaType", ALL, STRING, NULL, NULL, 0},
    {"contentSchema", D20, SCHEMA, NULL, NULL, 0},
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
